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
import { generateKey, parsePrivateKey, parsePublicKey, publicKeyPem } from "./key-format.ts";
import type { SigningKey, TrustedKey } from "./signature.ts";

const MAX_KEY_FILE_BYTES = 16384;
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
  const publicKey = await parsePublicKey(await readKeyFile(file, () => {}), file);
  return { name: basename(file).replace(/(\.pub)?(\.pem)?$/, ""), publicKey };
}

/** Who is trusted: the development key when there is one, and every key file that the user names. */
export async function trustedKeys(root: string, files: readonly string[]): Promise<TrustedKey[]> {
  const trusted: TrustedKey[] = [];
  const developmentFile = publicKeyFile(developmentKeyFile(root));
  if (existsSync(developmentFile)) {
    const bytes = await readKeyFile(developmentFile, refuseWritable);
    trusted.push({ name: DEVELOPMENT_KEY_NAME, publicKey: await parsePublicKey(bytes, developmentFile) });
  }
  for (const file of files) {
    const key = await readTrustedKey(file);
    if (trusted.some((other) => other.name === key.name)) {
      throw new SumacError(
        "usage",
        `--trust ${file}: a key named "${key.name}" is already trusted; rename the file, its base name is the signer's name`,
      );
    }
    trusted.push(key);
  }
  return trusted;
}

interface Access {
  readonly mode: number;
  readonly uid: number;
}

async function readKeyFile(file: string, check: (file: string, access: Access) => void): Promise<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    // Checked on the open file, so that what is read is what was checked.
    handle = await open(file, constants.O_RDONLY);
    const stat = await handle.stat();
    if (!stat.isFile()) throw new SumacError("key-unusable", `${file}: is not a file`);
    if (stat.size > MAX_KEY_FILE_BYTES) throw new SumacError("key-unusable", `${file}: ${stat.size} bytes are too many for a key`);
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
