/**
 * Asynchronous mode: the store works while the host goes on, and the engine is told when it is done.
 * Data goes by private bytes: a pin keeps memory in place, but whether it may still be touched is asked again when the bytes move.
 * What is more than a transfer or a flush waits until the store is idle and then takes place at once.
 * Source: [NVME-1.4] section 7.2.1.
 */
import type { AsyncBlockStore, BlockStore } from "../ports.ts";
import { BUSY, IO, STATUS } from "./codes.ts";
import type { Command } from "./command.ts";
import type { Engine } from "./engine.ts";
import { blocksOf, type IoCommands, lbaOf } from "./io.ts";
import type { Namespace } from "./namespace.ts";
import type { Namespaces } from "./namespaces.ts";

const NOTHING: Uint8Array = new Uint8Array(0);

export class IoBeginner {
  readonly #engine: () => Engine;
  readonly #namespaces: Namespaces;

  constructor(engine: () => Engine, namespaces: Namespaces) {
    this.#engine = engine;
    this.#namespaces = namespaces;
    for (const { store, isAligned, id } of namespaces.all) {
      this.mustBegin(id, store);
      if (!isAligned)
        throw new Error(`namespace ${id}: an asynchronous controller needs a store whose blocks are no larger than logical ones`);
    }
  }

  /** @throws Error unless the store can begin operations */
  mustBegin(id: number, store: BlockStore): void {
    if (!isAsync(store)) throw new Error(`namespace ${id}: an asynchronous controller needs a store that can begin operations`);
  }

  /** Resets and the end of a grant: nothing that waits in a store begins any more. */
  abandon(): void {
    for (const { store } of this.#namespaces.all) if (isAsync(store)) store.abandon();
  }

  perform(command: Command, io: IoCommands): number {
    const { opcode, namespace } = command;
    if (namespace === undefined) return this.#flushAll(command, io);
    const { store } = namespace;
    if (!isAsync(store)) return io.performNow(command);
    const begun = namespace.isAligned && !namespace.unreadable.any;
    if (begun && opcode === IO.read) return this.#read(command, io, namespace, store);
    if (begun && opcode === IO.write) return this.#write(command, io, namespace, store);
    if (opcode === IO.flush) return this.#flush(command, io, store, () => STATUS.success);
    return this.#alone(command, store, () => io.performNow(command));
  }

  performPair(first: Command, second: Command, io: IoCommands): readonly [number, number] | typeof BUSY {
    const store = first.namespace?.store;
    if (store === undefined || !isAsync(store)) return io.performPairNow(first, second);
    const ticket = this.#engine().ticketFor(first);
    store.begin("alone", 0, NOTHING, () =>
      this.#engine().settlePair(first, ticket, () => (this.#map(first) && this.#map(second) ? io.performPairNow(first, second) : REFUSED)),
    );
    return BUSY;
  }

  #read(command: Command, io: IoCommands, namespace: Namespace, store: AsyncBlockStore): number {
    const bytes = new Uint8Array(command.dataBytes);
    return this.#begin(command, store, "read", lbaOf(command), bytes, (error) => {
      if (error !== undefined) return io.mediaError(command, error);
      if (!this.#map(command)) return STATUS.dataTransfer;
      command.data.fill(bytes, 0);
      return io.succeeded(command, namespace);
    });
  }

  #write(command: Command, io: IoCommands, namespace: Namespace, store: AsyncBlockStore): number {
    const bytes = new Uint8Array(command.dataBytes);
    command.data.gather(bytes);
    return this.#begin(command, store, "write", lbaOf(command), bytes, (error) => {
      if (error !== undefined) return io.mediaError(command, error);
      const succeed = (): number => io.succeeded(command, namespace);
      return io.isWrittenThrough(command) ? this.#flush(command, io, store, succeed) : succeed();
    });
  }

  #flush(command: Command, io: IoCommands, store: AsyncBlockStore, succeed: () => number): number {
    return this.#begin(command, store, "flush", 0, NOTHING, (error) => (error === undefined ? succeed() : io.mediaError(command, error)));
  }

  /** One store after the other; the first failure ends it. */
  #flushAll(command: Command, io: IoCommands, from = 0): number {
    const store = this.#namespaces.all[from]?.store;
    if (store === undefined || !isAsync(store)) return STATUS.success;
    return this.#begin(command, store, "flush", 0, NOTHING, (error) =>
      error === undefined ? this.#flushAll(command, io, from + 1) : io.mediaError(command, error),
    );
  }

  /** Does the work once the namespace's store is idle; at once if it can begin nothing. */
  whenIdle(command: Command, namespace: Namespace, work: () => number): number {
    const { store } = namespace;
    return isAsync(store) ? this.#alone(command, store, work) : work();
  }

  #alone(command: Command, store: AsyncBlockStore, work: () => number): number {
    return this.#begin(command, store, "alone", 0, NOTHING, () => (this.#map(command) ? work() : STATUS.dataTransfer));
  }

  #begin(
    command: Command,
    store: AsyncBlockStore,
    kind: "read" | "write" | "flush" | "alone",
    lba: number,
    bytes: Uint8Array,
    outcome: (error: unknown) => number,
  ): number {
    const ticket = this.#engine().ticketFor(command);
    const at = bytes.length === 0 ? 0 : (lba * (bytes.length / blocksOf(command))) / store.blockBytes;
    store.begin(kind, at, bytes, (error) => this.#engine().settle(command, ticket, () => outcome(error)));
    return BUSY;
  }

  #map(command: Command): boolean {
    return command.dataBytes === 0 || command.data.map(this.#engine().dma, command.toMemory);
  }
}

const REFUSED = [STATUS.dataTransfer, STATUS.failedFused] as const;

function isAsync(store: BlockStore): store is AsyncBlockStore {
  return "begin" in store;
}
