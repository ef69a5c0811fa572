/**
 * Asynchronous events: requests that wait for something to report, and reports that wait for a request.
 * A type of event that was reported stays silent until its log page is read without retaining it.
 * Source: [NVME-1.4] section 5.2.
 */

/** Requests held at once are AERL + 1. */
export const AERL = 3;

export const EVENT_TYPE = { error: 0 } as const;
export const ERROR_EVENT = { unknownDoorbell: 0, doorbellValue: 1 } as const;

export class Events {
  /** Command ids of requests without an answer, oldest first. */
  readonly #requests: number[] = [];
  /** Dword 0 of reports without a request, oldest first; each at most once. */
  readonly #reports: number[] = [];
  /** Types that wait for their log page to be read. */
  readonly #silent: Set<number> = new Set();

  /** `false`: too many are held already. */
  hold(cid: number): boolean {
    if (this.#requests.length > AERL) return false;
    this.#requests.push(cid);
    return true;
  }

  /** Forgets a held request; `false` if there is none with that id. */
  cancel(cid: number): boolean {
    const at = this.#requests.indexOf(cid);
    if (at >= 0) this.#requests.splice(at, 1);
    return at >= 0;
  }

  report(type: number, info: number, logPage: number): void {
    const dword = type | (info << 8) | (logPage << 16);
    if (!this.#reports.includes(dword)) this.#reports.push(dword);
  }

  /** Reading the log page of a type lets it be reported again. What happened meanwhile has been read with it. */
  acknowledge(type: number): void {
    if (!this.#silent.delete(type)) return;
    for (let i = this.#reports.length - 1; i >= 0; i--) if (typeOf(this.#reports[i] ?? 0) === type) this.#reports.splice(i, 1);
  }

  /** The next request that can be answered, with its answer. */
  take(): { readonly cid: number; readonly result: number } | undefined {
    const cid = this.#requests[0];
    const at = this.#reports.findIndex((report) => !this.#silent.has(typeOf(report)));
    const result = this.#reports[at];
    if (cid === undefined || result === undefined) return undefined;
    this.#requests.shift();
    this.#reports.splice(at, 1);
    this.#silent.add(typeOf(result));
    return { cid, result };
  }

  clear(): void {
    this.#requests.length = 0;
    this.#reports.length = 0;
    this.#silent.clear();
  }
}

function typeOf(report: number): number {
  return report & 7;
}
