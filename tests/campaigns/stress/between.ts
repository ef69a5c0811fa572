/**
 * Rounds of threads on one CPU or on several that reach each other through a hub: objects cross CPUs, callers wait for what another CPU's
 * threads bring, threads travel and are joined at home, while threads, calls and domains are killed by chance. What must hold: every round
 * ends, what was sent was used once, joiners hear the truth, and nothing is left on the heap.
 * Used by the campaign `stress` and by its slice among the tests.
 */
import type { HostValue } from "../../../host/kernel/host/host-values.ts";
import { seededRandom } from "../../../host/platform/seeded-random.ts";
import { run } from "../../support/as-domain.ts";
import type { TestSystem } from "../../support/system.ts";
import { addStress, compileStress, HOME, HUB, type Modules, WORK } from "./domains.ts";
import type { StressCounts } from "./workload.ts";

/** A round takes some 20 ms; one that has not ended after so long never will. */
const STUCK_MS = 20_000;
/** Of a call that overruns its budget. */
const ENDLESS = 2_000_000_000;

/** What was killed in a round. */
interface Killed {
  threads: boolean;
  hub: boolean;
  worker: boolean;
}

export class BetweenRig {
  readonly #t: TestSystem;
  readonly #modules: Modules;
  readonly #random: () => number;
  #workers: readonly string[] = [];
  #hubDied = false;
  readonly counts: StressCounts = { rounds: 0, threadKills: 0, domainKills: 0, callKills: 0, unplanned: 0 };

  private constructor(t: TestSystem, modules: Modules, seed: number) {
    this.#t = t;
    this.#modules = modules;
    this.#random = seededRandom(seed);
  }

  static async start(t: TestSystem, seed: number): Promise<BetweenRig> {
    const rig = new BetweenRig(t, await compileStress(), seed);
    t.system.kernel.events.on((event) => {
      if (event.kind === "death" && event.death.domain === "hub") rig.#hubDied = true;
    });
    return rig;
  }

  /** One round, with new domains where they were killed. @returns what did not hold */
  async round(): Promise<string | undefined> {
    this.counts.rounds++;
    if (this.#workers.length === 0) this.#workers = await addStress(this.#t, this.#modules);
    const workers = this.#workers;
    const chaos = this.#below(4) !== 0;
    for (const [cpu, name] of workers.entries()) {
      const there = workers.length === 1 ? HOME : (cpu + 1) % workers.length;
      const started = this.#ask(name, "start", this.#below(1_000_000), there, workers.length);
      if (started !== "ok 1") return this.#broken(`${name}: no thread could be started: ${started}`);
    }
    const killed: Killed = { threads: false, hub: false, worker: false };
    const begun = performance.now();
    this.#hubDied = false;
    while (!killed.worker) {
      const states = workers.map((name) => this.#ask(name, "state"));
      if (this.#hubDied && !killed.hub) {
        this.counts.unplanned++;
        killed.hub = true;
      }
      if (states.every((state) => state === "ok 1" || state === "ok 2")) {
        // Where the main thread was killed, nobody joins the others, and nobody closes.
        if (states.includes("ok 2")) killed.worker = true;
        break;
      }
      if (states.some((state) => !/^ok [012]$/.test(state)))
        return this.#broken(`a round ended as ${states.join(", ")}: ${this.#lastDeath()}`);
      if (performance.now() - begun > STUCK_MS) return this.#broken(`stuck: ${states.join(", ")}; ${this.#threads()}`);
      // Without consumers those who send wait with good reason, and a hub that was killed does not know who was done.
      const isOrphaned = killed.threads && workers.every((name) => this.#ask(name, "consuming") === "ok 0");
      if (killed.hub || isOrphaned || states.includes("ok 2")) run(this.#t, "hub", HUB, "close");
      await new Promise((resolve) => (this.#below(2) === 0 ? setImmediate(resolve) : setTimeout(resolve, 1)));
      if (chaos && this.#below(3) === 0) this.#strike(killed);
    }
    return killed.worker || killed.threads || killed.hub ? await this.#clear(killed) : this.#balance();
  }

  #strike(killed: Killed): void {
    const { system } = this.#t;
    const victim = this.#below(24);
    if (victim === 0) {
      run(this.#t, "hub", HUB, "spin", ENDLESS);
      this.counts.callKills++;
      killed.hub = true;
    } else if (victim === 1) {
      system.kill("hub");
      this.counts.domainKills++;
      killed.hub = true;
    } else if (victim === 2) {
      system.kill(this.#worker());
      this.counts.domainKills++;
      killed.worker = true;
    } else if (this.#ask(this.#worker(), "hit", this.#below(100)) === "ok 1") {
      this.counts.threadKills++;
      killed.threads = true;
    }
  }

  /** Nobody was killed: it has to come out even. */
  #balance(): string | undefined {
    const sums = ["sumMade", "sumUsed", "misled"].map((what) =>
      this.#workers.map((name) => Number(this.#ask(name, what).slice(3))).reduce((sum, each) => sum + each, 0),
    );
    const [made, used, wrong] = sums;
    if (made !== used || made === 0) return this.#broken(`${made} was made and ${used} used`);
    if (wrong !== 0) return this.#broken(`${wrong} joiners were told something wrong of a thread that had travelled`);
    const left = this.#t.system.liveObjects();
    if (left !== 0) return this.#broken(`${left} objects are left`);
    // The hub is closed: the next round has a new one.
    this.#destroy();
    return this.#rest("after a round in which nobody was killed");
  }

  /** Somebody was killed: what a dead thread had is its domain's, so all of them go. */
  async #clear(killed: Killed): Promise<string | undefined> {
    const { threads } = this.#t.system.kernel;
    this.#destroy();
    await threads.unwound();
    return this.#rest(`after ${JSON.stringify(killed)}`);
  }

  #rest(when: string): string | undefined {
    const { system } = this.#t;
    const { threads, heap } = system.kernel;
    if (threads.list().length !== 0) return `${when}: ${this.#threads()} are left`;
    const { borrows, orphans } = heap.stats();
    const left = system.liveObjects();
    return left + borrows + orphans === 0 ? undefined : `${when}: ${left} objects, ${borrows} borrows, ${orphans} orphans are left`;
  }

  #broken(problem: string): string {
    this.#destroy();
    return problem;
  }

  #destroy(): void {
    const { system } = this.#t;
    for (const name of ["worker", "hub", "ledger"]) if (system.domains().some((each) => each.name === name)) system.destroy(name);
    this.#workers = [];
  }

  #worker(): string {
    return this.#workers[this.#below(this.#workers.length)] as string;
  }

  #ask(name: string, method: string, ...args: HostValue[]): string {
    return run(this.#t, name, WORK, method, ...args);
  }

  #lastDeath(): string | undefined {
    return this.#t.system.kernel.deaths.list().at(-1)?.detail;
  }

  #threads(): string {
    return this.#t.system.kernel.threads
      .list()
      .map(({ name, state }) => `${name} ${state}`)
      .join(", ");
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end);
  }
}
