/** `sumac sign`: signs a whole module with one key, in the module or beside it, alone or with those who signed before. */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { readBytes, writeWhole } from "../build/files.ts";
import { SumacError } from "../errors.ts";
import { toHex } from "../loader/byte-reader.ts";
import { developmentKey, projectRoot, readSigningKey } from "../loader/keys.ts";
import { keyIdOf } from "../loader/signature.ts";
import { extendModule, signDetached, signModule, splitModule } from "../loader/signing.ts";
import { about, readModule } from "./module-file.ts";
import { print, printJson } from "./output.ts";
import { collect } from "./parse-option.ts";

interface SignOptions {
  readonly key?: string;
  readonly output?: string;
  readonly add?: true;
  readonly detached?: string;
  readonly split?: true;
  readonly section: readonly string[];
  /** False after --no-key-id. */
  readonly keyId?: string | false;
  readonly json?: true;
}

export function addSign(program: Command): void {
  program
    .command("sign")
    .summary("sign a module")
    .description(
      "Signs every byte of MODULE with Ed25519, in the Module Signatures format. Without --key it uses the project's development key, which is made on first use. Earlier signatures are replaced unless --add is given.",
    )
    .argument("<module>", "a .wasm file")
    .option("--key <file>", "private key (PEM or compact form, mode 0600)")
    .option("--add", "keep the signatures that are there")
    .option("--detached <file>", "write the signature to a file of its own and leave MODULE as it is")
    .option("--split", "first cut MODULE behind what runs, so that it can be verified in parts and added to")
    .option("--section <name=file>", "first add a custom section at the end of a module that was cut (repeatable)", collect, [])
    .option("--key-id <text>", "what the signature calls the key (default: an id derived from it)")
    .option("--no-key-id", "leave the key unnamed")
    .option("-o, --output <file>", "where the signed module goes (default: MODULE itself)")
    .option("--json", "print one JSON object")
    .action(sign);
}

async function sign(file: string, options: SignOptions): Promise<void> {
  const { add = false, detached, split, section, keyId: named, json } = options;
  if (detached !== undefined && (options.output !== undefined || split || section.length > 0)) {
    throw new SumacError("usage", "--detached leaves the module as it is: leave out --output, --split and --section");
  }
  const key = options.key === undefined ? await developmentKey(projectRoot(process.cwd())) : await readSigningKey(options.key);
  const id =
    named === false ? new Uint8Array(0) : typeof named === "string" ? new TextEncoder().encode(named) : await keyIdOf(key.publicKey);
  if (id.length > 64) throw new SumacError("usage", `--key-id: ${id.length} bytes, more than 64: choose a shorter one`);
  const keyId = toHex(id);
  const bytes = await readModule(file);
  if (detached !== undefined) {
    const earlier = add && existsSync(detached) ? { earlier: await readBytes(detached) } : {};
    const data = await about(file, () => signDetached(bytes, key, { add, keyId: id, ...earlier }));
    await writeWhole(detached, data);
    if (json) printJson({ ok: true, module: file, signature: detached, bytes: data.length, keyId });
    else print(`${detached}: signature of ${file}, ${data.length} bytes, key id ${keyId || "(none)"}`);
    return;
  }
  const added = await Promise.all(section.map(readSection));
  const signed = await about(file, () => {
    const cut = split ? splitModule(bytes) : bytes;
    return signModule(added.length === 0 ? cut : extendModule(cut, added), key, { add, keyId: id });
  });
  const output = options.output ?? file;
  await writeWhole(output, signed);
  if (json) printJson({ ok: true, module: output, bytes: signed.length, keyId });
  else print(`${output}: signed, ${signed.length} bytes, key id ${keyId || "(none)"}`);
}

async function readSection(text: string): Promise<{ name: string; payload: Uint8Array }> {
  const [, name = "", path = ""] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (name === "" || /^(signature|signature_delimiter|sumac:.*)$/s.test(name)) {
    throw new SumacError("usage", `--section ${text}: give NAME=FILE, with a name that means nothing to Sumac or to signatures`);
  }
  return { name, payload: await readBytes(path) };
}
