/**
 * Boots of Linux on our network card, and what must be true afterwards: the guest's steps, its kernel's log, counters that are the frames
 * of the cable, frames that are right on the cable, and offloads that were really asked for. Called by scripts/campaign-ixgbe-linux.ts.
 */
import { IxgbeModel } from "../../../../devices/ixgbe/model.ts";
import { seededRandom } from "../../../../host/platform/seeded-random.ts";
import { boot } from "../pc.ts";
import { judge } from "../verdict.ts";
import { type Asked, DescriptorWatch } from "./asked.ts";
import { Cable, type Passed, type Side } from "./cable.ts";
import { checkFrame } from "./frame-check.ts";
import { Responder } from "./responder.ts";
import { ONE_CARD, TWO_CARDS } from "./scripts.ts";

export interface Outcome {
  readonly passed: readonly string[];
  readonly problems: readonly string[];
  readonly summary: readonly string[];
}

interface Phase extends Asked {
  onCable: number;
  longest: number;
  tagged: number;
  tcp: number;
}

const SLOTS = { left: 8, right: 9 } as const;
const LIMIT_MS = 1_200_000;
const CRC_BYTES = 4;
/** Below: interrupts arrive as interrupts. A watchdog of the driver, which finds what they missed, runs every two seconds. */
const MOST_ECHO_MS = 50;
/** Bytes and how many, as the script sends them. */
const ECHOES = [
  [56, 100],
  [1400, 50],
  [9000, 20],
] as const;
const XAUI = 0x10fc;
const ETHERNET_HEADER = 14;
/** What the driver says in this PC, and what it says of what the script does to it. */
const EXPECTED = [
  // There is no APIC, so no messages, and one queue.
  /^ixgbe .*Failed to allocate MSI-X interrupts/,
  /^ixgbe .*Disabling (DCB|SR-IOV|RSS) support/,
  /^ixgbe .*Failed to allocate MSI interrupt/,
  /^ixgbe .*(offline|online) testing starting/,
  /^ixgbe .*eth\d: NIC Link is Down/,
  // What was to be sent when the cable went out stays in the ring, as it should, and the driver empties it by a reset.
  /^ixgbe .*eth\d: initiating reset to clear Tx work after link loss/,
  /^ixgbe .*eth\d: Reset adapter/,
];

/** One card, and a host program at the other end of its cable. */
export async function oneCard(seed: number, onLine?: (line: string) => void): Promise<Outcome> {
  const watcher = new Watcher();
  const cable = new Cable((frame, from) => watcher.frame(frame, from));
  const mac = addressOf(seed, "left");
  const model = card(cable, "left", mac);
  new Responder(cable.right, [10, 0, 0, 1]);
  const counters = new CounterCheck(cable);
  const { problems, passed, facts, seconds, bridge } = await run([model], cable, watcher, ONE_CARD, (line) => {
    onLine?.(line);
    if (line.startsWith("@@ fact cable ")) cable.plugged = line.endsWith(" in");
    counters.heard(line);
  });
  const expected: Record<string, string> = {
    address: [...mac].map((byte) => byte.toString(16).padStart(2, "0")).join(":"),
    speed: "10000",
    errors: "",
  };
  problems.push(...compare(facts, expected), ...counters.problems());
  if (!/The test result is PASS/.test(facts.get("self-test") ?? "")) problems.push(`the card's own test: ${facts.get("self-test")}`);
  for (const [bytes, count] of ECHOES) {
    const [came, milliseconds = "?"] = (facts.get(`echo-${bytes}`) ?? "").split(" ");
    if (came !== String(count)) problems.push(`of ${count} echoes of ${bytes} bytes ${came} came back`);
    if (!(Number(milliseconds) < MOST_ECHO_MS)) problems.push(`echoes of ${bytes} bytes take ${milliseconds} ms in the median`);
  }
  const echoes = ECHOES.map(([bytes]) => `${bytes} bytes ${(facts.get(`echo-${bytes}`) ?? "").split(" ")[1]} ms`).join(", ");
  const { sent, received } = cable;
  return {
    passed,
    problems,
    summary: [
      `${passed.length} steps, ${sent.left.frames} frames out, ${received.left.frames} in, ${bridge.interrupts} interrupts, ${seconds.toFixed(0)} s`,
      `${facts.get("self-test")}`,
      `echoes, median: ${echoes}`,
      counters.summary(),
    ],
  };
}

/** Two cards at one cable. */
export async function twoCards(seed: number, onLine?: (line: string) => void): Promise<Outcome> {
  const watcher = new Watcher();
  const cable = new Cable((frame, from) => watcher.frame(frame, from));
  const models = (["left", "right"] as const).map((side) => card(cable, side, addressOf(seed, side)));
  const { problems, passed, facts, seconds, bridge } = await run(models, cable, watcher, TWO_CARDS, (line) => {
    onLine?.(line);
    if (line.startsWith("@@ fact cable ")) cable.plugged = line.endsWith(" in");
    const [, phase] = /^@@ fact phase (.*)$/.exec(line) ?? [];
    if (phase !== undefined) watcher.enter(phase);
  });
  problems.push(...compare(facts, { errors: "" }), ...phaseProblems(watcher.phases));
  const { sent } = cable;
  return {
    passed,
    problems,
    summary: [
      `${passed.length} steps, ${sent.left.frames + sent.right.frames} frames, ${bridge.interrupts} interrupts, ${seconds.toFixed(0)} s`,
      ...[...watcher.phases].map(
        ([name, { onCable, longest, frames, segmentations, checksums, tags, tagged }]) =>
          `${name}: ${onCable} frames of up to ${longest} bytes from ${frames} of the driver's; asked for ${segmentations} segmentations, ` +
          `${checksums} checksums, ${tags} tags; ${tagged} with tags`,
      ),
    ],
  };
}

/** A local address, by the seed: it decides the EEPROM's contents, where multicast hashes fall, and what ARP has to find out. */
function addressOf(seed: number, side: Side): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.of(0x02, ...Array.from({ length: 4 }, () => Math.floor(256 * random())), SLOTS[side]);
}

function card(cable: Cable, side: Side, mac: Uint8Array): IxgbeModel {
  return new IxgbeModel({ wire: cable[side], device: XAUI, mac, clock: { nowMicros: () => performance.now() * 1000 } });
}

async function run(models: readonly IxgbeModel[], cable: Cable, watcher: Watcher, guest: typeof ONE_CARD, onLine: (line: string) => void) {
  const slots = new Map(models.map((model, i) => [i === 0 ? SLOTS.left : SLOTS.right, model]));
  const result = await boot({
    guest,
    slots,
    memoryBytes: 256 << 20,
    limitMs: LIMIT_MS,
    onLine,
    onReady: (bridge) => {
      for (const [slot, model] of slots)
        watcher.watch(
          slot,
          new DescriptorWatch(
            (offset) => model.read32(offset),
            (at, bytes) => bridge.memory(at, bytes),
          ),
        );
    },
    onWrite: (slot, bar, offset, value) => {
      if (bar === 0) watcher.wrote(slot, offset, value);
    },
    onTick: () => {
      cable.carry();
      for (const model of models) if (model.deadlineMicros <= performance.now() * 1000) model.tick();
    },
  });
  const { passed, facts, problems: found } = judge(result.lines, guest.script, EXPECTED);
  const problems = [...found, ...watcher.problems];
  const { bridge, seconds } = result;
  if (bridge.pins !== 0) problems.push(`${bridge.pins} pins left`);
  if (bridge.refused !== 0) problems.push(`${bridge.refused} transfers outside the guest's memory`);
  for (const model of models) if (model.accessErrors > 0) problems.push(`${model.accessErrors} accesses that no driver should make`);
  return { passed, facts, problems, bridge, seconds };
}

/** Looks at every frame and every descriptor, phase by phase. */
class Watcher {
  readonly problems: string[] = [];
  readonly phases: Map<string, Phase> = new Map();
  readonly #watches: Map<number, DescriptorWatch> = new Map();
  #phase: Phase | undefined;

  watch(slot: number, watch: DescriptorWatch): void {
    this.#watches.set(slot, watch);
  }

  enter(name: string): void {
    this.#phase = undefined;
    if (name === "none") return;
    this.#phase = { frames: 0, segmentations: 0, checksums: 0, tags: 0, onCable: 0, longest: 0, tagged: 0, tcp: 0 };
    this.phases.set(name, this.#phase);
  }

  wrote(slot: number, offset: number, value: number): void {
    const watch = this.#watches.get(slot);
    if (watch === undefined) return;
    const before = { ...watch.asked };
    watch.wrote(offset, value);
    const phase = this.#phase;
    if (phase === undefined) return;
    for (const key of ["frames", "segmentations", "checksums", "tags"] as const) phase[key] += watch.asked[key] - before[key];
  }

  frame(frame: Uint8Array, from: Side): void {
    const { vlan, kind, problem } = checkFrame(frame);
    if (problem !== undefined && this.problems.length < 20)
      this.problems.push(`a frame of ${frame.length} bytes from the ${from}: ${problem}`);
    const phase = this.#phase;
    if (phase === undefined) return;
    phase.onCable++;
    phase.longest = Math.max(phase.longest, frame.length);
    if (vlan !== undefined) phase.tagged++;
    if (kind === "tcp") phase.tcp++;
  }
}

/** Compares what `ethtool -S` says with what has passed, whenever nothing passed while it was asked. */
class CounterCheck {
  readonly #cable: Cable;
  readonly #problems: string[] = [];
  #compared = 0;
  #frames = 0;
  #before: readonly [Passed, Passed] | undefined;
  #said: Map<string, number> = new Map();

  constructor(cable: Cable) {
    this.#cable = cable;
  }

  heard(line: string): void {
    if (line.startsWith("@@ fact before ")) this.#before = this.#now();
    const [, words] = /^@@ fact counters \d+ (.*)$/.exec(line) ?? [];
    if (words !== undefined) this.#said = new Map(words.split(" ").map((word) => [word.split(":")[0] ?? "", Number(word.split(":")[1])]));
    if (line.startsWith("@@ fact after ")) this.#compare();
  }

  #now(): readonly [Passed, Passed] {
    return [{ ...this.#cable.sent.left }, { ...this.#cable.received.left }];
  }

  #compare(): void {
    const [out, into] = this.#now();
    if (JSON.stringify(this.#before) !== JSON.stringify([out, into])) return;
    this.#compared++;
    this.#frames = out.frames + into.frames;
    const expected = {
      tx_pkts_nic: out.frames,
      rx_pkts_nic: into.frames,
      tx_bytes_nic: out.bytes + CRC_BYTES * out.frames,
      rx_bytes_nic: into.bytes + CRC_BYTES * into.frames,
      tx_packets: out.frames,
      rx_packets: into.frames,
      rx_errors: 0,
      tx_errors: 0,
      rx_dropped: 0,
      tx_dropped: 0,
    };
    for (const [name, value] of Object.entries(expected))
      if (this.#said.get(name) !== value) this.#problems.push(`${name} is ${this.#said.get(name)}, and ${value} have passed`);
  }

  problems(): readonly string[] {
    return this.#compared > 0 ? this.#problems : ["the counters were never asked for while the cable was quiet"];
  }

  summary(): string {
    return `counters compared ${this.#compared} times, the last after ${this.#frames} frames`;
  }
}

function compare(facts: ReadonlyMap<string, string>, expected: Readonly<Record<string, string>>): string[] {
  return Object.entries(expected)
    .filter(([name, value]) => facts.get(name) !== value)
    .map(([name, value]) => `${name}: the guest says "${facts.get(name)}", and it is "${value}"`);
}

/** Each phase did what it is named after. */
function phaseProblems(phases: ReadonlyMap<string, Phase>): string[] {
  const problems: string[] = [];
  const must = (name: string, what: string, holds: (phase: Phase) => boolean): void => {
    const phase = phases.get(name);
    if (phase === undefined) problems.push(`phase ${name} did not happen`);
    else if (!holds(phase)) problems.push(`phase ${name}: ${what}: ${JSON.stringify(phase)}`);
  };
  const small = ETHERNET_HEADER + 1500;
  const large = ETHERNET_HEADER + 9000;
  const tag = 4;
  for (const name of ["plain", "ipv6", "no-receive-checksum", "plain-again", "many-descriptors", "no-throttle", "throttle"]) {
    must(name, "segmentation was to be used", ({ segmentations, onCable, frames }) => segmentations > 0 && onCable > frames);
    must(name, "frames as long as the MTU", ({ longest }) => longest === small);
  }
  must("few-descriptors", "segmentation was to be used", ({ segmentations }) => segmentations > 0);
  must("no-segmentation", "no segmentation, but checksums", ({ segmentations, checksums }) => segmentations === 0 && checksums > 0);
  must("no-checksum", "neither segmentation nor checksums", ({ segmentations, checksums }) => segmentations === 0 && checksums === 0);
  must("tags", "tags by the card", ({ tags, tagged, longest }) => tags > 0 && tagged > 0 && longest === small + tag);
  must("software-tags", "tags by the kernel", ({ tags, tagged, longest }) => tags === 0 && tagged > 0 && longest === small + tag);
  must("large", "large frames and segmentation", ({ segmentations, longest }) => segmentations > 0 && longest === large);
  must(
    "large-plain",
    "large frames, nothing else",
    ({ segmentations, checksums, longest }) => segmentations + checksums === 0 && longest === large,
  );
  for (const [name] of phases) must(name, "TCP", ({ tcp }) => tcp > 0);
  return problems;
}
