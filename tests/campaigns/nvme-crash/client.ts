/**
 * Clients of the two shadows: random requests, judged by the oracle. Each `step` is a call or two; `drain` waits for all that is under way.
 * What is wrong is thrown.
 */
import type { HostValue } from "../../../host/kernel/host/host-values.ts";
import { BLOCK_BYTES, type FlushPoint, fillBlock, type Oracle, versionOf } from "./oracle.ts";
import { BLOCKS, type CrashRig } from "./rig.ts";

export interface Client {
  step(): void | Promise<void>;
  drain(): void | Promise<void>;
}

type Below = (limit: number) => number;
const BDEV = "sumac:block/bdev@0.1.0";
const NVME = "sumac:nvme/nvme@0.1.0";
/** What buffers hold before they are read into. */
const PATTERN = 0xee;

function call(rig: CrashRig, id: string, method: string, ...args: HostValue[]): HostValue {
  const called = rig.system.export("shadow", id)[method]?.(...args);
  if (called === undefined) throw new Error(`no method ${method}`);
  if (!called.ok) throw new Error(`${method}: ${called.error.cause}: ${called.error.detail}`);
  return called.value;
}

export class BdevClient implements Client {
  readonly #rig: CrashRig;
  readonly #oracle: Oracle;
  readonly #below: Below;

  constructor(rig: CrashRig, oracle: Oracle, below: Below) {
    this.#rig = rig;
    this.#oracle = oracle;
    this.#below = below;
  }

  step(): void {
    const lba = this.#below(BLOCKS);
    const kind = this.#below(5);
    if (kind < 2) this.#write(lba);
    else if (kind < 4) this.#read(lba);
    else this.#flush();
  }

  drain(): void {}

  #write(lba: number): void {
    const [rig, oracle] = [this.#rig, this.#oracle];
    const version = oracle.newVersion();
    const base = rig.create("block");
    fillBlock(rig.system.kernel.heap.u8.subarray(base, base + BLOCK_BYTES), lba, version);
    oracle.writing(lba, 1, version);
    const isDone = this.#answer("write", BigInt(lba), base) !== undefined;
    oracle.written(lba, 1, version, isDone);
    rig.drop(base);
  }

  #read(lba: number): void {
    const rig = this.#rig;
    const base = rig.create("block");
    rig.system.kernel.heap.u8.fill(PATTERN, base, base + BLOCK_BYTES);
    const val = this.#answer("read", BigInt(lba), base);
    if (val === undefined) return;
    const bytes = rig.system.kernel.heap.u8.slice(Number(val), Number(val) + BLOCK_BYTES);
    rig.drop(Number(val));
    const problem = this.#oracle.read(lba, bytes);
    if (problem !== undefined) throw new Error(problem);
  }

  #flush(): void {
    const point = this.#oracle.flushing();
    if (this.#answer("flush") !== undefined) this.#oracle.flushed(point, this.#rig.record.log.length);
  }

  /** The value of an answer; undefined for an error, which only a fault of the device explains. */
  #answer(method: string, ...args: HostValue[]): HostValue | undefined {
    const before = this.#rig.faults;
    const { tag, val } = call(this.#rig, BDEV, method, ...args) as { tag: string; val: HostValue };
    if (tag === "ok") return val ?? 0;
    if (this.#rig.faults === before) throw new Error(`${method}: ${String(val)}, though the device did not fail`);
    return undefined;
  }
}

const OPERATIONS = ["read", "write", "flush", "write-zeroes"] as const;
const STATES = ["fresh", "done", "failed", "refused", "lost", "in-flight"] as const;
const MOST_IN_BATCH = 32;

interface Sent {
  readonly queue: number;
  readonly operation: (typeof OPERATIONS)[number];
  readonly lba: number;
  readonly blocks: number;
  readonly version: number;
  readonly bufferBytes: number;
  readonly faults: number;
  readonly deaths: number;
  flush: FlushPoint | undefined;
}

export class NvmeClient implements Client {
  readonly #rig: CrashRig;
  readonly #oracle: Oracle;
  readonly #below: Below;
  readonly #sent: Map<number, Sent> = new Map();
  #tag = 0;

  constructor(rig: CrashRig, oracle: Oracle, below: Below) {
    this.#rig = rig;
    this.#oracle = oracle;
    this.#below = below;
  }

  async step(): Promise<void> {
    if (this.#below(6) === 0) this.#store();
    else this.#exchange(this.#below(3), this.#below(3) === 0 ? this.#below(MOST_IN_BATCH) : this.#below(8));
    if (this.#rig.kind === "interrupts") await this.#rig.turn();
  }

  async drain(): Promise<void> {
    for (let tries = 0; this.#sent.size > 0; tries++) {
      if (tries > 200) throw new Error(`${this.#sent.size} requests never came back`);
      for (let queue = 0; queue < 3; queue++) this.#exchange(queue, 0, MOST_IN_BATCH);
      if (this.#rig.kind === "interrupts") await this.#rig.turn();
    }
  }

  #exchange(queue: number, most: number, atLeast: number = this.#below(most + 2)): void {
    const { exports, u32 } = this.#rig.system.kernel.heap;
    const batch = this.#rig.create("batch");
    const flushes: Sent[] = [];
    let count = 0;
    while (count < most) {
      const request = this.#make(queue, flushes);
      if (request === undefined) break;
      if (exports.put(batch + 8 + count * 4, request, exports.ownerOf(batch)) !== 0)
        throw new Error("a request cannot be put into a batch");
      count++;
    }
    u32[(batch + 4) >>> 2] = count;
    // All that is sent along with a flush is under way when it is sent.
    for (const sent of flushes) sent.flush = this.#oracle.flushing();
    const called = this.#rig.system.export("shadow", NVME).exchange?.(queue, batch, atLeast);
    // Whoever cannot wait, as the host, has its batch again; what is in flight stays with the driver.
    const mustWait = this.#rig.kind === "interrupts" && called?.ok === false && called.error.cause === "gave-up";
    if (called === undefined || !(called.ok || mustWait)) throw new Error(`exchange: ${JSON.stringify(called)}`);
    const answer = called.ok ? Number(called.value) : batch;
    for (let slot = 0; slot < MOST_IN_BATCH; slot++) {
      const request = u32[(answer + 8) / 4 + slot] ?? 0;
      if (request !== 0) this.#judge(queue, request);
    }
    this.#rig.drop(answer);
  }

  /** A lent batch of writes. */
  #store(): void {
    const [rig, oracle] = [this.#rig, this.#oracle];
    const { exports, u32 } = rig.system.kernel.heap;
    const batch = rig.create("batch");
    const all: Sent[] = [];
    const count = 1 + this.#below(12);
    for (let i = 0; i < count; i++) {
      const place = this.#place();
      if (place === undefined) break;
      const one = this.#describe(0, this.#below(4) === 0 ? "write-zeroes" : "write", place.lba, place.blocks);
      all.push(one);
      if (exports.put(batch + 8 + i * 4, this.#object(one, 0), exports.ownerOf(batch)) !== 0) throw new Error("a request cannot be put");
      u32[(batch + 4) >>> 2] = i + 1;
    }
    const before = rig.faults;
    const { tag, val } = call(rig, NVME, "store", this.#below(3), batch) as { tag: string; val: HostValue };
    if (tag !== "ok" && rig.faults === before) throw new Error(`store: ${String(val)}, though the device did not fail`);
    for (const { lba, blocks, version } of all) {
      oracle.occupy(lba, blocks, -1);
      oracle.written(lba, blocks, version, tag === "ok");
    }
    rig.drop(batch);
  }

  /** Blocks that no command is using, or undefined when chance does not find any. */
  #place(): { readonly lba: number; readonly blocks: number } | undefined {
    const blocks = 1 + this.#below(this.#below(4) === 0 ? 8 : 2);
    const lba = this.#below(BLOCKS - blocks + 1);
    if (this.#oracle.isBusy(lba, blocks)) return undefined;
    return { lba, blocks };
  }

  #describe(queue: number, operation: Sent["operation"], lba: number, blocks: number): Sent {
    const { faults, deaths } = this.#rig;
    const version = operation === "write" ? this.#oracle.newVersion() : 0;
    const bufferBytes = operation === "read" || operation === "write" ? (blocks + this.#below(2)) * BLOCK_BYTES : 0;
    if (operation === "write" || operation === "write-zeroes") this.#oracle.writing(lba, blocks, version);
    this.#oracle.occupy(lba, blocks, 1);
    return { queue, operation, lba, blocks, version, bufferBytes, faults, deaths, flush: undefined };
  }

  /** The base of a new request, noted as sent. */
  #make(queue: number, flushes: Sent[]): number | undefined {
    const chance = this.#below(9);
    const operation = chance < 4 ? "write" : chance < 7 ? "read" : chance < 8 ? "flush" : "write-zeroes";
    const place = operation === "flush" ? { lba: 0, blocks: 0 } : this.#place();
    if (place === undefined) return undefined;
    const sent = this.#describe(queue, operation, place.lba, place.blocks);
    if (operation === "flush") flushes.push(sent);
    this.#sent.set(++this.#tag, sent);
    return this.#object(sent, this.#tag);
  }

  #object({ operation, lba, blocks, version, bufferBytes }: Sent, tag: number): number {
    const { exports, u8, u32 } = this.#rig.system.kernel.heap;
    const request = this.#rig.create("request");
    u32.set([lba, 0, tag, 0, 1, blocks], request >>> 2);
    u8[request + 30] = OPERATIONS.indexOf(operation);
    if (bufferBytes === 0) return request;
    const buffer = this.#rig.create("buffer", bufferBytes);
    u8.fill(PATTERN, buffer, buffer + bufferBytes);
    for (let i = 0; operation === "write" && i < blocks; i++) {
      const from = buffer + i * BLOCK_BYTES;
      fillBlock(u8.subarray(from, from + BLOCK_BYTES), lba + i, version);
    }
    if (exports.put(request + 24, buffer, exports.ownerOf(request)) !== 0) throw new Error("a buffer cannot be put into a request");
    return request;
  }

  /** A request that came back. */
  #judge(queue: number, request: number): void {
    const { u8, u32 } = this.#rig.system.kernel.heap;
    const tag = u32[(request + 8) >>> 2] ?? 0;
    const sent = this.#sent.get(tag);
    const state = STATES[u8[request + 31] ?? 0];
    if (sent === undefined) throw new Error(`request ${tag} came back that is not under way`);
    if (sent.queue !== queue) throw new Error(`request ${tag} came back from another queue`);
    this.#sent.delete(tag);
    this.#oracle.occupy(sent.lba, sent.blocks, -1);
    const { operation, lba, blocks, version } = sent;
    const what = `${operation} of ${lba}+${blocks}`;
    if (state === "fresh") return;
    if (state === "refused" || state === "in-flight" || state === undefined) throw new Error(`${what}: ${state}`);
    if (state === "failed" && this.#rig.faults === sent.faults) {
      throw new Error(`${what}: failed with ${(u32[(request + 28) >>> 2] ?? 0) & 0xffff}, though the device did not`);
    }
    if (state === "lost" && (operation !== "write" || this.#rig.deaths === sent.deaths)) throw new Error(`${what}: lost, without a reason`);
    if (operation === "write" || operation === "write-zeroes") this.#oracle.written(lba, blocks, version, state === "done");
    if (operation === "flush" && state === "done" && sent.flush !== undefined) {
      this.#oracle.flushed(sent.flush, this.#rig.record.log.length);
    }
    const buffer = u32[(request + 24) >>> 2] ?? 0;
    if (buffer === 0 && sent.bufferBytes > 0 && state !== "lost") throw new Error(`${what}: its buffer is gone, and nobody says so`);
    if (operation === "read") this.#judgeRead(sent, u8.slice(buffer, buffer + sent.bufferBytes), state === "done");
  }

  #judgeRead({ lba, blocks }: Sent, bytes: Uint8Array, isDone: boolean): void {
    const problem = isDone ? this.#oracle.read(lba, bytes.subarray(0, blocks * BLOCK_BYTES)) : undefined;
    if (problem !== undefined) throw new Error(problem);
    // What was not filled is as the client left it, or as a buffer is that was made anew.
    for (let i = isDone ? blocks : 0; i * BLOCK_BYTES < bytes.length; i++) {
      const block = bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
      if (
        block.every((byte) => byte === PATTERN) ||
        (i < blocks ? versionOf(lba + i, block) !== undefined : block.every((byte) => byte === 0))
      )
        continue;
      throw new Error(`read of ${lba}+${blocks}: foreign bytes in its buffer`);
    }
  }
}
