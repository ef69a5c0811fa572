/**
 * What a system demands of a module before it may run: who must have signed it, what its fingerprint must say, how it must have been
 * hardened. Called by the loader, and by `sumac verify`. Pure; it can only demand more than that somebody trusted signed, never less:
 * who is trusted is said on the command line and in `.sumac`, not by the system.
 */
import { SumacError } from "../errors.ts";
import type { Fingerprint } from "./fingerprint.ts";
import type { Signer } from "./signature.ts";

/** So many different holders, among those of a role or of a list, or among all who are trusted. */
export interface SignerDemand {
  /** Default 1. */
  readonly count?: number;
  readonly role?: string;
  readonly holders?: readonly string[];
}

/** Each field that is given must hold. */
export interface FingerprintDemand {
  /** Accepted compilers, such as `assemblyscript 0.28.20`; likewise the others. */
  readonly compiler?: readonly string[];
  readonly optimizer?: readonly string[];
  /** Versions of Sumac whose library the module was built with. */
  readonly sumac?: readonly string[];
  readonly world?: readonly string[];
  /** Accepted contents: pins a module whoever signed it. */
  readonly content?: readonly string[];
  /** Accepted sources of the domain itself. */
  readonly sources?: readonly string[];
  readonly flags?: { readonly with?: readonly string[]; readonly without?: readonly string[] };
  /** Interface id to its hash: the module's world has this interface, with this meaning. */
  readonly interfaces?: Readonly<Record<string, string>>;
  /** The module requires no import but these, `interface#function`. */
  readonly imports?: readonly string[];
}

export interface TrustPolicy {
  readonly signers?: readonly SignerDemand[];
  /** An empty object demands that there is a fingerprint. */
  readonly fingerprint?: FingerprintDemand;
  /** Accepted versions of the hardening. */
  readonly harden?: readonly number[];
}

/** @throws SumacError "trust-refused" that names the first demand that is not met */
export function demandSigners(
  policies: readonly TrustPolicy[],
  signers: readonly Signer[],
  uncounted: readonly { readonly why: string }[],
): void {
  for (const demand of policies.flatMap((policy) => policy.signers ?? [])) {
    const { count = 1, role, holders } = demand;
    const fitting = signers.filter(
      (signer) => (role === undefined || signer.roles.includes(role)) && (holders === undefined || holders.includes(signer.holder)),
    );
    const found = [...new Set(fitting.map(({ holder }) => holder))];
    if (found.length >= count) continue;
    const left = uncounted.length === 0 ? "" : `; not counted: ${uncounted.map(({ why }) => why).join("; ")}`;
    throw refused(
      `needs ${demandText(demand)}, has ${found.length === 0 ? "none" : found.join(", ")}${left}`,
      "have it signed by those who are missing",
    );
  }
}

/** @throws SumacError "trust-refused" that names the first demand that is not met */
export function demandFingerprint(policies: readonly TrustPolicy[], fingerprint: Fingerprint | undefined): void {
  for (const demand of policies.flatMap((policy) => policy.fingerprint ?? [])) {
    if (fingerprint === undefined) throw refused("has no fingerprint, which the system demands", "build it with `sumac build`");
    demandOne(demand, fingerprint);
  }
}

function demandOne(demand: FingerprintDemand, { sources, ...print }: Fingerprint): void {
  const exact = { ...print, sources: sources.domain };
  for (const field of ["compiler", "optimizer", "sumac", "world", "content", "sources"] as const) {
    const accepted = demand[field];
    if (accepted === undefined || accepted.includes(exact[field])) continue;
    throw unmet(field, `is ${exact[field]}, accepted: ${accepted.join(", ") || "none"}`);
  }
  const { flags = {}, interfaces = {}, imports } = demand;
  const lacking = flags.with?.find((flag) => !print.flags.includes(flag));
  if (lacking !== undefined) throw unmet("flags", `lack ${lacking}`);
  const forbidden = flags.without?.find((flag) => print.flags.includes(flag));
  if (forbidden !== undefined) throw unmet("flags", `hold ${forbidden}`);
  for (const [id, hash] of Object.entries(interfaces)) {
    const found = print.interfaces[id];
    if (found !== hash)
      throw unmet(`interface ${id}`, found === undefined ? "is not in its world" : `has the hash ${found}, demanded: ${hash}`);
  }
  const further = imports === undefined ? undefined : print.imports.find((name) => !imports.includes(name));
  if (further !== undefined) throw unmet("imports", `hold ${further}, which is not among those accepted`);
}

/** @throws SumacError "trust-refused" when modules are hardened otherwise than demanded */
export function demandHardening(policies: readonly TrustPolicy[], version: number): void {
  for (const { harden } of policies) {
    if (harden === undefined || harden.includes(version)) continue;
    throw refused(
      `would be hardened by version ${version}, accepted: ${harden.join(", ") || "none"}`,
      "run it with a Sumac that hardens so",
    );
  }
}

/** For people: `2 signers with the role "author"`. */
export function demandText({ count = 1, role, holders }: SignerDemand): string {
  const among = holders === undefined ? "" : ` among ${holders.join(", ")}`;
  return `${count} signer${count === 1 ? "" : "s"}${role === undefined ? "" : ` with the role "${role}"`}${among}`;
}

/** Whether the policies ask for anything that an unsigned module cannot have. */
export function demandsSigners(policies: readonly TrustPolicy[]): boolean {
  return policies.some(({ signers = [] }) => signers.length > 0);
}

function unmet(field: string, what: string): SumacError {
  return refused(`its fingerprint's ${field} ${what}`, "build it as the system demands, or change the system's `trust`");
}

function refused(what: string, remedy: string): SumacError {
  return new SumacError("trust-refused", `${what}: ${remedy}`);
}
