/**
 * The means of changing a hardened module: where its loops, safepoints, imports and steps are, and changes made at each of them.
 * Used by the kinds of mutants.
 */
import { OP } from "../../host/loader/wasm/opcodes.ts";
import { Reader } from "../../host/loader/wasm/reader.ts";
import { type Body, leb, type MutableModule, type Step } from "./mutable-module.ts";

export type Mutants = Iterable<Uint8Array<ArrayBuffer>>;
export type Kind = (module: MutableModule) => Mutants;

export const SAFEPOINT: readonly number[] = [0x23, 1, 0xfe, 0x10, 0x42, 1, 0, 0x04, 0x40, 0x10, 0, 0x04, 0x40, 0x00, 0x0b, 0x0b];
/** i32.const 4096; local.set … */
export const REFILL: readonly number[] = [0x41, 0x80, 0x20, 0x21];
/** loop void block void loop … */
export const HEAD: readonly number[] = [0x03, 0x40, 0x02, 0x40, 0x03];
export const I32_CONST_0: readonly number[] = [0x41, 0x00];
export const DROP = 0x1a;
export const NOP = 0x01;
export const I32_ADD = 0x6a;
export const I32_MUL = 0x6c;
export const GUARD_STRIDE = 3;

// ---- where things are ----

export function places(bytes: Uint8Array, pattern: readonly number[]): number[] {
  return Array.from(bytes.keys()).filter((at) => pattern.every((byte, n) => bytes[at + n] === byte));
}

/** A loop's shape in a body: where its weight and the body behind its head begin. */
export interface Loop {
  readonly body: Body;
  readonly weightAt: number;
  readonly weightEnd: number;
  readonly weight: number;
  readonly inside: number;
  readonly counter: number;
}

export function* loopsOf(module: MutableModule): Iterable<Loop> {
  for (const body of module.author) {
    const { steps } = body;
    for (const [n, step] of steps.entries()) {
      const [get, weight, sub, tee] = [steps[n + 1], steps[n + 2], steps[n + 3], steps[n + 4]];
      const branch = steps[n + 7];
      const isHead = step.op === OP.loop && get?.op === OP.localGet && weight?.op === OP.i32Const && sub?.op === OP.i32Sub;
      if (!isHead || tee?.op !== OP.localTee || branch?.op !== OP.brIf || tee.a !== get.a) continue;
      yield { body, weightAt: weight.start, weightEnd: weight.end, weight: weight.a, inside: branch.end, counter: get.a };
    }
  }
}

/** Every instruction of the author's that is no part of what hardening put in: safepoints and loops' shapes are left out. */
export function* authorSteps(module: MutableModule): Iterable<readonly [Body, Step]> {
  for (const body of module.author) {
    const theirs = new Set<number>();
    for (const at of places(body.bytes, SAFEPOINT)) for (let i = 0; i < SAFEPOINT.length; i++) theirs.add(at + i);
    for (const step of body.steps) if (!theirs.has(step.start)) yield [body, step];
  }
}

/** Bytes put in at the start of every function of the author's, or elsewhere. */
export const atEntries = (put: ArrayLike<number>): Kind =>
  function* (module) {
    for (const body of module.author) yield module.spliced(body, body.code, body.code, put);
  };

export const beforeEnds = (put: ArrayLike<number>): Kind =>
  function* (module) {
    for (const body of module.author) yield module.spliced(body, body.bytes.length - 1, body.bytes.length - 1, put);
  };

export const both = (...kinds: readonly Kind[]): Kind =>
  function* (module) {
    for (const kind of kinds) yield* kind(module);
  };

/** Every occurrence of a sequence in the author's functions replaced. */
export const replacing = (pattern: readonly number[], ...puts: readonly (readonly number[])[]): Kind =>
  function* (module) {
    for (const body of module.author) {
      for (const at of places(body.bytes, pattern)) for (const put of puts) yield module.spliced(body, at, at + pattern.length, put);
    }
  };

export const inLoops = (change: (loop: Loop, module: MutableModule) => Mutants): Kind =>
  function* (module) {
    for (const loop of loopsOf(module)) yield* change(loop, module);
  };

/** Instructions of the author's that `put` has something for. */
export const perStep = (put: (step: Step, module: MutableModule) => readonly (readonly number[])[]): Kind =>
  function* (module) {
    for (const [body, step] of authorSteps(module))
      for (const bytes of put(step, module)) yield module.spliced(body, step.start, step.end, bytes);
  };

// ---- imports ----

export interface Import {
  readonly bytes: readonly number[];
  readonly name: string;
}

export function importsOf(module: MutableModule): Import[] {
  const content = module.content(2);
  const reader = new Reader(content, 0, content.length, "imports");
  return Array.from({ length: reader.u32() }, () => {
    const start = reader.position;
    const name = `${reader.name()} ${reader.name()}`;
    const kind = reader.u8();
    if (kind === 2) {
      reader.u8();
      reader.u32();
      reader.u32();
    } else if (kind === 3) reader.skip(2);
    else reader.u32();
    return { bytes: [...content.subarray(start, reader.position)], name };
  });
}

export const imports = (change: (list: readonly Import[]) => readonly (readonly Import[])[]): Kind =>
  function* (module) {
    for (const list of change(importsOf(module))) yield module.with(2, [...leb(list.length), ...list.flatMap(({ bytes }) => bytes)]);
  };

/** The import of this name with its bytes changed from the end. */
export const reimported = (name: string, change: (bytes: readonly number[]) => readonly (readonly number[])[]): Kind =>
  imports((list) =>
    change(list.find((each) => each.name === name)?.bytes ?? []).map((bytes) =>
      list.map((each) => (each.name === name ? { name, bytes } : each)),
    ),
  );

/** Replaces the last number of an import, its maximum or type, which is short. */
export const lastNumber =
  (by: number): ((bytes: readonly number[]) => readonly (readonly number[])[]) =>
  (bytes) => {
    let start = bytes.length - 1;
    while (((bytes[start - 1] ?? 0) & 0x80) !== 0) start--;
    const value = bytes.slice(start).reduce((sum, byte, n) => sum + (byte & 0x7f) * 2 ** (7 * n), 0);
    return [[...bytes.slice(0, start), ...leb(value + by)]];
  };

// ---- sections ----

/** One entry more in a section that counts its entries; nothing where there is no such section. */
export const withEntry = (id: number, entry: (module: MutableModule) => readonly number[]): Kind =>
  function* (module) {
    const content = module.sections.find((section) => section.id === id)?.content;
    if (content === undefined) return;
    const reader = new Reader(content, 0, content.length, "section");
    const count = reader.u32();
    yield module.with(id, [...leb(count + 1), ...content.subarray(reader.position), ...entry(module)]);
  };

export const exported = (name: string, kind: number, index: (module: MutableModule) => number): Kind =>
  withEntry(7, (module) => [name.length, ...new TextEncoder().encode(name), kind, ...leb(index(module))]);

export const sectionAnywhere = (section: { readonly id: number; readonly content: Uint8Array }): Kind =>
  function* (module) {
    for (let at = 0; at <= module.sections.length; at++) yield module.inserted(section, at);
  };

export const custom = (name: string): Kind => {
  const content = Uint8Array.from([name.length, ...new TextEncoder().encode(name), 0]);
  return sectionAnywhere({ id: 0, content });
};

// ---- the guard ----

export const perGuardStep = (put: (step: Step, body: Body, module: MutableModule) => readonly (readonly number[])[]): Kind =>
  function* (module) {
    let n = 0;
    for (const body of module.guard) {
      for (const step of body.steps) {
        // All instructions of a kind are treated alike: each third stands for its neighbours.
        if (n++ % GUARD_STRIDE !== 0) continue;
        for (const bytes of put(step, body, module)) yield module.spliced(body, step.start, step.end, bytes);
      }
    }
  };

export function isAccess({ op, a, b }: Step): boolean {
  return op >= 0x28 && op <= 0x3e && b === 0 && a < 5;
}

export function misc(op: number): readonly number[] {
  return [OP.miscPrefix, op];
}

export const CONSTANTS: readonly number[] = [1, -1];

/** Guard functions that only the guard may call, which stand before its first export. */
export function internals(module: MutableModule): number[] {
  return [0, 1, 2].map((n) => module.firstGuard + n);
}
