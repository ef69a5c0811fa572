/** A module on disk, for verbs that take one: errors about its content get the file's name in front. */
import { readBytes } from "../build/files.ts";
import { SumacError } from "../errors.ts";
import { ownBytes } from "../loader/sections.ts";

export async function readModule(file: string): Promise<Uint8Array<ArrayBuffer>> {
  return ownBytes(await readBytes(file));
}

/** Runs `work` on a module; a SumacError in it is about that file and says so. */
export async function about<T>(file: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SumacError)) throw error;
    throw new SumacError(error.code, `${file}: ${error.message}`, { cause: error });
  }
}
