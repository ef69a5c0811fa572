/** A counter that forgets nothing, although the domain that does its work dies all the time. */
import { boot, following, type KernelEvent, type Sumac } from "sumac-kernel";
import type { Counter } from "./domains/keeper/wit/gen/tally.ts";

const WEIGHING = "lasting:tally/weighing@1.0.0";

export class LastingCounter {
  readonly #system: Sumac;
  readonly #counter: Counter;

  private constructor(system: Sumac) {
    this.#system = system;
    this.#counter = system.export<Counter>("keeper", "lasting:tally/counter@1.0.0");
  }

  /** @param worker and `keeper`: the signed modules */
  static async start(worker: string, keeper: string, onEvent: (event: KernelEvent) => void = () => {}): Promise<LastingCounter> {
    const system = await boot({ supervision: { intensity: 1000, firstWaitMs: 0 } });
    system.on(onEvent);
    await system.load("worker", worker, { supervision: { restart: "permanent" } });
    await system.load("keeper", keeper, { grants: { [WEIGHING]: following("worker") } });
    return new LastingCounter(system);
  }

  /** Adds the weight of a number, and gives the total. */
  add(number: number): bigint {
    const called = this.#counter.add(number);
    if (!called.ok) throw new Error(`${called.error.cause}: ${called.error.detail}`);
    if (called.value.tag === "err") throw new Error(called.value.val);
    return called.value.val;
  }

  async stop(): Promise<void> {
    await this.#system.stop();
  }
}
