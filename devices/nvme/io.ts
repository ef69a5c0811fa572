/**
 * The NVM commands: Flush, Write, Read. What fails at the store ends as a media error of that command and nothing else.
 * Source: [NVME-1.4] sections 6.8, 6.9, 6.15.
 */
import { ALL_NAMESPACES, IO, STATUS } from "./codes.ts";
import { type Command, type CommandSet, DW } from "./command.ts";
import type { Features } from "./features.ts";
import type { Namespace } from "./namespace.ts";

const FORCE_UNIT_ACCESS = 0x4000_0000;

export interface IoCounters {
  readCommands: number;
  writeCommands: number;
  readBytes: number;
  writtenBytes: number;
  mediaErrors: number;
}

export class IoCommands implements CommandSet {
  readonly counters: IoCounters = { readCommands: 0, writeCommands: 0, readBytes: 0, writtenBytes: 0, mediaErrors: 0 };
  readonly #namespace: Namespace;
  readonly #features: Features;
  readonly #maxBytes: number;
  readonly #onMediaError: (error: unknown) => void;

  constructor(namespace: Namespace, features: Features, maxBytes: number, onMediaError: (error: unknown) => void) {
    this.#namespace = namespace;
    this.#features = features;
    this.#maxBytes = maxBytes;
    this.#onMediaError = onMediaError;
  }

  // HOT: every command passes.
  admit(command: Command): number {
    const { opcode, nsid } = command;
    if (opcode > IO.read) return STATUS.invalidOpcode;
    if (command.flags !== 0) return STATUS.invalidField;
    if (nsid !== 1 && !(nsid === ALL_NAMESPACES && opcode === IO.flush)) return STATUS.invalidNamespace;
    command.flushes = opcode === IO.flush || (opcode === IO.write && this.#isWrittenThrough(command));
    if (opcode === IO.flush) return STATUS.success;
    const blocks = (command.dword(DW.cdw12) & 0xffff) + 1;
    if (blocks * this.#namespace.lbaBytes > this.#maxBytes) return STATUS.invalidField;
    if (command.qword(DW.cdw10) + blocks > this.#namespace.blocks) return STATUS.lbaRange;
    command.dataBytes = blocks * this.#namespace.lbaBytes;
    command.toMemory = opcode === IO.read;
    return STATUS.success;
  }

  perform(command: Command): number {
    const { opcode, dataBytes } = command;
    const { counters } = this;
    try {
      if (opcode === IO.read) {
        this.#namespace.read(command.qword(DW.cdw10), command.data);
        counters.readCommands++;
        counters.readBytes += dataBytes;
      } else if (opcode === IO.write) {
        this.#namespace.write(command.qword(DW.cdw10), command.data, dataBytes);
        if (this.#isWrittenThrough(command)) this.#namespace.flush();
        counters.writeCommands++;
        counters.writtenBytes += dataBytes;
      } else {
        this.#namespace.flush();
      }
      return STATUS.success;
    } catch (error) {
      counters.mediaErrors++;
      this.#onMediaError(error);
      return opcode === IO.read ? STATUS.readError : STATUS.writeFault;
    }
  }

  #isWrittenThrough(command: Command): boolean {
    return (command.dword(DW.cdw12) & FORCE_UNIT_ACCESS) !== 0 || !this.#features.writeCache;
  }
}
