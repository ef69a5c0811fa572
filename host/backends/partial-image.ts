/**
 * Work on `FILE.partial` that becomes FILE by a rename, or nothing at all.
 * Made by image.ts, whose `Image` it is. Never writes to FILE itself, and never renames or removes a partial file that is not its own:
 * a second run on the same image takes the name over, and the first one finds out at its commit.
 */
import { closeSync, constants, copyFileSync, fstatSync, fsyncSync, ftruncateSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { FileStore } from "./file-store.ts";
import { attempt, statOrAbsent, unusable } from "./image-errors.ts";
import { type FileIdentity, identityOf, sameFile } from "./input-file.ts";

export interface PartialOptions {
  /** As the user named it, for messages. */
  readonly path: string;
  /** Where the image goes, with links resolved. */
  readonly target: string;
  /** True if `target` exists: its content is the start of the work. */
  readonly replaces: boolean;
  /** Capacity, in blocks. */
  readonly blocks: number;
  readonly blockBytes: number;
  readonly input: FileIdentity | undefined;
}

export class PartialImage {
  readonly path: string;
  readonly inPlace: boolean = false;
  readonly store: FileStore;
  readonly #target: string;
  readonly #partial: string;
  readonly #identity: FileIdentity;
  /** -1 after `commit` or `discard`. */
  #fd: number;

  constructor(options: PartialOptions) {
    this.path = options.path;
    this.#target = options.target;
    this.#partial = `${options.target}.partial`;
    const stale = statOrAbsent(this.#partial);
    if (stale !== undefined && (!stale.isFile() || (options.input !== undefined && sameFile(identityOf(stale), options.input)))) {
      throw unusable(this.path, `${this.#partial} is in the way; move it or name another image`);
    }
    this.#fd = attempt(this.path, () => this.#create(options.replaces));
    this.#identity = identityOf(fstatSync(this.#fd, { bigint: true }));
    this.store = new FileStore(this.#fd, options.blocks, "commit");
    try {
      if (!options.replaces) attempt(this.path, () => ftruncateSync(this.#fd, options.blocks * options.blockBytes));
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  commit(): void {
    if (this.#fd < 0) return;
    try {
      attempt(this.path, () => fsyncSync(this.#fd));
      if (!this.#isMine()) throw unusable(this.path, `${this.#partial} was replaced while in use; run one system per image`);
      this.#close();
      attempt(this.path, () => renameSync(this.#partial, this.#target));
    } catch (error) {
      this.#close();
      if (this.#isMine()) rmSync(this.#partial, { force: true });
      throw error;
    }
    syncDirectory(dirname(this.#target));
  }

  discard(): void {
    if (this.#fd < 0) return;
    this.#close();
    if (this.#isMine()) rmSync(this.#partial, { force: true });
  }

  #create(replaces: boolean): number {
    // What a killed run left behind is worth nothing.
    rmSync(this.#partial, { force: true });
    if (!replaces) return openSync(this.#partial, "wx+");
    copyFileSync(this.#target, this.#partial, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    return openSync(this.#partial, "r+");
  }

  #isMine(): boolean {
    const found = statOrAbsent(this.#partial);
    return found !== undefined && sameFile(identityOf(found), this.#identity);
  }

  #close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}

/** Makes the rename itself durable. Not every system can open a directory, and the image is whole without it. */
function syncDirectory(path: string): void {
  try {
    const fd = openSync(path, "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {}
}
