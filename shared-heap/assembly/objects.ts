/**
 * Looking objects up by base or address. A base comes from a domain as a plain number: any number must be safe to ask about.
 * Called by every export that takes a base, and by the kernel and device models directly; never changes anything.
 */
import { Entry, entryAt, GRANULE_SHIFT, GRANULES, header, OWNER_MASK } from "./layout";
import { Readers } from "./readers";

export class Objects {
  /** The live object that starts at `base`; the null entry (owner 0) for any other number. */
  @inline
  static at(base: u32): Entry {
    if (base >= header().heapEnd) return entryAt(0);
    const entry = entryAt(load<u32>(GRANULES + (base >> GRANULE_SHIFT) * 4));
    return entry.base == base && entry.owner != 0 ? entry : entryAt(0);
  }

  @inline
  static exists(entry: Entry): bool {
    return changetype<usize>(entry) != 0;
  }
}

/** The owner's id without the LENT bit; 0 when no live object starts at `base`. */
export function ownerOf(base: u32): u32 {
  return Objects.at(base).owner & OWNER_MASK;
}

/** The type id; 0 when no live object starts at `base`. */
export function typeOf(base: u32): u32 {
  return Objects.at(base).type;
}

/** The size in bytes as requested; 0 when no live object starts at `base`. */
export function sizeOf(base: u32): u32 {
  return Objects.at(base).bytes;
}

/** The base of the live object that holds `address`, 0 = none; for device models, whose DMA may start inside an object. */
export function objectAt(address: u32): u32 {
  if (address >= header().heapEnd) return 0;
  const entry = entryAt(load<u32>(GRANULES + (address >> GRANULE_SHIFT) * 4));
  return entry.owner != 0 ? entry.base : 0;
}

/** Whether the guard would let `reader` read the object that starts at `base`. */
export function canRead(base: u32, reader: u32): bool {
  const entry = Objects.at(base);
  return Objects.exists(entry) && reader != 0 && ((entry.owner & OWNER_MASK) == reader || Readers.has(entry, reader));
}
