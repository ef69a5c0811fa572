/**
 * Calls from other CPUs into domains of this one. The host's own proxies make them: what a caller elsewhere passes belongs to this CPU's
 * host when the request comes, and what the callee returns belongs to it when the answer goes, so that each CPU moves and revokes
 * only what belongs to its own.
 * Called by `cpu.ts`. Never believes a request's numbers further than to look them up.
 */
import type { Interface, MethodDescription, World } from "../../idl/idl.ts";
import { type CoreFunction, Link } from "../calls/link.ts";
import { makeProxy } from "../calls/proxy.ts";
import type { Domain } from "../domain.ts";
import type { Kernel } from "../kernel.ts";
import { targetOf } from "../life/birth.ts";
import { Cause } from "../status.ts";
import { FRAME_WORDS, FrameWord, RecordWord } from "../words.ts";
import { MOST_ARGUMENTS, MOST_RESULTS, SlotWord } from "./board.ts";
import type { Cpu } from "./cpu.ts";
import { failureText } from "./failure-text.ts";
import { reachOf } from "./reach.ts";
import { MOVED } from "./remote-failure.ts";

interface Door {
  readonly method: MethodDescription;
  readonly call: CoreFunction;
}

/** The number of a function among those that a world exports. */
export function methodNumber(world: World, owner: Interface, method: MethodDescription): number {
  const index = world.exports.findIndex(({ id }) => id === owner.id);
  const functions = world.exports[index]?.functions ?? [];
  return (index << 16) | functions.findIndex(({ name }) => name === method.name);
}

function methodAt(world: World, number: number): { readonly owner: Interface; readonly method: MethodDescription } | undefined {
  const owner = world.exports[number >>> 16];
  const method = owner?.functions[number & 0xffff];
  return owner === undefined || method === undefined ? undefined : { owner, method };
}

export class Doors {
  readonly #cpu: Cpu;
  readonly #kernel: Kernel;
  /** Owner words of domains that are about to go to another CPU: calls of them wait; and how many frames there were then. */
  readonly leaving: Map<number, number> = new Map();
  /** By method and budget. */
  readonly #known: WeakMap<Domain, Map<string, Door>> = new WeakMap();

  constructor(cpu: Cpu) {
    this.#cpu = cpu;
    this.#kernel = cpu.kernel;
  }

  /** The frame of the callee, where it is in a call already and does not allow a second one; -1 where nothing is in the way. */
  frameInTheWay(number: number): number {
    const { board } = this.#cpu;
    const { i32, cpu, depth } = this.#kernel;
    const at = board.slot(number);
    const callee = board.i32[at + SlotWord.callee] ?? 0;
    const leaving = this.leaving.get(callee);
    if (leaving !== undefined) return leaving;
    const domain = this.#kernel.byId(callee);
    if (domain === undefined || i32[domain.record + RecordWord.entered] === 0) return -1;
    const found = methodAt(domain.spec.loaded.world, board.i32[at + SlotWord.method] ?? 0);
    if (found === undefined || found.method.reentrant) return -1;
    for (let above = depth - 1; above >= 0; above--) {
      if (i32[cpu.frames + above * FRAME_WORDS + FrameWord.callee] === callee) return above;
    }
    return -1;
  }

  /** The outermost frame of a domain that the callee might call, and that is in a call already; -1 where there is none. */
  frameNeeded(number: number): number {
    const { i32, cpu, depth } = this.#kernel;
    if (depth === 0) return -1;
    const { board } = this.#cpu;
    const domain = this.#kernel.byId(board.i32[board.slot(number) + SlotWord.callee] ?? 0);
    if (domain === undefined) return -1;
    const reached = reachOf(domain.seat);
    for (let at = 0; at < depth; at++) {
      const busy = this.#kernel.byId(i32[cpu.frames + at * FRAME_WORDS + FrameWord.callee] ?? 0);
      if (busy !== undefined && reached.has(busy.seat)) return at;
    }
    return -1;
  }

  /** @param mayNest false: too many requests are served inside each other */
  call(number: number, mayNest: boolean): void {
    const { board } = this.#cpu;
    const kernel = this.#kernel;
    const at = board.slot(number);
    const words = board.i32;
    const domain = kernel.byId(words[at + SlotWord.callee] ?? 0);
    const status = at + SlotWord.status;
    if (domain === undefined || domain.isElsewhere) {
      words.fill(0, status, status + 4);
      words[status] = domain !== undefined && this.#hasMoved(domain) ? MOVED : Cause.dead;
      return;
    }
    const door = this.#doorOf(domain, words[at + SlotWord.method] ?? 0, words[at + SlotWord.budget] ?? 0);
    // A share more than the call needs, for what serves it.
    if (door === undefined || !mayNest || !kernel.hasStackFor(domain.rank + 1)) {
      words.fill(0, status, status + 4);
      words[status] = Cause.depth;
      return;
    }
    const count = Math.min(words[at + SlotWord.argumentCount] ?? 0, MOST_ARGUMENTS);
    const result = door.call(...words.subarray(at + SlotWord.arguments, at + SlotWord.arguments + count));
    const { i32, hostRecord } = kernel;
    const code = i32[hostRecord + RecordWord.status] ?? 0;
    words.set(i32.subarray(hostRecord + RecordWord.status, hostRecord + RecordWord.status + 4), status);
    words[at + SlotWord.result] = result;
    if (code === Cause.ok) {
      const area = hostRecord + RecordWord.results;
      const kept = Math.min(door.method.resultWords, MOST_RESULTS);
      if (kept > 0) words.set(i32.subarray(area, area + kept), at + SlotWord.results);
      this.#recovered(domain);
      return;
    }
    const failure = kernel.takeFailure();
    board.writeText(number, failureText(failure));
  }

  #hasMoved({ seat, id }: Domain): boolean {
    const { cpus } = this.#kernel;
    return cpus?.isElsewhere(seat) === true && cpus.directory.occupant(seat.number)?.id === id;
  }

  #doorOf(domain: Domain, number: number, budgetMicros: number): Door | undefined {
    const key = `${number} ${budgetMicros}`;
    const ofDomain = this.#known.get(domain) ?? new Map<string, Door>();
    this.#known.set(domain, ofDomain);
    const known = ofDomain.get(key);
    if (known !== undefined) return known;
    const found = methodAt(domain.spec.loaded.world, number);
    if (found === undefined) return undefined;
    const { owner, method } = found;
    const target = targetOf(this.#kernel, domain, owner, method);
    const link = new Link(owner, method, budgetMicros === 0 ? target : { ...target, budgetMicros });
    domain.inbound.add(link);
    const door = { method, call: makeProxy(link, this.#kernel.hostContext()) };
    ofDomain.set(key, door);
    return door;
  }

  /** An answered call is the end of what the deaths before it broke. */
  #recovered(domain: Domain): void {
    const { seat, generation, name } = domain;
    seat.fruitless = 0;
    for (const deadSince of seat.unrecovered.splice(0)) {
      const micros = (performance.now() - deadSince) * 1000;
      this.#kernel.events.emit({ kind: "recovered", domain: name, generation, micros });
    }
  }
}
