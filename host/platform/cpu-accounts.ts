/**
 * How much time a domain has used in its window: kept by the watchdog's thread, in words that it shares with one kernel and nobody else.
 *
 * Nobody reads a clock when a call begins or ends. At each sample the time since the last one goes to the callee of the innermost call:
 * what is charged is a domain's own time and that of functions of the host that it calls, not that of domains that it calls. Samples
 * come at random intervals, so that on average nobody is charged more or less than it has used, whenever it begins and ends.
 *
 * What is under way when the time is used up (a call, threads, destructors) may take as much again; what a domain has used beyond its
 * budget counts in its next windows, so that in the long run it has no more than its budget in each.
 *
 *   header              +0 spent   id of a domain whose time is used up and that was seen running, 0 = none
 *                       +1 over    number of a call into a domain that has used its budget twice, 0 = none
 *   account of slot s   +0 id      whom it is kept for, 0 = nobody
 *                       +1 budget  microseconds in a window
 *                       +2 window  milliseconds
 *                       +3 used    microseconds in the present window
 *                       +4 since   when that began: milliseconds of the watchdog's clock, modulo 2^32
 *                       +5 spent   id of the domain that may not be called until the window ends
 *                       +6 payer   while the domain in this slot is born: id of the domain that makes it and is charged for it, 0 = nobody
 *                       +7 birth   1 while the domain is born: its time is counted, and it is not kept from being born
 *
 * The kernel writes an account while its domain does not run, the watchdog all the other time. The header's words are written by the
 * watchdog where they are 0, and taken by the kernel when it answers the interrupt.
 */
import { DOMAIN_SLOT_MASK, DOMAIN_SLOTS } from "../../shared-heap/layout.ts";

export const AccountsWord = { spent: 0, over: 1 } as const;
export const AccountWord = { id: 0, budget: 1, window: 2, used: 3, since: 4, spent: 5, payer: 6, birth: 7 } as const;
const ACCOUNT_WORDS = 8;

/** A sample of a machine that stood still is charged with so much at most: that alone ends nobody. */
const SPARED_MS = 5;

export function newAccounts(): Int32Array {
  return new Int32Array(new SharedArrayBuffer((1 + DOMAIN_SLOTS) * ACCOUNT_WORDS * 4));
}

/** Index of the account of a domain in this slot. */
export function accountIndex(slot: number): number {
  return (1 + slot) * ACCOUNT_WORDS;
}

/** The watchdog's side. */
export class Accountant {
  readonly #i32: Int32Array;
  /** Indices of accounts whose time is used up. */
  readonly #spent: Set<number> = new Set();

  constructor(accounts: Int32Array) {
    this.#i32 = accounts;
  }

  /**
   * A call with this number, into this domain, is the innermost one and has been for this long, or others into it.
   * Returns true when the kernel has something to answer.
   */
  charge(callee: number, sequence: number, ms: number, nowMs: number): boolean {
    const i32 = this.#i32;
    const payer = this.#payerOf(callee);
    if (payer === 0) return false;
    const account = accountIndex(payer & DOMAIN_SLOT_MASK);
    this.#beginWindow(account, nowMs);
    const used = (i32[account + AccountWord.used] ?? 0) + Math.round(ms * 1000);
    i32[account + AccountWord.used] = Math.min(used, 0x7fffffff);
    if (payer === callee && Atomics.load(i32, account + AccountWord.birth) === 1) return false;
    if (used < (i32[account + AccountWord.budget] ?? 0)) return false;
    if (i32[account + AccountWord.spent] !== payer) {
      this.#spent.add(account);
      Atomics.store(i32, account + AccountWord.spent, payer);
    }
    // Where another one's is still waiting to be taken, the next sample tries again.
    Atomics.compareExchange(i32, AccountsWord.spent, 0, payer);
    const most = 2 * (i32[account + AccountWord.budget] ?? 0) + SPARED_MS * 1000;
    if (used >= most) Atomics.compareExchange(i32, AccountsWord.over, 0, sequence);
    return true;
  }

  /** Lets in whose window is over. Returns the milliseconds until the next window of a domain whose time is used up ends. */
  lift(nowMs: number): number {
    const i32 = this.#i32;
    let next = Number.POSITIVE_INFINITY;
    for (const account of this.#spent) {
      const left = this.#beginWindow(account, nowMs);
      if ((i32[account + AccountWord.used] ?? 0) >= (i32[account + AccountWord.budget] ?? 0)) next = Math.min(next, left);
      else {
        this.#spent.delete(account);
        Atomics.store(i32, account + AccountWord.spent, 0);
      }
    }
    return next;
  }

  /** Who has an account: the callee, or whoever makes it, who may be in its own birth; 0 = nobody. */
  #payerOf(callee: number): number {
    let id = callee;
    while (id !== 0) {
      const account = accountIndex(id & DOMAIN_SLOT_MASK);
      if (Atomics.load(this.#i32, account) === id) return id;
      id = this.#i32[account + AccountWord.payer] ?? 0;
    }
    return 0;
  }

  /** If the last window is over: with the first call after it, or right away where more was used than it had. Returns the milliseconds left. */
  #beginWindow(account: number, nowMs: number): number {
    const i32 = this.#i32;
    const since = i32[account + AccountWord.since] ?? 0;
    const length = i32[account + AccountWord.window] ?? 0;
    const passed = (Math.floor(nowMs) - since) >>> 0;
    if (passed < length) return length - passed;
    const windows = Math.floor(passed / length);
    const used = Math.max(0, (i32[account + AccountWord.used] ?? 0) - windows * (i32[account + AccountWord.budget] ?? 0));
    i32[account + AccountWord.used] = used;
    i32[account + AccountWord.since] = used === 0 ? Math.floor(nowMs) : since + windows * length;
    return used === 0 ? length : length - (passed % length);
  }
}
