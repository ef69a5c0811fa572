/**
 * What changed between two builds of a module: its world interface by interface and method by method, memory, sizes, signer.
 * Called by `sumac explain A B` and by system-diff.ts. Pure. Methods are compared by the canonical text that linking
 * compares, and by their deadlines, which are the exporter's policy and no part of that text.
 */
import { explainMismatch, type HostType, type Interface, type MethodDescription, type SharedType, type World } from "../idl/idl.ts";
import type { MemoryEntry } from "../loader/summary.ts";
import type { ModuleFacts, SignatureState } from "./module.ts";
import { sortedBy } from "./order.ts";

export type ChangeKind = "added" | "changed" | "removed";

export interface Difference<What extends string> {
  readonly change: ChangeKind;
  readonly what: What;
  readonly name: string;
  /** Null where it was added. */
  readonly before: string | null;
  /** Null where it was removed. */
  readonly after: string | null;
}

/** A line of an interface: a function, a type within its reach, or a name that it gives to another's type. */
export type InterfaceChange = Difference<"function" | "name" | "type">;

export interface ModuleChange
  extends Difference<"code" | "content" | "export" | "function" | "import" | "memory" | "signer" | "size" | "type" | "world"> {
  /** Of an interface that changed. */
  readonly lines?: readonly InterfaceChange[];
  /** Whether a module built with one form of the interface may be linked to one built with the other. */
  readonly linkable?: boolean;
}

export function diffModules(before: ModuleFacts, after: ModuleFacts): ModuleChange[] {
  return [
    ...single("world", "world", worldName(before.world), worldName(after.world)),
    ...diffInterfaces("import", before.world.imports, after.world.imports),
    ...diffInterfaces("export", before.world.exports, after.world.exports),
    ...diffTexts("function", methodTexts(before.world), methodTexts(after.world)),
    ...diffTexts("type", typeTexts(before.world), typeTexts(after.world)),
    ...single("memory", "memory", memoryText(before.memories), memoryText(after.memories)),
    ...single("code", "code", `${before.codeBytes} bytes`, `${after.codeBytes} bytes`),
    ...single("size", "size", `${before.bytes} bytes`, `${after.bytes} bytes`),
    ...single("signer", "signer", signerText(before.signature), signerText(after.signature)),
    ...single("content", "content", `sha256 ${before.hash}`, `sha256 ${after.hash}`),
  ];
}

export function signerText(signature: SignatureState): string {
  return signature.kind === "signed" ? signature.signer : signature.kind === "unsigned" ? "(unsigned)" : "(signature refused)";
}

/** The changes between two sets of named texts, by name. */
export function diffTexts<What extends string>(
  what: What,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Difference<What>[] {
  const names = sortedBy(new Set([...before.keys(), ...after.keys()]), (name) => name);
  return names.flatMap((name): Difference<What>[] => {
    const [old = null, now = null] = [before.get(name), after.get(name)];
    if (old === now) return [];
    return [{ change: old === null ? "added" : now === null ? "removed" : "changed", what, name, before: old, after: now }];
  });
}

function single<What extends string>(what: What, name: string, before: string, after: string): Difference<What>[] {
  return diffTexts(what, new Map([[name, before]]), new Map([[name, after]]));
}

function diffInterfaces(what: "export" | "import", before: readonly Interface[], after: readonly Interface[]): ModuleChange[] {
  const gone = before.filter(({ id }) => !after.some((other) => other.id === id));
  const come = after.filter(({ id }) => !before.some((other) => other.id === id));
  const pairs: (readonly [Interface | undefined, Interface | undefined])[] = [];
  for (const old of before) {
    const same = after.find(({ id }) => id === old.id);
    pairs.push([old, same ?? newVersionOf(old, gone, come)]);
  }
  for (const now of come) if (!pairs.some(([, paired]) => paired === now)) pairs.push([undefined, now]);
  const changes = pairs.flatMap(([old, now]): ModuleChange[] => {
    const [oldId, nowId] = [old?.id ?? null, now?.id ?? null];
    if (old === undefined || now === undefined) {
      return [{ change: old === undefined ? "added" : "removed", what, name: oldId ?? nowId ?? "", before: oldId, after: nowId }];
    }
    const lines = diffLines(old, now);
    if (lines.length === 0 && oldId === nowId) return [];
    const linkable = explainMismatch(old, now) === undefined;
    return [{ change: "changed", what, name: now.id, before: oldId, after: nowId, lines, linkable }];
  });
  return sortedBy(changes, ({ name }) => name);
}

/** The only interface that came with the same name and another version, where only one of that name went. */
function newVersionOf(old: Interface, gone: readonly Interface[], come: readonly Interface[]): Interface | undefined {
  const unversioned = ({ id }: Interface): string => id.replace(/@[^@]*$/, "");
  const successors = come.filter((now) => unversioned(now) === unversioned(old));
  const predecessors = gone.filter((other) => unversioned(other) === unversioned(old));
  return successors.length === 1 && predecessors.length === 1 ? successors[0] : undefined;
}

function diffLines(before: Interface, after: Interface): InterfaceChange[] {
  return (["function", "name", "type"] as const).flatMap((what) => diffTexts(what, linesOf(before, what), linesOf(after, what)));
}

const LINES = { function: /^func ([^ (]+)(.*)$/, name: /^name (\S+) = (.*)$/, type: /^type (\S+) = (.*)$/ } as const;

/** The lines of the canonical text by name. Its own id is written as `.`, so that a new version alone changes no line. */
function linesOf(source: Interface, what: keyof typeof LINES): Map<string, string> {
  const lines = new Map<string, string>();
  for (const line of source.canonical.replaceAll(`${source.id}#`, ".#").split("\n")) {
    const [, name, text] = LINES[what].exec(line) ?? [];
    if (name !== undefined && text !== undefined) lines.set(name, text.trim());
  }
  if (what !== "function") return lines;
  for (const { name, budgetMicros } of source.functions) {
    if (budgetMicros !== undefined) lines.set(name, `${lines.get(name) ?? ""} deadline ${budgetMicros} µs`);
  }
  return lines;
}

function worldName({ packageId, name }: World): string {
  const [, id = packageId, version = ""] = /^([^@]*)(@.*)?$/.exec(packageId) ?? [];
  return `${id}/${name}${version}`;
}

function methodTexts({ functions }: World): Map<string, string> {
  return new Map(functions.map((method) => [method.name, methodText(method)]));
}

function methodText({ sourceParams, sourceResult, budgetMicros, idempotent, fills, reentrant }: MethodDescription): string {
  const params = sourceParams.map(({ name, type }) => `${name}:${typeText(type)}`).join(",");
  const filled = fills.length > 0 ? ` fills ${fills.join(",")}` : "";
  const attributes = [
    idempotent ? " idempotent" : "",
    filled,
    reentrant ? " reentrant" : "",
    budgetMicros ? ` deadline ${budgetMicros} µs` : "",
  ];
  return `(${params})${sourceResult === undefined ? "" : `->${typeText(sourceResult)}`}${attributes.join("")}`;
}

function typeText(type: HostType): string {
  const optional = (inner: HostType | undefined): string => (inner === undefined ? "_" : typeText(inner));
  switch (type.kind) {
    case "scalar":
      return type.scalar;
    case "string":
      return "string";
    case "tuple":
      return `tuple<${type.items.map(typeText).join(",")}>`;
    case "option":
      return `option<${typeText(type.item)}>`;
    case "list":
      return `list<${typeText(type.item)}${type.length === undefined ? "" : `,${type.length}`}>`;
    case "own":
    case "borrow":
      return `${type.kind}<${type.shared.interfaceId}#${type.shared.name}>`;
    case "handle":
      return `${type.mode}<${type.resource.interfaceId}#${type.resource.name}>`;
    case "result":
      return `result<${optional(type.ok)},${optional(type.error)}>`;
    default:
      return `${type.interfaceId}#${type.name}`;
  }
}

/** The layouts of objects on the shared heap: what two domains that pass one another objects must agree on. */
function typeTexts({ sharedTypes }: World): Map<string, string> {
  return new Map(sharedTypes.map((type: SharedType) => [`${type.interfaceId}#${type.name}`, type.canonical.replace(/^[^{]*/, "")]));
}

function memoryText(memories: readonly MemoryEntry[]): string {
  const texts = memories.map(
    ({ minimum, maximum, shared, imported }) =>
      `${minimum} page${minimum === 1 ? "" : "s"}, ${maximum === undefined ? "no maximum" : `at most ${maximum}`}${shared ? ", shared" : ""}${imported ? ", imported" : ""}`,
  );
  return texts.join("; ") || "none";
}
