/**
 * Says in words what the guard refused a domain right before it trapped.
 * Called once for a trap, before the domain's objects go: who owned what is read from the tables as they were then.
 */
import {
  DOMAIN_REFUSED_ADDRESS,
  DOMAIN_REFUSED_KIND,
  DOMAIN_REFUSED_OWNER,
  ENTRY_BYTES,
  GRANULE_SHIFT,
  GRANULES,
  KERNEL_ID,
  LENT,
  OWNER_MASK,
  REFUSED_ALIGNMENT,
  REFUSED_RANGE,
  REFUSED_RIGHT,
} from "../../../shared-heap/layout.ts";
import type { Domain } from "../domain.ts";

/** @returns undefined if the guard refused nothing, so that the trap was another */
export function explainRefusal(i32: Int32Array, { id, record }: Domain, nameOf: (id: number) => string | undefined): string | undefined {
  const word = (offset: number): number => (i32[record + (offset >> 2)] as number) >>> 0;
  const address = word(DOMAIN_REFUSED_ADDRESS);
  const place = `0x${address.toString(16)} on the shared heap`;
  const kind = word(DOMAIN_REFUSED_KIND);
  // There the guard takes bytes of objects for its tables, which the domain may have written itself.
  if (address >= i32.byteLength && kind !== 0) return `touched ${place}, which ends before it`;
  switch (kind) {
    case REFUSED_RIGHT:
      return `touched ${place}: ${whose(word(DOMAIN_REFUSED_OWNER), id, nameOf)}`;
    case REFUSED_RANGE: {
      const entry = i32[(GRANULES >> 2) + (address >>> GRANULE_SHIFT)] as number;
      return `touched a range from ${place} that leaves its object of ${i32[(entry + ENTRY_BYTES) >> 2]} bytes`;
    }
    case REFUSED_ALIGNMENT:
      return `touched ${place}, which is no multiple of the access's width`;
    default:
      return undefined;
  }
}

function whose(ownerWord: number, self: number, nameOf: (id: number) => string | undefined): string {
  if (ownerWord === 0) return "no object is there; it was freed, or never was one";
  const owner = ownerWord & OWNER_MASK;
  if (owner === self) return "it is its own and lent, and nobody writes what is lent";
  const name = owner === KERNEL_ID ? "the kernel, since its owner died" : (nameOf(owner) ?? "a domain that is gone");
  if (ownerWord >= LENT) return `that object belongs to ${name}, lent: its borrowers may not write, others not even read`;
  return `that object belongs to ${name}; it was moved away, never given, or its borrow has ended`;
}
