/** The shared-heap types of all loaded worlds. A type id is a short hash, so two types that collide must not both load. */
import { SumacError } from "../errors.ts";
import type { SharedType } from "../idl/idl.ts";

export class TypeRegistry {
  readonly #types: Map<number, SharedType> = new Map();

  add(type: SharedType): void {
    const known = this.#types.get(type.id);
    if (known === undefined) this.#types.set(type.id, type);
    else if (known.canonical !== type.canonical) {
      throw new SumacError(
        "interface-mismatch",
        `shared types ${known.canonical} and ${type.canonical} have the same id 0x${type.id.toString(16)}: rename one of them`,
      );
    }
  }

  get(id: number): SharedType | undefined {
    return this.#types.get(id);
  }
}
