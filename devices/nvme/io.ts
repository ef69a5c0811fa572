/**
 * The NVM commands. What fails at the store ends as a media error of that command and nothing else.
 * Called by the engine. Source: [NVME-1.4] section 6.
 */
import { ALL_NAMESPACES, type BUSY, FUSE, IO, STATUS } from "./codes.ts";
import { type Command, DW, type IoSet } from "./command.ts";
import { Dataset } from "./dataset.ts";
import type { Features } from "./features.ts";
import type { Health } from "./health.ts";
import type { IoBeginner } from "./io-begin.ts";
import type { Namespace } from "./namespace.ts";
import type { Namespaces } from "./namespaces.ts";

const FORCE_UNIT_ACCESS = 0x4000_0000;
const DEALLOCATE = 0x0200_0000;
/** Bits 5:2 of a command's flags. */
const RESERVED_FLAGS = 0x3c;
/** What a flush costs, or giving space back, in bytes moved. */
const FLUSH_WORK: number = 2 << 20;
/** Bytes that Verify reads at once. */
const PIECE_BYTES: number = 256 << 10;

export interface IoParts {
  readonly namespaces: Namespaces;
  readonly features: Features;
  readonly health: Health;
  /** MDTS in bytes. */
  readonly maxBytes: number;
  /** Asynchronous mode: begins what would take place here and now. */
  readonly beginner?: IoBeginner;
  onMediaError(error: unknown): void;
}

export class IoCommands implements IoSet {
  readonly #parts: IoParts;
  readonly #dataset: Dataset = new Dataset();
  #scratch: Uint8Array = new Uint8Array(0);

  constructor(parts: IoParts) {
    this.#parts = parts;
  }

  // HOT: every command passes.
  admit(command: Command): number {
    switch (command.opcode) {
      case IO.read:
      case IO.write:
      case IO.compare:
        return this.#admitTransfer(command);
      case IO.flush:
        return this.#admitFlush(command);
      case IO.writeZeroes:
      case IO.verify:
        return this.#admitRange(command, true);
      case IO.writeUncorrectable:
        return this.#admitRange(command, false);
      case IO.dataset:
        return this.#admitDataset(command);
      default:
        return STATUS.invalidOpcode;
    }
  }

  /** Compare and Write of the same blocks, in this order. */
  admitPair(first: Command, second: Command): number {
    const same = [1, DW.cdw10, DW.cdw11].every((dword) => first.dword(dword) === second.dword(dword));
    const blocks = (first.dword(DW.cdw12) & 0xffff) === (second.dword(DW.cdw12) & 0xffff);
    return first.opcode === IO.compare && second.opcode === IO.write && same && blocks ? STATUS.success : STATUS.invalidField;
  }

  perform(command: Command): number {
    const { beginner } = this.#parts;
    return beginner === undefined ? this.performNow(command) : beginner.perform(command, this);
  }

  performPair(first: Command, second: Command): readonly [number, number] | typeof BUSY {
    const { beginner } = this.#parts;
    return beginner === undefined ? this.performPairNow(first, second) : beginner.performPair(first, second, this);
  }

  performPairNow(first: Command, second: Command): readonly [number, number] {
    const compared = this.performNow(first);
    return compared === STATUS.success ? [compared, this.performNow(second)] : [compared, STATUS.failedFused];
  }

  performNow(command: Command): number {
    try {
      return this.#attempt(command);
    } catch (error) {
      return this.mediaError(command, error);
    }
  }

  mediaError(command: Command, error: unknown): number {
    this.#parts.health.mediaErrors++;
    this.#parts.onMediaError(error);
    const { opcode } = command;
    return opcode === IO.read || opcode === IO.compare || opcode === IO.verify ? STATUS.readError : STATUS.writeFault;
  }

  /** Whether a Write must be as safe as after a flush when it completes. */
  isWrittenThrough(command: Command): boolean {
    return (command.dword(DW.cdw12) & FORCE_UNIT_ACCESS) !== 0 || !this.#parts.features.writeCache;
  }

  /** The command is done, and so much was moved: for the counters, and for what no longer is unreadable. */
  succeeded(command: Command, namespace: Namespace): number {
    const { health } = this.#parts;
    const { opcode, dataBytes } = command;
    if (opcode === IO.write) {
      health.writeCommands++;
      health.writtenBytes += dataBytes;
      if (namespace.unreadable.any) namespace.unreadable.clear(lbaOf(command), blocksOf(command));
    } else {
      health.readCommands++;
      health.readBytes += dataBytes;
    }
    return STATUS.success;
  }

  /** Compares the host's bytes with those of the medium, which were read before. After the data was mapped. */
  matches(command: Command, medium: Uint8Array): boolean {
    let at = 0;
    for (let i = 0; i < command.data.count; i++) {
      const view = command.data.views[i];
      if (view === undefined) return false;
      for (let j = 0; j < view.length; j++) if (view[j] !== medium[at++]) return false;
    }
    return true;
  }

  // HOT: the two transfers first.
  #attempt(command: Command): number {
    const { opcode, namespace } = command;
    if (namespace === undefined) return this.#flushAll();
    const lba = lbaOf(command);
    switch (opcode) {
      case IO.read:
        if (namespace.unreadable.any && namespace.unreadable.hits(lba, blocksOf(command))) return this.#unreadable(command);
        namespace.read(lba, command.data);
        return this.succeeded(command, namespace);
      case IO.write:
        if (this.isWrittenThrough(command)) namespace.writeThrough(lba, command.data, command.dataBytes);
        else namespace.write(lba, command.data, command.dataBytes);
        return this.succeeded(command, namespace);
      case IO.flush:
        namespace.flush();
        return STATUS.success;
      default:
        return this.#attemptRare(command, namespace, lba, blocksOf(command));
    }
  }

  #attemptRare(command: Command, namespace: Namespace, lba: number, blocks: number): number {
    const { unreadable } = namespace;
    switch (command.opcode) {
      case IO.compare: {
        if (unreadable.hits(lba, blocks)) return this.#unreadable(command);
        const medium = this.#scratchOf(command.dataBytes);
        namespace.readPrivate(lba, medium);
        this.succeeded(command, namespace);
        return this.matches(command, medium) ? STATUS.success : STATUS.compareFailure;
      }
      case IO.verify:
        if (unreadable.hits(lba, blocks)) return this.#unreadable(command);
        this.#verify(namespace, lba, blocks);
        return STATUS.success;
      case IO.writeZeroes:
        namespace.zero(lba, blocks, (command.dword(DW.cdw12) & DEALLOCATE) !== 0);
        if (this.isWrittenThrough(command)) namespace.flush();
        unreadable.clear(lba, blocks);
        return STATUS.success;
      case IO.writeUncorrectable:
        if (!unreadable.mark(lba, blocks)) throw new Error("too many blocks are unreadable already");
        return STATUS.success;
      default:
        return this.#dataset.perform(command, namespace);
    }
  }

  #verify(namespace: Namespace, lba: number, blocks: number): void {
    const most = PIECE_BYTES / namespace.lbaBytes;
    for (let done = 0; done < blocks; done += most) {
      const here = Math.min(most, blocks - done);
      namespace.readPrivate(lba + done, this.#scratchOf(here * namespace.lbaBytes));
    }
    this.#parts.health.readBytes += blocks * namespace.lbaBytes;
  }

  #flushAll(): number {
    this.#parts.namespaces.flush();
    return STATUS.success;
  }

  #unreadable(command: Command): number {
    return this.mediaError(command, new Error(`block ${lbaOf(command)} or one after it was made unreadable by Write Uncorrectable`));
  }

  // HOT: the order of the checks is the order in which their statuses win.
  #admitTransfer(command: Command): number {
    const { opcode } = command;
    if ((command.flags & RESERVED_FLAGS) !== 0) return STATUS.invalidField;
    const namespace = this.#parts.namespaces.get(command.nsid);
    if (namespace === undefined) return STATUS.invalidNamespace;
    const blocks = blocksOf(command);
    const bytes = blocks * namespace.lbaBytes;
    if (bytes > this.#parts.maxBytes) return STATUS.invalidField;
    if (lbaOf(command) + blocks > namespace.blocks) return STATUS.lbaRange;
    command.namespace = namespace;
    command.dataBytes = bytes;
    command.toMemory = opcode === IO.read;
    if (opcode === IO.write && this.isWrittenThrough(command)) command.work = FLUSH_WORK;
    return STATUS.success;
  }

  #admitFlush(command: Command): number {
    if (command.flags !== 0 && !isPlain(command)) return STATUS.invalidField;
    if (command.nsid !== ALL_NAMESPACES) {
      command.namespace = this.#parts.namespaces.get(command.nsid);
      if (command.namespace === undefined) return STATUS.invalidNamespace;
    }
    command.work = FLUSH_WORK;
    return STATUS.success;
  }

  /** Commands on blocks that move no data: MDTS does not limit them. */
  #admitRange(command: Command, costs: boolean): number {
    if (!isPlain(command)) return STATUS.invalidField;
    const namespace = this.#parts.namespaces.get(command.nsid);
    if (namespace === undefined) return STATUS.invalidNamespace;
    const blocks = blocksOf(command);
    if (lbaOf(command) + blocks > namespace.blocks) return STATUS.lbaRange;
    command.namespace = namespace;
    if (costs) command.work = blocks * namespace.lbaBytes + FLUSH_WORK;
    return STATUS.success;
  }

  #admitDataset(command: Command): number {
    if (!isPlain(command)) return STATUS.invalidField;
    command.namespace = this.#parts.namespaces.get(command.nsid);
    if (command.namespace === undefined) return STATUS.invalidNamespace;
    command.dataBytes = Dataset.listBytes(command);
    command.work = FLUSH_WORK * Dataset.mostPunches(command);
    return STATUS.success;
  }

  /** Private bytes, good until the next command. */
  #scratchOf(bytes: number): Uint8Array {
    if (this.#scratch.length < bytes) this.#scratch = new Uint8Array(bytes);
    return this.#scratch.length === bytes ? this.#scratch : this.#scratch.subarray(0, bytes);
  }
}

/** Not one of a fused pair, and no reserved flag. */
function isPlain(command: Command): boolean {
  return (command.flags & RESERVED_FLAGS) === 0 && command.fuse === FUSE.none;
}

export function lbaOf(command: Command): number {
  return command.qword(DW.cdw10);
}

export function blocksOf(command: Command): number {
  return (command.dword(DW.cdw12) & 0xffff) + 1;
}
