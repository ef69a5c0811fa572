/**
 * The rules for `@since`, `@unstable` and `@deprecated`, of which Sumac keeps only what changes no meaning.
 * Called by `resolve.ts` for every item. Sources: [WIT] feature gates, [SEMVER] section 11.
 */
import type { Gate, PackageName } from "./ast.ts";
import type { Problems } from "./problems.ts";

export function checkGates(gates: readonly Gate[], owner: PackageName, problems: Problems): void {
  const seen = new Map<Gate["kind"], Gate>();
  for (const gate of gates) {
    if (seen.has(gate.kind)) problems.add(gate.at, `\`@${gate.kind}\` stands here twice`, "keep one");
    seen.set(gate.kind, gate);
    if (gate.kind !== "since" && gate.kind !== "deprecated") continue;
    if (owner.version === undefined) {
      problems.add(gate.at, `\`@${gate.kind}\` needs a package with a version`, "add one to the `package` line");
    } else if (compareVersions(gate.version, owner.version) > 0) {
      problems.add(gate.at, `${gate.version} is later than the package, which is ${owner.version}`, "raise the package's version");
    }
  }
  const unstable = seen.get("unstable");
  if (unstable && seen.has("since")) problems.add(unstable.at, "an item is `@since` or `@unstable`, not both", "remove one");
  const deprecated = seen.get("deprecated");
  if (deprecated && !unstable && !seen.has("since")) {
    problems.add(deprecated.at, "`@deprecated` alone does not say since when the item exists", "add `@since(version = …)`");
  }
}

/** Negative, zero or positive as `a` is before, at or after `b`; both are versions as the tokenizer accepts them. */
export function compareVersions(a: string, b: string): number {
  const [numbersA, labelsA] = splitVersion(a);
  const [numbersB, labelsB] = splitVersion(b);
  const byNumbers = compareLists(numbersA, numbersB);
  if (byNumbers !== 0 || labelsA.length === 0 || labelsB.length === 0) {
    // A version with labels comes before the same version without.
    return byNumbers !== 0 ? byNumbers : (labelsA.length === 0 ? 1 : 0) - (labelsB.length === 0 ? 1 : 0);
  }
  return compareLists(labelsA, labelsB);
}

function splitVersion(version: string): [string[], string[]] {
  const [withoutBuild = ""] = version.split("+");
  const hyphen = withoutBuild.indexOf("-");
  if (hyphen < 0) return [withoutBuild.split("."), []];
  return [withoutBuild.slice(0, hyphen).split("."), withoutBuild.slice(hyphen + 1).split(".")];
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const left = a[index];
    const right = b[index];
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    if (left === right) continue;
    const numeric = [left, right].map((text) => /^\d+$/.test(text));
    if (numeric[0] && numeric[1]) return left.length - right.length || (left < right ? -1 : 1);
    if (numeric[0] !== numeric[1]) return numeric[0] ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}
