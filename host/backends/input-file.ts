/**
 * A file that a system reads: opened once, read only, its size fixed at open. Bytes appended later do not exist for it;
 * bytes that vanish are noticed and reported as such, so a copy of half a file never looks whole.
 * Called by the host's implementation of sumac:io/file; reads go straight into the caller's view of the shared heap.
 * Never writes, and never follows the path a second time. Bytes overwritten in place while being read are not noticed.
 */
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { SumacError } from "../errors.ts";

export type ReadOutcome = "ok" | "io" | "shrank" | "out-of-range";

export class InputFile {
  readonly path: string;
  /** Bytes, as found at open. */
  readonly size: number;
  readonly identity: FileIdentity;
  /** What the operating system said when a read ended as "io", for the host's report. */
  lastError: unknown = undefined;
  #fd: number;

  private constructor(path: string, fd: number, stats: BigIntStats) {
    this.path = path;
    this.#fd = fd;
    this.size = Number(stats.size);
    this.identity = identityOf(stats);
  }

  static open(path: string): InputFile {
    let fd: number;
    try {
      // Without O_NONBLOCK a named pipe would keep us here until somebody writes to it.
      fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    } catch (cause) {
      throw refusal(path, cause);
    }
    try {
      const stats = fstatSync(fd, { bigint: true });
      if (stats.isDirectory()) throw new SumacError("input-unreadable", `input ${path}: is a directory; name a file`);
      if (!stats.isFile()) throw new SumacError("input-unreadable", `input ${path}: is not a regular file; copy its bytes to a file first`);
      return new InputFile(path, fd, stats);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Fills `into` with the bytes from `offset` on, and with zeroes after the end of the file. */
  readAt(offset: number, into: Uint8Array): ReadOutcome {
    if (offset >= this.size) return "out-of-range";
    const wanted = Math.min(into.length, this.size - offset);
    let done = 0;
    while (done < wanted) {
      let got: number;
      try {
        got = readSync(this.#fd, into, done, wanted - done, offset + done);
      } catch (error) {
        this.lastError = error;
        return "io";
      }
      if (got === 0) return "shrank";
      done += got;
    }
    if (wanted < into.length) into.fill(0, wanted);
    return "ok";
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}

/** What tells one file from another, whatever names lead to it. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
}

export function identityOf(stats: BigIntStats): FileIdentity {
  return { device: stats.dev, inode: stats.ino };
}

export function sameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.device === b.device && a.inode === b.inode;
}

function refusal(path: string, cause: unknown): SumacError {
  const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new SumacError("file-missing", `input ${path}: no such file; check the path`, { cause });
  }
  if (code === "EACCES" || code === "EPERM") {
    return new SumacError("input-unreadable", `input ${path}: permission denied; make it readable (chmod u+r)`, { cause });
  }
  return new SumacError("input-unreadable", `input ${path}: cannot be opened (${code})`, { cause });
}
