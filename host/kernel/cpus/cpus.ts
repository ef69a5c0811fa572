/**
 * The other CPUs as one kernel sees them: seats that are elsewhere, their generations as stand-ins, and what it takes to link, start and
 * kill them. A stand-in is a `Domain` without memory and code: its id, generation and record are those of the real one.
 * Called by the kernel and by those who link and start domains, where there are several CPUs. The words are in `directory.ts`.
 */
import { DOMAIN_SLOT_MASK, STATE_RUNNING } from "../../../shared-heap/layout.ts";
import { SumacError } from "../../errors.ts";
import { type CoreFunction, type Link, neverCalled, type Target } from "../calls/link.ts";
import type { ProxyContext } from "../calls/proxy.ts";
import { Domain } from "../domain.ts";
import type { Kernel } from "../kernel.ts";
import { type Birth, bindLink, createDomain } from "../life/birth.ts";
import { startNext } from "../life/next-generation.ts";
import type { Seat } from "../seat.ts";
import { RecordWord, recordIndex } from "../words.ts";
import { Arrivals } from "./arrival.ts";
import { LEVELS } from "./board.ts";
import type { Cpu } from "./cpu.ts";
import { depart } from "./departure.ts";
import type { Directory, Occupant } from "./directory.ts";
import { Doors } from "./doors.ts";
import { boundedError } from "./failure-text.ts";
import { type Answer, type Order, order, serveOrder } from "./orders.ts";
import { SystemFault } from "./remote-failure.ts";
import { REMOTE_RANK, type Remote, remoteProxy, requirePassable } from "./remote-proxy.ts";
import { hasEnded } from "./silence.ts";
import { letThreadsTravel, obeyThreadOrder } from "./travel.ts";
import type { UnwaitedCalls } from "./unwaited.ts";

/** Levels that are left for orders when calls are refused. */
const LEVELS_FOR_ORDERS = 12;
const NO_MEMORY: WebAssembly.Memory = new WebAssembly.Memory({ initial: 0, maximum: 0 });

/** What only the first CPU, or only a worker, knows how to do. */
export type Obey = (what: Order) => Answer;

/** Who waits for what is being done on this CPU now; -1 = nobody elsewhere. */
export function askerCpu(cpu: Cpu): number {
  return cpu.serving < 0 ? -1 : cpu.board.askerOf(cpu.serving).cpu;
}

export class Cpus {
  readonly cpu: Cpu;
  readonly directory: Directory;
  readonly #kernel: Kernel;
  readonly #remote: Remote;
  readonly #arrivals: Arrivals;
  readonly doors: Doors;
  readonly #seats: Map<number, Seat> = new Map();
  /** The CPU has been told to end. */
  isStopping = false;
  /** A domain is on its way to another CPU: while it waits for that one, this CPU serves others, who may ask for the same. */
  isDeparting = false;
  /** Set before anybody asks. */
  obey: Obey = () => ({ kind: "later" });
  /** On the first CPU: calls that the host does not wait for. */
  unwaited: UnwaitedCalls | undefined = undefined;
  /** What others are to be told when nothing runs here. */
  readonly #untold: (() => void)[] = [];
  /** No call from outside is in progress any more. */
  afterCalls: () => void = () => {};
  /** Seats that were announced by then are known. */
  fetch: () => void = () => {};

  constructor(cpu: Cpu, directory: Directory) {
    this.cpu = cpu;
    this.directory = directory;
    this.#kernel = cpu.kernel;
    this.#remote = {
      cpu,
      directory,
      refresh: (link) => {
        link.target = this.target(link.target.domain.seat);
      },
      bindHere: (link, follows) => this.#bindHere(link, follows),
      hasMoved: false,
    };
    this.#arrivals = new Arrivals(cpu.kernel);
    const doors = new Doors(cpu);
    this.doors = doors;
    cpu.server = {
      call: (number) => doors.call(number, cpu.level < LEVELS - LEVELS_FOR_ORDERS),
      order: (number) => serveOrder(cpu, number, (what) => this.#obey(what)),
      frameInTheWay: (number) => {
        this.settle();
        return doors.frameInTheWay(number);
      },
      frameNeeded: (number) => doors.frameNeeded(number),
    };
    cpu.kernel.cpus = this;
    letThreadsTravel(this);
  }

  /** A seat that all CPUs know. */
  add(seat: Seat): void {
    this.#seats.set(seat.number, seat);
    for (const type of seat.spec.loaded.world.sharedTypes) this.#kernel.types.add(type);
    if (this.isElsewhere(seat)) seat.rank = REMOTE_RANK;
  }

  forget(seat: Seat): void {
    this.#seats.delete(seat.number);
  }

  seat(number: number): Seat | undefined {
    const known = this.#seats.get(number);
    if (known !== undefined) return known;
    this.fetch();
    return this.#seats.get(number);
  }

  /** Without a look for what has been announced since. */
  known(number: number): Seat | undefined {
    return this.#seats.get(number);
  }

  /** By name; seats that were removed are not among them. */
  seatNamed(name: string): Seat | undefined {
    for (const seat of this.#seats.values()) if (seat.spec.name === name && !seat.isRemoved) return seat;
    return undefined;
  }

  cpuOf({ number }: Seat): number {
    return number === 0 ? this.cpu.index : this.directory.cpuOf(number);
  }

  isElsewhere(seat: Seat): boolean {
    if (seat.number === 0) return false;
    if (this.directory.cpuOf(seat.number) !== this.cpu.index) return true;
    if (!this.#arrivals.isEmpty) this.#arrivals.settle(seat);
    return false;
  }

  /** Whoever came here lives here now. */
  settle(): void {
    if (this.#arrivals.isEmpty) return;
    for (const seat of this.#arrivals.seats()) this.isElsewhere(seat);
  }

  /** Anybody's links, here or elsewhere, go to the next generation. */
  hasFollowers(seat: Seat): boolean {
    return seat.followers.size > 0 || (seat.number !== 0 && this.directory.hasFollowers(seat.number));
  }

  /** A generation of this CPU has begun. */
  published({ seat, id, birth, generation }: Domain): void {
    if (seat.number !== 0) this.directory.publish(seat.number, { birth, id, generation });
  }

  /** Those who called into this CPU, outermost first, for people; undefined stands for one that is not known here. */
  callers(): (Domain | undefined)[] {
    return this.cpu.callers().map((id) => this.#kernel.byId(id) ?? this.#standInFor(id));
  }

  /** Makes the seat's present generation known here. */
  refresh(seat: Seat): Domain | undefined {
    if (!this.isElsewhere(seat)) return seat.current;
    const occupant = this.directory.occupant(seat.number);
    if (occupant === undefined) return undefined;
    const { current } = seat;
    if (current?.id === occupant.id && current.isElsewhere) return current;
    return this.#standIn(seat, occupant);
  }

  /** What a link into another CPU is bound to. */
  target(seat: Seat): Target {
    const domain = this.refresh(seat);
    if (domain === undefined) throw new Error(`${seat.spec.name} has never been created`);
    return { id: domain.id, record: this.#kernel.deadRecord, call: neverCalled, budgetMicros: 0, domain };
  }

  /** The function that a domain of this CPU imports for a link that leads elsewhere. */
  connect(holder: Domain, link: Link, context: ProxyContext, follows: boolean): CoreFunction {
    const { seat } = link.target.domain;
    requirePassable(holder.name, link, this.cpu.index, this.directory.cpuOf(seat.number));
    if (follows) this.follow(holder, seat);
    return remoteProxy(this.#remote, link, context, follows);
  }

  /** A link to a domain of this CPU goes on to it when it has gone to another one, and comes back with it. */
  letFollow(link: Link, context: ProxyContext, follows: boolean): void {
    if (link.target.domain.seat.number === 0) return;
    link.away = remoteProxy(this.#remote, link, context, follows, () => link.proxy);
  }

  /** A link of this CPU goes to each next generation of the seat, as long as its holder lives. */
  follow(holder: Domain, { number }: Seat): void {
    if (number === 0) return;
    this.directory.follow(number, 1);
    holder.releases.push(() => this.directory.follow(number, -1));
  }

  /** The same for the host. */
  hostProxy(link: Link, context: ProxyContext): CoreFunction {
    const { seat } = link.target.domain;
    requirePassable("host", link, this.cpu.index, this.directory.cpuOf(seat.number));
    return remoteProxy(this.#remote, link, context, false);
  }

  /** Whether the generation that a link leads to now can be called. */
  alive(link: Link, follows: boolean): CoreFunction {
    const { i32 } = this.#kernel;
    return () => {
      if (follows) this.#remote.refresh(link);
      const { domain } = link.target;
      const occupant = this.directory.occupant(domain.seat.number);
      if (occupant === undefined || occupant.birth !== domain.birth) return 0;
      const record = recordIndex(occupant.id & DOMAIN_SLOT_MASK);
      return i32[record] === occupant.id && i32[record + RecordWord.state] === STATE_RUNNING ? 1 : 0;
    };
  }

  /** A call from outside has ended: who waited for that is served. Does nothing while another one is in progress. */
  rest(): void {
    const { cpu } = this;
    if (cpu.level > 0 || this.#kernel.depth > 0) return;
    if (cpu.isWanted || cpu.hasDeferred) {
      cpu.serve();
      cpu.lookAround();
    }
    this.afterCalls();
  }

  /** Tells others what they need not know at once, and what cannot be told in the middle of a death. */
  soon(tell: () => void): void {
    this.#untold.push(tell);
    queueMicrotask(() => this.flush());
  }

  /** Where nothing runs on this CPU: its loop, or a microtask. */
  flush(): void {
    for (let tell = this.#untold.shift(); tell !== undefined; tell = this.#untold.shift()) {
      try {
        tell();
      } catch (error) {
        // Whoever waits for that CPU finds out, and says so.
        if (!(error instanceof SystemFault)) throw error;
      }
    }
  }

  create(seat: Seat): Birth {
    return this.#born(seat, { kind: "create", seat: seat.number });
  }

  startNext(seat: Seat): Birth {
    return this.#born(seat, { kind: "restart", seat: seat.number, generation: seat.generations });
  }

  /** Returns when the other CPU has ended it, or has noted that it must end. */
  kill({ id, seat }: Domain, detail: string): void {
    if (!this.isElsewhere(seat)) {
      const domain = this.#kernel.byId(id);
      if (domain !== undefined) this.#kernel.kill(domain, detail);
      return;
    }
    if (hasEnded(this.cpu.board, this.directory.cpuOf(seat.number))) return;
    this.cpu.apart(-1, () => order(this.cpu, this.directory.cpuOf(seat.number), { kind: "kill", id, detail: detail.slice(0, 500) }));
    this.cpu.lookAround();
  }

  #born(seat: Seat, what: Order): Birth {
    const answer = this.cpu.apart(-1, () => order(this.cpu, this.directory.cpuOf(seat.number), what));
    this.cpu.lookAround();
    const domain = this.refresh(seat);
    switch (answer?.kind) {
      case "done":
        if (domain === undefined) throw new SystemFault(`${seat.spec.name} was born and is not there`);
        return { ok: true, domain };
      case "failed":
        return { ok: false, error: answer.error };
      case "refused":
        throw new SumacError(answer.code, answer.message);
      default:
        throw new SystemFault(`${seat.spec.name}: no answer to its birth`);
    }
  }

  #obey(what: Order): Answer {
    switch (what.kind) {
      case "create":
      case "restart":
        return this.#birth(what.seat, what.kind === "create" ? undefined : what.generation);
      case "remove": {
        // Seats that were announced before it may name it.
        this.fetch();
        const seat = this.#seats.get(what.seat);
        if (seat !== undefined) seat.isRemoved = true;
        this.#seats.delete(what.seat);
        return { kind: "done" };
      }
      case "kill": {
        // Nobody may have looked for it here yet.
        this.settle();
        const domain = this.#kernel.byId(what.id);
        if (domain !== undefined) this.#kernel.kill(domain, what.detail);
        return { kind: "done" };
      }
      case "spawn":
      case "thread-goes":
      case "thread-kill":
      case "thread-ended":
        return obeyThreadOrder(this, what);
      case "depart":
        return depart(this, what);
      case "arrive":
      case "stay": {
        const seat = this.seat(what.seat);
        if (seat === undefined) return { kind: "refused", code: "not-movable", message: "its seat is not there any more" };
        if (what.kind === "arrive")
          return this.#arrivals.take(seat, what.part, this.cpu.board.bale(askerCpu(this.cpu)).subarray(0, what.bytes));
        this.#arrivals.turnAway(seat);
        return { kind: "done" };
      }
      default:
        return this.obey(what);
    }
  }

  /**
   * Has a domain that is in no call go on on another CPU.
   * @returns why it does not; undefined: it was in a call all the time
   */
  move(seat: Seat, to: number, waitMs: number): Answer | undefined {
    const { cpu } = this;
    const untilMs = performance.timeOrigin + performance.now() + waitMs;
    const what: Order = { kind: "depart", seat: seat.number, to, untilMs };
    const isOver = (): boolean => performance.timeOrigin + performance.now() > untilMs;
    cpu.enter();
    const answer = this.isElsewhere(seat)
      ? cpu.apart(-1, () => order(cpu, this.cpuOf(seat), what, isOver))
      : cpu.apart(-1, () => depart(this, what));
    cpu.lookAround();
    this.settle();
    this.refresh(seat);
    this.afterCalls();
    return answer?.kind === "later" ? undefined : answer;
  }

  #bindHere(link: Link, follows: boolean): boolean {
    const { domain } = link.target;
    const { seat } = domain;
    if (this.isElsewhere(seat) || seat.current === undefined || seat.current.isElsewhere) return false;
    if (domain === seat.current) return true;
    if (!follows && domain.birth !== seat.current.birth) return false;
    bindLink(this.#kernel, link, seat);
    return true;
  }

  /** @param after the generation that must be the last one; undefined for a first birth */
  #birth(number: number, after: number | undefined): Answer {
    const seat = this.seat(number);
    if (seat === undefined) return { kind: "later" };
    if (after !== undefined && this.isElsewhere(seat)) {
      const born = this.startNext(seat);
      return born.ok ? { kind: "done" } : { kind: "failed", error: boundedError(born.error) };
    }
    // Somebody else has started one meanwhile.
    if (after !== undefined && seat.generations !== after) return { kind: "done" };
    seat.isSupervised = true;
    if (!this.hasFollowers(seat)) seat.unrecovered.length = 0;
    const birth = after === undefined ? createDomain(this.#kernel, seat) : startNext(this.#kernel, seat);
    return birth.ok ? { kind: "done" } : { kind: "failed", error: boundedError(birth.error) };
  }

  #standIn(seat: Seat, { id, birth, generation }: Occupant): Domain {
    const slot = id & DOMAIN_SLOT_MASK;
    const ids = { id, slot, record: recordIndex(slot), birth };
    const domain = new Domain(seat, generation, ids, NO_MEMORY, this.#kernel.capabilities);
    domain.isElsewhere = true;
    domain.rank = REMOTE_RANK;
    domain.life = "running";
    seat.current = domain;
    seat.generations = generation;
    this.#kernel.register(domain);
    return domain;
  }

  #standInFor(id: number): Domain | undefined {
    this.fetch();
    for (const seat of this.#seats.values()) {
      if (this.isElsewhere(seat) && this.directory.occupant(seat.number)?.id === id) return this.refresh(seat);
    }
    return undefined;
  }
}
