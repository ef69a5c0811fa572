/**
 * A domain that is in no call goes to another CPU. It stays alive here, and may be called, while its state is copied there; only if nobody has
 * called it meanwhile does one word in the directory say that it lives there. So there is no moment at which two CPUs could
 * write its objects, none at which nobody serves its callers, and until then it may as well stay.
 * Whoever asks here after that is told so by `doors.ts`, and asks there.
 * Called by `cpus.ts`. What the other CPU does is in `arrival.ts`. Waits for it, and serves others meanwhile; runs nothing of the domain.
 */
import type { Domain } from "../domain.ts";
import type { Kernel } from "../kernel.ts";
import { letGo } from "../life/handover.ts";
import { CHUNK_BYTES, globalOf, type Run, usedChunks } from "../life/snapshot.ts";
import { callsIndex, RecordWord } from "../words.ts";
import type { Head, Rest } from "./arrival.ts";
import { packGlobal, packRuns, packText } from "./baggage.ts";
import type { Cpus } from "./cpus.ts";
import { type Answer, type MoveOrder, order, type Part } from "./orders.ts";

type Depart = Extract<MoveOrder, { kind: "depart" }>;

const epochNow = (): number => performance.timeOrigin + performance.now();

/** "later" while it is in a call, or another one is on its way: a CPU has one bale, and what is in it is somebody's until it was read. */
export function depart(cpus: Cpus, what: Depart): Answer {
  const { kernel } = cpus.cpu;
  const seat = cpus.seat(what.seat);
  if (seat === undefined || seat.isRemoved) return refused("it is not there any more");
  const { name } = seat.spec;
  if (cpus.isElsewhere(seat)) return refused(`domain ${name}: has gone to CPU ${cpus.cpuOf(seat)} meanwhile`);
  const domain = kernel.occupant(seat);
  if (domain === undefined) return refused(`domain ${name}: is dead, and the dead do not move: restart it first`);
  const who = `domain ${name}#${domain.generation} on CPU ${kernel.place.index}`;
  const why = whyItStays(domain);
  if (why !== undefined) return refused(`${who}: ${why}`);
  if (cpus.isDeparting || isBusy(kernel, domain)) return { kind: "later" };
  cpus.isDeparting = true;
  try {
    return new Departure(cpus, domain, what).go();
  } finally {
    cpus.isDeparting = false;
  }
}

/** Not for want of time. */
function whyItStays(domain: Domain): string | undefined {
  const { loaded } = domain.spec;
  const threads = domain.threads?.count ?? 0;
  if (threads > 0 || (domain.threads?.stacks ?? 0) > 0)
    return `has ${threads} ${threads === 1 ? "thread" : "threads"}, whose stacks stay on their CPU: join or end them first`;
  if (domain.handles.live > 0) return "holds capabilities, which do not cross CPUs: have it drop them first";
  if (loaded.movedGlobals === undefined) return `its state cannot be saved, because of ${loaded.unmovable ?? "how it was loaded"}`;
  return undefined;
}

/** In a call, or kept from being called. To ask whether it is kept opens it where its window is over: what is left then are calls. */
function isBusy({ i32, cpuTime }: Kernel, domain: Domain): boolean {
  return cpuTime.isClosed(domain) || i32[domain.record + RecordWord.entered] !== 0;
}

class Departure {
  readonly #cpus: Cpus;
  readonly #kernel: Kernel;
  readonly #domain: Domain;
  readonly #what: Depart;
  readonly #bale: Uint8Array;
  readonly #who: string;

  constructor(cpus: Cpus, domain: Domain, what: Depart) {
    this.#cpus = cpus;
    this.#kernel = cpus.cpu.kernel;
    this.#domain = domain;
    this.#what = what;
    this.#bale = cpus.cpu.board.bale(cpus.cpu.index);
    this.#who = `domain ${domain.name}#${domain.generation} on CPU ${cpus.cpu.index}`;
  }

  go(): Answer {
    do {
      const answer = this.#try();
      if (answer !== undefined) return answer;
    } while (!this.#isLate);
    return refused(
      `${this.#who}: was called again and again while it was to go to CPU ${this.#what.to}: keep its callers away for a moment`,
    );
  }

  /** Undefined: it was called meanwhile. */
  #try(): Answer | undefined {
    const kernel = this.#kernel;
    const domain = this.#domain;
    const { leaving } = this.#cpus.doors;
    const head = this.#sendText("head", this.#head());
    if (head !== undefined) {
      if (!kernel.isAlive(domain)) this.#send({ kind: "stay", seat: this.#what.seat });
      return head;
    }
    const calls = kernel.i32[callsIndex(domain.slot)];
    leaving.set(domain.id, kernel.depth);
    let failed: Answer | undefined;
    try {
      failed = this.#sendState();
    } finally {
      leaving.delete(domain.id);
    }
    // Whoever called it since the first look may have given it what stays.
    const why = whyItStays(domain);
    if (why !== undefined) failed ??= refused(`${this.#who}: ${why}`);
    const isDead = !kernel.isAlive(domain);
    const isChanged = kernel.i32[callsIndex(domain.slot)] !== calls || isBusy(kernel, domain);
    if (failed === undefined && !isDead && !isChanged) {
      this.#leave();
      return { kind: "done" };
    }
    this.#send({ kind: "stay", seat: this.#what.seat });
    return isDead ? this.#died() : failed;
  }

  #leave(): void {
    const { seat } = this.#domain;
    this.#cpus.directory.assign(seat.number, this.#what.to);
    letGo(this.#kernel, this.#domain);
    this.#kernel.cpuTime.close(this.#domain);
    this.#kernel.usage.forget(this.#domain);
    seat.usedTime.take();
    seat.snapshot = undefined;
    seat.unrecovered.length = 0;
  }

  /** Why that failed. */
  #sendState(): Answer | undefined {
    const { seat, memory } = this.#domain;
    const { snapshot } = seat;
    return (
      this.#sendRuns("memory", runsOf(memory)) ??
      this.#sendRuns("snapshot", snapshot?.parts.runs ?? []) ??
      this.#sendText("rest", this.#rest())
    );
  }

  #sendRuns(part: Part, runs: Iterable<Run>): Answer | undefined {
    for (const bytes of packRuns(runs, this.#bale)) {
      const failed = this.#sendPart(part, bytes);
      if (failed !== undefined) return failed;
    }
    return undefined;
  }

  #sendText(part: Part, value: Head | Rest): Answer | undefined {
    const bytes = packText(value, this.#bale);
    return bytes === undefined ? refused(`${this.#who}: more is known of it than can be handed over`) : this.#sendPart(part, bytes);
  }

  #sendPart(part: Part, bytes: number): Answer | undefined {
    const { seat, to } = this.#what;
    const answer = this.#send({ kind: "arrive", seat, part, bytes }, () => this.#isLate);
    if (answer === undefined) return refused(`${this.#who}: CPU ${to} was busy with something else all the time: try again`);
    // Who was killed while this CPU waited has neither memory nor globals any more.
    if (!this.#kernel.isAlive(this.#domain)) return this.#died();
    return answer.kind === "done" ? undefined : answer;
  }

  #died(): Answer {
    return refused(`${this.#who}: died while it was to go to CPU ${this.#what.to}`);
  }

  #send(what: MoveOrder, isOver?: () => boolean): Answer | undefined {
    return order(this.#cpus.cpu, this.#what.to, what, isOver);
  }

  get #isLate(): boolean {
    return epochNow() > this.#what.untilMs;
  }

  #head(): Head {
    const { id, birth, generation, memory, outbound, spec } = this.#domain;
    const bound: Record<string, readonly [number, number, number]> = {};
    for (const { owner, target } of outbound) {
      const provider = spec.grants.get(owner.id);
      if (provider?.kind !== "domain" || provider.rebind === true) continue;
      bound[owner.id] = [target.domain.birth, target.domain.id, target.domain.generation];
    }
    return { id, birth, generation, pages: memory.buffer.byteLength / 65_536, bound };
  }

  #rest(): Rest {
    const domain = this.#domain;
    const { seat, startedFrom, lastLines, quotaRefused, spec } = domain;
    const { snapshot, isSupervised, fruitless, restartedAtMs, unrecovered } = seat;
    const names = spec.loaded.movedGlobals ?? [];
    return {
      globals: names.map((name) => packGlobal([name, globalOf(domain, name).value])),
      window: this.#kernel.cpuTime.windowOf(domain),
      snapshot: snapshot && { pages: snapshot.parts.pages, globals: snapshot.parts.globals.map(packGlobal) },
      ...{ isSupervised, fruitless, startedFrom, lastLines, quotaRefused },
      restartedAt: restartedAtMs + performance.timeOrigin,
      unrecovered: unrecovered.slice(-1000).map((at) => at + performance.timeOrigin),
    };
  }
}

/** What is not zero, as it is at the moment at which it is asked for. */
function* runsOf({ buffer }: WebAssembly.Memory): Generator<Run> {
  const used = usedChunks(buffer);
  const bytes = new Uint8Array(buffer);
  for (let first = used.indexOf(1); first >= 0; ) {
    const next = used.indexOf(0, first);
    const end = next < 0 ? used.length : next;
    yield { start: first * CHUNK_BYTES, bytes: bytes.subarray(first * CHUNK_BYTES, end * CHUNK_BYTES) };
    first = used.indexOf(1, end);
  }
}

function refused(message: string): Answer {
  return { kind: "refused", code: "not-movable", message };
}
