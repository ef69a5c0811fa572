/**
 * Test domains that deal in capabilities: one that exports `counter`, and clients whose bodies a test writes in WAT.
 *
 * A client has `$new`, `$add`, `$absorb`, `$merge`, `$find`, `$drop` (of counters), `$newTicket`, `$read`, `$dropTicket`, the functions of
 * `desk` (`$keep`, `$use`, `$back`), `$ring`, `$echo`, `$dropBell`, those of `belfry` (`$attach`, `$tap`), `$status`, and the globals
 * `$kept`, `$bell` and `$gone`.
 */
import type { DomainLimits } from "../../host/kernel/domain.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import type { TestDomain } from "./system.ts";

export const COUNTERS = "test:caps/counters@0.1.0";
export const TICKETS = "test:caps/tickets@0.1.0";
export const DESK = "test:caps/desk@0.1.0";
export const BELLS = "test:caps/bells@0.1.0";
export const BELFRY = "test:caps/belfry@0.1.0";
export const CALL = "test:caps/call@0.1.0";
export const QUICK = "test:caps/quick@0.1.0";

const PACKAGE = `package test:caps@0.1.0 {
  interface counters {
    enum error { none, broken }
    resource counter {
      constructor(start: u32);
      add: func(n: u32) -> u32;
      absorb: func(other: counter) -> u32;
      merge: static func(a: counter, b: borrow<counter>) -> u32;
      find: static func(n: u32) -> result<counter, error>;
    }
    destroyed: func() -> u32;
  }
  interface tickets {
    resource ticket { constructor(n: u32); read: func() -> u32; }
  }
  interface desk {
    use counters.{counter};
    keep: func(c: counter) -> u32;
    use-it: func(c: borrow<counter>) -> u32;
    back: func() -> counter;
  }
  interface bells {
    resource bell {
      ring: func(n: u32) -> u32;
      /// @reentrant
      echo: func(n: u32) -> u32;
    }
  }
  interface belfry {
    use bells.{bell};
    attach: func(b: bell, times: u32) -> u32;
    tap: func(b: borrow<bell>) -> u32;
  }
  interface call { run: func(n: u32) -> u32; }
  interface quick { run: func(n: u32) -> u32; }
}`;

/** Bodies of the exporter's functions that a test replaces. */
export interface CounterParts {
  readonly make?: string;
  readonly add?: string;
  readonly absorb?: string;
  readonly merge?: string;
  readonly find?: string;
  readonly destroy?: string;
  readonly code?: string;
  readonly limits?: Partial<DomainLimits>;
}

/** Exports counters: a representation is an address of its memory, where the count is. */
export function counters(name: string, parts: CounterParts = {}): TestDomain {
  const value = "(local.get $self)";
  const make =
    parts.make ??
    `(global.set $next (i32.add (global.get $next) (i32.const 4))) (i32.store (global.get $next) (local.get $start)) (global.get $next)`;
  const add = parts.add ?? `(i32.store ${value} (i32.add (i32.load ${value}) (local.get $n))) (i32.load ${value})`;
  const wat = `(module (import "guard" "setResult" (func $setResult (param i32 i32)))
    (memory 1) (global $next (mut i32) (i32.const 0)) (global $gone (mut i32) (i32.const 0))
    ${parts.code ?? ""}
    (func $make (export "${COUNTERS}#[constructor]counter") (param $start i32) (result i32) ${make})
    (func $add (export "${COUNTERS}#[method]counter.add") (param $self i32) (param $n i32) (result i32) ${add})
    (func (export "${COUNTERS}#[method]counter.absorb") (param $self i32) (param $other i32) (result i32)
      ${parts.absorb ?? "(call $add (local.get $self) (i32.load (local.get $other)))"})
    (func (export "${COUNTERS}#[static]counter.merge") (param $a i32) (param $b i32) (result i32)
      ${parts.merge ?? "(call $add (local.get $a) (i32.load (local.get $b)))"})
    (func (export "${COUNTERS}#[static]counter.find") (param $n i32) (result i32)
      ${parts.find ?? "(if (local.get $n) (then (call $setResult (i32.const 0) (call $make (local.get $n))) (return (i32.const 64)))) (i32.const 1)"})
    (func (export "${COUNTERS}#destroyed") (result i32) (global.get $gone))
    (func (export "${COUNTERS}#[dtor]counter") (param $self i32)
      ${parts.destroy ?? "(global.set $gone (i32.add (global.get $gone) (i32.const 1)))"}))`;
  return { name, world: worldText(`export ${COUNTERS};`), wat, ...limitsOf(parts.limits) };
}

/** Exports tickets: a representation is the ticket's number. */
export function tickets(name: string): TestDomain {
  const wat = `(module
    (func (export "${TICKETS}#[constructor]ticket") (param $n i32) (result i32) (local.get $n))
    (func (export "${TICKETS}#[method]ticket.read") (param $self i32) (result i32) (local.get $self))
    (func (export "${TICKETS}#[dtor]ticket") (param $self i32)))`;
  return { name, world: worldText(`export ${TICKETS};`), wat };
}

type Importable = typeof COUNTERS | typeof TICKETS | typeof DESK | typeof BELLS | typeof BELFRY;

export interface ClientParts {
  /** Undefined = imported without a grant. */
  readonly imports?: Partial<Record<Importable, Provider | undefined>>;
  /** Body of `call`, parameter `$n`. */
  readonly call?: string;
  readonly quick?: string;
  /** Bodies of `keep`, `use-it` and `back`; it then exports `desk`. */
  readonly desk?: { readonly keep?: string; readonly use?: string; readonly back?: string };
  /** Bodies of `ring` and `echo` (`$self`, `$n`), and of the destructor; it then exports `bells`. */
  readonly bells?: { readonly ring?: string; readonly echo?: string; readonly destroy?: string };
  /** Bodies of `attach` (`$b`, `$times`) and `tap` (`$b`); it then exports `belfry`. */
  readonly belfry?: { readonly attach?: string; readonly tap?: string };
  readonly init?: string;
  readonly code?: string;
  /** It has `$deadline`. */
  readonly setsDeadlines?: boolean;
  readonly limits?: Partial<DomainLimits>;
}

/** The core imports of each interface, but for functions that need a grant where there is none. */
function importsOf(id: Importable, isGranted: boolean): string {
  const f = (name: string, as: string, params: number, result = true): string =>
    `(import "${id}" "${name}" (func $${as} (param ${"i32 ".repeat(params)}) ${result ? "(result i32)" : ""}))`;
  const granted = (...texts: string[]): string => (isGranted ? texts.join("\n") : "");
  switch (id) {
    case COUNTERS:
      return [
        f("[method]counter.add", "add", 2),
        f("[method]counter.absorb", "absorb", 2),
        f("[resource-drop]counter", "drop", 1, false),
        granted(
          f("[constructor]counter", "new", 1),
          f("[static]counter.merge", "merge", 2),
          f("[static]counter.find", "find", 1),
          f("destroyed", "destroyed", 0),
        ),
      ].join("\n");
    case TICKETS:
      return [
        f("[method]ticket.read", "read", 1),
        f("[resource-drop]ticket", "dropTicket", 1, false),
        granted(f("[constructor]ticket", "newTicket", 1)),
      ].join("\n");
    case DESK:
      return granted(f("keep", "keep", 1), f("use-it", "use", 1), f("back", "back", 0));
    case BELLS:
      return [f("[method]bell.ring", "ring", 2), f("[method]bell.echo", "echo", 2), f("[resource-drop]bell", "dropBell", 1, false)].join(
        "\n",
      );
    case BELFRY:
      return granted(f("attach", "attach", 2), f("tap", "tap", 1));
  }
}

export function client(name: string, parts: ClientParts): TestDomain {
  const imported = Object.entries(parts.imports ?? {}) as [Importable, Provider | undefined][];
  const { desk, bells, belfry, setsDeadlines = false, init, code = "", call = "(i32.const 0)", quick = "(i32.const 0)" } = parts;
  const needsDrop = desk !== undefined && !imported.some(([id]) => id === COUNTERS);
  const wat = `(module (import "guard" "status" (func $status (param i32) (result i32))) (import "guard" "result" (func $result (param i32) (result i32)))
    ${setsDeadlines ? '(import "kernel" "deadline" (func $deadline (param i32)))' : ""}
    ${imported.map(([id, provider]) => importsOf(id, provider !== undefined)).join("\n")}
    ${needsDrop ? `(import "${COUNTERS}" "[resource-drop]counter" (func $drop (param i32)))` : ""}
    (memory 1) (global $kept (mut i32) (i32.const 0)) (global $bell (mut i32) (i32.const 0)) (global $gone (mut i32) (i32.const 0))
    ${code}
    (func (export "${CALL}#run") (param $n i32) (result i32) (local $h i32) (local $g i32) ${call})
    (func (export "${QUICK}#run") (param $n i32) (result i32) (local $h i32) ${quick})
    ${
      desk === undefined
        ? ""
        : `(func (export "${DESK}#keep") (param $c i32) (result i32) ${desk.keep ?? "(global.set $kept (local.get $c)) (i32.const 1)"})
    (func (export "${DESK}#use-it") (param $c i32) (result i32) ${desk.use ?? "(i32.const 1)"})
    (func (export "${DESK}#back") (result i32) ${desk.back ?? "(global.get $kept)"})`
    }
    ${
      bells === undefined
        ? ""
        : `(func (export "${BELLS}#[method]bell.ring") (param $self i32) (param $n i32) (result i32) ${bells.ring ?? "(local.get $n)"})
    (func (export "${BELLS}#[method]bell.echo") (param $self i32) (param $n i32) (result i32) ${bells.echo ?? "(local.get $n)"})
    (func (export "${BELLS}#[dtor]bell") (param $self i32)
      ${bells.destroy ?? "(global.set $gone (i32.add (global.get $gone) (i32.const 1)))"})`
    }
    ${
      belfry === undefined
        ? ""
        : `(func (export "${BELFRY}#attach") (param $b i32) (param $times i32) (result i32)
      ${belfry.attach ?? "(global.set $bell (local.get $b)) (i32.const 1)"})
    (func (export "${BELFRY}#tap") (param $b i32) (result i32) ${belfry.tap ?? "(i32.const 1)"})`
    }
    ${init === undefined ? "" : `(func (export "init") ${init})`})`;
  const items = [
    ...imported.map(([id]) => `import ${id};`),
    `export ${CALL}; export ${QUICK};`,
    ...(desk === undefined ? [] : [`export ${DESK};`]),
    ...(bells === undefined ? [] : [`export ${BELLS};`]),
    ...(belfry === undefined ? [] : [`export ${BELFRY};`]),
    ...(init === undefined ? [] : ["export init: func();"]),
  ];
  const grants = Object.fromEntries(imported.filter(([, provider]) => provider !== undefined)) as Record<string, Provider>;
  return { name, world: worldText(items.join(" ")), wat, grants, ...limitsOf(parts.limits) };
}

export function worldText(items: string): string {
  return `package test:domain@0.1.0;\nworld domain { ${items} }\n${PACKAGE}`;
}

function limitsOf(limits: Partial<DomainLimits> | undefined): { limits?: Partial<DomainLimits> } {
  return limits === undefined ? {} : { limits };
}
