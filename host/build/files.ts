/** Whole-file reads and writes of the build and the CLI, with errors that name the file. */
import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { SumacError } from "../errors.ts";

/** A reader sees the old file or the new one, never a part. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(partial, content);
    await rename(partial, file);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => {});
    throw new SumacError("file-unreadable", `${file}: cannot be written (${errnoOf(cause)}); check the folder and its permissions`, {
      cause,
    });
  }
}

/** Undefined when there is no such file. */
export async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const code = errnoOf(cause);
    if (code === "ENOENT" || code === "EISDIR" || code === "ENOTDIR") return undefined;
    throw new SumacError("file-unreadable", `${file}: cannot be read (${code}); check its permissions`, { cause });
  }
}

/** Relative names of all files below a folder, sorted, with forward slashes; none when there is no such folder. */
export async function filesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
      .sort();
  } catch (cause) {
    const code = errnoOf(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw new SumacError("file-unreadable", `${folder}: cannot be read (${code}); check its permissions`, { cause });
  }
}

export async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const code = errnoOf(cause);
    if (code === "ENOENT") throw new SumacError("file-missing", `${file}: no such file; check the path`, { cause });
    throw new SumacError("file-unreadable", `${file}: cannot be read (${code}); check the path and its permissions`, { cause });
  }
}

/** As people would type it: relative to the current folder, or whole when it lies outside. Forward slashes. */
export function shownPath(path: string): string {
  const inside = relative(process.cwd(), path) || ".";
  return (inside.startsWith("..") ? resolve(path) : inside).replaceAll("\\", "/");
}

function errnoOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown error";
}
