/**
 * The command line as a whole: its verbs, how errors end, which exit code comes out.
 * Called by main.ts. Every verb is a file of its own; none of them prints errors or exits.
 */

import { Command, CommanderError } from "commander";
import { SumacError } from "../errors.ts";
import { SUMAC_VERSION } from "../version.ts";
import { addBindgen } from "./bindgen.ts";
import { addBuild } from "./build.ts";
import { addDetach } from "./detach.ts";
import { addExplain } from "./explain.ts";
import { addInspect } from "./inspect.ts";
import { addKeygen } from "./keygen.ts";
import { addNvme } from "./nvme.ts";
import { EXIT, printError } from "./output.ts";
import { addReproduce } from "./reproduce.ts";
import { addRun } from "./run-options.ts";
import { addRunning } from "./running.ts";
import { addSign } from "./sign.ts";
import { addTop } from "./top.ts";
import { addVerify } from "./verify.ts";
import { addWhy } from "./why.ts";

export async function runProgram(args: readonly string[]): Promise<number> {
  // A reader that has seen enough (`sumac inspect … | head`) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    throw error;
  });
  let exitCode: number = EXIT.ok;
  const program = makeProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    // Bare `sumac`: commander has printed the help.
    if (error instanceof CommanderError && error.code === "commander.help") return EXIT.badInput;
    const shown = error instanceof CommanderError ? usageError(error) : error;
    return printError(shown, { verbose: args.includes("--verbose"), json: args.includes("--json") });
  }
}

function makeProgram(finish: (exitCode: number) => void): Command {
  const program = new Command("sumac")
    .description("A microkernel for WebAssembly.")
    .version(SUMAC_VERSION, "--version", "print the version")
    .option("--verbose", "print stack traces with errors")
    .configureHelp({ showGlobalOptions: true })
    // Errors come back as exceptions and are printed in one place, as one line.
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  addRun(program, finish);
  addRunning(program);
  addTop(program);
  addWhy(program);
  addBuild(program);
  addBindgen(program);
  addInspect(program);
  addExplain(program);
  addSign(program);
  addVerify(program);
  addDetach(program);
  addReproduce(program, finish);
  addKeygen(program);
  addNvme(program);
  return program;
}

/** Commander's message without its prefix and line breaks, with its suggestion when it has one. */
function usageError(error: CommanderError): SumacError {
  const message = error.message.replace(/^error: /, "").replaceAll("\n", " ");
  return new SumacError("usage", `${message}${message.endsWith(")") ? "" : "; see `sumac --help`"}`);
}
