/**
 * The life cycle of a disk image: work goes to `FILE.partial`, which becomes FILE only when the whole job has succeeded,
 * so whoever finds FILE finds either the old image or a complete new one. A block special file is written in place.
 * Called by the CLI's `run`: `openImage`, then exactly one of `commit` and `discard` (the other does nothing afterwards).
 * Never writes to FILE itself (block special files apart), nor to the input.
 *
 *   absent ──────────────▶ FILE.partial, empty, of the size needed ─┐          ┌─ commit ──▶ FILE
 *   regular, large enough▶ FILE.partial, a copy of FILE ────────────┴─▶ work ──┤
 *   regular, smaller ────▶ error image-too-small                               └─ discard ─▶ FILE as it was
 */
import { accessSync, closeSync, constants, fsyncSync, openSync, readSync, realpathSync } from "node:fs";
import type { BlockStore } from "../../devices/ports.ts";
import { SumacError } from "../errors.ts";
import { FileStore } from "./file-store.ts";
import { attempt, statOrAbsent, unusable } from "./image-errors.ts";
import { type FileIdentity, identityOf, sameFile } from "./input-file.ts";
import { PartialImage } from "./partial-image.ts";

const BLOCK_BYTES = 4096;

export interface Image {
  readonly path: string;
  readonly store: BlockStore;
  /** True for a block special file: there is no original to go back to. */
  readonly inPlace: boolean;
  /** Makes the work durable and presents it as FILE; if that fails, the work is dropped. */
  commit(): void;
  /** Drops the work; FILE is as it was before. */
  discard(): void;
}

export interface ImageOptions {
  /** Bytes that the job will write, from block 0. */
  readonly neededBytes: number;
  /** A file that must not be the image, however it is named. */
  readonly input?: FileIdentity;
}

export function openImage(path: string, options: ImageOptions): Image {
  const { input } = options;
  const needed = Math.ceil(options.neededBytes / BLOCK_BYTES);
  const existing = statOrAbsent(path);
  if (existing === undefined) {
    return new PartialImage({ path, target: path, replaces: false, blocks: needed, blockBytes: BLOCK_BYTES, input });
  }
  if (input !== undefined && sameFile(identityOf(existing), input)) throw unusable(path, "is the input file itself; name another file");
  if (existing.isDirectory()) throw unusable(path, "is a directory; name a file in it");
  if (existing.isBlockDevice()) return openInPlace(path, needed);
  if (!existing.isFile()) throw unusable(path, "is neither a regular file nor a block device; name another file");
  const blocks = Math.floor(Number(existing.size) / BLOCK_BYTES);
  if (blocks < needed) {
    const bytes = needed * BLOCK_BYTES;
    throw tooSmall(path, Number(existing.size), bytes, `make it larger (truncate -s ${bytes} ${path}) or remove it`);
  }
  // A rename asks only for the directory's permission; a file that its owner made read-only stays untouched all the same.
  attempt(path, () => accessSync(path, constants.W_OK));
  // A symbolic link stays one: its target is replaced, not the link.
  const target = realpathSync(path);
  return new PartialImage({ path, target, replaces: true, blocks, blockBytes: BLOCK_BYTES, input });
}

function openInPlace(path: string, needed: number): Image {
  let fd = attempt(path, () => openSync(path, "r+"));
  const close = (): void => {
    if (fd >= 0) closeSync(fd);
    fd = -1;
  };
  const blocks = measuredBlocks((buffer, at) => readSync(fd, buffer, 0, buffer.length, at));
  if (blocks < needed) {
    close();
    throw tooSmall(path, blocks * BLOCK_BYTES, needed * BLOCK_BYTES, "name a larger device");
  }
  const commit = (): void => {
    if (fd < 0) return;
    try {
      attempt(path, () => fsyncSync(fd));
    } finally {
      close();
    }
  };
  return { path, store: new FileStore(fd, blocks, "sync"), inPlace: true, commit, discard: close };
}

/** Blocks on a medium that tells its size only by where reading ends: doubling, then halving. */
export function measuredBlocks(read: (buffer: Uint8Array, at: number) => number): number {
  const buffer = new Uint8Array(BLOCK_BYTES);
  const exists = (lba: number): boolean => {
    try {
      return read(buffer, lba * BLOCK_BYTES) === BLOCK_BYTES;
    } catch {
      return false; // Some systems answer a read beyond the end with an error.
    }
  };
  let step = 1;
  while (exists(step - 1)) step *= 2;
  let blocks = 0;
  for (; step >= 1; step /= 2) if (exists(blocks + step - 1)) blocks += step;
  return blocks;
}

function tooSmall(path: string, size: number, needed: number, remedy: string): SumacError {
  return new SumacError("image-too-small", `image ${path}: holds ${size} bytes and ${needed} are needed; ${remedy}`);
}
