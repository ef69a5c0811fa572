/**
 * A domain's exported interface as an object of functions for the host: WIT types in JavaScript, one crossing a call.
 *
 * Integers up to 32 bits, bool, char, floats and enums are JavaScript's own; u64 and s64 are bigint; records are objects and
 * tuples arrays; a `result` is {tag: "ok", val} or {tag: "err", val: case}. Shared objects appear as their base offset: the
 * host owns what it gets and must free it.
 */
import type { HostType, Interface, MethodDescription, Scalar } from "../idl/idl.ts";
import { camelCase } from "../idl/member-name.ts";
import { targetIn } from "./birth.ts";
import type { Domain } from "./domain.ts";
import type { HostInterface, HostMethod, HostValue } from "./host-values.ts";
import type { Kernel } from "./kernel.ts";
import { Link } from "./link.ts";
import { makeProxy } from "./proxy.ts";
import type { Seat } from "./seat.ts";
import type { Called } from "./status.ts";
import { RecordWord, recordIndex } from "./words.ts";

/** One object per generation and interface: asking again must not pile up links. */
const known: WeakMap<Domain, Map<string, HostInterface>> = new WeakMap();

/** Binds every method of `owner` to the present occupant of the seat; when that dies they answer `dead`. */
export function hostInterface(kernel: Kernel, seat: Seat, owner: Interface): HostInterface {
  const { current } = seat;
  if (current === undefined) throw new Error(`${seat.spec.name} has never been created`);
  const ofDomain = known.get(current) ?? new Map<string, HostInterface>();
  known.set(current, ofDomain);
  const made = ofDomain.get(owner.id);
  if (made !== undefined) return made;
  const methods: Record<string, HostMethod> = {};
  for (const method of owner.functions) methods[camelCase(method.name)] = hostMethod(kernel, seat, owner, method);
  ofDomain.set(owner.id, methods);
  return methods;
}

function hostMethod(kernel: Kernel, seat: Seat, owner: Interface, method: MethodDescription): HostMethod {
  const link = new Link(owner, method, targetIn(kernel, seat, owner, method));
  link.target.domain.inbound.add(link);
  const call = makeProxy(link, kernel.hostContext());
  const resultWord = recordIndex(0) + RecordWord.results;
  const words: number[] = new Array<number>(method.params).fill(0);
  const run = (...args: HostValue[]): Called<HostValue> => {
    for (const [i, { name, type, param }] of method.sourceParams.entries()) {
      lower(type, args[i], words, param, `${method.name}: ${name}`);
    }
    const core = call(...words);
    const status = kernel.i32[recordIndex(0) + RecordWord.status];
    if (status !== 0) {
      const error = kernel.takeFailure();
      if (error === undefined) throw new Error(`a failed call of ${owner.id}#${method.name} left no error`);
      return { ok: false, error };
    }
    if (method.sourceResult === undefined) return { ok: true, value: undefined };
    return { ok: true, value: liftResult(method.sourceResult, core, kernel.i32, resultWord) };
  };
  return Object.assign(run, { with: () => run });
}

const scratch = new DataView(new ArrayBuffer(8));

function lower(type: HostType, value: HostValue, words: number[], at: number, what: string): void {
  if (type.kind === "scalar") {
    lowerScalar(type.scalar, value, words, at, what);
    return;
  }
  if (type.kind === "enum") {
    const index = type.cases.indexOf(String(value));
    if (index < 0) throw new TypeError(`${what}: "${String(value)}" is not one of ${type.cases.join(", ")}`);
    words[at] = index;
    return;
  }
  if (typeof value !== "number") throw new TypeError(`${what}: expected a number, got ${typeof value}`);
  words[at] = value;
}

function lowerScalar(scalar: Scalar, value: HostValue, words: number[], at: number, what: string): void {
  switch (scalar) {
    case "u64":
    case "s64": {
      if (typeof value !== "bigint") throw new TypeError(`${what}: expected a bigint, got ${typeof value}`);
      scratch.setBigInt64(0, value, true);
      words[at] = scratch.getInt32(0, true);
      words[at + 1] = scratch.getInt32(4, true);
      return;
    }
    case "bool":
      if (typeof value !== "boolean") throw new TypeError(`${what}: expected a boolean, got ${typeof value}`);
      words[at] = value ? 1 : 0;
      return;
    case "char":
      words[at] = String(value).codePointAt(0) ?? 0;
      return;
    default:
      if (typeof value !== "number") throw new TypeError(`${what}: expected a number, got ${typeof value}`);
  }
  if (scalar === "f64") {
    scratch.setFloat64(0, value, true);
    words[at] = scratch.getInt32(0, true);
    words[at + 1] = scratch.getInt32(4, true);
  } else if (scalar === "f32") {
    scratch.setFloat32(0, value, true);
    words[at] = scratch.getInt32(0, true);
  } else {
    words[at] = checkedInteger(scalar, value, what);
  }
}

const RANGES: Readonly<Partial<Record<Scalar, readonly [number, number]>>> = {
  u8: [0, 0xff],
  u16: [0, 0xffff],
  u32: [0, 0xffffffff],
  s8: [-0x80, 0x7f],
  s16: [-0x8000, 0x7fff],
  s32: [-0x80000000, 0x7fffffff],
};

function checkedInteger(scalar: Scalar, value: number, what: string): number {
  const [low, high] = RANGES[scalar] ?? [0, 0];
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(`${what}: ${value} is not a ${scalar}`);
  }
  return value | 0;
}

function liftResult(type: HostType, core: number, i32: Int32Array, words: number): HostValue {
  if (type.kind !== "result") return isWide(type) ? liftWords(type, i32, { at: words }) : liftCore(type, core);
  if (core > 0 && core < 64) return { tag: "err", val: type.error?.kind === "enum" ? type.error.cases[core - 1] : undefined };
  if (type.ok === undefined) return { tag: "ok", val: undefined };
  const val = type.ok.kind === "own" ? core >>> 0 : liftWords(type.ok, i32, { at: words });
  return { tag: "ok", val };
}

/** Whether a value of this type comes in the return area instead of the core result. */
function isWide(type: HostType): boolean {
  if (type.kind === "record" || type.kind === "tuple") return true;
  return type.kind === "scalar" && (type.scalar === "u64" || type.scalar === "s64" || type.scalar === "f64");
}

function liftWords(type: HostType, i32: Int32Array, cursor: { at: number }): HostValue {
  if (type.kind === "record") {
    return Object.fromEntries(type.fields.map((f) => [camelCase(f.name), liftWords(f.type, i32, cursor)]));
  }
  if (type.kind === "tuple") return type.items.map((item) => liftWords(item, i32, cursor));
  const low = i32[cursor.at++] ?? 0;
  if (!isWide(type)) return liftCore(type, low);
  scratch.setInt32(0, low, true);
  scratch.setInt32(4, i32[cursor.at++] ?? 0, true);
  const scalar = type.kind === "scalar" ? type.scalar : "u64";
  if (scalar === "f64") return scratch.getFloat64(0, true);
  return scalar === "u64" ? scratch.getBigUint64(0, true) : scratch.getBigInt64(0, true);
}

function liftCore(type: HostType, core: number): HostValue {
  if (type.kind === "enum") return type.cases[core] ?? String(core);
  if (type.kind !== "scalar") return core >>> 0;
  switch (type.scalar) {
    case "bool":
      return core !== 0;
    case "char":
      return String.fromCodePoint(Math.min(core >>> 0, 0x10ffff));
    case "u8":
      return core & 0xff;
    case "u16":
      return core & 0xffff;
    case "u32":
      return core >>> 0;
    case "s8":
      return (core << 24) >> 24;
    case "s16":
      return (core << 16) >> 16;
    case "f32":
      scratch.setInt32(0, core, true);
      return scratch.getFloat32(0, true);
    default:
      return core;
  }
}
