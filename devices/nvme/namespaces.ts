/**
 * The namespaces of a controller by id, from 1 on. Made with the model; which exist never changes, what they hold may.
 * Source: [NVME-1.4] section 6.1.
 */
import type { BlockStore } from "../ports.ts";
import { type LbaBytes, Namespace } from "./namespace.ts";

export interface NamespaceOptions {
  readonly store: BlockStore;
  /** Bytes in a logical block; the store's own blocks must divide it, or it them. Default 4096. */
  readonly lbaBytes?: LbaBytes;
}

export class Namespaces {
  readonly all: readonly Namespace[];
  /** Of the NVM subsystem; its first namespace has the same. */
  readonly uuid: Uint8Array;

  constructor(serial: string, options: readonly NamespaceOptions[]) {
    this.uuid = uuidOf(serial);
    this.all = options.map(
      ({ store, lbaBytes = 4096 }, i) => new Namespace(i + 1, i === 0 ? this.uuid : uuidOf(`${serial}#${i + 1}`), store, lbaBytes),
    );
  }

  // HOT: every command that names a namespace.
  get(nsid: number): Namespace | undefined {
    return this.all[nsid - 1];
  }

  /** Makes everything stable; goes on after a store that fails, and then throws what that one threw. */
  flush(): void {
    const failures: unknown[] = [];
    for (const namespace of this.all) {
      try {
        namespace.flush();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** The same text gives the same id, which tells two disks apart and nothing else. FNV-1a, four times. */
function uuidOf(text: string): Uint8Array {
  const words = new Uint32Array(4);
  for (let i = 0; i < 4; i++) {
    let hash = 0x811c9dc5 ^ i;
    for (const c of text) hash = Math.imul(hash ^ c.charCodeAt(0), 0x01000193);
    words[i] = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  }
  const uuid = new Uint8Array(words.buffer);
  uuid[6] = ((uuid[6] ?? 0) & 0x0f) | 0x80; // version 8: made as its maker likes
  uuid[8] = ((uuid[8] ?? 0) & 0x3f) | 0x80;
  return uuid;
}

export function uuidText(uuid: Uint8Array): string {
  const hex = Array.from(uuid, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
