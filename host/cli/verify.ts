/** `sumac verify`: did somebody trusted sign exactly these bytes, and is the fingerprint true? Says what was checked and what was not. */
import type { Command } from "commander";
import { readBytes } from "../build/files.ts";
import { WORLD_SECTION } from "../build/rewrite.ts";
import { readWorldSection } from "../idl/idl.ts";
import { checkFingerprint, claimedFingerprint, type Fingerprint } from "../loader/fingerprint.ts";
import { projectRoot, trustedKeys } from "../loader/keys.ts";
import { customText, readSections } from "../loader/sections.ts";
import { type Signer, type Verified, verifyModule } from "../loader/signature.ts";
import { summarize } from "../loader/summary.ts";
import { demandFingerprint, demandSigners, demandText, type TrustPolicy } from "../loader/trust-policy.ts";
import { parsePolicy } from "../system/manifest.ts";
import { about, readModule } from "./module-file.ts";
import { bold, dim, print, printJson, visible } from "./output.ts";
import { collect, wholeNumber } from "./parse-option.ts";

interface VerifyOptions {
  readonly trust: readonly string[];
  readonly signature?: string;
  readonly policy?: string;
  readonly parts?: number;
  readonly json?: true;
}

export function addVerify(program: Command): void {
  program
    .command("verify")
    .summary("check who signed a module")
    .description(
      "Checks that MODULE was signed, as it is to its last byte, by the project's development key, its key set, or a key named with --trust, that these keys are valid, and that the module's fingerprint is true.",
    )
    .argument("<module>", "a .wasm file")
    .option(
      "--trust <file>",
      "public key or key set to trust as well (repeatable); a key's signer is called by the file's name",
      collect,
      [],
    )
    .option("--signature <file>", "detached signature of MODULE")
    .option("--policy <file>", 'demands to check as well: JSON, as in a manifest\'s "trust"')
    .option("--parts <n>", "verify the first so many parts only, up to their delimiter", wholeNumber)
    .option("--json", "print one JSON object")
    .action(verify);
}

async function verify(file: string, options: VerifyOptions): Promise<void> {
  const bytes = await readModule(file);
  const trusted = await trustedKeys(projectRoot(process.cwd()), options.trust);
  const policy =
    options.policy === undefined ? undefined : parsePolicy(new TextDecoder().decode(await readBytes(options.policy)), options.policy);
  const detached = options.signature === undefined ? undefined : await readBytes(options.signature);
  const { parts } = options;
  const { verified, fingerprint } = await about(file, async () => {
    const verified = await verifyModule(bytes, trusted, {
      ...(detached === undefined ? {} : { detached }),
      ...(parts === undefined ? {} : { parts }),
    });
    // A fingerprint behind the parts that were asked for was signed by nobody who was asked.
    const fingerprint = parts === undefined ? await trueFingerprint(bytes) : undefined;
    if (policy !== undefined) {
      demandSigners([policy], verified.signers, verified.uncounted);
      demandFingerprint([policy], fingerprint);
    }
    return { verified, fingerprint };
  });
  const { signer, signers, uncounted, hash, end } = verified;
  const report = {
    ok: true,
    module: file,
    bytes: bytes.length,
    signer,
    keyId: signers[0]?.keyId ?? "",
    hash,
    parts: verified.parts,
    covered: end,
    signers,
    uncounted,
    fingerprint: fingerprint ?? null,
    trusted: trusted.map((key) => key.name),
    checked: checkedOf(verified, detached !== undefined, fingerprint, policy),
    notChecked: notCheckedOf(bytes, verified, fingerprint, policy),
  };
  if (options.json) printJson(report);
  else printReport(file, report, fingerprint);
}

/** Undefined for a module without one, or without a world to hold it against. */
async function trueFingerprint(bytes: Uint8Array<ArrayBuffer>): Promise<Fingerprint | undefined> {
  if (claimedFingerprint(bytes) === undefined) return undefined;
  const world = readWorldSection(customText(bytes, readSections(bytes), WORLD_SECTION) ?? "");
  const imports = summarize(bytes).imports.map(({ module, name }) => `${module}#${name}`);
  return checkFingerprint(bytes, world, imports);
}

function checkedOf(
  { signers, parts, end }: Verified,
  isDetached: boolean,
  fingerprint: Fingerprint | undefined,
  policy: TrustPolicy | undefined,
): string[] {
  const place = isDetached
    ? "the detached signature has the one form that its content can have, and the module carries none of its own"
    : "the signature section is the first and only one, in the one form that its content can have";
  const over = `specification version, content type, hash function and ${parts} hash${parts === 1 ? "" : "es"}`;
  return [
    place,
    ...signers.map(({ name }) => `Ed25519 signature by "${name}" over ${over}; the key is not revoked and valid today`),
    `the hashes cover every byte from the ${isDetached ? "header" : "signature"} to byte ${end}`,
    ...(fingerprint === undefined
      ? []
      : ["the fingerprint's hash of the sections before it, its world, interface hashes and imports are those of the module"]),
    ...(policy?.signers ?? []).map((demand) => `demand: ${demandText(demand)}`),
    ...(policy?.fingerprint === undefined ? [] : ["demand: what the policy says of the fingerprint"]),
  ];
}

function notCheckedOf(
  bytes: Uint8Array,
  { end, uncounted }: Verified,
  fingerprint: Fingerprint | undefined,
  policy: TrustPolicy | undefined,
): string[] {
  return [
    "what the module imports and does: the loader checks, hardens and audits it whenever it is loaded",
    "when it was signed: the format has no time, so a key that is valid today counts for all it ever signed",
    ...(end < bytes.length ? [`the ${bytes.length - end} bytes from byte ${end} on: other parts were not asked for`] : []),
    ...uncounted.map(({ keyId, why }) => `signature with key id ${keyId || "(none)"}: ${why}`),
    fingerprint === undefined
      ? "how it was built: no fingerprint was looked at"
      : "the fingerprint's compiler, flags and sources: `sumac reproduce` builds it again and compares",
    ...(policy?.harden === undefined ? [] : ["demand: how it is hardened, which is known only when it is loaded"]),
  ];
}

interface Report {
  readonly hash: string;
  readonly signers: readonly Signer[];
  readonly checked: readonly string[];
  readonly notChecked: readonly string[];
}

function printReport(file: string, { hash, signers, checked, notChecked }: Report, fingerprint: Fingerprint | undefined): void {
  print(`${file}: signed by ${bold(signers.map(({ name }) => name).join(", "))}`);
  for (const { name, holder, roles, keyId } of signers) {
    const of = holder === name ? "" : `, of ${holder}`;
    print(`  signer       ${name}${of}${roles.length === 0 ? "" : ` (${roles.join(", ")})`}, key id ${keyId || "(none)"}`);
  }
  print(`  content      sha256 ${hash}`);
  if (fingerprint !== undefined) {
    print(`  built with   ${visible(`${fingerprint.compiler}, ${fingerprint.optimizer}, sumac ${fingerprint.sumac}`)}`);
  }
  for (const what of checked) print(`  checked      ${visible(what)}`);
  for (const what of notChecked) print(dim(`  not checked  ${visible(what)}`));
}
