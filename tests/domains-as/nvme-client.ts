/** The host as a client of `sumac:nvme/nvme`, of a rig of any kind: makes batches, sends them, says what came back. */
import type { HostValue } from "../../host/kernel/host/host-values.ts";
import type { Called } from "../../host/kernel/status.ts";
import type { System } from "../../host/system/system.ts";

/** What this needs of a rig. */
export interface BatchHost {
  readonly system: System;
  make(type: string, bytes?: number): number;
  drop(base: number): void;
  call(domain: "driver" | "batches", method: string, ...args: HostValue[]): Called<HostValue>;
}

export interface Wanted {
  readonly operation: "read" | "write" | "flush" | "write-zeroes" | number;
  readonly lba?: number | bigint;
  readonly nsid?: number;
  readonly blocks?: number;
  /** Length of the buffer; none when left out. */
  readonly bytes?: number;
  readonly fill?: number;
  readonly state?: number;
}

export interface Answered {
  readonly tag: number;
  readonly state: string;
  readonly status: number;
  readonly data: Uint8Array | undefined;
}

export interface How {
  readonly queue?: number;
  readonly atLeast?: number;
  readonly firstTag?: number;
  readonly domain?: "driver" | "batches";
}

const OPERATIONS = ["read", "write", "flush", "write-zeroes"];
const STATES = ["fresh", "done", "failed", "refused", "lost", "in-flight"];
const SLOTS = 32;

/** A batch of requests with the tags `firstTag`, … */
export function makeBatch(rig: BatchHost, wanted: readonly Wanted[], firstTag = 1): number {
  const { exports, u8, u32 } = rig.system.kernel.heap;
  const batch = rig.make("batch");
  for (const [i, { operation, lba = 0, nsid = 1, blocks = 1, bytes, fill = 0, state = 0 }] of wanted.entries()) {
    const request = rig.make("request");
    const place = BigInt(lba);
    u32.set([Number(place & 0xffff_ffffn), Number(place >> 32n), firstTag + i, 0, nsid, blocks], request >>> 2);
    u8[request + 30] = typeof operation === "number" ? operation : OPERATIONS.indexOf(operation);
    u8[request + 31] = state;
    if (bytes !== undefined) {
      const buffer = rig.make("buffer", bytes);
      u8.fill(fill, buffer, buffer + bytes);
      exports.put(request + 24, buffer, exports.ownerOf(buffer));
    }
    exports.put(batch + 8 + i * 4, request, exports.ownerOf(batch));
  }
  u32[(batch + 4) >>> 2] = wanted.length;
  return batch;
}

/** What a batch holds, by tag. */
export function contentsOf(rig: BatchHost, batch: number): Map<number, Answered> {
  const { exports, u8, u32 } = rig.system.kernel.heap;
  const answered = new Map<number, Answered>();
  for (let slot = 0; slot < SLOTS; slot++) {
    const request = u32[(batch + 8) / 4 + slot] ?? 0;
    if (request === 0) continue;
    const buffer = u32[(request + 24) >>> 2] ?? 0;
    const tag = u32[(request + 8) >>> 2] ?? 0;
    answered.set(tag, {
      tag,
      state: STATES[u8[request + 31] ?? 0] ?? "?",
      status: (u32[(request + 28) >>> 2] ?? 0) & 0xffff,
      data: buffer === 0 ? undefined : u8.slice(buffer, buffer + exports.sizeOf(buffer)),
    });
  }
  return answered;
}

/** Sends a batch and says what came back; everything that came back is dropped. */
export function exchange(
  rig: BatchHost,
  wanted: readonly Wanted[],
  { queue = 0, atLeast = SLOTS, firstTag = 1, domain = "driver" }: How = {},
): Map<number, Answered> {
  const batch = makeBatch(rig, wanted, firstTag);
  const called = rig.call(domain, "exchange", queue, batch, atLeast);
  if (!called.ok) throw new Error(`${called.error.cause}: ${called.error.detail}`);
  const answered = contentsOf(rig, Number(called.value));
  rig.drop(Number(called.value));
  return answered;
}

/** `ok`, or the error case. The batch is the caller's all the time, and dropped in the end. */
export function store(rig: BatchHost, wanted: readonly Wanted[], { queue = 0, domain = "driver" }: How = {}): string {
  const batch = makeBatch(rig, wanted);
  const called = rig.call(domain, "store", queue, batch);
  rig.drop(batch);
  if (!called.ok) return called.error.cause;
  const { tag, val } = called.value as { tag: string; val: unknown };
  return tag === "ok" ? "ok" : String(val);
}
