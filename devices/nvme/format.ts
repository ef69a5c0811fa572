/**
 * Format NVM: a namespace loses its content and may change the size of its blocks. Commands in flight on it end first.
 * Source: [NVME-1.4] section 5.23.
 */
import { ALL_NAMESPACES, STATUS } from "./codes.ts";
import { type Command, DW } from "./command.ts";
import type { Engine } from "./engine.ts";
import { formatsOf } from "./identify.ts";
import type { IoBeginner } from "./io-begin.ts";
import type { Namespace } from "./namespace.ts";
import type { Namespaces } from "./namespaces.ts";

const FORMAT = 0xf;
/** Metadata and protection, which no format here has. */
const PROTECTION = 0x1f0;
const ERASE_SHIFT = 9;
/** Secure erase: none, or of user data. There are no keys to throw away. */
const MOST_ERASE = 1;
/** What is erased by writing zeros, because the store cannot do it at once, must be done inside one register access. */
const MOST_ZEROED_BYTES = 2 ** 30;

/** What it counts as, in bytes moved: one register access sets off one of them. */
const FORMAT_WORK: number = 64 << 20;

export interface FormatParts {
  readonly namespaces: Namespaces;
  readonly beginner?: IoBeginner;
  engine(): Engine;
  onMediaError(error: unknown): void;
}

export class Format {
  readonly #parts: FormatParts;

  constructor(parts: FormatParts) {
    this.#parts = parts;
  }

  admit(command: Command): number {
    const dw10 = command.dword(DW.cdw10);
    const targets = this.#targets(command);
    command.work = FORMAT_WORK;
    if (targets.length === 0) return STATUS.invalidNamespace;
    if (((dw10 >>> ERASE_SHIFT) & 7) > MOST_ERASE) return STATUS.invalidField;
    if ((dw10 & PROTECTION) !== 0) return STATUS.formatInvalid;
    return targets.every((namespace) => this.#isPossible(namespace, dw10 & FORMAT)) ? STATUS.success : STATUS.formatInvalid;
  }

  perform(command: Command): number {
    const targets = this.#targets(command);
    const namespaces: readonly (Namespace | undefined)[] = targets;
    this.#parts
      .engine()
      .cancel((held) => (held.namespace !== undefined && namespaces.includes(held.namespace) ? STATUS.formatInProgress : undefined));
    return this.#next(command, targets);
  }

  /** One namespace after the other. */
  #next(command: Command, [namespace, ...rest]: readonly Namespace[]): number {
    if (namespace === undefined) return STATUS.success;
    const work = (): number => {
      const status = this.#format(namespace, command.dword(DW.cdw10) & FORMAT);
      return status === STATUS.success ? this.#next(command, rest) : status;
    };
    return this.#parts.beginner?.whenIdle(command, namespace, work) ?? work();
  }

  #format(namespace: Namespace, format: number): number {
    try {
      namespace.format(formatsOf(namespace)[format] ?? namespace.lbaBytes, MOST_ZEROED_BYTES);
      return STATUS.success;
    } catch (error) {
      this.#parts.onMediaError(error);
      return STATUS.internal;
    }
  }

  #targets({ nsid }: Command): readonly Namespace[] {
    const { namespaces } = this.#parts;
    if (nsid === ALL_NAMESPACES) return namespaces.all;
    const one = namespaces.get(nsid);
    return one === undefined ? [] : [one];
  }

  #isPossible(namespace: Namespace, format: number): boolean {
    const bytes = formatsOf(namespace)[format];
    if (bytes === undefined) return false;
    const { blockBytes } = namespace.store;
    // An asynchronous controller cannot read, change and write what two commands share.
    return bytes % blockBytes === 0 || (blockBytes % bytes === 0 && this.#parts.beginner === undefined);
  }
}
