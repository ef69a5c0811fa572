/**
 * What a guest said, judged: its steps, the facts that the host compares, and the kernel's log.
 * A line of the log counts when the kernel itself calls it a warning or worse, or when it speaks of an error at any level;
 * what is harmless is listed here, with the reason. Called by the campaigns.
 */

export interface Verdict {
  /** Names of steps that went well, in order. */
  readonly passed: readonly string[];
  readonly problems: readonly string[];
  readonly facts: ReadonlyMap<string, string>;
}

/** Lines of the kernel that say nothing about our devices. */
const HARMLESS = [
  // The emulated processor stops while the host does something else.
  /hrtimer: interrupt took \d+ ns/,
  /clocksource: .*(unstable|skewed|watchdog)/i,
  // Modules of Debian's kernel are signed by a key of its build that our kernel image carries; others say so once.
  /module verification failed: signature/,
];
const TROUBLE =
  /i\/o error|timed? ?out|buffer error|call trace|\bBUG\b|WARNING|nobody cared|corrupt|abort|\bfail|\bhung\b|unexpected|invalid|reset|detected/i;
/** The kernel's own scale: 4 is a warning, lower is worse. */
const WARNING = 4;
const BEGIN = "sumac: the test begins";

export function judge(lines: readonly string[], script: string, expected: readonly RegExp[] = []): Verdict {
  const passed: string[] = [];
  const problems: string[] = [];
  const facts = new Map<string, string>();
  let said: string[] = [];
  for (const line of lines) {
    const [, kind, rest = ""] = /^@@ (\w+) ?(.*)$/.exec(line) ?? [];
    if (kind === "ok") passed.push(rest);
    else if (kind === "FAIL") problems.push([`${rest}:`, ...said.slice(-8)].join(" | "));
    else if (kind === "fact") facts.set(rest.split(" ", 1)[0] ?? "", rest.split(" ").slice(1).join(" "));
    said = kind === undefined ? [...said, line] : [];
  }
  const started = lines.findIndex((line) => line.startsWith("@@ booted"));
  if (started < 0) problems.push("the test's script did not begin");
  if (!lines.includes("@@ end")) problems.push("the test's script did not end");
  for (const [, name = ""] of script.matchAll(/^\s*step ([\w-]+)/gm))
    if (!passed.includes(name) && !problems.some((problem) => problem.startsWith(`${name} `))) problems.push(`step ${name} did not run`);
  problems.push(...logProblems(lines, expected));
  return { passed, problems, facts };
}

function logProblems(lines: readonly string[], expected: readonly RegExp[]): string[] {
  const log = lines.slice(lines.indexOf("@@ log") + 1, lines.lastIndexOf("@@ end"));
  const begin = log.findIndex((line) => line.includes(BEGIN));
  if (begin < 0) return ["the kernel's log is missing"];
  const problems: string[] = [];
  for (const line of log.slice(begin + 1)) {
    const [, level, text = line] = /^<(\d+)>\[ *[\d.]+\] (.*)$/.exec(line) ?? [];
    const serious = level === undefined || (Number(level) & 7) <= WARNING;
    if ((serious || TROUBLE.test(text)) && ![...HARMLESS, ...expected].some((pattern) => pattern.test(text)))
      problems.push(`kernel log: ${line}`);
  }
  return problems;
}
