/**
 * Features: what Get Features reads and Set Features changes. None can be saved, so saved values are the defaults.
 * A controller reset puts back the defaults. Source: [NVME-1.4] sections 5.13, 5.21.
 */
import { ALL_NAMESPACES, FEATURE, STATUS } from "./codes.ts";
import { type Command, DW } from "./command.ts";
import { WARNING_KELVIN } from "./health.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Namespaces } from "./namespaces.ts";
import type { Queues } from "./queues.ts";

const SELECT = { current: 0, default: 1, saved: 2, capabilities: 3 } as const;
const SAVE = 0x8000_0000;
/** Capabilities: bit 2 changeable, bit 1 specific to a namespace, bit 0 saveable. */
const CHANGEABLE = 4;
const NAMESPACE_SPECIFIC = 2;

interface Feature {
  readonly initial: number;
  /** Bits of dword 11 that are kept. */
  readonly mask: number;
  readonly namespaceSpecific?: boolean;
}

/** Arbitration bursts of 2^7 mean no limit. */
const NO_BURST_LIMIT = 7;
/** Bits 21:16 of feature 04h: sensor, and which of its two thresholds. 0 = composite temperature. */
const THRESHOLD = { over: 0, under: 0x10 } as const;

const TABLE: Readonly<Record<number, Feature>> = {
  [FEATURE.arbitration]: { initial: 0, mask: 0xffff_ff07 },
  [FEATURE.power]: { initial: 0, mask: 0xff },
  [FEATURE.temperature]: { initial: WARNING_KELVIN, mask: 0xffff },
  [FEATURE.errorRecovery]: { initial: 0, mask: 0x1_ffff, namespaceSpecific: true },
  [FEATURE.writeCache]: { initial: 1, mask: 1 },
  [FEATURE.queues]: { initial: 0, mask: 0 },
  [FEATURE.coalescing]: { initial: 0, mask: 0xffff },
  [FEATURE.vector]: { initial: 0, mask: 0x1_ffff },
  [FEATURE.atomicity]: { initial: 0, mask: 1 },
  [FEATURE.asyncEvents]: { initial: 0, mask: 0xffff },
};
const FEATURES = 16;

export class Features {
  /** Feature 06h: writes may stay in a volatile cache until a Flush. */
  writeCache = true;
  /** Feature 01h: commands fetched in a row from one queue, and commands of each class in a round. */
  burst = 1;
  weights: readonly [high: number, medium: number, low: number] = [1, 1, 1];
  /** Feature 04h: temperatures outside these are an event. */
  overKelvin: number = WARNING_KELVIN;
  underKelvin = 0;
  readonly #values: Uint32Array = new Uint32Array(FEATURES);
  readonly #queues: Queues;
  readonly #namespaces: Namespaces;
  readonly #interrupts: Interrupts;
  /** Feature 05h, by namespace id. */
  readonly #recovery: Uint32Array;

  constructor(queues: Queues, namespaces: Namespaces, interrupts: Interrupts) {
    this.#queues = queues;
    this.#namespaces = namespaces;
    this.#interrupts = interrupts;
    this.#recovery = new Uint32Array(namespaces.all.length + 1);
    this.reset();
  }

  /** Feature 0Bh: whether the host wants to hear of such events. */
  enables(events: number): boolean {
    return ((this.#values[FEATURE.asyncEvents] ?? 0) & events) !== 0;
  }

  reset(): void {
    for (const [id, { initial }] of Object.entries(TABLE)) this.#values[Number(id)] = initial;
    this.#recovery.fill(0);
    this.overKelvin = WARNING_KELVIN;
    this.underKelvin = 0;
    this.#interrupts.coalesce(0);
    this.#derive();
  }

  get(command: Command): number {
    const { dw10, id, feature } = parse(command);
    const select = (dw10 >>> 8) & 7;
    if (feature === undefined || select > SELECT.capabilities || !this.#vectorIsGood(command, id)) return STATUS.invalidField;
    if (feature.namespaceSpecific === true && this.#namespaces.get(command.nsid) === undefined) return STATUS.invalidNamespace;
    if (select === SELECT.capabilities) command.result = CHANGEABLE | (feature.namespaceSpecific === true ? NAMESPACE_SPECIFIC : 0);
    else command.result = select === SELECT.current ? this.#current(command, id) : this.#default(command, id, feature);
    return STATUS.success;
  }

  set(command: Command): number {
    const { dw10, id, feature } = parse(command);
    if (feature === undefined || !this.#vectorIsGood(command, id)) return STATUS.invalidField;
    if ((dw10 & SAVE) !== 0) return STATUS.notSaveable;
    const { nsid } = command;
    const one = this.#namespaces.get(nsid) !== undefined;
    if (nsid !== 0 && !one && nsid !== ALL_NAMESPACES) return STATUS.invalidNamespace;
    if (feature.namespaceSpecific === true && nsid === 0) return STATUS.invalidNamespace;
    if (feature.namespaceSpecific !== true && one) return STATUS.notNamespaceSpecific;
    return this.#change(command, id, feature);
  }

  #change(command: Command, id: number, feature: Feature): number {
    const value = command.dword(DW.cdw11);
    switch (id) {
      case FEATURE.queues:
        return this.#allocateQueues(command, value);
      case FEATURE.power:
        if ((value & 0x1f) !== 0) return STATUS.invalidField;
        break;
      case FEATURE.temperature:
        return this.#setThreshold(command, value & 0xffff);
      case FEATURE.errorRecovery:
        if (command.nsid === ALL_NAMESPACES) this.#recovery.fill(value & feature.mask);
        else this.#recovery[command.nsid] = value & feature.mask;
        return STATUS.success;
      case FEATURE.coalescing:
        this.#interrupts.coalesce(value & feature.mask);
        break;
      case FEATURE.vector:
        this.#interrupts.configureVector(value & feature.mask);
        return STATUS.success;
    }
    this.#values[id] = value & feature.mask;
    this.#derive();
    return STATUS.success;
  }

  #current(command: Command, id: number): number {
    switch (id) {
      case FEATURE.queues:
        return pairOf(this.#queues.allowed);
      case FEATURE.temperature:
        return thresholdOf(command) === THRESHOLD.over ? this.overKelvin : thresholdOf(command) === THRESHOLD.under ? this.underKelvin : 0;
      case FEATURE.errorRecovery:
        return this.#recovery[command.nsid] ?? 0;
      case FEATURE.vector:
        return this.#interrupts.vectorConfiguration(command.dword(DW.cdw11) & 0xffff);
      default:
        return this.#values[id] ?? 0;
    }
  }

  #default(command: Command, id: number, feature: Feature): number {
    if (id === FEATURE.queues) return pairOf(this.#queues.most);
    if (id === FEATURE.vector) return command.dword(DW.cdw11) & 0xffff;
    return id === FEATURE.temperature && thresholdOf(command) !== THRESHOLD.over ? 0 : feature.initial;
  }

  #setThreshold(command: Command, kelvin: number): number {
    const which = thresholdOf(command);
    if (which === THRESHOLD.over) this.overKelvin = kelvin;
    else if (which === THRESHOLD.under) this.underKelvin = kelvin;
    else return STATUS.invalidField; // there is no other sensor
    return STATUS.success;
  }

  /** Both numbers are less one, and one number serves for both kinds of queue. */
  #allocateQueues(command: Command, value: number): number {
    const [submission, completion] = [value & 0xffff, value >>> 16];
    if (submission === 0xffff || completion === 0xffff) return STATUS.invalidField;
    if (this.#queues.anyIo) return STATUS.sequence;
    this.#queues.allowed = Math.min(this.#queues.most, Math.max(submission, completion) + 1);
    command.result = pairOf(this.#queues.allowed);
    return STATUS.success;
  }

  #vectorIsGood(command: Command, id: number): boolean {
    return id !== FEATURE.vector || (command.dword(DW.cdw11) & 0xffff) < this.#interrupts.vectors;
  }

  #derive(): void {
    this.writeCache = ((this.#values[FEATURE.writeCache] ?? 0) & 1) !== 0;
    const arbitration = this.#values[FEATURE.arbitration] ?? 0;
    const exponent = arbitration & 7;
    this.burst = exponent === NO_BURST_LIMIT ? Number.MAX_SAFE_INTEGER : 1 << exponent;
    const weight = (shift: number): number => ((arbitration >>> shift) & 0xff) + 1;
    this.weights = [weight(24), weight(16), weight(8)];
  }
}

function parse(command: Command): { dw10: number; id: number; feature: Feature | undefined } {
  const dw10 = command.dword(DW.cdw10);
  return { dw10, id: dw10 & 0xff, feature: TABLE[dw10 & 0xff] };
}

function thresholdOf(command: Command): number {
  return (command.dword(DW.cdw11) >>> 16) & 0x3f;
}

function pairOf(queues: number): number {
  return (queues - 1) | ((queues - 1) << 16);
}
