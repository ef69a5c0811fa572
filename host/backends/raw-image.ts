/**
 * A raw disk image that is worked on in place: byte n of the file is byte n of the disk. For tools and harnesses that mean the image
 * itself; a job that must succeed as a whole uses image.ts. Opened here, closed by whoever opened it.
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync } from "node:fs";
import { SumacError } from "../errors.ts";
import { AsyncFileStore } from "./async-file-store.ts";
import { FileStore } from "./file-store.ts";
import { attempt, unusable } from "./image-errors.ts";

export interface RawImageOptions {
  /** Blocks of the store; default 512, the least that any logical block has. */
  readonly blockBytes?: number;
  /** Makes the file, or makes it larger, so that it has at least so many bytes. */
  readonly leastBytes?: number;
  /** For reading only: every write fails. */
  readonly readOnly?: boolean;
}

export interface RawImage {
  readonly path: string;
  readonly bytes: number;
  readonly store: FileStore;
  /** The same blocks, for an asynchronous controller. Only one of the two stores should be used. */
  readonly asyncStore: AsyncFileStore;
  close(): void;
}

const BLOCK_BYTES = 512;

export function openRawImage(path: string, { blockBytes = BLOCK_BYTES, leastBytes = 0, readOnly = false }: RawImageOptions = {}): RawImage {
  const fd = open(path, leastBytes > 0, readOnly ? "r" : "r+");
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw unusable(path, "is not a regular file; name a disk image");
    if (stat.size < leastBytes) attempt(path, () => ftruncateSync(fd, leastBytes));
    const bytes = Math.max(stat.size, leastBytes);
    const blocks = Math.floor(bytes / blockBytes);
    if (blocks === 0)
      throw new SumacError("image-too-small", `image ${path}: holds ${bytes} bytes, not one block of ${blockBytes}; make it larger`);
    const stores = { store: new FileStore(fd, blocks, "sync", blockBytes), asyncStore: new AsyncFileStore(fd, blocks, "sync", blockBytes) };
    return { path, bytes, ...stores, close: () => closeSync(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function open(path: string, create: boolean, flags: string): number {
  if (create) return attempt(path, () => openSync(path, constants.O_RDWR | constants.O_CREAT));
  try {
    return openSync(path, flags);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    if (code === "ENOENT")
      throw new SumacError("image-not-writable", `image ${path}: there is no such file; make it (truncate -s 64M ${path})`, { cause });
    return attempt(path, () => {
      throw cause;
    });
  }
}
