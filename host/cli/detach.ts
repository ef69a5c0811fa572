/** `sumac detach` and `sumac attach`: the same signature in a module and in a file of its own. Neither verifies anything. */
import type { Command } from "commander";
import { readBytes, writeWhole } from "../build/files.ts";
import { SumacError } from "../errors.ts";
import { attachSignature, detachSignature } from "../loader/signing.ts";
import { about, readModule } from "./module-file.ts";
import { print, printJson } from "./output.ts";

interface MoveOptions {
  readonly output?: string;
  readonly json?: true;
}

export function addDetach(program: Command): void {
  program
    .command("detach")
    .summary("take the signature out of a module")
    .description("Writes the signature of MODULE to the file SIGNATURE and takes it out of the module. Nothing is verified.")
    .argument("<module>", "a signed .wasm file")
    .argument("<signature>", "where the signature goes")
    .option("-o, --output <file>", "where the module goes (default: MODULE itself)")
    .option("--json", "print one JSON object")
    .action(async (file: string, signatureFile: string, options: MoveOptions) => {
      const bytes = await readModule(file);
      const { module, signature } = await about(file, () => detachSignature(bytes));
      if (signature === undefined)
        throw new SumacError("signature-missing", `${file}: the module is not signed; there is nothing to take out`);
      await writeWhole(signatureFile, signature);
      await finish(options.output ?? file, module, signatureFile, options);
    });
  program
    .command("attach")
    .summary("put a detached signature into a module")
    .description("Puts the detached signature SIGNATURE into MODULE. Nothing is verified.")
    .argument("<module>", "a .wasm file without a signature")
    .argument("<signature>", "a detached signature")
    .option("-o, --output <file>", "where the module goes (default: MODULE itself)")
    .option("--json", "print one JSON object")
    .action(async (file: string, signatureFile: string, options: MoveOptions) => {
      const [bytes, signature] = [await readModule(file), await readBytes(signatureFile)];
      const module = await about(file, () => attachSignature(bytes, signature));
      await finish(options.output ?? file, module, signatureFile, options);
    });
}

async function finish(output: string, module: Uint8Array, signature: string, { json }: MoveOptions): Promise<void> {
  await writeWhole(output, module);
  if (json) printJson({ ok: true, module: output, bytes: module.length, signature });
  else print(`${output}: ${module.length} bytes; signature ${signature}`);
}
