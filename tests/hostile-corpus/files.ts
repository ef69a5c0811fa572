/** Files that somebody hands over who may not: unsigned, altered, signed by the wrong ones, with a fingerprint that lies (L1, L7, L9, L10). */
import { SumacError } from "../../host/errors.ts";
import { readWorldSection } from "../../host/idl/idl.ts";
import { auditHardened } from "../../host/loader/audit/audit.ts";
import { appendFingerprint, FINGERPRINT_SECTION } from "../../host/loader/fingerprint.ts";
import { customSection } from "../../host/loader/sections.ts";
import type { TrustedKey } from "../../host/loader/signature.ts";
import { signModule } from "../../host/loader/signing.ts";
import { EVERYTHING, hardened } from "../loader/audit-real.ts";
import { type SpecKey, specKey } from "../loader/signature-spec.ts";
import { wat } from "../support/wat.ts";
import { type HostileCase, loaded, moduleWith, said, WORLD } from "./case.ts";

const HASH: string = "0".repeat(64);
const [alice, mallory] = (await Promise.all([specKey(1), specKey(2)])) as [SpecKey, SpecKey];
const trusted: readonly TrustedKey[] = [{ name: "alice", publicKey: alice.publicKey, roles: ["author"] }];
const must = { trusted, allowUnsigned: false } as const;

const plain = (): Promise<Uint8Array<ArrayBuffer>> => moduleWith("(memory 1)");
const signed = async (): Promise<Uint8Array<ArrayBuffer>> => signModule(await plain(), alice);
const altered = async (change: (module: Uint8Array<ArrayBuffer>) => void): Promise<Uint8Array> => {
  const module = await signed();
  change(module);
  return module;
};

async function printed(change: (fields: Record<string, unknown>) => void, write = JSON.stringify): Promise<Uint8Array> {
  const module = await plain();
  const provenance = { compiler: "c", optimizer: "o", flags: [], sumac: "0", sources: { domain: HASH, library: HASH } };
  const whole = await appendFingerprint(module, readWorldSection(WORLD), [], provenance);
  const at = whole.length - new TextDecoder().decode(whole.subarray(module.length)).length;
  const text = new TextDecoder().decode(whole.subarray(at)).replace(/^[^{]*/, "");
  const fields = JSON.parse(text) as Record<string, unknown>;
  change(fields);
  return Uint8Array.from([...module, ...customSection(FINGERPRINT_SECTION, new TextEncoder().encode(write(fields)))]);
}

/** A hardened module of the loader's own making, altered afterwards: what a faulty hardener would give to the audit. */
function audited(name: string, expected: string, from: readonly number[], to: readonly number[]): HostileCase {
  return {
    rule: "L7",
    name,
    expected,
    async run() {
      const { bytes, options } = hardened(await wat(EVERYTHING));
      const at = bytes.findIndex((_, i) => from.every((byte, k) => bytes[i + k] === byte));
      bytes.set(to, at);
      try {
        auditHardened(bytes, options);
        return at < 0 ? "the sequence is not there" : "accepted";
      } catch (error) {
        if (!(error instanceof SumacError)) throw error;
        return said(expected, `${error.code}: ${error.message}`);
      }
    },
  };
}

export const FILES: readonly HostileCase[] = [
  loaded("L1", "is not signed", "signature-missing: ", plain, must),
  loaded("L1", "is signed by somebody who is not trusted", "signature-wrong: ", async () => signModule(await plain(), mallory), must),
  loaded("L1", "had one byte altered after it was signed", "signature-wrong: ", () => altered((m) => m.fill(0x6a, m.length - 1)), must),
  loaded(
    "L1",
    "had a section appended after it was signed",
    "signature-wrong: ",
    async () => Uint8Array.from([...(await signed()), ...customSection("x", new Uint8Array(1))]),
    must,
  ),
  loaded("L1", "had its signature cut short", "signature-wrong: ", () => altered((m) => m.fill(0, 40, 60)), must),
  audited("was hardened without its question whether to die", "audit-failed: (rule heap", [0x23, 1, 0xfe, 0x10], [0x41, 1, 0xfe, 0x10]),
  audited("was hardened with a loop that counts nothing down", "audit-failed: (rule loop", [0x48, 0x0d, 1], [0x48, 0x1a, 0x01]),
  audited("was hardened with a larger quota", "audit-failed: (rule quota", [2, 1, 1, 64], [2, 1, 1, 127]),
  loaded("L9", "says it was built for another world", "module-refused: fingerprint is not true: world", () =>
    printed((f) => {
      f.world = "evil:b/w@0.1.0";
    }),
  ),
  loaded("L9", "says it has other contents", "module-refused: fingerprint is not true: content", () =>
    printed((f) => {
      f.content = HASH;
    }),
  ),
  loaded("L9", "says it imports what it does not", "module-refused: fingerprint is not true: imports", () =>
    printed((f) => {
      f.imports = ["kernel#log"];
    }),
  ),
  loaded("L9", "says that its interfaces mean something else", "module-refused: fingerprint is not true: interface", () =>
    printed((f) => {
      f.interfaces = { ...(f.interfaces as object), "test:api/call@0.1.0": HASH };
    }),
  ),
  loaded("L9", "spells its fingerprint in another way", "module-malformed: one form", () =>
    printed(
      () => {},
      (fields) => JSON.stringify(fields, undefined, 1),
    ),
  ),
  loaded("L10", "is signed by one where two are demanded", "trust-refused: ", signed, { ...must, policies: [{ signers: [{ count: 2 }] }] }),
  loaded("L10", "is signed by nobody of the role that is demanded", "trust-refused: ", signed, {
    ...must,
    policies: [{ signers: [{ role: "reviewer" }] }],
  }),
  loaded("L10", "is signed with a key that was revoked", "trust-refused: was revoked", signed, {
    ...must,
    trusted: [{ ...(trusted[0] as TrustedKey), revoked: "stolen" }],
  }),
  loaded("L10", "is unsigned, and named as such, where signers are demanded", "trust-refused: ", plain, {
    allowUnsigned: true,
    policies: [{ signers: [{}] }],
  }),
  loaded("L10", "has no fingerprint where one is demanded", "trust-refused: ", plain, { policies: [{ fingerprint: {} }] }),
];
