/**
 * A domain's exported interface as functions that give promises: a call into a domain of another CPU leaves this thread free until the
 * answer has come. Into a domain of this CPU it is the call that `host-calls.ts` makes, done when the function returns.
 * Errors are values, as there; arguments of wrong types are thrown at once. Called by `System`.
 */
import { STATUS_OK } from "../../../shared-heap/layout.ts";
import { SumacError } from "../../errors.ts";
import type { Interface, MethodDescription } from "../../idl/idl.ts";
import { camelCase } from "../../idl/member-name.ts";
import { Link } from "../calls/link.ts";
import { failureOf } from "../calls/relay.ts";
import { hostIdOf } from "../cpu-place.ts";
import { SlotWord } from "../cpus/board.ts";
import type { Cpus } from "../cpus/cpus.ts";
import { methodNumber } from "../cpus/doors.ts";
import { birthAt } from "../cpus/passed.ts";
import { MOVED } from "../cpus/remote-failure.ts";
import { failureIn, requirePassable } from "../cpus/remote-proxy.ts";
import type { Kernel } from "../kernel.ts";
import { targetIn } from "../life/birth.ts";
import type { Seat } from "../seat.ts";
import { type Called, Cause, type RpcError } from "../status.ts";
import { RecordWord } from "../words.ts";
import { argumentWriter, heldInstances, hostInterface, noRoom, resultReader } from "./host-calls.ts";
import type { HostValue } from "./host-values.ts";

export type UnwaitedMethod = (...args: HostValue[]) => Promise<Called<HostValue>>;
export type UnwaitedInterface = Readonly<Record<string, UnwaitedMethod | undefined>>;

/** Binds every function of `owner` that is no resource's to the present occupant of the seat. */
export function unwaitedInterface(kernel: Kernel, seat: Seat, owner: Interface): UnwaitedInterface {
  const { cpus } = kernel;
  const plain = owner.functions.filter(({ role }) => role === undefined);
  const isElsewhere = cpus?.isElsewhere(seat) === true;
  const here = hostInterface(kernel, seat, owner);
  return Object.fromEntries(
    plain.map((method) => {
      const name = camelCase(method.name);
      // What has begun with a domain beside the application goes on through its proxies, wherever that is.
      const waited: UnwaitedMethod = (...args) => Promise.resolve(here[name]?.(...args) as Called<HostValue>);
      return [name, cpus === undefined || !isElsewhere ? waited : unwaitedMethod(kernel, cpus, seat, owner, method, waited)];
    }),
  );
}

/** @param waited for a callee that has come to this CPU */
function unwaitedMethod(
  kernel: Kernel,
  cpus: Cpus,
  seat: Seat,
  owner: Interface,
  method: MethodDescription,
  waited: UnwaitedMethod,
): UnwaitedMethod {
  const { world } = seat.spec.loaded;
  const link = new Link(owner, method, targetIn(kernel, seat, owner, method));
  requirePassable("host", link, cpus.cpu.index, cpus.directory.cpuOf(seat.number));
  const transfers = [method.paramsMessage, method.resultMessage && [method.resultMessage]];
  if (transfers.some((types) => types !== undefined && kernel.messages.transferOf(types).holdsObjects)) {
    throw new SumacError(
      "interface-mismatch",
      `${owner.id}#${method.name} passes objects inside lists: only a call that waits can do that`,
    );
  }
  const instances = heldInstances(kernel, [...world.exports, ...world.imports]);
  const writeArguments = argumentWriter(kernel, method, instances);
  const readResult = resultReader(kernel, method, instances);
  const number = methodNumber(world, owner, method);
  const call: UnwaitedMethod = (...args) => {
    if (!cpus.isElsewhere(seat)) return waited(...args);
    const words = writeArguments(0, args);
    if (words === undefined) return Promise.resolve(noRoom(method));
    const target = cpus.directory.cpuOf(seat.number);
    const receiver = hostIdOf({ index: target, of: cpus.cpu.board.cpus });
    return new Promise((resolve, reject) => {
      let births: readonly number[] = [];
      cpus.unwaited?.start({
        target,
        write: (slot) => {
          const error = pass(kernel, cpus, link, words, slot, number, receiver);
          births = birthsOf(kernel, link, words, receiver);
          if (error !== undefined) resolve({ ok: false, error });
          return error === undefined;
        },
        answered: (slot) => {
          const given = answer(kernel, cpus, link, words, births, slot, readResult, receiver);
          if (given === MOVED)
            // Its slot is free only after this.
            Promise.resolve()
              .then(() => call(...args))
              .then(resolve, reject);
          else resolve(given);
        },
        failed: reject,
      });
    });
  };
  return call;
}

/** Of the moved objects that belong to the other CPU's host, see `passed.ts`; 0 for the others. */
function birthsOf(kernel: Kernel, link: Link, words: readonly number[], receiver: number): number[] {
  return link.method.moves.map(({ param }) => birthAt(kernel.i32, words[param] ?? 0, receiver));
}

/** Hands what is passed to the other CPU's host and writes the call. @returns why it is not made */
function pass(
  kernel: Kernel,
  cpus: Cpus,
  link: Link,
  words: readonly number[],
  slot: number,
  number: number,
  receiver: number,
): RpcError | undefined {
  const { method, owner, target } = link;
  const { move, borrow, endBorrow } = kernel.heap.exports;
  const { board } = cpus.cpu;
  const name = `${owner.id}#${method.name}`;
  const occupant = cpus.directory.occupant(target.domain.seat.number);
  const refuse = (cause: "dead" | "refused", why: string): RpcError => {
    if (method.paramsMessage !== undefined) kernel.heap.exports.drop(words.at(-1) ?? 0, kernel.hostId);
    const { name: domain, generation } = target.domain;
    return { kind: "rpc-error", cause, domain, generation, detail: `${name} ${why}` };
  };
  if (occupant === undefined || occupant.birth !== target.domain.birth) return refuse("dead", "was called on a dead generation");
  const undo: (() => void)[] = [];
  const steps = [...method.moves.map((each) => ({ ...each, isMove: true })), ...method.borrows.map((each) => ({ ...each, isMove: false }))];
  for (const { param, type, isMove } of steps) {
    const base = words[param] ?? 0;
    const code = isMove ? move(base, type, kernel.hostId, receiver) : borrow(base, type, kernel.hostId, receiver);
    if (code !== STATUS_OK) {
      for (const step of undo.reverse()) step();
      return refuse("refused", "was not called: an object argument does not belong to the caller or has another type");
    }
    undo.push(() => (isMove ? move(base, 0, receiver, kernel.hostId) : endBorrow(base, receiver)));
  }
  const at = board.slot(slot);
  board.i32[at + SlotWord.callee] = occupant.id;
  board.i32[at + SlotWord.method] = number;
  board.i32[at + SlotWord.argumentCount] = words.length;
  board.i32.set(words, at + SlotWord.arguments);
  return undefined;
}

function answer(
  kernel: Kernel,
  cpus: Cpus,
  link: Link,
  words: readonly number[],
  births: readonly number[],
  slot: number,
  readResult: (core: number) => HostValue,
  receiver: number,
): Called<HostValue> | typeof MOVED {
  const { method, owner, target } = link;
  const { move, endBorrow, drop } = kernel.heap.exports;
  const { i32 } = cpus.cpu.board;
  const at = cpus.cpu.board.slot(slot);
  for (const { param } of method.borrows) endBorrow(words[param] ?? 0, receiver);
  if (method.paramsMessage !== undefined) drop(words.at(-1) ?? 0, kernel.hostId);
  if (i32[at + SlotWord.status] !== Cause.ok) {
    const left = birthsOf(kernel, link, words, receiver);
    for (const [i, { param }] of method.moves.entries()) {
      if (left[i] !== 0 && left[i] === births[i]) move(words[param] ?? 0, 0, receiver, kernel.hostId);
    }
    if (i32[at + SlotWord.status] === MOVED) return MOVED;
    const { code, blamed, detail, before } = failureIn(cpus.cpu, slot, link);
    kernel.attend?.();
    const chain = before.map(failureOf);
    const error: RpcError = { kind: "rpc-error", ...failureOf({ code, blamed, detail }), ...(chain.length === 0 ? {} : { chain }) };
    return { ok: false, error };
  }
  const result = i32[at + SlotWord.result] ?? 0;
  const isObject = method.resultMove !== undefined || method.resultMessage !== undefined;
  if (isObject && (method.result !== "packed" || result >>> 0 >= 64) && move(result, 0, receiver, kernel.hostId) !== STATUS_OK) {
    const { name: domain, generation } = target.domain;
    return {
      ok: false,
      error: { kind: "rpc-error", cause: "refused", domain, generation, detail: `${owner.id}#${method.name}: its result is gone` },
    };
  }
  for (let i = 0; i < method.resultWords; i++) {
    kernel.i32[kernel.hostRecord + RecordWord.results + i] = i32[at + SlotWord.results + i] ?? 0;
  }
  return { ok: true, value: readResult(result) };
}
