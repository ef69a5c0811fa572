/** Worlds and their `index.ts`, as texts: the shapes of the project's own domains, and one with every type that crosses. */

export interface SampleDomain {
  readonly name: string;
  readonly world: string;
  readonly index: string;
}

export const shadow: SampleDomain = {
  name: "shadow",
  world: `package sumac:sample@0.1.0;
world shadow {
  import sumac:block/bdev@0.1.0;
  import sumac:kernel/supervisor@0.1.0;
  export sumac:block/bdev@0.1.0;
  /// @deadline 50ms
  export init: func();
}`,
  index: `
import { Outcome } from "sumac/outcome";
import { bdev as below, BdevError, Geometry } from "./gen/bdev";
import { supervisor } from "./gen/supervisor";
import { Block } from "./gen/types";

export function init(): void {}

export namespace bdev {
  export function identify(): Geometry {
    return below.identify();
  }

  export function read(lba: u64, into: Block): Outcome<Block> {
    const got = below.read(lba, into);
    if (!got.died) return got;
    if (!supervisor.restart().isOk) return Outcome.error<Block>(BdevError.unavailable);
    return below.read(lba, Block.create());
  }

  export function write(lba: u64, data: Block): Outcome<void> {
    return below.write(lba, data);
  }

  export function flush(): Outcome<void> {
    const outcome = below.flush();
    return outcome.isOk ? Outcome.done() : outcome;
  }
}
`,
};

export const copier: SampleDomain = {
  name: "copier",
  world: `package sumac:sample@0.1.0;
interface copy {
  resource report { constructor(bytes: u64, sha256-input: list<u8, 32>, sha256-read-back: list<u8, 32>); }
  enum error { input, disk }
  run: func() -> result<report, error>;
}
world copier {
  import sumac:io/file@0.1.0;
  import sumac:block/bdev@0.1.0;
  import sumac:job/progress@0.1.0;
  export copy;
}`,
  index: `
import { Outcome } from "sumac/outcome";
import { lastStatus, Status } from "sumac/rpc";
import { bdev } from "./gen/bdev";
import { CopyError, Report } from "./gen/copy";
import { file, FileError } from "./gen/file";
import { progress } from "./gen/progress";
import { Block } from "./gen/types";

export namespace copy {
  export function run(): Outcome<Report> {
    const size = file.size();
    if (lastStatus() != Status.OK) return Outcome.error<Report>(CopyError.input);
    let block = Block.create();
    for (let lba: u64 = 0; lba * 4096 < size; lba++) {
      const got = file.readAt(lba * 4096, block);
      if (!got.isOk) return Outcome.error<Report>(got.error == FileError.shrank ? CopyError.input : CopyError.disk);
      block = got.value;
      if (!bdev.write(lba, block).isOk) return Outcome.error<Report>(CopyError.disk);
      progress.report(0, lba, size);
    }
    block.drop();
    const report = Report.create();
    report.bytes = size;
    report.sha256Input.setAt(31, 0xff);
    report.sha256ReadBack.setAt(0, report.sha256Input.at(31));
    return Outcome.ok(report);
  }
}
`,
};

const scalars = "bool u8 u16 u32 u64 s8 s16 s32 s64 f32 f64 char".split(" ");
const sourceOf = (type: string): string => (type === "char" ? "u32" : type.startsWith("s") ? `i${type.slice(1)}` : type);

/** Takes each type, returns each type, packs each type; its implementation hands every call on to the same interface. */
export const everything: SampleDomain = {
  name: "everything",
  world: `package acme:everything@0.1.0;
interface types {
  resource mix {
    constructor(
      on: bool, big: u64, small: s8, half: f32, whole: f64, letter: char, numbers: list<u16, 7>, reals: list<f64, 3>, kind: kind,
      rights: rights, base: u32, bits: list<bool, 3>, signed: list<s8, 2>, wide: list<s64, 2>, letters: list<char, 2>,
    );
  }
  enum kind { big, small, %delete }
  flags rights { read, write, exec }
  record point { x: s32, y: f64, kind: kind, on: bool, z: f32, b: u8, of: rights }
}
interface calls {
  use types.{mix, kind, rights, point as pt};
  enum error { failed, out-of-range }
${scalars.map((type) => `  take-${type}: func(value: ${type});\n  give-${type}: func() -> ${type};\n  try-${type}: func() -> result<${type}, error>;\n`).join("")}
  take-all: func(a: bool, b: u8, c: s16, d: u64, e: f64, f: kind, g: rights, h: char);
  give-kind: func() -> kind;
  give-rights: func() -> rights;
  give-point: func() -> pt;
  try-nothing: func() -> result<_, error>;
  try-kind: func() -> result<kind, error>;
  try-point: func() -> result<pt, error>;
  lend: func(thing: borrow<mix>) -> result<_, error>;
  move: func(packed: u64, thing: mix) -> mix;
  swap: func(outcome: mix, value: mix) -> result<mix, error>;
  peek: func(thing: borrow<mix>, index: u32) -> u16;
  poke: func(thing: borrow<mix>, index: u32, value: u16);
  bulk: func(thing: borrow<mix>, offset: u32, count: u32);
  is-alive: func() -> bool;
  new: func(this: u32, guard: u8, one: u16);
}
world everything {
  import calls;
  export calls;
  export init: func();
  export %world: func(a: u64) -> u64;
}`,
  index: `
import { Outcome } from "sumac/outcome";
import { calls as below, CallsError } from "./gen/calls";
import { Kind, Mix, Point, Rights } from "./gen/types";

const scratchPtr: usize = memory.data(64);

export function init(): void {}
export function world_(a: u64): u64 {
  return a + 1;
}

export namespace calls {
${scalars
  .map((type) => {
    const source = sourceOf(type);
    const name = type.charAt(0).toUpperCase() + type.slice(1);
    return `  export function take${name}(value: ${source}): void { below.take${name}(value); }
  export function give${name}(): ${source} { return below.give${name}(); }
  export function try${name}(): Outcome<${source}> {
    const got = below.try${name}();
    return got.isOk ? Outcome.ok<${source}>(got.value) : got;
  }\n`;
  })
  .join("")}
  export function takeAll(a: bool, b: u8, c: i16, d: u64, e: f64, f: Kind, g: Rights, h: u32): void { below.takeAll(a, b, c, d, e, f, g, h); }
  export function giveKind(): Kind { return below.giveKind(); }
  export function giveRights(): Rights { return below.giveRights(); }
  export function givePoint(): Point { return below.givePoint(); }
  export function tryNothing(): Outcome<void> { const got = below.tryNothing(); return got.isOk ? Outcome.done() : got; }
  export function tryKind(): Outcome<Kind> { return below.tryKind(); }
  export function tryPoint(): Outcome<Point> { const got = below.tryPoint(); return got.isOk ? Outcome.ok(got.value) : got; }
  export function lend(thing: Mix): Outcome<void> { return below.lend(thing); }
  export function move(packed: u64, thing: Mix): Mix { return below.move(packed, thing); }
  export function swap(outcome: Mix, value: Mix): Outcome<Mix> {
    if (outcome.base == value.base) return Outcome.error<Mix>(CallsError.outOfRange);
    outcome.on = true;
    outcome.big = 0x1122334455667788;
    outcome.small = -2;
    outcome.half = 1.5;
    outcome.whole = -2.5;
    outcome.letter = 0x1f600;
    outcome.numbers.setAt(6, 0xabcd);
    outcome.reals.setAt(2, 0.25);
    outcome.kind = Kind.delete_;
    outcome.rights = Rights.read | Rights.exec;
    outcome.base_ = outcome.base;
    outcome.bits.setAt(1, true);
    outcome.signed.setAt(0, -1);
    outcome.wide.setAt(1, -1);
    outcome.letters.setAt(0, 0x41);
    value.on = !outcome.on;
    value.big = outcome.big + 1;
    value.small = outcome.small / 2;
    value.half = outcome.half * 2;
    value.whole = outcome.whole * 2;
    value.letter = outcome.letter + 1;
    value.numbers.setAt(0, outcome.numbers.at(6) + 1);
    value.reals.setAt(0, outcome.reals.at(2) * 2);
    value.kind = outcome.kind == Kind.delete_ ? Kind.small : Kind.big;
    value.rights = outcome.rights & Rights.exec;
    value.base_ = outcome.base_ + 1;
    value.bits.setAt(0, outcome.bits.at(1) && !outcome.bits.at(0));
    value.signed.setAt(1, outcome.signed.at(0) - 1);
    value.wide.setAt(0, outcome.wide.at(1) - 1);
    value.letters.setAt(1, outcome.letters.at(0) + outcome.letters.length);
    return below.swap(outcome, value);
  }
  export function peek(thing: Mix, index: u32): u16 { return thing.numbers.at(index); }
  export function poke(thing: Mix, index: u32, value: u16): void { thing.numbers.setAt(index, value); }
  export function bulk(thing: Mix, offset: u32, count: u32): void {
    thing.numbers.copyTo(offset, scratchPtr, count);
    thing.numbers.copyFrom(offset, scratchPtr, count);
  }
  export function isAlive(): bool { return below.isAlive_() && below.isAlive(); }
  export function new_(this_: u32, guard_: u8, one: u16): void { below.new_(this_, guard_, one); }
}
`,
};

/** A capability that the domain serves, one that it is served, and one of each name at once; results with objects of both. */
export const capabilities: SampleDomain = {
  name: "capabilities",
  world: `package acme:bank@0.1.0;
interface accounts {
  enum error { empty, closed }
  resource account {
    constructor(name: string, start: u32);
    add: func(amount: u32) -> u32;
    take: func(amount: u32) -> result<u32, error>;
    name: func() -> string;
    drop: func(x: u8) -> u8;
    merge: static func(a: account, b: borrow<account>) -> account;
    open: static func(name: string) -> result<account, error>;
    sum: static func(all: list<borrow<account>>) -> u32;
  }
  resource token;
  record pair { first: account, second: option<account> }
  split: func(a: account) -> pair;
  join: func(p: pair) -> result<account, string>;
  issue: func() -> token;
  redeem: func(t: token) -> bool;
}
interface sealed {
  use accounts.{account};
  enum error { no }
  resource vault {
    constructor(code: u32) -> result<vault, error>;
    put: func(a: account);
  }
}
world capabilities {
  import accounts;
  import sealed;
  export accounts;
}`,
  index: `
import { Outcome } from "sumac/outcome";
import { Option } from "sumac/option";
import { Result } from "sumac/result";
import { Account as Below, AccountsError, accounts as below, Pair as BelowPair } from "./gen/accounts";
import { Pair } from "./gen/accounts_own";
import { Vault } from "./gen/sealed";

export namespace accounts {
  export class Account {
    below: Below;
    constructor(public label: string, start: u32) {
      this.below = Below.create(label, start);
    }
    add(amount: u32): u32 {
      return this.below.add(amount);
    }
    take(amount: u32): Outcome<u32> {
      return this.below.take(amount);
    }
    name(): string {
      return this.label + "/" + this.below.name();
    }
    drop_(x: u8): u8 {
      return this.below.drop_(x);
    }
    static merge(a: Account, b: Account): Account {
      a.below = Below.merge(a.below, b.below);
      return a;
    }
    static open(name: string): Outcome<Account> {
      const got = Below.open(name);
      if (!got.isOk) return Outcome.error<Account>(got.error);
      const made = new Account(name, 0);
      made.below.drop();
      made.below = got.value;
      return Outcome.ok<Account>(made);
    }
    static sum(all: Array<Account>): u32 {
      const handles: Below[] = [];
      for (let i = 0; i < all.length; i++) handles.push(all[i].below);
      return Below.sum(handles);
    }
    /** Nobody holds it any more. */
    drop(): void {
      this.below.drop();
    }
  }

  export class Token {}

  export function split(a: Account): Pair {
    return new Pair(a, Option.some<Account>(new Account("half", 1)));
  }
  export function join(p: Pair): Result<Account, string> {
    const vault = Vault.create(7);
    if (vault.isOk) {
      vault.value.put(p.first.below);
      vault.value.drop();
    }
    if (p.second.isNone) return Result.error<Account, string>("nothing to join");
    return Result.ok<Account, string>(p.second.value);
  }
  export function issue(): Token {
    below.split(Below.create("unused", AccountsError.closed)).first.drop();
    return new Token();
  }
  export function redeem(t: Token): bool {
    const pair = new BelowPair(Below.create("x", 1), Option.none<Below>());
    return below.join(pair).isError;
  }
}
`,
};

/** One of each kind of value that crosses in a message, and of what crosses as words beside them. */
export const messages: SampleDomain = {
  name: "messages",
  world: `package acme:post@0.1.0;
interface letters {
  resource stamp { constructor(price: u32); }
  enum error { full }
  flags marks { seen, urgent }
  record size { width: f32, height: f32 }
  record letter { to: string, size: size, marks: marks, pages: list<string>, stamp: option<stamp> }
  variant place { nowhere, box(u16), street(tuple<string, u32>), %type(letter) }
  send: func(letter: letter, to: place) -> result<u64, error>;
  weigh: func(size: size, pages: tuple<u8, bool>) -> tuple<f64, marks>;
  all: func(since: u64, keys: list<u8, 16>) -> list<letter>;
  last: func() -> result<letter, string>;
  fetch: func(id: u64) -> result<option<letter>, error>;
}
world messages { import letters; export letters; }`,
  index: `
import { Option } from "sumac/option";
import { Outcome } from "sumac/outcome";
import { Result } from "sumac/result";
import { Letter, letters as below, LettersError, Marks, Place, Size } from "./gen/letters";
import { Tuple2 } from "./gen/tuples";

export namespace letters {
  export function send(letter: Letter, to: Place): Outcome<u64> {
    if (to.tag == Place.BOX && to.box == 0) return Outcome.error<u64>(LettersError.full);
    return below.send(letter, to.tag == Place.TYPE ? Place.street(new Tuple2<string, u32>(to.type_.to, 1)) : to);
  }
  export function weigh(size: Size, pages: Tuple2<u8, bool>): Tuple2<f64, Marks> {
    const got = below.weigh(size, pages);
    return new Tuple2<f64, Marks>(got.item0 * 2, got.item1 | Marks.urgent);
  }
  export function all(since: u64, keys: Uint8Array): Array<Letter> {
    return below.all(since, keys);
  }
  export function last(): Result<Letter, string> {
    return below.last();
  }
  export function fetch(id: u64): Outcome<Option<Letter>> {
    return below.fetch(id);
  }
}
`,
};
