/** `sumac why`: tells why domains died, from the file that a run left. */
import { join } from "node:path";
import type { Command } from "commander";
import type { Deaths } from "../control/protocol.ts";
import { SumacError } from "../errors.ts";
import type { Death } from "../kernel/status.ts";
import { projectRoot } from "../loader/keys.ts";
import { ask, findSystem } from "./control-client.ts";
import { whyLines } from "./death-text.ts";
import { print, printJson, visible } from "./output.ts";
import { readWhyFile } from "./why-file.ts";

interface WhyOptions {
  readonly system?: string;
  readonly running?: true;
  readonly json?: true;
}

export function addWhy(program: Command): void {
  program
    .command("why")
    .summary("tell why domains died")
    .description(
      "Prints the deaths of the last run: cause, call, stack in source lines, callers, last log lines. Like ones are printed once.",
    )
    .argument("[file]", "a file that `sumac run --why` wrote (default: .sumac/deaths.json of the project)")
    .option("--running", "of the system that runs, not of one that has ended")
    .option("-s, --system <name>", "of this running system: its name or process id")
    .option("--json", "print one JSON object")
    .action(why);
}

async function why(file: string | undefined, { json, system, running }: WhyOptions): Promise<void> {
  if (system !== undefined || running === true) {
    if (file !== undefined)
      throw new SumacError("usage", `${file}: a file is of a system that has ended: leave it out, or --running and --system`);
    await whyOfRunning(system, json === true);
    return;
  }
  const path = file ?? join(projectRoot(process.cwd()), ".sumac", "deaths.json");
  const content = await readWhyFile(path);
  if (json) {
    printJson({ ok: true, file: path, ...content });
    return;
  }
  printDeaths(`${content.system}, ended ${content.endedAt}`, content);
}

/** Its last deaths, as its kernel remembers them. */
async function whyOfRunning(wanted: string | undefined, json: boolean): Promise<void> {
  const system = await findSystem(wanted);
  const told = await ask<Deaths>(system, { do: "why" });
  if (json) printJson({ ok: true, system: system.name, pid: system.pid, ...told });
  else printDeaths(`${system.name} (${system.pid}), running`, told);
}

function printDeaths(whose: string, { total, deaths }: Deaths): void {
  const kept = total > deaths.length ? `, the last ${deaths.length} of them known` : "";
  print(visible(`${whose}: ${total === 0 ? "nobody died" : `${total} ${total === 1 ? "death" : "deaths"}${kept}`}`));
  for (const { death, count, generations } of alike(deaths)) {
    print("");
    const [first = "", ...rest] = whyLines(death);
    print(visible(count === 1 ? first : `${first} (${count} times: generations ${generations.join(", ")})`));
    for (const line of rest) print(visible(line));
  }
}

interface Alike {
  /** The last of them. */
  readonly death: Death;
  readonly count: number;
  readonly generations: readonly number[];
}

/** Deaths that differ in nothing but generations and times are told once, at the place of the first. */
function alike(deaths: readonly Death[]): Alike[] {
  const groups = new Map<string, Alike>();
  for (const death of deaths) {
    const { domain, cause, detail, during, callers, stack } = death;
    const places = stack.map((frame) => [frame.domain, frame.function, frame.file, frame.line, frame.column, frame.offset]);
    const key = JSON.stringify([domain, cause, detail, during, callers.map((caller) => caller.domain), places]);
    const known = groups.get(key);
    groups.set(key, { death, count: (known?.count ?? 0) + 1, generations: [...(known?.generations ?? []), death.generation] });
  }
  return [...groups.values()];
}
