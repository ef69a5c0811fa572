/**
 * Gives the space of a range in an open file back to the file system; the range reads as zeros afterwards.
 * Node has no call for that: on Linux the program `fallocate` of util-linux does it, elsewhere only the end of a file can be cut off and
 * made anew. Called by file-store.ts; never changes a file's size, nor a byte outside the range.
 */
import { execFileSync } from "node:child_process";
import { fstatSync, ftruncateSync } from "node:fs";

/** A process takes milliseconds: what is smaller than this is not worth one. */
const LEAST_BYTES: number = 1 << 20;

/** `false`: not possible, and nothing was changed. */
export function punchHole(fd: number, at: number, bytes: number): boolean {
  const stat = fstatSync(fd);
  if (!stat.isFile() || at + bytes > stat.size) return false;
  if (bytes >= LEAST_BYTES && process.platform === "linux" && withProgram(fd, at, bytes)) return true;
  if (at + bytes !== stat.size) return false;
  ftruncateSync(fd, at);
  ftruncateSync(fd, stat.size);
  return true;
}

function withProgram(fd: number, at: number, bytes: number): boolean {
  try {
    execFileSync("fallocate", ["--punch-hole", "--offset", String(at), "--length", String(bytes), "/proc/self/fd/3"], {
      stdio: ["ignore", "ignore", "ignore", fd],
    });
    return true;
  } catch {
    return false; // there is no such program, or the file system knows no holes
  }
}
