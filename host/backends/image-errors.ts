/**
 * Why an image cannot be used, in the user's words: system error codes in, `SumacError`s with a remedy out.
 * Called by image.ts and partial-image.ts only.
 */
import { type BigIntStats, statSync } from "node:fs";
import { dirname } from "node:path";
import { SumacError } from "../errors.ts";

export function unusable(path: string, why: string): SumacError {
  return new SumacError("image-not-writable", `image ${path}: ${why}`);
}

/** Runs file system work for an image; what it throws is what the user reads. */
export function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof SumacError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new SumacError("image-not-writable", `image ${path}: ${reason(path, code)}`, { cause });
  }
}

export function statOrAbsent(path: string): BigIntStats | undefined {
  return attempt(path, () => statSync(path, { bigint: true, throwIfNoEntry: false }));
}

function reason(path: string, code: string): string {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return `there is no directory ${dirname(path)}; create it first`;
    case "EACCES":
    case "EPERM":
      return "permission denied; make it and its directory writable (chmod u+w)";
    case "EROFS":
      return "the file system is read-only; name a file elsewhere";
    case "ENOSPC":
      return "no space left on the device; free some or name a file elsewhere";
    default:
      return `cannot be written (${code})`;
  }
}
