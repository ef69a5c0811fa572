/**
 * The ends of instances: their exporter's `[dtor]` runs once for every owned handle that was dropped or whose holder died.
 *
 * A domain that drops a handle calls the destructor itself, as it calls a method. Where that cannot be (the exporter is in the middle
 * of a call, too little stack is left) and when a holder has died, the destructor waits until no call is in progress on this CPU.
 * It is a call like any other: it has its exporter's budget, and an exporter that dies in it harms nobody else.
 * Called by the kernel, by `[resource-drop]x` and by passages.
 */
import { STATE_RUNNING } from "../../../shared-heap/layout.ts";
import { destructorName } from "../../idl/core-names.ts";
import { bareMethod, Link } from "../calls/link.ts";
import { makeDestructorProxy } from "../calls/proxy.ts";
import { Domain } from "../domain.ts";
import type { Kernel } from "../kernel.ts";
import { targetOf } from "../life/birth.ts";
import { CLOSED, MAX_DEPTH, RecordWord } from "../words.ts";
import type { Exporter, HandleEntry, Waiting } from "./handles.ts";

/** Destructors that run in one turn, and how long until the last of them begins: no call of the host waits for all of them. */
const MOST_PER_TURN = 64;
const MOST_MS_PER_TURN = 10;
/** Places of the queue that are used up before it is made shorter. */
const MOST_USED_UP = 1024;

/** Calls the destructor that a link leads to. */
export type CallDestructor = (link: Link, rep: number) => number;

interface Ended {
  readonly exporter: Exporter;
  readonly type: number;
  readonly rep: number;
  readonly charged: Waiting;
}

export class Destructors {
  readonly #kernel: Kernel;
  readonly #links: WeakMap<Domain, Map<number, Link>> = new WeakMap();
  #queue: Ended[] = [];
  #head = 0;
  #isRunning = false;
  #turnIsComing = false;
  #fromHost: CallDestructor | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /**
   * The instance ends once no call is in progress.
   * @param charged who must wait for that before it may have more handles
   */
  push(exporter: Exporter, type: number, rep: number, charged: Waiting): void {
    if (exporter.isGone) return;
    charged.count++;
    this.#queue.push({ exporter, type, rep, charged });
    this.#planTurn();
  }

  /**
   * A holder dropped an owned entry, which is no longer in its table: the instance ends now, if that can be.
   * @param call with the holder as the caller
   */
  end({ exporter, type, rep }: HandleEntry, holderId: number, holder: Waiting, call: CallDestructor): void {
    if (exporter.isGone) return;
    if (!(exporter instanceof Domain)) {
      exporter.drop(type, rep);
      return;
    }
    const { i32, depth } = this.#kernel;
    if (exporter.id === holderId || ((i32[exporter.record + RecordWord.entered] ?? 0) & (CLOSED - 1)) !== 0) {
      this.push(exporter, type, rep, exporter.unfinished);
      return;
    }
    const isReady = i32[exporter.record + RecordWord.state] === STATE_RUNNING && depth < MAX_DEPTH;
    if (isReady && this.#kernel.hasStackFor(exporter.rank)) call(this.#linkTo(exporter, type), rep);
    else this.push(exporter, type, rep, holder);
  }

  /** With the host as the holder. */
  endForHost(entry: HandleEntry, host: Waiting): void {
    this.end(entry, 0, host, this.#hostCall());
    this.#kernel.takeFailure();
  }

  /** Runs what waits, up to a bound; does nothing while a call is in progress. */
  runWaiting(): void {
    if (this.#isRunning || this.#head === this.#queue.length || this.#kernel.depth !== 0) return;
    this.#isRunning = true;
    const end = performance.now() + MOST_MS_PER_TURN;
    try {
      for (let i = 0; i < MOST_PER_TURN && this.#head < this.#queue.length; i++) {
        this.#runNext();
        if (performance.now() > end) break;
      }
    } finally {
      this.#isRunning = false;
      // Also of a queue that is never empty: whoever keeps it so would keep all that ever waited in it.
      if (this.#head === this.#queue.length || (this.#head > MOST_USED_UP && this.#head * 2 > this.#queue.length)) {
        this.#queue = this.#queue.slice(this.#head);
        this.#head = 0;
      }
      if (this.#queue.length > 0) this.#planTurn();
    }
  }

  #runNext(): void {
    const { exporter, type, rep, charged } = this.#queue[this.#head++] as Ended;
    charged.count--;
    if (exporter.isGone) return;
    if (exporter instanceof Domain) {
      this.#hostCall()(this.#linkTo(exporter, type), rep);
      // It was nobody's call: its failure is told as a death, if it was one.
      this.#kernel.takeFailure();
    } else exporter.drop(type, rep);
  }

  #planTurn(): void {
    if (this.#turnIsComing) return;
    this.#turnIsComing = true;
    setTimeout(() => {
      this.#turnIsComing = false;
      this.runWaiting();
    }, 0);
  }

  #hostCall(): CallDestructor {
    this.#fromHost ??= makeDestructorProxy(this.#kernel.hostContext());
    return this.#fromHost;
  }

  /** One link per exporter and type, whoever calls; cut when the exporter dies. */
  #linkTo(exporter: Domain, type: number): Link {
    const ofExporter = this.#links.get(exporter) ?? new Map<number, Link>();
    this.#links.set(exporter, ofExporter);
    const known = ofExporter.get(type);
    if (known !== undefined) return known;
    const { interfaceId, name } = this.#kernel.capabilities.get(type);
    const owner = exporter.spec.loaded.world.exports.find(({ id }) => id === interfaceId);
    if (owner === undefined) throw new Error(`${exporter.name} gave out a ${name} of ${interfaceId}, which it does not export`);
    const method = bareMethod(destructorName(name), 1);
    const link = new Link(owner, method, targetOf(this.#kernel, exporter, owner, method));
    exporter.inbound.add(link);
    ofExporter.set(type, link);
    return link;
  }
}
