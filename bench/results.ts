/** The file that a run writes: its shape, and reading it back. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Meta } from "./machine.ts";
import type { Result, Skipped } from "./row.ts";

export interface Results {
  readonly meta: Meta;
  readonly results: readonly Result[];
  readonly skipped: readonly Skipped[];
}

export async function writeResults(file: string, results: Results): Promise<void> {
  await mkdir(dirname(resolve(file)), { recursive: true });
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
}

/** @throws Error that names the file, where it is none or not of this bench */
export async function readResults(file: string): Promise<Results> {
  let found: Partial<Results>;
  try {
    found = JSON.parse(await readFile(file, "utf8")) as Partial<Results>;
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`);
  }
  if (found.meta === undefined || !Array.isArray(found.results)) {
    throw new Error(`${file} holds no results: write them with "npm run bench -- --json ${file}"`);
  }
  return { skipped: [], ...found } as Results;
}
