/** `sumac sign`: signs a whole module with one key; an earlier signature is replaced. */
import type { Command } from "commander";
import { writeWhole } from "../build/files.ts";
import { toHex } from "../loader/byte-reader.ts";
import { developmentKey, projectRoot, readSigningKey } from "../loader/keys.ts";
import { keyIdOf } from "../loader/signature.ts";
import { signModule } from "../loader/signing.ts";
import { about, readModule } from "./module-file.ts";
import { print, printJson } from "./output.ts";

interface SignOptions {
  readonly key?: string;
  readonly output?: string;
  readonly json?: true;
}

export function addSign(program: Command): void {
  program
    .command("sign")
    .summary("sign a module")
    .description(
      "Signs every byte of MODULE with Ed25519, in the Module Signatures format. Without --key it uses the project's development key, which is made on first use.",
    )
    .argument("<module>", "a .wasm file")
    .option("--key <file>", "private key (PEM or compact form, mode 0600)")
    .option("-o, --output <file>", "where the signed module goes (default: MODULE itself)")
    .option("--json", "print one JSON object")
    .action(sign);
}

async function sign(file: string, options: SignOptions): Promise<void> {
  const bytes = await readModule(file);
  const key = options.key === undefined ? await developmentKey(projectRoot(process.cwd())) : await readSigningKey(options.key);
  const signed = await about(file, () => signModule(bytes, key));
  const output = options.output ?? file;
  await writeWhole(output, signed);
  const keyId = toHex(await keyIdOf(key.publicKey));
  if (options.json) printJson({ ok: true, module: output, bytes: signed.length, keyId });
  else print(`${output}: signed, ${signed.length} bytes, key id ${keyId}`);
}
