/**
 * Interfaces as they are, held against the record of what was published: under one version an interface means one thing.
 * Called through `idl.ts` by `sumac bindgen`, which reads and writes the record. Pure; it refuses, and never repairs.
 * A package without a version promises nothing, so nothing of it is recorded.
 */
import type { SumacError } from "../errors.ts";
import type { Position, WitFile } from "./ast.ts";
import { WorldLowerer } from "./lower-world.ts";
import type { Interface } from "./model.ts";
import { printPackageName } from "./print.ts";
import { Problems } from "./problems.ts";
import { resolveFiles } from "./resolve-files.ts";
import type { ResolvedInterface } from "./types.ts";

/** The canonical text of an interface, line by line, and its hash. */
export interface PublishedInterface {
  readonly hash: string;
  readonly lines: readonly string[];
}

/** By interface id. Holds every version that was ever published, also of packages that have moved on. */
export type PublishedRecord = ReadonlyMap<string, PublishedInterface>;

export interface PublishedComparison {
  /** What the record says otherwise, as errors "wit-invalid" in source order. */
  readonly refusals: readonly SumacError[];
  /** The same for someone who publishes: `file:line:column: what changed: what that means for importers`. */
  readonly changes: readonly string[];
  /** Interfaces that the record does not know, each as `file:line:column: …`. */
  readonly unrecorded: readonly string[];
  /** The record with the present meaning of every interface of these packages. */
  readonly present: PublishedRecord;
}

/**
 * Throws the first problem of the files themselves.
 * @param files those that define the packages
 * @param others files whose types they may use
 */
export function comparePublished(
  files: readonly WitFile[],
  others: readonly WitFile[],
  recorded: PublishedRecord,
  recordName: string,
): PublishedComparison {
  const problems = new Problems();
  const { interfaces } = resolveFiles([...files, ...others], problems);
  problems.throwFirst();
  const lowerer = new WorldLowerer(problems);
  const packages = versionedPackages(files);
  const own = interfaces.filter((each) => packages.has(each.package.id));
  const pairs = own.map((resolved) => ({ resolved, model: lowerer.interface(resolved) }));
  problems.throwFirst();

  const refused = new Refusals();
  const unrecorded = new Problems();
  for (const { resolved, model } of pairs) {
    const old = recorded.get(resolved.id);
    if (old === undefined) {
      unrecorded.add(resolved.node.name.at, `\`${resolved.id}\` is not recorded in ${recordName}`, "run `sumac bindgen --publish`");
    } else if (old.hash !== model.hash) refuseChange(resolved, old.lines, linesOf(model), refused);
  }
  const present = new Map([...recorded].filter(([id]) => !packages.has(packageOf(id))));
  for (const { model } of pairs) present.set(model.id, { hash: model.hash, lines: linesOf(model) });
  for (const id of recorded.keys()) {
    const at = packages.get(packageOf(id));
    if (at !== undefined && !present.has(id)) {
      refused.add(at, id, "was published, and the package has it no more", "incompatible");
    }
  }
  return {
    refusals: refused.errors.sorted(),
    changes: refused.changes.sorted().map(({ message }) => message),
    unrecorded: unrecorded.sorted().map(({ message }) => message),
    present: new Map([...present].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function linesOf({ canonical }: Interface): string[] {
  return canonical.split("\n");
}

/** `a:b@0.1.0` of `a:b/c@0.1.0`. */
function packageOf(interfaceId: string): string {
  return interfaceId.replace(/\/[^@]*/, "");
}

/** Ids of the packages with a version that files define, and where. */
function versionedPackages(files: readonly WitFile[]): Map<string, Position> {
  const names = files.flatMap((file) => [file.package, ...file.nested.map(({ name }) => name)]);
  const found = new Map<string, Position>();
  for (const name of names) {
    // Several files may define one package: its first header stands for all.
    if (name?.version !== undefined && !found.has(printPackageName(name))) found.set(printPackageName(name), name.at);
  }
  return found;
}

/** A line of a canonical text by what it is about: `func read`, `type a:b/c@0.1.0#d`. */
type Lines = ReadonlyMap<string, string>;

function byHead(lines: readonly string[]): Lines {
  return new Map(lines.map((line) => [/^[a-z]+ [^ (=]+/.exec(line)?.[0] ?? line, line]));
}

function refuseChange(resolved: ResolvedInterface, before: readonly string[], after: readonly string[], refused: Refusals): void {
  const [old, now] = [byHead(before), byHead(after)];
  const gone = [...old.keys()].filter((head) => !now.has(head));
  const changed = [...old.keys()].filter((head) => now.has(head) && now.get(head) !== old.get(head));
  const come = [...now.keys()].filter((head) => !old.has(head));
  const differences = [
    ...changed.map((head) => `\`${old.get(head)}\` has become \`${now.get(head)}\``),
    ...gone.map((head) => `\`${old.get(head)}\` is gone`),
    ...come.map((head) => `\`${now.get(head)}\` is new`),
  ];
  const shown = differences.slice(0, MAX_DIFFERENCES).join("; ");
  const more = differences.length > MAX_DIFFERENCES ? `; and ${differences.length - MAX_DIFFERENCES} more` : "";
  const onlyAdds = gone.length === 0 && changed.every((head) => isLargerResource(old.get(head) ?? "", now.get(head) ?? ""));
  const compatible = onlyAdds ? "compatible" : "incompatible";
  const place = [...changed, ...come].map((head) => placeOf(resolved, head)).find((at) => at !== undefined);
  refused.add(place ?? resolved.node.name.at, resolved.id, `is not what was published under this version: ${shown}${more}`, compatible);
}

/** A reader mends what was named first; the rest is in the record. */
const MAX_DIFFERENCES = 4;

/**
 * Whether a capability kept every member that it had. What gains or loses its first method changes its nature: a resource of a
 * constructor alone is an object on the shared heap.
 */
function isLargerResource(before: string, after: string): boolean {
  const [old, now] = [membersOf(before), membersOf(after)];
  if (old === undefined || now === undefined) return false;
  const isShared = (members: readonly string[]): boolean => members.length === 1 && members[0]?.startsWith("constructor ") === true;
  return isShared(old) === isShared(now) && old.every((member) => now.includes(member));
}

/** The members of `type a:b/c#d = resource{method open()->bool,static join(…)}`; undefined for any other line. */
function membersOf(line: string): string[] | undefined {
  const body = /^type \S+ = resource\{(.*)\}$/.exec(line)?.[1];
  return body?.split(/,(?=(?:constructor|method|static) )/).filter((member) => member !== "");
}

/** Where the function or type that a line is about stands, if this interface defines it. */
function placeOf(resolved: ResolvedInterface, head: string): Position | undefined {
  const [kind, name = ""] = head.split(" ");
  if (kind === "func") return resolved.functions.find((each) => each.name === name)?.node.name.at;
  const own = kind === "type" && name.startsWith(`${resolved.id}#`) ? resolved.types.get(name.slice(resolved.id.length + 1)) : undefined;
  return own?.node.name.at;
}

type Compatibility = "compatible" | "incompatible";

const MEANING: Readonly<Record<Compatibility, string>> = {
  compatible: "only additions: importers need no change",
  incompatible: "not compatible: importers have to change too",
};

/** Every difference twice: for who is refused, and for who publishes. */
class Refusals {
  readonly errors: Problems = new Problems();
  readonly changes: Problems = new Problems();

  add(at: Position, id: string, problem: string, compatibility: Compatibility): void {
    const version = id.slice(id.indexOf("@") + 1);
    const next = nextVersion(version, compatibility);
    const raise = next === undefined ? "raise the package's version" : `raise the package's version to ${next}`;
    const remedy = `${raise} (${MEANING[compatibility]}), or run \`sumac bindgen --publish\` if ${version} was never released`;
    this.errors.add(at, `\`${id}\` ${problem}`, remedy);
    this.changes.add(at, `\`${id}\` ${problem}`, MEANING[compatibility]);
  }
}

/** By the rules of semantic versions, where below 1.0.0 the second number counts as the first; undefined for a prerelease. */
export function nextVersion(version: string, compatibility: Compatibility): string | undefined {
  const numbers = /^(\d+)\.(\d+)\.(\d+)$/.exec(version)?.slice(1).map(Number);
  if (numbers === undefined) return undefined;
  const [major = 0, minor = 0, patch = 0] = numbers;
  if (major > 0) return compatibility === "compatible" ? `${major}.${minor + 1}.0` : `${major + 1}.0.0`;
  if (minor > 0) return compatibility === "compatible" ? `0.${minor}.${patch + 1}` : `0.${minor + 1}.0`;
  return `0.0.${patch + 1}`;
}
