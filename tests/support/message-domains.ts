/**
 * Domains for messages, in WAT: one that answers with a copy of what it got, one that hands on, one that sends any bytes that a
 * test puts into its memory, and one that returns such bytes.
 */
import { type HostType, parseWit, resolveWorld } from "../../host/idl/idl.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import type { TestDomain } from "./system.ts";

export const ID = "test:messages/values@0.1.0";
export const TYPES = "test:messages/types@0.1.0";
export const ATTACK = "test:messages/attack@0.1.0";

const NAMED = `
  use types.{block};
  enum color { red, green, blue }
  flags bits { b0, b1, b2, b3, b4, b5, b6, b7 }
  flags rights { may-read, write, %own, a4, a5, a6, a7, a8, a9 }
  record place { x: s32, at: f64, color: color, on: bool }
  record entry { key: string, place: place, tags: list<string>, ttl: option<u32>, rights: rights }
  variant shape { nothing, named(string), colored(color), entries(list<entry>) }`;

/** Types of the interface that random types may mention. */
export const NAMES: readonly string[] = ["color", "rights", "place", "entry", "shape"];

/** Functions `v0`, `v1`, … that take and give one value of these types, inside a tuple so that it always goes as a message. */
export class Values {
  readonly types: readonly string[];
  readonly #text: string;

  constructor(types: readonly string[]) {
    this.types = types;
    const functions = types.map((type, index) => `v${index}: func(v: tuple<string, ${type}>) -> tuple<string, ${type}>;`);
    this.#text = `package test:messages@0.1.0 {
      interface types { resource block { constructor(data: list<u8, 64>); } resource other { constructor(data: list<u8, 64>); } }
      interface values {${NAMED}
        ${functions.join("\n")} entered: func() -> u32; }
      interface attack { run: func(which: u32, bytes: u32) -> u32; }
    }`;
  }

  world(items: string): string {
    return `package test:domain@0.1.0;\nworld domain { import ${TYPES}; ${items} }\n${this.#text}`;
  }

  /** The model of the value inside the tuple. */
  typeOf(index: number): HostType {
    const world = resolveWorld([parseWit(this.world(`export ${ID};`), "world.wit")], "domain");
    const found = world.exports[0]?.functions.find(({ name }) => name === `v${index}`)?.paramsMessage?.[0];
    if (found?.kind !== "tuple") throw new Error(`no function v${index}`);
    return found.items[1] as HostType;
  }

  /** Returns a copy of the message that it gets, and counts. */
  echo(name: string): TestDomain {
    const functions = this.types.map(
      (_, index) => `(func (export "${ID}#v${index}") (param $m i32) (result i32) (local $copy i32)
        (global.set $entered (i32.add (global.get $entered) (i32.const 1)))
        (local.set $copy (call $message-new (call $sizeOf (local.get $m))))
        (call $copyShared (local.get $copy) (local.get $m) (call $sizeOf (local.get $m)))
        (local.get $copy))`,
    );
    return {
      name,
      world: this.world(`export ${ID};`),
      wat: `(module (import "kernel" "message-new" (func $message-new (param i32) (result i32)))
        (import "guard" "sizeOf" (func $sizeOf (param i32) (result i32)))
        (import "guard" "copyShared" (func $copyShared (param i32 i32 i32)))
        (global $entered (mut i32) (i32.const 0)) ${functions.join("\n")}
        (func (export "${ID}#entered") (result i32) (global.get $entered)))`,
    };
  }

  /** Lends on what it was lent, and returns what it got; a call that fails ends it. */
  relay(name: string, next: Provider): TestDomain {
    const functions = this.types.map((_, index) => `(import "${ID}" "v${index}" (func $v${index} (param i32) (result i32)))`);
    const exported = this.types.map(
      (_, index) => `(func (export "${ID}#v${index}") (param $m i32) (result i32) (local $r i32)
        (local.set $r (call $v${index} (local.get $m))) (if (i32.eqz (local.get $r)) (then unreachable)) (local.get $r))`,
    );
    return {
      name,
      world: this.world(`import ${ID}; export ${ID};`),
      wat: `(module ${functions.join("\n")} (import "${ID}" "entered" (func $entered (result i32))) ${exported.join("\n")}
        (func (export "${ID}#entered") (result i32) (call $entered)))`,
      grants: { [ID]: next },
    };
  }

  /**
   * `run(which, bytes)` sends so many bytes of its memory as a message to that function, and answers 1000 times the status
   * plus the detail. The message is dropped afterwards, which ends a domain that may not.
   * @param prepare code that may change the bytes in memory first; locals `$a` and `$b` are there
   */
  sender(name: string, victim: Provider, prepare = "", after = ""): TestDomain {
    const imports = this.types.map((_, index) => `(import "${ID}" "v${index}" (func $v${index} (param i32) (result i32)))`);
    const calls = this.types.map(
      (_, index) => `(if (i32.eq (local.get $which) (i32.const ${index})) (then (local.set $r (call $v${index} (local.get $m)))))`,
    );
    return {
      name,
      world: this.world(`import ${ID}; export ${ATTACK};`),
      wat: `(module ${imports.join("\n")} ${KERNEL}
        (func (export "${ATTACK}#run") (param $which i32) (param $bytes i32) (result i32)
          (local $m i32) (local $r i32) (local $status i32) (local $a i32) (local $b i32)
          ${prepare}
          (local.set $m (call $message-new (local.get $bytes)))
          (call $copyOut (local.get $m) (i32.const 0) (local.get $bytes))
          ${calls.join("\n")}
          (local.set $status (i32.add (i32.mul (call $status (i32.const 0)) (i32.const 1000)) (call $status (i32.const 3))))
          ${after}
          (if (local.get $r) (then (call $message-drop (local.get $r))))
          (call $message-drop (local.get $m))
          (local.get $status))
        (memory 4))`,
      grants: { [ID]: victim },
    };
  }

  /** Answers every call with so many bytes of its memory as the word before them, at 0, says. */
  liar(name: string, prepare = ""): TestDomain {
    const functions = this.types.map(
      (_, index) => `(func (export "${ID}#v${index}") (param $p i32) (result i32) (call $answer (local.get $p)))`,
    );
    return {
      name,
      world: this.world(`export ${ID};`),
      wat: `(module ${KERNEL}
        (func $answer (param $p i32) (result i32) (local $m i32) (local $a i32) (local $b i32)
          ${prepare}
          (local.set $m (call $message-new (i32.load (i32.const 0))))
          (call $copyOut (local.get $m) (i32.const 4) (i32.load (i32.const 0)))
          (local.get $m))
        ${functions.join("\n")} (func (export "${ID}#entered") (result i32) (i32.const 0)) (memory 4))`,
    };
  }
}

const KERNEL = `(import "kernel" "message-new" (func $message-new (param i32) (result i32)))
  (import "kernel" "message-drop" (func $message-drop (param i32)))
  (import "guard" "copyOut" (func $copyOut (param i32 i32 i32)))
  (import "guard" "load32" (func $load32 (param i32) (result i32)))
  (import "guard" "store32" (func $store32 (param i32 i32)))
  (import "guard" "status" (func $status (param i32) (result i32)))
  (import "${TYPES}" "[constructor]block" (func $new (result i32)))
  (import "${TYPES}" "[resource-drop]block" (func $drop (param i32)))
  (import "${TYPES}" "[constructor]other" (func $newOther (result i32)))
  (import "${TYPES}" "[resource-drop]other" (func $dropOther (param i32)))`;
