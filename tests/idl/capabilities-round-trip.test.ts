/**
 * Capabilities between real domains in AssemblyScript: instances of a class in one domain, handles in another, and a domain in
 * between for which the same interface means both. Nothing here stands in for the kernel.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hostFunctions } from "../../host/kernel/host/host-functions.ts";
import type { HostValue } from "../../host/kernel/host/host-values.ts";
import { addAs, compileAs } from "../support/as-domain.ts";
import { calls, type TestSystem, testSystem } from "../support/system.ts";

import { worldOf } from "./compile-domain.ts";

const test = suite("capabilities round trip");
const BANK = "acme:bank/accounts@0.1.0";
const PLAY = "acme:bank/play@0.1.0";

const wit = `package acme:bank@0.1.0;
interface accounts {
  enum error { empty, closed }
  resource account {
    constructor(name: string, start: u32);
    add: func(amount: u32) -> u32;
    take: func(amount: u32) -> result<u32, error>;
    name: func() -> string;
    merge: static func(a: account, b: borrow<account>) -> account;
    open: static func(name: string) -> result<account, error>;
    sum: static func(all: list<borrow<account>>) -> u32;
  }
  record pair { first: account, second: option<account> }
  split: func(a: account) -> pair;
  join: func(p: pair) -> result<account, string>;
  dropped: func() -> string;
}
interface play { run: func(step: u32) -> string; }
world bank { export accounts; }
world between { import accounts; export accounts; }
world player { import accounts; export play; }`;

const bank = compileAs(
  wit,
  "bank",
  `
import { Option } from "sumac/option";
import { Outcome } from "sumac/outcome";
import { Result } from "sumac/result";
import { AccountsError } from "./gen/accounts";
import { Pair } from "./gen/accounts_own";

let gone: string = "";

export namespace accounts {
  export class Account {
    constructor(public label: string, public balance: u32) {}
    add(amount: u32): u32 {
      this.balance += amount;
      return this.balance;
    }
    take(amount: u32): Outcome<u32> {
      if (amount > this.balance) return Outcome.error<u32>(AccountsError.empty);
      this.balance -= amount;
      return Outcome.ok<u32>(this.balance);
    }
    name(): string {
      return this.label;
    }
    static merge(a: Account, b: Account): Account {
      a.balance += b.balance;
      return a;
    }
    static open(name: string): Outcome<Account> {
      return name == "" ? Outcome.error<Account>(AccountsError.closed) : Outcome.ok<Account>(new Account(name, 0));
    }
    static sum(all: Array<Account>): u32 {
      let sum: u32 = 0;
      for (let i = 0; i < all.length; i++) sum += all[i].balance;
      return sum;
    }
    drop(): void {
      if (gone.length < 100) gone += this.label;
    }
  }
  export function split(a: Account): Pair {
    const half = a.balance / 2;
    a.balance -= half;
    return new Pair(a, half == 0 ? Option.none<Account>() : Option.some<Account>(new Account(a.label + "'", half)));
  }
  export function join(p: Pair): Result<Account, string> {
    if (p.second.isNone) return Result.error<Account, string>("one alone: " + p.first.label);
    p.first.balance += p.second.value.balance;
    return Result.ok<Account, string>(p.first);
  }
  export function dropped(): string {
    return gone;
  }
}`,
);

/** Each of its accounts stands for one below. */
const between = compileAs(
  wit,
  "between",
  `
import { Option } from "sumac/option";
import { Outcome } from "sumac/outcome";
import { Result } from "sumac/result";
import { Account as Below, accounts as below, Pair as BelowPair } from "./gen/accounts";
import { Pair } from "./gen/accounts_own";

export namespace accounts {
  export class Account {
    below: Below;
    constructor(name: string, start: u32) {
      this.below = Below.create(name, start);
    }
    add(amount: u32): u32 {
      return this.below.add(amount);
    }
    take(amount: u32): Outcome<u32> {
      return this.below.take(amount);
    }
    name(): string {
      return "~" + this.below.name();
    }
    static merge(a: Account, b: Account): Account {
      a.below = Below.merge(a.below, b.below);
      return a;
    }
    static open(name: string): Outcome<Account> {
      const got = Below.open(name);
      return got.isOk ? Outcome.ok<Account>(standFor(got.value)) : Outcome.error<Account>(got.error);
    }
    static sum(all: Array<Account>): u32 {
      const handles: Below[] = [];
      for (let i = 0; i < all.length; i++) handles.push(all[i].below);
      return Below.sum(handles);
    }
    drop(): void {
      this.below.drop();
    }
  }
  function standFor(handle: Below): Account {
    const made = new Account("unused", 0);
    made.below.drop();
    made.below = handle;
    return made;
  }
  export function split(a: Account): Pair {
    const got = below.split(a.below);
    return new Pair(standFor(got.first), got.second.isSome ? Option.some<Account>(standFor(got.second.value)) : Option.none<Account>());
  }
  export function join(p: Pair): Result<Account, string> {
    const second = p.second.isSome ? Option.some<Below>(p.second.value.below) : Option.none<Below>();
    const got = below.join(new BelowPair(p.first.below, second));
    return got.isOk ? Result.ok<Account, string>(standFor(got.value)) : Result.error<Account, string>(got.error);
  }
  export function dropped(): string {
    return below.dropped();
  }
}`,
);

const player = compileAs(
  wit,
  "player",
  `
import { Option } from "sumac/option";
import { lastStatus } from "sumac/rpc";
import { Account, accounts, AccountsError, Pair } from "./gen/accounts";

let kept: Account[] = [];

export namespace play {
  export function run(step: u32): string {
    switch (step) {
      case 0: {
        const a = Account.create("anna", 10);
        const b = Account.create("bob", 32);
        const took = a.take(100);
        const text = a.name() + a.add(1).toString() + b.name() + Account.sum([a, b, a]).toString() + (took.error == AccountsError.empty).toString();
        const c = Account.merge(a, b);
        b.drop();
        const rest = c.take(3).value.toString();
        c.drop();
        return text + rest;
      }
      case 1: {
        const pair = accounts.split(Account.create("carl", 9));
        const names = pair.first.name() + pair.second.value.name();
        const joined = accounts.join(pair);
        const sum = joined.value.add(0);
        const alone = accounts.join(new Pair(joined.value, Option.none<Account>()));
        return names + sum.toString() + alone.error;
      }
      case 2: {
        const opened = Account.open("dora");
        const refused = Account.open("");
        const text = opened.value.add(5).toString() + (refused.error == AccountsError.closed).toString();
        kept.push(opened.value);
        return text;
      }
      case 3: {
        // What was handed on is nobody's any more here.
        const a = Account.create("eve", 1);
        const b = Account.merge(a, kept[0]);
        const stale = a.add(1);
        const status = lastStatus();
        const text = b.add(0).toString() + stale.toString() + status.toString();
        b.drop();
        return text;
      }
      case 4: {
        const a = Account.create("fay", 1);
        a.drop();
        return a.handle.toString() + a.name() + a.add(2).toString() + a.take(1).died.toString() + Account.open("x").died.toString() + accounts.join(new Pair(a, Option.none<Account>())).died.toString();
      }
      default: {
        for (let i = 0; i < 1000; i++) Account.create("g", i).drop();
        return "";
      }
    }
  }
}`,
);

/** The bank, a player at it, and one behind a domain between. */
async function start(t: TestSystem): Promise<void> {
  const seat = await addAs(t, { name: "bank", module: await bank });
  const middle = await addAs(t, { name: "between", module: await between, grants: { [BANK]: calls(seat) } });
  await addAs(t, { name: "near", module: await player, grants: { [BANK]: calls(seat) } });
  await addAs(t, { name: "far", module: await player, grants: { [BANK]: calls(middle) } });
}

function played(t: TestSystem, name: string, step: number): HostValue {
  const called = t.system.export(name, PLAY).run?.(step);
  if (!called?.ok) throw new Error(JSON.stringify(called));
  return called.value;
}

function dropped(t: TestSystem): HostValue {
  const called = t.system.export("bank", BANK).dropped?.();
  return called?.ok ? called.value : "";
}

test("handles name instances of a class in another domain: methods, statics, moves, loans, and the end", async () => {
  const t = await testSystem();
  await start(t);
  assert.is(played(t, "near", 0), "anna11bob54true40");
  assert.is(dropped(t), "bobanna");
  assert.is(played(t, "near", 1), "carlcarl'9one alone: carl");
  assert.is(played(t, "near", 2), "5true");
  assert.is(played(t, "near", 3), "606");
  assert.is(dropped(t), "bobannaeve");
  await t.end();
});

test("a domain that imports and exports one interface has handles on one side and instances on the other", async () => {
  const t = await testSystem();
  await start(t);
  assert.is(played(t, "far", 0), "~anna11~bob54true40");
  assert.is(dropped(t), "bobanna");
  const split = dropped(t);
  assert.is(played(t, "far", 1), "~carl~carl'9one alone: carl");
  assert.ok(String(dropped(t)).startsWith(String(split)));
  assert.is(played(t, "far", 2), "5true");
  assert.is(played(t, "far", 3), "606");
  await t.end();
});

test("a capability whose domain is dead answers with nothing, and may be handed to nobody", async () => {
  const t = await testSystem();
  await start(t);
  assert.is(played(t, "near", 2), "5true");
  t.system.kill("bank");
  assert.is(played(t, "near", 4), "00truetruetrue");
  await t.end();
});

test("instances that nobody holds any more leave their domain's memory", async () => {
  const t = await testSystem();
  await start(t);
  const sizes = (): (number | undefined)[] => ["bank", "near", "far", "between"].map((name) => t.system.seat(name).current?.bytes.length);
  for (const name of ["near", "far"]) played(t, name, 5);
  const before = sizes();
  for (let round = 0; round < 20; round++) for (const name of ["near", "far"]) played(t, name, 5);
  assert.equal(sizes(), before);
  await t.end();
});

test("the host holds instances of a domain's class, and a domain those of a class of the host", async () => {
  const t = await testSystem();
  await start(t);
  // biome-ignore lint/suspicious/noExplicitAny: generated types say what an untyped interface has
  const accounts = (name: string): any => t.system.export(name, BANK);
  for (const name of ["bank", "between"]) {
    const { Account, split, join } = accounts(name);
    const a = Account.create("host", 9).value;
    assert.equal(a.add(1), { ok: true, value: 10 });
    assert.equal(a.take(11), { ok: true, value: { tag: "err", val: "empty" } });
    const b = Account.create("other", 5).value;
    assert.equal(Account.sum([a, b, a]), { ok: true, value: 25 });
    const pair = split(a).value;
    assert.equal(pair.second.name(), { ok: true, value: name === "bank" ? "host'" : "~host'" });
    const joined = join(pair).value;
    assert.is(joined.tag, "ok");
    assert.equal(joined.val.add(0), { ok: true, value: 10 });
    joined.val[Symbol.dispose]();
    b[Symbol.dispose]();
  }
  assert.match(String(dropped(t)), /^hostother.*hostother$/);
  await t.end();
});

test("a domain holds and hands back instances of a class of the host", async () => {
  const t = await testSystem();
  const gone: string[] = [];
  class Account {
    label: string;
    balance: number;
    constructor(label: string, balance: number) {
      this.label = label;
      this.balance = balance;
    }
    add(amount: number): number {
      this.balance += amount;
      return this.balance;
    }
    take(amount: number): HostValue {
      if (amount > this.balance) return { tag: "err", val: "empty" };
      this.balance -= amount;
      return { tag: "ok", val: this.balance };
    }
    name(): string {
      return this.label;
    }
    [Symbol.dispose](): void {
      gone.push(this.label);
    }
  }
  const implementation = {
    Account: {
      create: (name: string, start: number) => new Account(name, start),
      merge: (a: Account, b: Account) => {
        a.balance += b.balance;
        return a;
      },
      open: (name: string) => (name === "" ? { tag: "err", val: "closed" } : { tag: "ok", val: new Account(name, 0) }),
      sum: (all: Account[]) => all.reduce((sum, { balance }) => sum + balance, 0),
    },
    split: (a: Account) => {
      const half = Math.trunc(a.balance / 2);
      a.balance -= half;
      return { first: a, second: new Account(`${a.label}'`, half) };
    },
    join: ({ first, second }: { first: Account; second: Account | undefined }) => {
      if (second === undefined) return { tag: "err", val: `one alone: ${first.label}` };
      first.balance += second.balance;
      return { tag: "ok", val: first };
    },
    dropped: () => gone.join(""),
  };
  const owner = (await worldOf(wit, "bank")).exports.find(({ id }) => id === BANK);
  assert.ok(owner);
  const provider = hostFunctions(t.system.kernel, owner, implementation as never);
  const middle = await addAs(t, { name: "between", module: await between, grants: { [BANK]: provider } });
  await addAs(t, { name: "near", module: await player, grants: { [BANK]: provider } });
  await addAs(t, { name: "far", module: await player, grants: { [BANK]: calls(middle) } });
  for (const [name, mark] of [
    ["near", ""],
    ["far", "~"],
  ] as const) {
    gone.length = 0;
    assert.is(played(t, name, 0), `${mark}anna11${mark}bob54true40`);
    assert.equal(gone, ["bob", "anna"]);
    assert.is(played(t, name, 1), `${mark}carl${mark}carl'9one alone: carl`);
    assert.is(played(t, name, 2), "5true");
    assert.is(played(t, name, 3), "606");
  }
  await t.end();
});

test.run();
