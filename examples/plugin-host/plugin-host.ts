/** A plugin that nobody trusts, behind a function that always answers in time. */
import { boot, type Death, type RpcError, type Sumac } from "sumac-kernel";
import type { Filter, FilterError, Image, Kind } from "./filter/wit/gen/image.ts";

/** A call may take so long, and then an error comes back, whatever the plugin does. */
export const DEADLINE_MS = 50;

export type Filtered =
  | { readonly kind: "image"; readonly image: Image }
  /** The plugin's own answer. */
  | { readonly kind: "refused"; readonly error: FilterError }
  /** The plugin died of this call; the next one gets another. */
  | { readonly kind: "died"; readonly error: RpcError; readonly death: Death | undefined };

export class PluginHost {
  readonly #system: Sumac;
  readonly #module: string;
  #filter: Filter | undefined;
  #loads = 0;

  private constructor(system: Sumac, module: string) {
    this.#system = system;
    this.#module = module;
  }

  /** @param module the signed plugin */
  static async start(module: string): Promise<PluginHost> {
    return new PluginHost(await boot(), module);
  }

  /** Runs on the calling thread, for `DEADLINE_MS` and a little more at most. */
  async apply(kind: Kind, image: Image): Promise<Filtered> {
    this.#filter ??= await this.#load();
    const called = this.#filter.apply(kind, image);
    if (called.ok) {
      const { tag, val } = called.value;
      return tag === "ok" ? { kind: "image", image: val } : { kind: "refused", error: val };
    }
    this.#filter = undefined;
    return { kind: "died", error: called.error, death: this.#system.deaths().at(-1) };
  }

  /** How often the plugin was loaded. */
  get loads(): number {
    return this.#loads;
  }

  async stop(): Promise<void> {
    await this.#system.stop();
  }

  /** It gets no grants, so it reaches nothing; 4 MiB of memory; and so long for a call. */
  async #load(): Promise<Filter> {
    const name = `filter-${++this.#loads}`;
    await this.#system.load(name, this.#module, { limits: { memoryPages: 64, callBudgetMs: DEADLINE_MS } });
    return this.#system.export<Filter>(name, "plugin:image/filter@1.0.0");
  }
}
