/**
 * The file that a run leaves about its deaths, and how it is read again. Written by `sumac run`, read by `sumac why`.
 *
 * It goes to `.sumac/deaths.json` of the working directory, if that is a project's folder, or where --why says; nowhere else.
 * A run without a death leaves none, but replaces one that an earlier run left, so that the file never tells of another run.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SumacError } from "../errors.ts";
import type { Death } from "../kernel/status.ts";
import { projectRoot } from "../loader/keys.ts";

export interface WhyFile {
  readonly format: 1;
  /** The manifest, as the user named it. */
  readonly system: string;
  /** When the run ended. */
  readonly endedAt: string;
  /** All deaths of the run; `deaths` has the last of them, oldest first. */
  readonly total: number;
  readonly deaths: readonly Death[];
}

/** Undefined where nothing may be written unasked. */
export function defaultWhyFile(cwd: string): string | undefined {
  return projectRoot(cwd) === cwd ? join(cwd, ".sumac", "deaths.json") : undefined;
}

/** @returns whether there is now a file that tells of deaths */
export function writeWhyFile(path: string, content: WhyFile, isAsked: boolean): boolean {
  if (content.total === 0 && !isAsked && !existsSync(path)) return false;
  try {
    if (!isAsked && !existsSync(dirname(path))) {
      mkdirSync(dirname(path), { mode: 0o700 });
      writeFileSync(join(dirname(path), ".gitignore"), "*\n");
    }
    writeFileSync(path, `${JSON.stringify(content)}\n`);
  } catch (cause) {
    // Unasked, it is a courtesy: a folder that may not be written must not fail a job that is done.
    if (!isAsked) return false;
    throw new SumacError(
      "file-unreadable",
      `--why ${path}: cannot be written (${(cause as NodeJS.ErrnoException).code}): name another file`,
      {
        cause,
      },
    );
  }
  return content.total > 0;
}

export async function readWhyFile(path: string): Promise<WhyFile> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") {
      throw new SumacError("file-missing", `${path}: no run left its deaths here; run a system, or name the file that --why named`, {
        cause,
      });
    }
    throw new SumacError("file-unreadable", `${path}: cannot be read (${code}); check its permissions`, { cause });
  }
  try {
    const content: unknown = JSON.parse(text);
    if (isWhyFile(content)) return content;
  } catch {
    // Told below.
  }
  throw new SumacError("file-unreadable", `${path}: is no record of deaths; name a file that \`sumac run\` wrote`);
}

function isWhyFile(content: unknown): content is WhyFile {
  if (!isRecord(content)) return false;
  const { format, system, endedAt, total, deaths } = content;
  if (format !== 1 || typeof system !== "string" || typeof endedAt !== "string" || typeof total !== "number") return false;
  return Array.isArray(deaths) && deaths.every(isDeath);
}

function isDeath(value: unknown): boolean {
  if (!isRecord(value) || !isGeneration(value)) return false;
  const { cause, detail, during, callers, stack, lastLines } = value;
  const isText = typeof cause === "string" && typeof detail === "string" && (during === undefined || typeof during === "string");
  return isText && listOf(callers, isGeneration) && listOf(stack, isFrame) && listOf(lastLines, (line) => typeof line === "string");
}

function isGeneration(value: unknown): boolean {
  return isRecord(value) && typeof value.domain === "string" && typeof value.generation === "number";
}

function isFrame(value: unknown): boolean {
  if (!isRecord(value) || !isGeneration(value) || typeof value.function !== "string") return false;
  if (value.file !== undefined && typeof value.file !== "string") return false;
  return ["line", "column", "offset"].every((name) => value[name] === undefined || typeof value[name] === "number");
}

function listOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
