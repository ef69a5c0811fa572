/**
 * What happens between domains, as text in the trace event format that Perfetto and chrome://tracing read: one track per domain, one
 * for the functions of the host; calls, objects that change hands, failures, deaths, restarts, log lines. A call that a death
 * broke, the restart, and the call that repeats it are joined by a flow.
 *
 * Off, it costs nothing: a kernel without a tracer links what it would link anyway. On, the kernel wraps what it links. Text
 * leaves in pieces of some 64 KiB, so that memory stays bounded, and so does the text: beyond `MOST_EVENTS` only deaths, restarts
 * and recoveries are told. It never throws, whatever the writer does.
 * Sources: [TRACE-EVENT].
 */
import type { Domain } from "../domain.ts";
import type { KernelEvent } from "../events.ts";
import type { Kernel } from "../kernel.ts";
import type { HostFunction } from "../provider.ts";
import { causeName } from "../status.ts";
import type { Thread } from "../threads/thread.ts";
import type { CoreFunction } from "./link.ts";
import type { Called, HeapCalls } from "./proxy.ts";
import type { Note } from "./relay.ts";

/** Some 300 MB of text, which viewers still open. */
export const MOST_EVENTS = 2_000_000;
const PIECE_CHARACTERS: number = 64 << 10;
const PROCESS = 1;
const HOST_TRACK = "host";

/** A call that has not ended. */
interface Span {
  readonly name: string;
  readonly category: "call" | "host";
  readonly track: number;
  readonly callee: string;
  readonly caller: string;
  readonly start: number;
  /** Number of the flow that led here: the call repeats one that a death broke. */
  readonly repeats: number;
}

/** A call that was broken off: where an arrow begins. */
interface Broken {
  readonly name: string;
  readonly track: number;
  readonly generation: number;
  readonly at: number;
}

export class Tracer {
  readonly #write: (text: string) => void;
  readonly #startMs: number = performance.now();
  readonly #tracks: Map<string, number> = new Map();
  readonly #open: Span[] = [];
  /** By seat: the call that was broken off last, and the flow that waits for it to be repeated. */
  readonly #broken: Map<string, Broken> = new Map();
  readonly #flows: Map<string, { readonly id: number; readonly name: string }> = new Map();
  #kernel: Kernel | undefined;
  #turn: { readonly thread: Thread; readonly start: number } | undefined;
  #piece = "";
  #isFirst = true;
  #last = 0;
  #flowCount = 0;
  #count = 0;
  #leftOut = 0;
  #problem: unknown;

  /** @param write takes one piece of text after the other, at once */
  constructor(write: (text: string) => void) {
    this.#write = write;
    this.#piece = '{"displayTimeUnit":"ns","traceEvents":[';
    this.#event("M", 0, `"name":"process_name","args":{"name":"sumac"}`);
    this.#track(HOST_TRACK);
  }

  /** What the writer threw; nothing was written after that. */
  get problem(): unknown {
    return this.#problem;
  }

  /** Called by the kernel that is traced, once. */
  attach(kernel: Kernel): void {
    this.#kernel = kernel;
    kernel.events.on((event) => this.#tell(event));
    kernel.threads.onChange = (thread, what) => this.#thread(thread, what);
  }

  /** Ends the text. */
  close(): void {
    this.#piece += `\n],"otherData":{"eventsLeftOut":${this.#leftOut}}}\n`;
    this.#flush();
  }

  /** Wraps an export of a domain. */
  call({ name: callee, generation, seat }: Domain, { owner, method }: Called, call: CoreFunction): CoreFunction {
    const track = this.#track(callee);
    const name = JSON.stringify(`${owner.id}#${method.name}`);
    const cpu = this.#kernel?.cpus?.cpuOf(seat);
    const label = `${callee}#${generation}${cpu === undefined ? "" : ` on CPU ${cpu}`}`;
    return (...words) => {
      const span = this.#begin(name, "call", track, label, this.#repeated(callee, name));
      let isBroken = true;
      try {
        const result = call(...words);
        isBroken = false;
        return result;
      } finally {
        this.#end(span, isBroken ? "broken" : "returned");
        this.#broken.set(callee, { name, track, generation, at: (span.start + this.#last) / 2 });
      }
    };
  }

  /** Wraps a function of the host. */
  hostCall({ owner, method }: Called, implementation: HostFunction): HostFunction {
    const track = this.#track(HOST_TRACK);
    const name = JSON.stringify(`${owner.id}#${method.name}`);
    return (...words) => {
      const span = this.#begin(name, "host", track, HOST_TRACK, 0);
      let isBroken = true;
      try {
        const result = implementation(...words);
        isBroken = false;
        return result;
      } finally {
        this.#end(span, isBroken ? "threw" : "returned");
      }
    };
  }

  /** Wraps the heap as proxies use it. */
  heap<T extends HeapCalls>(heap: T): T {
    const { move, borrow, endBorrow } = heap;
    return {
      ...heap,
      move: (base, type, from, to) => {
        const code = move(base, type, from, to);
        if (code === 0) this.#object("move", base, from, to);
        return code;
      },
      borrow: (base, type, lender, reader) => {
        const code = borrow(base, type, lender, reader);
        if (code === 0) this.#object("borrow", base, lender, reader);
        return code;
      },
      endBorrow: (base, reader) => {
        const code = endBorrow(base, reader);
        if (code === 0) this.#object("borrow ends", base, reader, reader);
        return code;
      },
    };
  }

  /** A call of this caller failed, or was not made. */
  failure(callerId: number, notes: readonly Note[]): void {
    for (const { code, detail } of notes) this.#instant(this.#trackOf(callerId), `failed: ${causeName(code)}`, "call", { detail });
  }

  /** A thread's turns are spans on a track of its own; its calls are on those of the domains, as ever. */
  #thread(thread: Thread, what: "runs" | "parks" | "ready" | "ended"): void {
    if (what === "runs") {
      this.#turn = { thread, start: this.#now() };
      return;
    }
    if (this.#turn?.thread !== thread) return;
    const { start } = this.#turn;
    this.#turn = undefined;
    const until = what === "ready" ? "gave way" : what;
    const track = this.#track(`${thread.domain.name}/${thread.name || thread.number}`);
    const args = `{"until":"${until}"}`;
    this.#often("X", track, `"name":"runs","cat":"thread","ts":${shown(start)},"dur":${shown(this.#now() - start)},"args":${args}`);
  }

  #begin(name: string, category: Span["category"], track: number, callee: string, repeats: number): Span {
    const caller = this.#open.at(-1)?.callee ?? HOST_TRACK;
    const span = { name, category, track, callee, caller, start: this.#now(), repeats };
    this.#open.push(span);
    if (repeats > 0) this.#event("f", track, `"name":"recovery","cat":"life","id":${repeats},"bp":"e","ts":${shown(this.#now())}`);
    return span;
  }

  #end(span: Span, outcome: string): void {
    // Calls inside it that ended without a word ended with it.
    while (this.#open.length > 0) if (this.#open.pop() === span) break;
    const { name, category, track, caller, callee, start, repeats } = span;
    const duration = shown(this.#now() - start);
    const from = JSON.stringify(caller);
    const to = JSON.stringify(callee);
    const args = `{"from":${from},"to":${to},"outcome":"${outcome}"${repeats > 0 ? `,"repeats":${repeats}` : ""}}`;
    this.#often("X", track, `"name":${name},"cat":"${category}","ts":${shown(start)},"dur":${duration},"args":${args}`);
  }

  /** The number of the flow that this call ends, if it repeats one that a death broke. */
  #repeated(callee: string, name: string): number {
    const flow = this.#flows.get(callee);
    if (flow === undefined || flow.name !== name) return 0;
    this.#flows.delete(callee);
    return flow.id;
  }

  #object(what: string, base: number, from: number, to: number): void {
    const kernel = this.#kernel;
    const type = kernel?.types.get((kernel.heap.exports.typeOf(base) ?? 0) >>> 0)?.name ?? "message";
    const args = { object: `0x${(base >>> 0).toString(16)}`, from: this.#labelOf(from), to: this.#labelOf(to) };
    this.#instant(this.#trackOf(from), `${what} ${type}`, "heap", args);
  }

  #tell(event: KernelEvent): void {
    switch (event.kind) {
      case "death": {
        const { domain, generation, cause, detail } = event.death;
        const track = this.#track(domain);
        this.#instant(track, `death: ${cause}`, "life", { generation, detail }, true);
        const broken = this.#broken.get(domain);
        if (broken === undefined || broken.generation !== generation || event.death.during === undefined) return;
        const id = ++this.#flowCount;
        this.#flows.set(domain, { id, name: broken.name });
        this.#event("s", broken.track, `"name":"recovery","cat":"life","id":${id},"ts":${shown(broken.at)}`);
        return;
      }
      case "restart": {
        this.#instant(this.#track(event.domain), "restart", "life", { generation: event.generation }, true);
        const flow = this.#flows.get(event.domain);
        const around = this.#open.at(-1);
        if (flow === undefined || around === undefined) return;
        this.#event("t", around.track, `"name":"recovery","cat":"life","id":${flow.id},"ts":${shown(this.#now())}`);
        return;
      }
      case "recovered": {
        const { generation, micros } = event;
        this.#instant(this.#track(event.domain), "recovered", "life", { generation, micros: Math.round(micros) }, true);
        return;
      }
      case "log":
        this.#instant(this.#track(event.domain), "log", "log", { line: event.line });
        return;
      default:
    }
  }

  #instant(track: number, name: string, category: string, args: object, isRare = false): void {
    const text = `"name":${JSON.stringify(name)},"cat":"${category}","s":"t","ts":${shown(this.#now())},"args":${JSON.stringify(args)}`;
    if (isRare) this.#event("i", track, text);
    else this.#often("i", track, text);
  }

  /** What there may be more of than a file should hold. */
  #often(phase: string, track: number, rest: string): void {
    if (this.#count < MOST_EVENTS) this.#event(phase, track, rest);
    else this.#leftOut++;
  }

  #event(phase: string, track: number, rest: string): void {
    this.#count++;
    this.#piece += `${this.#isFirst ? "" : ","}\n{"ph":"${phase}","pid":${PROCESS},"tid":${track},${rest}}`;
    this.#isFirst = false;
    if (this.#piece.length >= PIECE_CHARACTERS) this.#flush();
  }

  #flush(): void {
    const piece = this.#piece;
    this.#piece = "";
    if (this.#problem !== undefined) return;
    try {
      this.#write(piece);
    } catch (error) {
      this.#problem = error ?? new Error("the writer failed");
    }
  }

  /** Microseconds since the start. No two events have the same time, so that what is inside begins later. */
  #now(): number {
    this.#last = Math.max((performance.now() - this.#startMs) * 1000, this.#last + 0.001);
    return this.#last;
  }

  #track(name: string): number {
    const known = this.#tracks.get(name);
    if (known !== undefined) return known;
    const track = this.#tracks.size + 1;
    this.#tracks.set(name, track);
    this.#event("M", track, `"name":"thread_name","args":{"name":${JSON.stringify(name)}}`);
    this.#event("M", track, `"name":"thread_sort_index","args":{"sort_index":${track}}`);
    return track;
  }

  #trackOf(id: number): number {
    return this.#track(this.#kernel?.byId(id)?.name ?? HOST_TRACK);
  }

  #labelOf(id: number): string {
    const domain = this.#kernel?.byId(id);
    return domain === undefined ? HOST_TRACK : `${domain.name}#${domain.generation}`;
  }
}

/** Nanoseconds are the finest that the format has. */
function shown(micros: number): string {
  return micros.toFixed(3);
}
