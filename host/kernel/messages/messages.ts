/**
 * The messages of one kernel: the way of those that a method sends, and messages of the host's own.
 * Called by the kernel for proxies, and by host calls and host functions.
 */
import type { SharedHeap } from "../../../shared-heap/heap.ts";
import { MAX_MESSAGE_BYTES, MESSAGE_TYPE } from "../../idl/message.ts";
import type { HostType, ResourceType } from "../../idl/model.ts";
import { programOf } from "./message-program.ts";
import { type MessageHeap, MessageTransfer } from "./message-transfer.ts";
import { MessageWalk } from "./message-walk.ts";
import { type MessageWriter, tooLarge } from "./message-writer.ts";

export class Messages {
  readonly #heap: SharedHeap;
  readonly #hostId: number;
  readonly #walk: MessageWalk;
  readonly #numberOf: (resource: ResourceType) => number;

  /**
   * @param hostId owner word of what the host sends
   * @param numberOf number of a capability's type
   */
  constructor(heap: SharedHeap, hostId: number, numberOf: (resource: ResourceType) => number) {
    this.#heap = heap;
    this.#hostId = hostId;
    this.#walk = new MessageWalk(heap);
    this.#numberOf = numberOf;
  }

  /** @param heap as whoever links the method sees it */
  transferOf(types: readonly HostType[], heap: MessageHeap = this.#heap.exports): MessageTransfer {
    return new MessageTransfer(programOf(types, this.#numberOf), this.#walk, heap);
  }

  /** A message of the host's with these bytes; 0 where the heap has no room for it. */
  send(writer: MessageWriter): number {
    const { bytes } = writer;
    if (bytes.length > MAX_MESSAGE_BYTES) throw tooLarge();
    const base = this.#heap.exports.alloc(this.#hostId, MESSAGE_TYPE, bytes.length);
    if (base !== 0) this.#heap.u8.set(bytes, base);
    return base;
  }

  /** A copy of a message, which is the reader's alone. */
  copyOf(base: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#heap.exports.sizeOf(base));
    bytes.set(this.#heap.u8.subarray(base, base + bytes.length));
    return bytes;
  }

  /** Of the host's. */
  free(base: number): void {
    this.#heap.exports.free(base);
  }
}
