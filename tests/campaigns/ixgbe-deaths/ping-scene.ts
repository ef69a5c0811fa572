/**
 * Run by ping.ts in a network of its own: `ping -i 0.2` asks a domain behind shadow, driver, card and TAP wire, and the driver dies at a
 * random place after every second question has reached the card. Its files are in the folder that it is given. Prints one line of JSON: `PingScene`.
 */
import { execFileSync, spawn } from "node:child_process";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { IxgbeModel } from "../../../devices/ixgbe/model.ts";
import { FaultInjector } from "../../../host/kernel/life/faults.ts";
import { projectRoot, trustedKeys } from "../../../host/loader/keys.ts";
import { bootManifest } from "../../../host/system/boot.ts";

export interface PingScene {
  /** By question: deaths of the driver from when the question reached the card to when the next one did. */
  readonly deaths: readonly number[];
  /** Questions, from 0, whose answer `ping` has seen. */
  readonly answered: readonly number[];
  readonly printed: string;
}

const INTERFACE = "sumac0";
/** Before the first that is judged: what comes while the responder starts waits in the card, and arrives all at once. */
const FIRST_QUESTIONS = 10;
/** After the last that is judged, so that it has one behind it. */
const MORE_QUESTIONS = 2;
const ROOT: string = join(import.meta.dirname, "../../..");

const [folder = ".", ...numbers] = process.argv.slice(2);
const [questions, seed] = numbers.map(Number) as [number, number];
const path = join(folder, "ping.json");
writeFileSync(path, JSON.stringify(manifest()));
const { system, finish } = await bootManifest(path, { trusted: await trustedKeys(projectRoot(ROOT), []) });
const ip = (...args: readonly string[]): void => void execFileSync("ip", args);
ip("addr", "add", "192.0.2.1/24", "dev", INTERFACE);
ip("link", "set", INTERFACE, "up");

const injector = new FaultInjector(system.kernel, {
  seat: system.seat("ixgbe-driver"),
  kinds: ["trap", "killed", "quota"],
  seed,
  hangDevice: () => {},
});
const deaths: number[] = [];
/** Which is under way, from 0; those before it are negative. */
let asked = -FIRST_QUESTIONS;
system.kernel.events.on((event) => {
  if (event.kind === "death") deaths[asked] = (deaths[asked] ?? 0) + 1;
});
const { receive } = IxgbeModel.prototype;
IxgbeModel.prototype.receive = function (this: IxgbeModel, frame: Uint8Array, length: number, damaged?: boolean): void {
  const question = questionIn(frame);
  if (question !== undefined) asked = question;
  receive.call(this, frame, length, damaged);
  if (question !== undefined && question % 2 === 0 && question >= 0 && question < questions) injector.arm();
};

// Into a file: a pipe that nobody empties while the responder runs would make it wait.
const output = join(folder, "ping.txt");
const ping = spawn("ping", ["-i", "0.2", "-W", "1", "-c", String(FIRST_QUESTIONS + questions + MORE_QUESTIONS), "192.0.2.2"], {
  stdio: ["ignore", openSync(output, "w"), "inherit"],
});
// Also when the responder fails: `ping` would go on asking.
process.on("exit", () => void ping.kill("SIGKILL"));
const ended = new Promise<void>((done) => ping.on("close", () => done()));
const answer = system.export("responder", "sumac:ping/responder@0.1.0").answer;
if (answer === undefined) throw new Error("the responder has no answer");
while (asked < questions) {
  const called = answer(1);
  if (!called.ok) throw new Error(`the responder: ${called.error.domain}: ${called.error.cause}: ${called.error.detail}`);
}
await ended;
await finish(false);
const printed = readFileSync(output, "utf8");
const answered = [...printed.matchAll(/bytes from .*icmp_seq=(\d+) /g)].map(([, sequence]) => Number(sequence) - 1 - FIRST_QUESTIONS);
const counts = Array.from({ length: questions }, (_, i) => deaths[i] ?? 0);
console.log(JSON.stringify({ deaths: counts, answered, printed } satisfies PingScene));

function questionIn(frame: Uint8Array): number | undefined {
  const isEcho = frame[12] === 8 && frame[13] === 0 && frame[23] === 1 && frame[34] === 8;
  return isEcho ? (frame[40] ?? 0) * 256 + (frame[41] ?? 0) - 1 - FIRST_QUESTIONS : undefined;
}

function manifest(): object {
  const found = JSON.parse(readFileSync(join(ROOT, "systems/ping.json"), "utf8")) as {
    devices: { card: { wire: object } };
    domains: { module: string }[];
  };
  found.devices.card.wire = { kind: "tap", name: INTERFACE };
  for (const domain of found.domains) domain.module = resolve(ROOT, "systems", domain.module);
  return found;
}
