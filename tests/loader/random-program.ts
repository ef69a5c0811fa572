/**
 * Makes random functions in WAT: blocks, loops and ifs of every type within each other, branches to any of them.
 *
 * For comparing a module with its hardened form. A program ends by itself: every loop takes from a supply of fuel.
 */

/** A small generator of numbers (xorshift), so that a failure can be repeated by its seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed * 0x9e3779b1 || 1;
  }

  /** 0 <= result < limit */
  below(limit: number): number {
    let x = this.#state | 0;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) % limit;
  }
}

interface Label {
  readonly name: string;
  /** How many i32 a branch to it takes along. */
  readonly arity: number;
}

const LOCALS = 4;

/**
 * A module that exports f(i32) -> i32: what the functions returned, mixed with what they wrote.
 *
 * @param fuel how many iterations and calls one call of f makes at most
 */
export function randomModule(seed: number, fuel: number): string {
  const random = new Random(seed);
  const functions = [0, 1, 2].map((n) => new FunctionMaker(random, n).make());
  return `(module (memory 1) (table 3 funcref) (elem (i32.const 0) $f0 $f1 $f2) (global $fuel (mut i32) (i32.const 0))
    (type $one (func (param i32) (result i32))) (type $pair (func (param i32 i32) (result i32)))
    ${functions.join("\n")}
    (func (export "f") (param i32) (result i32) (local $at i32)
      (global.set $fuel (i32.const ${fuel}))
      (local.set 0 (call $f0 (local.get 0)))
      (loop $sum
        (local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 31)) (i32.load (local.get $at))))
        (br_if $sum (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 1024))))
      (local.get 0)))`;
}

class FunctionMaker {
  readonly #random: Random;
  readonly #index: number;
  readonly #labels: Label[] = [];
  #names = 0;
  #budget = 60;

  constructor(random: Random, index: number) {
    this.#random = random;
    this.#index = index;
  }

  make(): string {
    const body = this.#statements(6);
    const locals = "(local i32)".repeat(LOCALS - 1);
    const spent = `(if (i32.le_s (global.get $fuel) (i32.const 0)) (then (return (i32.mul (local.get 0) (i32.const 7)))))`;
    const seeds = `(local.set 1 (i32.mul (local.get 0) (i32.const 13))) (local.set 2 (i32.xor (local.get 0) (global.get $fuel)))`;
    return `(func $f${this.#index} (param i32) (result i32) ${locals} ${spent} ${this.#burn()} ${seeds} ${body} ${this.#value(2)})`;
  }

  #burn(): string {
    return "(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))";
  }

  #statements(count: number): string {
    let text = "";
    for (let n = this.#random.below(count) + 1; n > 0; n--) text += ` ${this.#statement()}`;
    return text;
  }

  #local(): number {
    return this.#random.below(LOCALS);
  }

  /** An expression that leaves one i32. */
  #value(depth: number): string {
    const r = this.#random;
    if (depth === 0 || this.#budget-- < 0) return r.below(2) ? `(local.get ${this.#local()})` : `(i32.const ${r.below(2000) - 1000})`;
    switch (r.below(9)) {
      case 0:
        return `(i32.add ${this.#value(depth - 1)} ${this.#value(depth - 1)})`;
      case 1:
        return `(i32.xor ${this.#value(depth - 1)} ${this.#value(depth - 1)})`;
      case 2:
        return `(i32.load8_u (i32.and ${this.#value(depth - 1)} (i32.const 1023)))`;
      case 3:
        return this.#block("block", 1);
      case 4:
        return this.#block("loop", 1);
      case 5:
        return `(if (result i32) ${this.#value(depth - 1)} (then ${this.#value(depth - 1)}) (else ${this.#value(depth - 1)}))`;
      case 6:
        return r.below(3) ? this.#value(depth - 1) : `(call $f${r.below(3)} ${this.#value(depth - 1)})`;
      case 7:
        return `(call_indirect (type $one) ${this.#value(depth - 1)} (i32.rem_u ${this.#value(depth - 1)} (i32.const 3)))`;
      default:
        return `(i32.const 3) (i32.const 4) ${this.#loopWithParameters()}`;
    }
  }

  #statement(): string {
    const r = this.#random;
    if (this.#budget-- < 0) return `(local.set ${this.#local()} (i32.add (local.get ${this.#local()}) (i32.const 1)))`;
    switch (r.below(10)) {
      case 0:
      case 1:
        return `(local.set ${this.#local()} ${this.#value(3)})`;
      case 2:
        return `(i32.store8 (i32.and ${this.#value(2)} (i32.const 1023)) ${this.#value(2)})`;
      case 3:
        return this.#block("block", 0);
      case 4:
      case 5:
        return this.#block("loop", 0);
      case 6:
        return `(if ${this.#value(2)} (then ${this.#statements(3)}) (else ${this.#statements(3)}))`;
      case 7:
        return this.#branch(`br_if`);
      case 8:
        return this.#table();
      default:
        return `(if ${this.#value(1)} (then ${this.#branch("br")}))`;
    }
  }

  #enter(arity: number): string {
    const name = `$l${this.#names++}`;
    this.#labels.push({ name, arity });
    return name;
  }

  /** A block or a loop that leaves `results` (0 or 1) i32; a branch to a loop takes nothing along. */
  #block(kind: "block" | "loop", results: number): string {
    const name = this.#enter(kind === "loop" ? 0 : results);
    const guard = kind === "loop" ? `${this.#spent()} ${this.#burn()}` : "";
    const body = `${guard} ${this.#statements(3)} ${results ? this.#value(2) : ""}`;
    this.#labels.pop();
    return `(${kind} ${name} ${results ? "(result i32)" : ""} ${body})`;
  }

  #loopWithParameters(): string {
    const name = this.#enter(2);
    const [a, b] = [this.#local(), this.#local()];
    const body = `(local.set ${a}) (local.set ${b}) ${this.#spent()} ${this.#burn()} ${this.#statements(2)}
      (local.get ${a}) ${this.#value(1)} (br_if ${name} (i32.and (local.get ${b}) (i32.const 1))) (i32.add)`;
    this.#labels.pop();
    return `(loop ${name} (type $pair) ${body})`;
  }

  #spent(): string {
    return `(if (i32.le_s (global.get $fuel) (i32.const 0)) (then (return (i32.add (local.get ${this.#local()}) (i32.const 5)))))`;
  }

  #values(arity: number): string {
    return Array.from({ length: arity }, () => this.#value(1)).join(" ");
  }

  #branch(op: "br" | "br_if"): string {
    const label = this.#labels[this.#random.below(this.#labels.length)];
    if (label === undefined) return "(nop)";
    const condition = op === "br_if" ? this.#value(2) : "";
    const drops = op === "br_if" ? "(drop)".repeat(label.arity) : "";
    return `(${op} ${label.name} ${this.#values(label.arity)} ${condition}) ${drops}`;
  }

  /** A br_table among labels that take the same along, in an if: what follows it stays reachable. */
  #table(): string {
    const r = this.#random;
    const first = this.#labels[r.below(this.#labels.length)];
    if (first === undefined) return "(nop)";
    const alike = this.#labels.filter(({ arity }) => arity === first.arity);
    const names = Array.from({ length: r.below(5) + 1 }, () => alike[r.below(alike.length)]?.name ?? first.name);
    const table = `(br_table ${names.join(" ")} ${this.#values(first.arity)} (i32.and ${this.#value(1)} (i32.const 7)))`;
    return `(if ${this.#value(2)} (then ${table}))`;
  }
}
