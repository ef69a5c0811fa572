/**
 * The shared-heap types of all loaded worlds: what an object of a type id is made of, and where it may have children of which type.
 * A type id is a short hash, so two types that collide must not both load.
 */
import { SumacError } from "../errors.ts";
import { SLOT_BYTES, type SlotRun, slotsOf } from "../idl/field-sizes.ts";
import type { SharedType } from "../idl/idl.ts";

interface Registered {
  readonly type: SharedType;
  readonly slots: readonly SlotRun[];
}

export class TypeRegistry {
  readonly #types: Map<number, Registered> = new Map();
  #lastId = 0;
  #lastSlots: readonly SlotRun[] | undefined = undefined;

  add(type: SharedType): void {
    const known = this.#types.get(type.id)?.type;
    if (known === undefined) this.#types.set(type.id, { type, slots: slotsOf(type) });
    else if (known.canonical !== type.canonical) {
      throw new SumacError(
        "interface-mismatch",
        `shared types ${known.canonical} and ${type.canonical} have the same id 0x${type.id.toString(16)}: rename one of them`,
      );
    }
  }

  get(id: number): SharedType | undefined {
    return this.#types.get(id)?.type;
  }

  /** The type id of the children that an object of type `id` may have in the slot at `offset`; undefined where there is no slot. */
  childType(id: number, offset: number): number | undefined {
    // HOT: a batch is filled child by child, so the type is mostly that of the last time.
    if (id !== this.#lastId || this.#lastSlots === undefined) {
      this.#lastSlots = this.#types.get(id)?.slots;
      this.#lastId = id;
    }
    const slots = this.#lastSlots;
    if (slots === undefined) return undefined;
    for (let i = 0; i < slots.length; i++) {
      const run = slots[i];
      if (run === undefined) continue;
      const from = offset - run.offset;
      if (from >= 0 && from < run.count * SLOT_BYTES && from % SLOT_BYTES === 0) return run.target.id;
    }
    return undefined;
  }
}
