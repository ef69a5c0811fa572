/** One network card, and a driver of it on each of two CPUs that does what a test says: registers, objects, memory. */
import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { IxgbeModel } from "../../devices/ixgbe/model.ts";
import { REG, RX } from "../../devices/ixgbe/registers.ts";
import { deviceProviders } from "../../host/kernel/device-grant.ts";
import { KERNEL_ID } from "../../shared-heap/layout.ts";
import { Card, ENABLE } from "../devices/ixgbe/card.ts";
import { spread } from "../devices/ixgbe/queues/two-cpus.ts";
import { type TestDomain, type TestSystem, testSystem } from "./system.ts";

const DEVICE = readFileSync(new URL("../../interfaces/device.wit", import.meta.url), "utf8").replace(/^package ([^;]+);/, "package $1 {");
const WORK = "test:queues/work@0.1.0";
const BYTES = 4096;
const FOREIGN_TYPE = 0x7777;
const WORLD = `package test:evil@0.1.0;
world evil { import test:queues/types@0.1.0; import sumac:device/mmio@0.1.0; export ${WORK}; }
package test:queues@0.1.0 {
  interface types { resource block { constructor(data: list<u8, ${BYTES}>); } }
  interface work { act: func(what: u32, at: u32, value: u32) -> u32; }
}
${DEVICE}
}`;
/** 0 reads a register, 1 writes one, 2 makes an object, 3 writes memory and 4 reads it. */
const ACT = { peek: 0, poke: 1, make: 2, store: 3, load: 4 } as const;
const MODULE = `(module
  (import "sumac:device/mmio@0.1.0" "read32" (func $read (param i32) (result i32)))
  (import "sumac:device/mmio@0.1.0" "write32" (func $write (param i32 i32)))
  (import "test:queues/types@0.1.0" "[constructor]block" (func $new (result i32)))
  (import "guard" "load32" (func $load (param i32) (result i32)))
  (import "guard" "store32" (func $store (param i32 i32)))
  (memory 1)
  (func (export "${WORK}#act") (param $what i32) (param $at i32) (param $value i32) (result i32)
    (if (i32.eq (local.get $what) (i32.const ${ACT.peek})) (then (return (call $read (local.get $at)))))
    (if (i32.eq (local.get $what) (i32.const ${ACT.poke})) (then (call $write (local.get $at) (local.get $value))))
    (if (i32.eq (local.get $what) (i32.const ${ACT.make})) (then (return (call $new))))
    (if (i32.eq (local.get $what) (i32.const ${ACT.store})) (then (call $store (local.get $at) (local.get $value))))
    (if (i32.eq (local.get $what) (i32.const ${ACT.load})) (then (return (call $load (local.get $at)))))
    (i32.const 0)))`;

export class Driver {
  readonly #heap: TestSystem["system"]["kernel"]["heap"];
  readonly #call: (what: number, at: number, value: number) => number;

  constructor(t: TestSystem, cpu: number) {
    this.#heap = t.system.kernel.heap;
    const { act } = t.system.export(cpu === 0 ? "evil" : `evil@${cpu}`, WORK);
    this.#call = (what, at, value) => {
      const answer = act?.(what, at, value);
      if (answer?.ok !== true) throw new Error(`the driver on CPU ${cpu}: ${answer?.error.cause}`);
      return Number(answer.value);
    };
  }

  read(offset: number): number {
    return this.#call(ACT.peek, offset, 0);
  }

  write(offset: number, value: number): void {
    this.#call(ACT.poke, offset, value >>> 0);
  }

  /** Whether an object holds nothing but that byte, whoever owns it. */
  sees(at: number, byte: number): boolean {
    return this.#heap.u8.subarray(at, at + BYTES).every((found) => found === byte);
  }

  make(): number {
    return this.#call(ACT.make, 0, 0);
  }

  store(at: number, value: number): void {
    this.#call(ACT.store, at, value >>> 0);
  }

  load(at: number): number {
    return this.#call(ACT.load, at, 0);
  }
}

export interface QueueScene {
  readonly t: TestSystem;
  readonly model: IxgbeModel;
  readonly near: Driver;
  readonly far: Driver;
  /** The far driver's object in which its rings lie. */
  readonly rings: number;
  /** Lengths of frames on the wire. */
  readonly sent: readonly number[];
}

/** The card loops, spreads over both CPUs, and the far driver's rings lie in an object of its own: receive, and transmit behind it. */
export async function queueScene(): Promise<QueueScene> {
  return queuesIn(await testSystem({ heapMegabytes: 32, cpus: 2 }));
}

/** @param t a system with two CPUs */
export async function queuesIn(t: TestSystem): Promise<QueueScene> {
  const sent: number[] = [];
  const model = new IxgbeModel({ wire: { up: true, send: (_, length) => sent.push(length), attach() {} }, cpus: 2 });
  const { mmio } = deviceProviders(t.system.kernel, model, model.sharedQueues);
  const evil: TestDomain = { name: "evil", world: WORLD, wat: MODULE, grants: { "sumac:device/mmio@0.1.0": mmio }, replicas: "per-cpu" };
  await t.add(evil);
  const [near, far] = [new Driver(t, 0), new Driver(t, 1)];
  spread(near);
  near.write(REG.rxctrl, 1);
  near.write(REG.fctrl, 0x400);
  near.write(REG.dmatxctl, 1);
  near.write(REG.hlreg0, near.read(REG.hlreg0) | 0x8000);
  const rings = far.make();
  for (const [ring, base] of [
    [Card.rx(0, 0), rings],
    [Card.tx(0, 0), rings + 1024],
  ] as const) {
    far.write(ring + RX.baseLow, base);
    far.write(ring + RX.length, 128);
    far.write(ring + RX.control, ENABLE);
  }
  return { t, model, near, far, rings, sent };
}

/** An object of the host's. */
export function hostObject({ system }: TestSystem): number {
  const made = system.kernel.heap.exports.alloc(KERNEL_ID, FOREIGN_TYPE, BYTES);
  system.kernel.heap.u8.fill(0x5a, made, made + BYTES);
  return made;
}

/** Has the far queue take frames into that memory. */
export function post({ far, rings }: { readonly far: Driver; readonly rings: number }, buffer: number): void {
  for (let i = 0; i < 8; i++) {
    far.store(rings + 16 * i, buffer);
    for (let at = 4; at < 16; at += 4) far.store(rings + 16 * i + at, 0);
  }
  far.write(Card.rx(0, RX.tail), 7);
}

export async function finish({ t, model }: QueueScene): Promise<void> {
  const { ledger, waiting } = model.total;
  assert.is(ledger.framesIn, ledger.accounted + waiting, "every frame is accounted for");
  await t.end();
}
