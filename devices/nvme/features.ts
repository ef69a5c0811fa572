/**
 * Features: what Get Features reads and Set Features changes. None can be saved, so saved values are the defaults.
 * A controller reset puts back the defaults. Source: [NVME-1.4] sections 5.13, 5.21.
 */
import { ALL_NAMESPACES, FEATURE, STATUS } from "./codes.ts";
import { type Command, DW } from "./command.ts";
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
/** 343 K: where Identify puts the warning temperature. */
export const WARNING_KELVIN = 343;

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
  /** Feature 01h: commands fetched in a row from one queue. */
  burst = 1;
  readonly #values: Uint32Array = new Uint32Array(FEATURES);
  readonly #queues: Queues;

  constructor(queues: Queues) {
    this.#queues = queues;
    this.reset();
  }

  reset(): void {
    for (const [id, { initial }] of Object.entries(TABLE)) this.#values[Number(id)] = initial;
    this.#derive();
  }

  get(command: Command): number {
    const { dw10, id, feature } = parse(command);
    const select = (dw10 >>> 8) & 7;
    if (feature === undefined || select > SELECT.capabilities || !vectorIsGood(command, id)) return STATUS.invalidField;
    if (feature.namespaceSpecific === true && command.nsid !== 1) return STATUS.invalidNamespace;
    if (select === SELECT.capabilities) command.result = CHANGEABLE | (feature.namespaceSpecific === true ? NAMESPACE_SPECIFIC : 0);
    else if (id === FEATURE.queues) command.result = pairOf(select === SELECT.current ? this.#queues.allowed : this.#queues.most);
    // Only the composite temperature's upper limit can be set; there is no other sensor, and the lower limit is absolute zero.
    else if (id === FEATURE.temperature && thresholdOf(command) !== 0) command.result = 0;
    else command.result = select === SELECT.current ? (this.#values[id] ?? 0) : feature.initial;
    return STATUS.success;
  }

  set(command: Command): number {
    const { dw10, id, feature } = parse(command);
    if (feature === undefined || !vectorIsGood(command, id)) return STATUS.invalidField;
    if ((dw10 & SAVE) !== 0) return STATUS.notSaveable;
    const { nsid } = command;
    if (nsid !== 0 && nsid !== 1 && nsid !== ALL_NAMESPACES) return STATUS.invalidNamespace;
    if (feature.namespaceSpecific === true ? nsid === 0 : nsid === 1) {
      return feature.namespaceSpecific === true ? STATUS.invalidNamespace : STATUS.notNamespaceSpecific;
    }
    const value = command.dword(DW.cdw11);
    if (id === FEATURE.queues) return this.#allocateQueues(command, value);
    if (id === FEATURE.power && (value & 0x1f) !== 0) return STATUS.invalidField;
    if (id === FEATURE.temperature && thresholdOf(command) !== 0) return STATUS.invalidField;
    this.#values[id] = value & feature.mask;
    this.#derive();
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

  #derive(): void {
    this.writeCache = ((this.#values[FEATURE.writeCache] ?? 0) & 1) !== 0;
    const exponent = (this.#values[FEATURE.arbitration] ?? 0) & 7;
    this.burst = exponent === NO_BURST_LIMIT ? Number.MAX_SAFE_INTEGER : 1 << exponent;
  }
}

function parse(command: Command): { dw10: number; id: number; feature: Feature | undefined } {
  const dw10 = command.dword(DW.cdw10);
  return { dw10, id: dw10 & 0xff, feature: TABLE[dw10 & 0xff] };
}

/** A pin is one vector, number 0. */
function vectorIsGood(command: Command, id: number): boolean {
  return id !== FEATURE.vector || (command.dword(DW.cdw11) & 0xffff) === 0;
}

/** Sensor and kind of threshold of feature 04h, bits 21:16; 0 = composite temperature, too hot. */
function thresholdOf(command: Command): number {
  return (command.dword(DW.cdw11) >>> 16) & 0x3f;
}

function pairOf(queues: number): number {
  return (queues - 1) | ((queues - 1) << 16);
}
