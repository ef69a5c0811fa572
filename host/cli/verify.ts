/** `sumac verify`: did somebody trusted sign exactly these bytes? Says what was checked and what was not. */
import type { Command } from "commander";
import { projectRoot, trustedKeys } from "../loader/keys.ts";
import { verifyModule } from "../loader/signature.ts";
import { about, readModule } from "./module-file.ts";
import { bold, dim, print, printJson } from "./output.ts";
import { collect } from "./parse-option.ts";

interface VerifyOptions {
  readonly trust: readonly string[];
  readonly json?: true;
}

export function addVerify(program: Command): void {
  program
    .command("verify")
    .summary("check who signed a module")
    .description(
      "Checks that MODULE was signed, as it is to its last byte, by the project's development key or by a key named with --trust.",
    )
    .argument("<module>", "a .wasm file")
    .option("--trust <file>", "public key to trust as well (repeatable); the signer's name is the file's", collect, [])
    .option("--json", "print one JSON object")
    .action(verify);
}

async function verify(file: string, options: VerifyOptions): Promise<void> {
  const bytes = await readModule(file);
  const trusted = await trustedKeys(projectRoot(process.cwd()), options.trust);
  const verified = await about(file, () => verifyModule(bytes, trusted));
  const { signer, keyId, hash, parts } = verified;
  const checked = [
    "the signature section is the first and only one, in the one form that its content can have",
    `Ed25519 signature by "${signer}" over specification version, content type, hash function and ${parts} hash${parts === 1 ? "" : "es"}`,
    "the hashes cover every byte from the signature to the end of the file",
  ];
  const notChecked = ["what the module imports and does: the loader checks, hardens and audits it whenever it is loaded"];
  if (options.json) {
    printJson({
      ok: true,
      module: file,
      bytes: bytes.length,
      signer,
      keyId,
      hash,
      parts,
      trusted: trusted.map((key) => key.name),
      checked,
      notChecked,
    });
    return;
  }
  print(`${file}: signed by ${bold(signer)}`);
  print(`  key id       ${keyId || "(none)"}`);
  print(`  content      sha256 ${hash}`);
  for (const what of checked) print(`  checked      ${what}`);
  for (const what of notChecked) print(dim(`  not checked  ${what}`));
}
