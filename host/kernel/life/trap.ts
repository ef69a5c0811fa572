/** What kind of death a thrown trap is. */
import type { Domain, Doom } from "../domain.ts";
import { Cause } from "../status.ts";

/** The panic code with which the domain library reports that the kernel refused it heap memory. */
export const PANIC_QUOTA = 2;

/**
 * @param thrown a RuntimeError of Wasm, or the RangeError of a stack that ended
 * @param domain whose frames it left; its last words explain a trap, and only a refusal that the kernel itself
 *   remembers makes it a death by quota
 * @param refused what the guard refused it, if that is why it trapped
 */
export function classifyTrap(thrown: Error, domain: Domain, refused: string | undefined): Doom {
  if (thrown instanceof RangeError) return { cause: Cause.stack, detail: "used up the stack" };
  if (refused !== undefined) return { cause: Cause.trap, detail: refused };
  const words = domain.lastWords;
  if (words === undefined) return { cause: Cause.trap, detail: thrown.message };
  const byQuota = words.code === PANIC_QUOTA && domain.quotaRefused;
  return { cause: byQuota ? Cause.quota : Cause.trap, detail: words.text };
}
