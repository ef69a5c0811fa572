/**
 * The CPUs of one system besides the one on which it was started: their threads, the seats that they are told of, and their end.
 * Made by `start.ts` where a system has several CPUs; called by `System`. All of it runs on the first CPU.
 */
import { SumacError } from "../errors.ts";
import { Board, Place } from "../kernel/cpus/board.ts";
import { Cpu } from "../kernel/cpus/cpu.ts";
import { Cpus } from "../kernel/cpus/cpus.ts";
import { Directory } from "../kernel/cpus/directory.ts";
import { FIRST, Newsroom } from "../kernel/cpus/news.ts";
import { order } from "../kernel/cpus/orders.ts";
import { SystemFault } from "../kernel/cpus/remote-failure.ts";
import { hasEnded } from "../kernel/cpus/silence.ts";
import { UnwaitedCalls } from "../kernel/cpus/unwaited.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Seat } from "../kernel/seat.ts";
import { type CpuThread, startCpuThread } from "../platform/cpu-threads.ts";
import { plainSeat, requirePortable } from "./plain-seat.ts";

/** How long a CPU may pass no safepoint before that is a fault of trusted code. */
const SILENCE_MS = 10_000;

export interface TeamOptions {
  readonly kernel: Kernel;
  readonly heap: WebAssembly.Module;
  /** All CPUs, the first among them. */
  readonly cpus: number;
  readonly silenceMs?: number;
  /** CPU time of each CPU's domains. */
  readonly accounts: readonly Int32Array[];
}

export class CpuTeam {
  readonly cpus: Cpus;
  readonly #kernel: Kernel;
  readonly #threads: readonly CpuThread[];
  readonly #newsroom: Newsroom;
  /** From here on the process lives until the threads have ended. */
  isEnding = false;
  #isStopped = false;

  private constructor(cpus: Cpus, threads: readonly CpuThread[], newsroom: Newsroom) {
    this.cpus = cpus;
    this.#kernel = cpus.cpu.kernel;
    this.#threads = threads;
    this.#newsroom = newsroom;
  }

  /** Resolves when all CPUs serve. */
  static async start({ kernel, heap, cpus: count, accounts, silenceMs = SILENCE_MS }: TeamOptions): Promise<CpuTeam> {
    const board = new Board(count);
    const applications = [FIRST];
    let team: CpuTeam | undefined;
    // The others sleep on their bells: whom this thread calls is itself, for when it has nothing else to do.
    const call = (): void => {
      setImmediate(() => team?.called());
    };
    const cpu = new Cpu({ kernel, board, index: FIRST, call, applications: new Set(applications), silenceMs });
    const cpus = new Cpus(cpu, new Directory(board));
    const newsroom = new Newsroom(cpus);
    const start = { memory: kernel.heap.memory, heap, board: board.buffer, of: count, applications, silenceMs };
    const threads = await Promise.all(
      Array.from({ length: count - 1 }, (_, i) =>
        startCpuThread({ ...start, index: i + 1, accounts: accounts[i + 1] as Int32Array, timeOrigin: performance.timeOrigin }, () =>
          team?.called(),
        ),
      ),
    );
    team = new CpuTeam(cpus, threads, newsroom);
    cpus.unwaited = new UnwaitedCalls(cpu, (isHeld) => {
      for (const thread of threads) thread.hold(isHeld || team?.isEnding === true);
    });
    cpus.obey = (what) => {
      if (what.kind === "attend") {
        newsroom.read();
        kernel.attend?.();
      }
      return { kind: "done" };
    };
    let isLeaving = false;
    cpus.afterCalls = () => {
      if (isLeaving) return;
      isLeaving = true;
      setTimeout(() => {
        isLeaving = false;
        if (kernel.depth === 0) cpu.leave();
      }, 0).unref();
    };
    Atomics.store(board.i32, board.place(FIRST, Place.loop), 1);
    cpus.afterCalls();
    return team;
  }

  get count(): number {
    return this.#threads.length + 1;
  }

  cpuOf(seat: Seat): number {
    return this.cpus.directory.cpuOf(seat.number);
  }

  /** Gives the seat its number and its CPU, and tells all others of it. */
  place(seat: Seat, cpu: number): void {
    if (cpu >= this.count) {
      throw new SumacError(
        "manifest-invalid",
        `domain ${seat.spec.name}: is to be on CPU ${cpu}, and there are ${this.count}: the first is CPU 0`,
      );
    }
    if (cpu !== FIRST) requirePortable(seat.spec, cpu);
    seat.number = this.cpus.directory.add(cpu);
    this.cpus.add(seat);
    const plain = plainSeat(seat);
    for (const thread of this.#threads) thread.post(plain);
  }

  /** No further generation is started there. */
  remove(seat: Seat): void {
    const { cpus } = this;
    cpus.forget(seat);
    if (this.#isStopped) return;
    for (let cpu = 1; cpu < this.count; cpu++)
      if (!hasEnded(cpus.cpu.board, cpu)) cpus.cpu.apart(-1, () => order(cpus.cpu, cpu, { kind: "remove", seat: seat.number }));
  }

  /** Another CPU wants something while this thread is in its event loop. */
  called(): void {
    const { cpu } = this.cpus;
    Atomics.store(cpu.board.i32, cpu.board.place(FIRST, Place.loop), 1);
    if (this.#isStopped) {
      this.#newsroom.read();
      return;
    }
    if (this.#kernel.depth > 0) return;
    cpu.enter();
    this.cpus.rest();
  }

  /**
   * Ends the threads, whose domains are dead.
   * @throws SystemFault naming a CPU that does not answer; all others have ended by then
   */
  async stop(): Promise<void> {
    const { cpus } = this;
    const faults: string[] = [];
    this.isEnding = true;
    for (const [i, thread] of this.#threads.entries()) {
      thread.hold(true);
      try {
        cpus.cpu.apart(-1, () => order(cpus.cpu, i + 1, { kind: "stop" }));
      } catch (error) {
        if (!(error instanceof SystemFault)) throw error;
        faults.push(error.message);
      }
    }
    this.#isStopped = true;
    cpus.cpu.leave();
    const gone = Promise.all(this.#threads.map(({ ended }) => ended));
    // The heap is of no use to anybody any more: whoever holds its lock holds it in vain.
    if (faults.length > 0) await Promise.all(this.#threads.map((thread) => thread.terminate()));
    await gone;
    this.#newsroom.read();
    if (faults.length > 0) throw new SystemFault(faults.join("; "));
  }
}
