/** The command line of `sumac run`; what it does is run.ts, which is loaded only when it is asked for. */
import type { Command } from "commander";
import { collect, cpuCount, decimalNumber, wholeNumber } from "./parse-option.ts";

export interface RunOptions {
  /** File that the system copies. */
  readonly input?: string;
  /** Disk image; the manifest's own when absent. */
  readonly image?: string;
  /** Inject a fault after about this many MB (10^6 bytes), again and again; 0 = none; the manifest's own when absent. */
  readonly killEvery?: number;
  readonly seed?: number;
  /** The manifest's own when absent. */
  readonly cpus?: number;
  /** Where to write a trace. */
  readonly trace?: string;
  /** Where to leave why domains died. */
  readonly why?: string;
  /** Where to write who has what on the shared heap. */
  readonly heapReport?: string;
  /** Whether there is a control socket. */
  readonly control: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  /** Files of public keys that are trusted besides the development key. */
  readonly trust: readonly string[];
  /** Files of modules that may run without a signature. */
  readonly unsigned: readonly string[];
}

/** @param finish receives the exit code */
export function addRun(program: Command, finish: (exitCode: number) => void): void {
  program
    .command("run")
    .summary("boot a system")
    .description(
      "Boots the system that a manifest describes: loads its domains, runs them until their job is done, and prints what happened.",
    )
    .argument("<system>", "a manifest, such as systems/copy.json")
    .option("--input <file>", "the file to read (default: the manifest's)")
    .option("--image <file>", "the disk image to write (default: the manifest's)")
    .option("--kill-every <MB>", "break the driver about every so many megabytes, 0 = never (default: the manifest's)", decimalNumber)
    .option("--cpus <n>", "how many CPUs the system has (default: the manifest's)", cpuCount)
    .option("--seed <n>", "repeat the same faults", wholeNumber)
    .option("--trust <file>", "public key to trust as well (repeatable)", collect, [])
    .option("--unsigned <module>", "module that may run without a signature (repeatable)", collect, [])
    .option("--trace <file>", "write what happens between domains, for Perfetto (ui.perfetto.dev) or chrome://tracing")
    .option("--why <file>", "where to leave why domains died, for `sumac why` (default: .sumac/deaths.json of a project)")
    .option("--heap-report <file>", "write who has what on the shared heap, after each death and at the end, one JSON object a line")
    .option("--no-control", "open no control socket: nobody can look on with `sumac top` or end a domain")
    .option("--json", "print one JSON object as the last line", false)
    .action(async (system: string, _options: unknown, command: Command) => {
      const { verbose = false, ...given } = command.optsWithGlobals<Omit<RunOptions, "verbose"> & { readonly verbose?: boolean }>();
      const { runCommand } = await import("./run.ts");
      finish(await runCommand(system, { ...given, verbose }));
    });
}
