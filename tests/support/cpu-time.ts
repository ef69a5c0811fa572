/** Says of a domain that it has used up its CPU time, as the watchdog's thread does, so that tests need no busy domain. */
import type { Domain, DomainLimits } from "../../host/kernel/domain.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { AccountsWord, AccountWord, accountIndex } from "../../host/platform/cpu-accounts.ts";
import type { TestSystem } from "./system.ts";

/** So long that no window ends while a test looks, and so much that no test uses it up by working. */
export const AMPLE: Partial<DomainLimits> = { cpuBudgetMs: 50_000, cpuWindowMs: 60_000 };

/** The kernel hears it when the next call of anybody has ended; that it is over, with the next call of that domain. */
export function spend({ system: { kernel } }: TestSystem, { current }: Seat, isSpent = true): void {
  if (current === undefined) throw new Error("nobody sits there");
  accountOf(kernel.watchdog.accounts, current)[AccountWord.spent] = isSpent ? current.id : 0;
  if (!isSpent) return;
  kernel.watchdog.accounts[AccountsWord.spent] = current.id;
  Atomics.store(kernel.i32, kernel.cpu.interrupt, 1);
}

export function accountOf(accounts: Int32Array, { slot }: Pick<Domain, "slot">): Int32Array {
  return accounts.subarray(accountIndex(slot), accountIndex(slot) + Object.keys(AccountWord).length);
}
