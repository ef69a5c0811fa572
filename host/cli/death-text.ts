/**
 * A death in lines for people: one that says what happened, and those that say why.
 * Used by `sumac run` while it happens and by `sumac why` afterwards. Its callers print the lines through `visible`.
 */
import type { Death, Generation, StackFrame } from "../kernel/status.ts";

/** `nvme-driver#3 died: trap: unreachable`; with several CPUs `nvme-driver#3 died on CPU 0: …` */
export function deathLine({
  domain,
  generation,
  cause,
  detail,
  cpu,
}: Pick<Death, "domain" | "generation" | "cause" | "detail" | "cpu">): string {
  return `${domain}#${generation} died${cpu === undefined ? "" : ` on CPU ${cpu}`}: ${cause}: ${detail}`;
}

/** The innermost frames of its own, on one line: `in …bdev#write for copier#1 → disk-shadow#1, at submit (queue.ts:41:3) ← …` */
export function whereLine(death: Death, most = 3): string | undefined {
  const own = death.stack.filter((frame) => isOf(frame, death) && !isGlue(frame)).slice(0, most);
  const call = callText(death);
  if (own.length === 0 && call === undefined) return undefined;
  const at = own.map((frame) => frameText(frame)).join(" ← ");
  return `  ${[call, at === "" ? undefined : `at ${at}`].filter((part) => part !== undefined).join(", ")}`;
}

/** Everything that the record has, the first line first. */
export function whyLines(death: Death): string[] {
  const lines = [deathLine(death)];
  const call = callText(death);
  if (call !== undefined) lines.push(`  ${call}`);
  let last: Generation = death;
  for (const frame of death.stack) {
    if (!isOf(frame, last)) lines.push(`  called by ${nameOf(frame)}`);
    last = frame;
    lines.push(`    at ${frameText(frame)}`);
  }
  if (death.lastLines.length > 0) lines.push("  its last lines", ...death.lastLines.map((line) => `    | ${line}`));
  return lines;
}

function callText({ during, callers }: Death): string | undefined {
  const chain = callers.map(nameOf).join(" → ");
  if (during === undefined) return callers.length === 0 ? undefined : `while ${chain} ran`;
  return chain === "" ? `in ${during}` : `in ${during} for ${chain}`;
}

function frameText({ function: name, file, line, column, offset }: StackFrame): string {
  if (file !== undefined) return `${name} (${file}:${line}:${column})`;
  return offset === undefined ? name : `${name} (byte 0x${offset.toString(16)})`;
}

function nameOf({ domain, generation }: Generation): string {
  return `${domain}#${generation}`;
}

function isOf(one: Generation, other: Generation): boolean {
  return one.domain === other.domain && one.generation === other.generation;
}

/** The library's way of reporting, and what the build generates around a function: known, and in the way on one line. */
function isGlue({ file }: StackFrame): boolean {
  return file === "~lib/sumac/abort.ts" || file === "gen/world.ts";
}
