/**
 * The readers of everything that a stranger can hand over, each with inputs to begin with, ways to damage them, and what must hold
 * when one is accepted: what was read, written down and read again, is the same. All else is an `Unfaithful`.
 */
import { isDeepStrictEqual } from "node:util";
import { parseWit, readWorldSection, writeWorldSection } from "../../../host/idl/idl.ts";
import { printFile } from "../../../host/idl/print.ts";
import { auditHardened } from "../../../host/loader/audit/audit.ts";
import { concatBytes, equalBytes } from "../../../host/loader/byte-reader.ts";
import { check } from "../../../host/loader/check.ts";
import { parseFingerprint } from "../../../host/loader/fingerprint-format.ts";
import { savedGlobalsOf } from "../../../host/loader/harden/indices.ts";
import { harden } from "../../../host/loader/harden.ts";
import { parsePrivateKey, parsePublicKey, publicKeyPem } from "../../../host/loader/key-format.ts";
import { parseKeySet } from "../../../host/loader/key-set.ts";
import { HEADER, readSections } from "../../../host/loader/sections.ts";
import { verifyModule } from "../../../host/loader/signature.ts";
import { decodeSignatures, encodeSignatures } from "../../../host/loader/signature-format.ts";
import { summarize } from "../../../host/loader/summary.ts";
import { type CheckedModule, typeOfFunction } from "../../../host/loader/wasm/checked-module.ts";
import { parseManifest, parsePolicy } from "../../../host/system/manifest.ts";
import { randomFile, randomOf } from "../../idl/random-wit.ts";
import { GUARD, GUARD_BYTES, HEAP_PAGES, QUOTA_PAGES } from "../../loader/hardened.ts";
import type { Random } from "../../loader/random-program.ts";
import { mutateJson, namesTwice } from "./json-forms.ts";
import { randomModuleBytes } from "./module-forms.ts";
import { mutateBytes, mutateSections, mutateText } from "./mutate.ts";
import { type Seeds, withoutPositions } from "./seeds.ts";

export interface Reader {
  readonly name: string;
  /** How many of a hundred inputs are for it. */
  readonly share: number;
  /** A damaged or made-up input, as bytes or as text. */
  input(random: Random): Uint8Array<ArrayBuffer> | string;
  /** Returns when the input is accepted; throws a SumacError when it is refused, anything else when there is a fault. */
  read(input: Uint8Array<ArrayBuffer> | string): unknown;
}

/** An input was accepted, and does not mean the same when it is written down again. */
export class Unfaithful extends Error {}

export function readersOf(seeds: Seeds): Reader[] {
  const { modules, signed, signatures, texts } = seeds;
  const any = <T>(from: readonly T[], random: Random): T => from[random.below(from.length)] as T;
  const bytes = (name: string, share: number, from: readonly Uint8Array[], read: (input: Uint8Array<ArrayBuffer>) => unknown): Reader => ({
    name,
    share,
    input: (random) => mutateBytes(any(from, random), from, random),
    read: (input) => read(input as Uint8Array<ArrayBuffer>),
  });
  const json = (name: string, share: number, from: readonly string[], read: (text: string) => unknown): Reader => ({
    name,
    share,
    input: (random) => (random.below(3) === 0 ? mutateText(any(from, random), from, random) : mutateJson(any(from, random), random)),
    read: (input) => read(input as string),
  });
  const wit = (name: string, share: number, from: readonly string[], read: (text: string) => unknown): Reader => ({
    name,
    share,
    input: (random) => mutateText(any(from, random), from, random),
    read: (input) => read(input as string),
  });

  return [
    bytes("module", 22, modules, readModule),
    {
      ...bytes("module by sections", 15, modules, readModule),
      input: (random) => mutateSections(any(modules, random), modules, random),
    },
    { ...bytes("module by grammar", 13, modules, readModule), input: randomModuleBytes },
    bytes("sections", 6, [...modules, ...signed], readFrame),
    bytes("signature data", 10, signatures, readSignatures),
    bytes("signed module", 1, signed, (input) => readSigned(input, seeds)),
    bytes("public key", 1, seeds.publicKeys, readPublicKey),
    bytes("private key", 1, seeds.privateKeys, (input) => parsePrivateKey(input, "key")),
    json("manifest", 6, texts.manifests, readManifest),
    json("policy", 3, texts.policies, readPolicy),
    json("key set", 6, texts.keySets, readKeySet),
    json("fingerprint", 6, texts.fingerprints, readFingerprint),
    wit("WIT file", 5, texts.wit, readWit),
    { ...wit("WIT file by grammar", 2, texts.wit, readWit), input: (random) => randomWit(random) },
    wit("world section", 3, texts.worlds, readWorld),
  ];
}

function unless(holds: boolean, what: string): void {
  if (!holds) throw new Unfaithful(what);
}

// ---- binaries ----

/** What is accepted must harden, pass the audit and be valid for V8; and what a module says must not depend on its spelling. */
function readModule(input: Uint8Array<ArrayBuffer>): void {
  const module = check(input, { maxMemoryPages: QUOTA_PAGES });
  const hardened = hardenedOf(module);
  unless(WebAssembly.validate(hardened), "V8 refuses the hardened module");
  const again = check(framedAnew(input), { maxMemoryPages: QUOTA_PAGES });
  unless(equalBytes(hardenedOf(again), hardened), "in a new frame it hardens to something else");
  summarize(input);
}

function hardenedOf(module: CheckedModule): Uint8Array<ArrayBuffer> {
  const hardened = harden(module, { memoryMaxPages: QUOTA_PAGES, heapMaxPages: HEAP_PAGES, guard: GUARD });
  auditHardened(hardened, {
    guard: GUARD_BYTES,
    memoryMaxPages: QUOTA_PAGES,
    heapMaxPages: HEAP_PAGES,
    grantedImports: module.imports.flatMap(({ module: from, field, isGuard }, i) =>
      isGuard ? [] : [{ module: from, name: field, ...typeOfFunction(module, i) }],
    ),
    grantedExports: module.exports.map(({ name }) => name),
    savesGlobals: savedGlobalsOf(module) !== undefined,
  });
  return new Uint8Array(hardened);
}

/** Each section with the shortest size in front. */
function framedAnew(input: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const parts = readSections(input).map(({ id, start, end }) => {
    let body = start + 1;
    while ((input[body] as number) >= 0x80) body++;
    const contents = input.subarray(body + 1, end);
    return concatBytes([[id], shortest(contents.length), contents]);
  });
  return concatBytes([HEADER, ...parts]);
}

function shortest(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...shortest(value >>> 7)];
}

function readFrame(input: Uint8Array<ArrayBuffer>): void {
  const sections = readSections(input);
  const whole = concatBytes([HEADER, ...sections.map(({ start, end }) => input.subarray(start, end))]);
  unless(equalBytes(whole, input), "the sections are not the whole file");
}

function readSignatures(input: Uint8Array<ArrayBuffer>): void {
  const sets = decodeSignatures(input, 0, input.length);
  const again = encodeSignatures(sets);
  // One of the two forms; the one without lengths is shorter by one number for each record and set.
  unless(equalBytes(again, input) || again.length > input.length, "it is written otherwise");
  const bare = (from: typeof sets): unknown =>
    from.map(({ hashes, signatures }) => [hashes, signatures.map(({ keyId, signature }) => [keyId, signature])]);
  unless(isDeepStrictEqual(bare(decodeSignatures(again, 0, again.length)), bare(sets)), "it is read otherwise when written again");
}

async function readSigned(input: Uint8Array<ArrayBuffer>, { trusted, signed, modules }: Seeds): Promise<void> {
  const { end } = await verifyModule(input, trusted);
  unless(end === input.length, "bytes behind the signed ones");
  const content = (module: Uint8Array): Uint8Array => module.subarray(readSections(module as Uint8Array<ArrayBuffer>)[0]?.end);
  const known = [...signed.map(content), ...modules.map((module) => module.subarray(HEADER.length))];
  unless(
    known.some((each) => equalBytes(each, content(input))),
    "other content than anybody signed",
  );
}

async function readPublicKey(input: Uint8Array<ArrayBuffer>): Promise<void> {
  const key = await parsePublicKey(input, "key");
  // Any 32 bytes are a key's compact form; those that are no point have no other form.
  const pem = await publicKeyPem(key).catch(() => undefined);
  if (pem === undefined) return;
  unless(equalBytes(await parsePublicKey(new TextEncoder().encode(pem), "key"), key), "another key when written again");
}

// ---- texts ----

function readManifest(text: string): void {
  const manifest = parseManifest(text, "manifest");
  unless(!namesTwice(text), "a name stands twice in it");
  unless(isDeepStrictEqual(parseManifest(JSON.stringify(manifest), "manifest"), manifest), "another manifest when written again");
}

function readPolicy(text: string): void {
  const policy = parsePolicy(text, "policy");
  unless(!namesTwice(text), "a name stands twice in it");
  unless(isDeepStrictEqual(parsePolicy(JSON.stringify(policy), "policy"), policy), "another policy when written again");
}

function readKeySet(text: string): void {
  const keys = parseKeySet(text, "keys");
  unless(!namesTwice(text), "a name stands twice in it");
  unless(isDeepStrictEqual(parseKeySet(JSON.stringify(JSON.parse(text)), "keys"), keys), "other keys when written again");
}

function readFingerprint(text: string): void {
  const fingerprint = parseFingerprint(text);
  unless(!namesTwice(text), "a name stands twice in it");
  unless(JSON.stringify(fingerprint) === text, "it is written otherwise");
}

function readWit(text: string): void {
  const file = parseWit(text, "world.wit");
  const printed = printFile(file);
  const again = parseWit(printed, "world.wit");
  unless(isDeepStrictEqual(withoutPositions(again), withoutPositions(file)), "another tree when written again");
  unless(printFile(again) === printed, "written in two ways");
}

function readWorld(text: string): void {
  const world = readWorldSection(text);
  const written = writeWorldSection(world);
  const again = readWorldSection(written);
  unless(writeWorldSection(again) === written, "written in two ways");
  unless(isDeepStrictEqual(outline(again), outline(world)), "another world when written again");
}

function outline({ packageId, name, imports, exports }: ReturnType<typeof readWorldSection>): unknown {
  return [packageId, name, ...[imports, exports].map((list) => list.map(({ id, hash }) => `${id} ${hash}`))];
}

function randomWit(random: Random): string {
  const text = printFile(randomFile(randomOf(random.below(0x7fffffff))));
  return random.below(2) === 0 ? text : mutateText(text, [text], random);
}
