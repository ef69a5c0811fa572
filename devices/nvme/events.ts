/**
 * Asynchronous events: requests that wait for something to report, and reports that wait for a request.
 * A type of event that was reported stays silent until its log page is read without retaining it; feature 0Bh may silence some for good.
 * Source: [NVME-1.4] sections 5.2, 5.21.1.11.
 */
import { LOG } from "./codes.ts";

/** Requests held at once are AERL + 1. */
export const AERL = 3;

export const EVENT_TYPE = { error: 0, health: 1, notice: 2 } as const;
const ERROR_EVENT = { unknownDoorbell: 0, doorbellValue: 1 } as const;
const HEALTH_EVENT = { temperature: 1 } as const;
const NOTICE_EVENT = { namespaceChanged: 0 } as const;

/** Bits of feature 0Bh; Identify's OAES names the notices among them. */
export const EVENT_ENABLE = { temperature: 0x2, namespaceChanged: 0x100 } as const;

/** Type, information, and the log page that tells more. */
interface EventKind {
  readonly type: number;
  readonly info: number;
  readonly page: number;
}

export type EventName = "unknownDoorbell" | "doorbellValue" | "temperature" | "namespaceChanged";

const KINDS: Readonly<Record<EventName, EventKind>> = {
  unknownDoorbell: { type: EVENT_TYPE.error, info: ERROR_EVENT.unknownDoorbell, page: LOG.errors },
  doorbellValue: { type: EVENT_TYPE.error, info: ERROR_EVENT.doorbellValue, page: LOG.errors },
  temperature: { type: EVENT_TYPE.health, info: HEALTH_EVENT.temperature, page: LOG.health },
  namespaceChanged: { type: EVENT_TYPE.notice, info: NOTICE_EVENT.namespaceChanged, page: LOG.changedNamespaces },
};

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

  holds(cid: number): boolean {
    return this.#requests.includes(cid);
  }

  /** Forgets a held request; `false` if there is none with that id. */
  cancel(cid: number): boolean {
    const at = this.#requests.indexOf(cid);
    if (at >= 0) this.#requests.splice(at, 1);
    return at >= 0;
  }

  report(kind: EventName): void {
    const { type, info, page } = KINDS[kind];
    const dword = type | (info << 8) | (page << 16);
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
