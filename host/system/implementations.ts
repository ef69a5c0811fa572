/**
 * What an application implements itself, as providers: one per object and meaning, however many domains are granted it, so that an
 * instance that one of them hands to another is the same there. Called by `host/sumac.ts`.
 */
import { SumacError } from "../errors.ts";
import { explainMismatch, type Interface } from "../idl/idl.ts";
import { hostFunctions } from "../kernel/host/host-functions.ts";
import type { HostImplementation } from "../kernel/host/host-values.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Provider } from "../kernel/provider.ts";
import type { LoadedModule } from "../loader/load.ts";

export class Implementations {
  readonly #kernel: Kernel;
  readonly #meant: ReadonlyMap<string, Interface>;
  readonly #providers: WeakMap<HostImplementation, Map<string, Provider>> = new WeakMap();

  /** @param meant the interfaces as the application means them; a module must mean the same by their names */
  constructor(kernel: Kernel, meant: readonly Interface[]) {
    this.#kernel = kernel;
    this.#meant = new Map(meant.map((owner) => [owner.id, owner]));
  }

  /** Undefined where the module does not import the interface, so that nobody will ask. */
  providerFor(name: string, loaded: LoadedModule, id: string, implementation: HostImplementation): Provider | undefined {
    const { imports, exports } = loaded.world;
    const wanted = imports.find((owner) => owner.id === id);
    if (wanted === undefined) return undefined;
    const meant = this.#meant.get(id);
    const difference = meant && explainMismatch(wanted, meant);
    if (difference !== undefined) {
      throw new SumacError("interface-mismatch", `domain ${name} means another interface by ${id} than the application: ${difference}`);
    }
    const known = this.#providers.get(implementation) ?? new Map<string, Provider>();
    this.#providers.set(implementation, known);
    const made = known.get(wanted.hash) ?? hostFunctions(this.#kernel, wanted, implementation, [...imports, ...exports]);
    known.set(wanted.hash, made);
    return made;
  }
}
