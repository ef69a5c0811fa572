/**
 * What the watchdog tells, on the kernel's side: ends calls that overran their budgets, keeps callers out of a domain whose CPU time per
 * window is used up, and ends a call that runs on there all the same. Opens and closes the accounts of that time.
 *
 * That a domain is closed to callers is said in the word that counts calls in progress in it: proxies read that anyway before
 * a call, so calls that are allowed pay nothing. The word is the kernel's own; the watchdog's thread only tells (`platform/cpu-accounts.ts`).
 * Called by `kernel.ts`, by births and burials, and off the fast path of proxies. Never reads a clock.
 */
import { AccountsWord, AccountWord, accountIndex } from "../platform/cpu-accounts.ts";
import type { Domain } from "./domain.ts";
import type { Kernel } from "./kernel.ts";
import { Cause } from "./status.ts";
import { CLOSED, RecordWord } from "./words.ts";

/** What dead generations had used of their windows: their successors go on from there, so that nobody gains time by dying. */
export class UsedTime {
  readonly #left: { readonly used: number; readonly since: number }[] = [];

  put(used: number, since: number): void {
    this.#left.push({ used, since });
  }

  take(): { readonly used: number; readonly since: number } {
    return this.#left.shift() ?? { used: 0, since: 0 };
  }
}

export class CpuTime {
  readonly #kernel: Kernel;
  readonly #accounts: Int32Array;

  constructor(kernel: Kernel, accounts: Int32Array) {
    this.#kernel = kernel;
    this.#accounts = accounts;
  }

  /**
   * A first birth has a budget of its own and is in nobody's account, but in that of a domain that makes others: it may do so without end.
   * Further births are in the domain's own: whoever dies in each call could otherwise have itself born all the time.
   */
  beginBirth(domain: Domain, creator: Domain | undefined): void {
    const account = accountIndex(domain.slot);
    this.#accounts[account + AccountWord.payer] = creator?.id ?? 0;
    this.#accounts[account + AccountWord.birth] = 1;
    if (domain.generation > 1 && creator === undefined) this.#open(domain);
  }

  /** From now on its time is counted, and is what it may have. */
  open(domain: Domain): void {
    const account = accountIndex(domain.slot);
    const words = this.#accounts;
    words[account + AccountWord.payer] = 0;
    if (words[account] !== domain.id) this.#open(domain);
    words[account + AccountWord.birth] = 0;
  }

  #open({ id, slot, seat, spec: { limits } }: Domain): void {
    if (limits.cpuBudgetMs === 0) return;
    const account = accountIndex(slot);
    const words = this.#accounts;
    const { used, since } = seat.usedTime.take();
    words[account + AccountWord.budget] = Math.min(Math.ceil(limits.cpuBudgetMs * 1000), 0x3fffffff);
    words[account + AccountWord.window] = Math.max(1, Math.ceil(limits.cpuWindowMs));
    words[account + AccountWord.used] = used;
    words[account + AccountWord.since] = since;
    words[account + AccountWord.spent] = 0;
    Atomics.store(words, account, id);
  }

  close({ id, slot, seat }: Domain): void {
    const account = accountIndex(slot);
    const words = this.#accounts;
    words[account + AccountWord.payer] = 0;
    if (words[account] !== id) return;
    Atomics.store(words, account, 0);
    seat.usedTime.put(words[account + AccountWord.used] ?? 0, words[account + AccountWord.since] ?? 0);
  }

  /** For another CPU, to which the domain goes. */
  windowOf({ slot }: Domain): { readonly used: number; readonly since: number } {
    const account = accountIndex(slot);
    return { used: this.#accounts[account + AccountWord.used] ?? 0, since: this.#accounts[account + AccountWord.since] ?? 0 };
  }

  /** What the watchdog told, at a safepoint or when a call has ended. */
  answer(): void {
    const expired = Atomics.exchange(this.#kernel.i32, this.#kernel.cpu.expired, 0);
    if (expired !== 0) this.#expire(expired);
    const spent = Atomics.exchange(this.#accounts, AccountsWord.spent, 0);
    if (spent !== 0) this.#closeToCallers(spent);
    const over = Atomics.exchange(this.#accounts, AccountsWord.over, 0);
    const callee = over === 0 ? undefined : this.#kernel.callOf(over)?.callee;
    const domain = callee && this.#payerOf(callee);
    if (domain === undefined || !this.#isSpent(domain)) return;
    this.#kernel.doom(domain, Cause.deadline, `went on for as long again when it had used ${budgetText(domain)}`);
  }

  /** Whether callers are kept out; opens the domain to them when its window is over. */
  isClosed(domain: Domain): boolean {
    const { i32 } = this.#kernel;
    const entered = domain.record + RecordWord.entered;
    const count = i32[entered] ?? 0;
    if (count < CLOSED) return false;
    if (this.#isSpent(domain)) return true;
    i32[entered] = count - CLOSED;
    return false;
  }

  /** The call with this sequence number overran its budget. */
  #expire(sequence: number): void {
    const { callee, budgetMs } = this.#kernel.callOf(sequence) ?? {};
    // Numbers come again after 2^30 calls; a call that may last that long has no budget, and is never meant.
    if (callee === undefined || budgetMs === 0) return;
    this.#kernel.doom(callee, Cause.deadline, `did not return within its budget of ${budgetMs} ms`);
  }

  #closeToCallers(id: number): void {
    const domain = this.#kernel.byId(id);
    // Who has gone to another CPU is kept from his callers there, and his words are that CPU's.
    if (domain === undefined || domain.isElsewhere || !this.#isSpent(domain)) return;
    const { i32 } = this.#kernel;
    const entered = domain.record + RecordWord.entered;
    const count = i32[entered] ?? 0;
    if (count < CLOSED) i32[entered] = count + CLOSED;
  }

  /** Whose account its time is in. */
  #payerOf(callee: Domain): Domain {
    let domain = callee;
    for (;;) {
      const creator = this.#kernel.byId(this.#accounts[accountIndex(domain.slot) + AccountWord.payer] ?? 0);
      if (creator === undefined) return domain;
      domain = creator;
    }
  }

  #isSpent({ id, slot }: Domain): boolean {
    return Atomics.load(this.#accounts, accountIndex(slot) + AccountWord.spent) === id;
  }
}

/** `its 10 ms of CPU time in 100 ms` */
export function budgetText({ spec: { limits } }: Domain): string {
  return `its ${limits.cpuBudgetMs} ms of CPU time in ${limits.cpuWindowMs} ms`;
}
