/**
 * A domain comes from another CPU: its instance is made here, and filled with what the one there has, while that one still serves its callers.
 * It lives here from the moment at which the other CPU writes so into the directory; whoever looks for it here first takes it in. If it does
 * not come to that, nobody has seen it. No code of the domain runs here before that, and its record and objects are not touched.
 * Called by `cpus.ts`. What is asked comes from `departure.ts`.
 */
import { DOMAIN_SLOT_MASK } from "../../../shared-heap/layout.ts";
import { SumacError } from "../../errors.ts";
import type { Link } from "../calls/link.ts";
import { neverCalled } from "../calls/link.ts";
import { Domain } from "../domain.ts";
import type { Kernel } from "../kernel.ts";
import { instantiate } from "../life/birth.ts";
import { letGo, takeIn, type UsedWindow } from "../life/handover.ts";
import { CHUNK_BYTES, type Run, Snapshot, usedChunks } from "../life/snapshot.ts";
import type { Seat } from "../seat.ts";
import { recordIndex } from "../words.ts";
import { type PackedGlobal, unpackGlobal, unpackRuns, unpackText } from "./baggage.ts";
import type { Answer, MoveOrder } from "./orders.ts";

/** What is sent first. */
export interface Head {
  readonly id: number;
  readonly birth: number;
  readonly generation: number;
  readonly pages: number;
  /** The generations that its links reach which do not follow, by interface: birth, id and generation. */
  readonly bound: Readonly<Record<string, readonly [birth: number, id: number, generation: number]>>;
}

/** What is sent last. Times in milliseconds since 1970. */
export interface Rest {
  readonly globals: readonly PackedGlobal[];
  readonly window: UsedWindow;
  readonly snapshot: { readonly pages: number; readonly globals: readonly PackedGlobal[] } | undefined;
  readonly isSupervised: boolean;
  readonly fruitless: number;
  readonly restartedAt: number;
  readonly unrecovered: readonly number[];
  readonly startedFrom: Domain["startedFrom"];
  readonly lastLines: readonly string[];
  readonly quotaRefused: boolean;
}

interface Arrival {
  readonly domain: Domain;
  readonly runs: Run[];
  rest: Rest | undefined;
}

export class Arrivals {
  readonly #kernel: Kernel;
  readonly #bySeat: Map<Seat, Arrival> = new Map();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** HOT: asked whenever somebody looks for a seat. */
  get isEmpty(): boolean {
    return this.#bySeat.size === 0;
  }

  seats(): Seat[] {
    return [...this.#bySeat.keys()];
  }

  /** The seat is this CPU's now: who came lives here. */
  settle(seat: Seat): void {
    const arrival = this.#bySeat.get(seat);
    if (arrival?.rest === undefined) return;
    const { domain, rest, runs } = arrival;
    this.#bySeat.delete(seat);
    takeIn(this.#kernel, domain, rest.window);
    const { snapshot } = rest;
    seat.snapshot = snapshot && Snapshot.revived({ pages: snapshot.pages, runs, globals: snapshot.globals.map(unpackGlobal) });
    seat.isSupervised = rest.isSupervised;
    seat.fruitless = rest.fruitless;
    seat.restartedAtMs = rest.restartedAt - performance.timeOrigin;
    seat.unrecovered.splice(0, seat.unrecovered.length, ...rest.unrecovered.map((at) => at - performance.timeOrigin));
  }

  /** It does not come. */
  turnAway(seat: Seat): void {
    const arrival = this.#bySeat.get(seat);
    this.#bySeat.delete(seat);
    if (arrival !== undefined) letGo(this.#kernel, arrival.domain);
  }

  /** @param bale so many bytes of what the other CPU hands over */
  take(seat: Seat, part: Extract<MoveOrder, { kind: "arrive" }>["part"], bale: Uint8Array): Answer {
    const arrival = this.#bySeat.get(seat);
    if (part === "head") {
      this.turnAway(seat);
      return this.#begin(seat, unpackText<Head>(bale));
    }
    if (arrival === undefined) throw new Error(`${seat.spec.name} has not begun to come here`);
    const { domain, runs } = arrival;
    if (part === "memory") for (const { start, bytes } of unpackRuns(bale)) domain.bytes.set(bytes, start);
    else if (part === "snapshot") for (const { start, bytes } of unpackRuns(bale)) runs.push({ start, bytes: bytes.slice() });
    else this.#complete(arrival, unpackText<Rest>(bale));
    return { kind: "done" };
  }

  #begin(seat: Seat, { id, birth, generation, pages, bound }: Head): Answer {
    const kernel = this.#kernel;
    const { loaded, name } = seat.spec;
    const memory = kernel.memories.take(pages, loaded.memoryMaxPages, name);
    const slot = id & DOMAIN_SLOT_MASK;
    const domain = new Domain(seat, generation, { id, slot, record: recordIndex(slot), birth }, memory, kernel.capabilities);
    try {
      if (!instantiate(kernel, domain)) throw new SumacError("not-movable", `domain ${name}#${generation} died on its way`);
      const links = domain.outbound.filter(({ owner }) => bound[owner.id] !== undefined);
      for (const link of links) bindAsBefore(kernel, link, bound[link.owner.id] as Head["bound"][string]);
    } catch (error) {
      letGo(kernel, domain);
      if (error instanceof SumacError) throw error;
      throw new SumacError(
        "not-movable",
        `domain ${name}: cannot be instantiated on CPU ${kernel.place.index}: ${(error as Error).message}`,
      );
    }
    // What the segments have written is not what it is now.
    for (const [i, isUsed] of usedChunks(memory.buffer).entries()) {
      if (isUsed === 1) domain.bytes.fill(0, i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES);
    }
    this.#bySeat.set(seat, { domain, runs: [], rest: undefined });
    return { kind: "done" };
  }

  #complete(arrival: Arrival, rest: Rest): void {
    const { domain } = arrival;
    for (const packed of rest.globals) {
      const [name, value] = unpackGlobal(packed);
      (domain.exports[name] as WebAssembly.Global).value = value;
    }
    domain.startedFrom = rest.startedFrom;
    domain.lastLines.push(...rest.lastLines);
    domain.quotaRefused = rest.quotaRefused;
    arrival.rest = rest;
  }
}

/** A link that does not follow reaches the generation that it reached before, also if that is dead. */
function bindAsBefore(kernel: Kernel, link: Link, [birth, id, generation]: Head["bound"][string]): void {
  const { target } = link;
  const { seat } = target.domain;
  if (target.domain.birth === birth) return;
  const slot = id & DOMAIN_SLOT_MASK;
  const ids = { id, slot, record: recordIndex(slot), birth };
  const gone = new Domain(seat, generation, ids, target.domain.memory, kernel.capabilities);
  gone.isElsewhere = true;
  target.domain.inbound.delete(link);
  link.target = { ...target, record: kernel.deadRecord, call: neverCalled, domain: gone };
}
