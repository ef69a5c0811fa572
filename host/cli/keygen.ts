/** `sumac keygen`: a new Ed25519 key pair. The private key goes to its file and nowhere else. */
import type { Command } from "commander";
import { shownPath } from "../build/files.ts";
import { toHex } from "../loader/byte-reader.ts";
import { developmentKeyFile, projectRoot, readTrustedKey, writeKeyPair } from "../loader/keys.ts";
import { keyIdOf } from "../loader/signature.ts";
import { print, printJson } from "./output.ts";

export function addKeygen(program: Command): void {
  program
    .command("keygen")
    .summary("make a key pair for signing")
    .description(
      "Makes an Ed25519 key pair: FILE (private, readable by you alone) and FILE's name with .pub.pem (public, to be shared). Without --out it makes the project's development key in .sumac/. An existing key is never overwritten.",
    )
    .option("--out <file>", "where the private key goes")
    .option("--json", "print one JSON object")
    .action(keygen);
}

async function keygen(options: { readonly out?: string; readonly json?: true }): Promise<void> {
  const privateFile = options.out ?? developmentKeyFile(projectRoot(process.cwd()));
  const publicFile = await writeKeyPair(privateFile);
  const { publicKey } = await readTrustedKey(publicFile);
  const keyId = toHex(await keyIdOf(publicKey));
  // The compact form of the signature format.
  const compact = `01${toHex(publicKey)}`;
  if (options.json) {
    printJson({ ok: true, privateKey: privateFile, publicKey: publicFile, keyId, public: compact });
    return;
  }
  print(`private key  ${shownPath(privateFile)}  (keep it; 0600)`);
  print(`public key   ${shownPath(publicFile)}  (share it; others pass it to --trust)`);
  print(`key id       ${keyId}`);
  print(`public       ${compact}  (for a key set)`);
}
