/**
 * Key files: where the development key lives, who may read a private key, which keys are trusted.
 * Called by the CLI and by whoever loads modules from files. Private keys are never printed and never leave their file
 * readable by others; a private key that others can read is refused, because it may already be known.
 */
import { randomUUID } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { type FileHandle, link, mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { SumacError } from "../errors.ts";
import { equalBytes } from "./byte-reader.ts";
import { generateKey, parsePrivateKey, parsePublicKey, publicKeyPem } from "./key-format.ts";
import { isKeySet, parseKeySet } from "./key-set.ts";
import type { TrustedKey } from "./signature.ts";
import type { SigningKey } from "./signing.ts";

const MAX_KEY_FILE_BYTES = 16384;
const MAX_KEY_SET_BYTES: number = 1 << 20;
export const DEVELOPMENT_KEY_NAME = "dev";

/** The nearest folder upwards that holds `.sumac` or a package.json; `from` itself when there is none. */
export function projectRoot(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".sumac")) || existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) return resolve(from);
  }
}

export function developmentKeyFile(root: string): string {
  return join(root, ".sumac", "dev-key.pem");
}

/** `key.pem` → `key.pub.pem`. */
export function publicKeyFile(privateKeyFile: string): string {
  return `${privateKeyFile.replace(/\.pem$/, "")}.pub.pem`;
}

/** Reads the development key and makes it on first use. Two processes at once end up with the same key. */
export async function developmentKey(root: string): Promise<SigningKey> {
  const file = developmentKeyFile(root);
  if (!existsSync(file)) {
    try {
      await writeKeyPair(file);
      await writeFile(join(dirname(file), ".gitignore"), "*\n");
    } catch (error) {
      if (!(error instanceof SumacError) || !existsSync(file)) throw error;
    }
  }
  const key = await readSigningKey(file);
  // The public half may be missing when another process is just making it, or when it was deleted.
  if (!existsSync(publicKeyFile(file))) await replaceWhole(publicKeyFile(file), await publicKeyPem(key.publicKey));
  return key;
}

/** Makes a key pair in two new files, private (0600) and public. Never overwrites. Returns the public file's name. */
export async function writeKeyPair(privateFile: string): Promise<string> {
  const publicFile = publicKeyFile(privateFile);
  const generated = await generateKey();
  try {
    await mkdir(dirname(privateFile), { recursive: true, mode: 0o700 });
    await createWhole(privateFile, generated.privatePem, 0o600);
    await replaceWhole(publicFile, generated.publicPem);
  } catch (cause) {
    throw fileError(privateFile, cause);
  }
  return publicFile;
}

export async function readSigningKey(file: string): Promise<SigningKey> {
  return parsePrivateKey(await readKeyFile(file, refuseReadable), file);
}

/** The key's name is the file's base name without its endings: `keys/alice.pub.pem` is "alice". */
export async function readTrustedKey(file: string): Promise<TrustedKey> {
  return bareKey(await readKeyFile(file, () => {}), file);
}

async function bareKey(bytes: Uint8Array, file: string): Promise<TrustedKey> {
  return { name: basename(file).replace(/(\.pub)?(\.pem)?$/, ""), publicKey: await parsePublicKey(bytes, file) };
}

/** The project's own key set: trusted without being named, like the development key. */
export function keySetFile(root: string): string {
  return join(root, ".sumac", "keys.json");
}

/**
 * Who is trusted: the development key and the project's key set where there are such, and every key and key set that the user names.
 * What a key set says of a key holds also where the key is named without it, so that nobody escapes a revocation.
 */
export async function trustedKeys(root: string, files: readonly string[]): Promise<TrustedKey[]> {
  const bare: { key: TrustedKey; file: string }[] = [];
  const listed: { key: TrustedKey; file: string }[] = [];
  const developmentFile = publicKeyFile(developmentKeyFile(root));
  if (existsSync(developmentFile)) {
    const publicKey = await parsePublicKey(await readKeyFile(developmentFile, refuseWritable), developmentFile);
    bare.push({ key: { name: DEVELOPMENT_KEY_NAME, publicKey }, file: developmentFile });
  }
  const own = keySetFile(root);
  if (existsSync(own)) {
    const bytes = await readKeyFile(own, refuseWritable, MAX_KEY_SET_BYTES);
    listed.push(...parseKeySet(textOf(bytes, own), own).map((key) => ({ key, file: own })));
  }
  for (const file of files) {
    const bytes = await readKeyFile(file, () => {}, MAX_KEY_SET_BYTES);
    if (isKeySet(bytes)) listed.push(...parseKeySet(textOf(bytes, file), file).map((key) => ({ key, file })));
    else bare.push({ key: await bareKey(bytes, file), file });
  }
  return merged(bare, listed);
}

interface KeyFrom {
  readonly key: TrustedKey;
  readonly file: string;
}

function merged(bare: readonly KeyFrom[], listed: readonly KeyFrom[]): TrustedKey[] {
  const trusted: TrustedKey[] = [];
  for (const { key, file } of [...listed, ...bare]) {
    const same = trusted.find(({ publicKey }) => equalBytes(publicKey, key.publicKey));
    if (same !== undefined && bare.some((one) => one.key === key)) continue;
    if (same !== undefined) {
      throw new SumacError(
        "key-unusable",
        `${file}: "${key.name}" and "${same.name}" are one key; keep one entry, or a key would count twice`,
      );
    }
    if (trusted.some(({ name }) => name === key.name)) {
      throw new SumacError(
        "usage",
        `--trust ${file}: a key named "${key.name}" is already trusted; rename the file, its base name is the signer's name`,
      );
    }
    trusted.push(key);
  }
  return trusted;
}

function textOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SumacError("key-unusable", `${file}: is not UTF-8 text`, { cause });
  }
}

interface Access {
  readonly mode: number;
  readonly uid: number;
}

async function readKeyFile(
  file: string,
  check: (file: string, access: Access) => void,
  maxBytes: number = MAX_KEY_FILE_BYTES,
): Promise<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    // Checked on the open file, so that what is read is what was checked.
    handle = await open(file, constants.O_RDONLY);
    const stat = await handle.stat();
    if (!stat.isFile()) throw new SumacError("key-unusable", `${file}: is not a file`);
    if (stat.size > maxBytes) throw new SumacError("key-unusable", `${file}: ${stat.size} bytes are too many for a key`);
    if (process.getuid !== undefined) check(file, stat);
    return await handle.readFile();
  } catch (cause) {
    throw cause instanceof SumacError ? cause : fileError(file, cause);
  } finally {
    await handle?.close();
  }
}

function refuseReadable(file: string, { mode }: Access): void {
  if ((mode & 0o077) === 0) return;
  throw new SumacError(
    "key-unusable",
    `${file}: others may read this private key (mode ${(mode & 0o777).toString(8)}); run: chmod 600 ${file}`,
  );
}

/** The development key is trusted without being named, so nobody else may have put it there. */
function refuseWritable(file: string, { mode, uid }: Access): void {
  const owner = process.getuid?.();
  if (uid !== owner && owner !== 0) {
    throw new SumacError(
      "key-unusable",
      `${file}: belongs to another user, so it is not trusted by itself; name it with --trust from another folder`,
    );
  }
  if ((mode & 0o022) === 0) return;
  throw new SumacError(
    "key-unusable",
    `${file}: others may replace this trusted key (mode ${(mode & 0o777).toString(8)}); run: chmod 644 ${file}`,
  );
}

/** The file appears whole or not at all, and an existing one is left alone. */
async function createWhole(file: string, text: string, mode: number): Promise<void> {
  const partial = `${file}.${randomUUID()}.partial`;
  await writeFile(partial, text, { mode, flag: "wx" });
  try {
    await link(partial, file);
  } finally {
    await rm(partial);
  }
}

async function replaceWhole(file: string, text: string): Promise<void> {
  const partial = `${file}.${randomUUID()}.partial`;
  await writeFile(partial, text, { mode: 0o644, flag: "wx" });
  await rename(partial, file);
}

function fileError(file: string, cause: unknown): SumacError {
  const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
  if (code === "ENOENT")
    return new SumacError("file-missing", `${file}: no such key file; check the path, or make a key with \`sumac keygen\``, { cause });
  if (code === "EEXIST")
    return new SumacError("key-unusable", `${file}: exists already and is not overwritten; choose another name`, { cause });
  return new SumacError("file-unreadable", `${file}: ${code}; check the path and its permissions`, { cause });
}
