/**
 * What changed between two systems: domains, modules, grants, limits, what stands around them, and what each domain reaches.
 * Called by `sumac explain A B`. Pure. Reach is compared for domains that both systems have: it is what a change of a grant
 * three domains away does to them.
 */
import { DEFAULT_LIMITS, type DomainLimits } from "../kernel/domain.ts";
import { type Grant, jobText, type Manifest, type ManifestBlob, type ManifestDomain } from "../system/manifest.ts";
import { buildGraph, nodeText } from "./graph.ts";
import { handedText } from "./handed.ts";
import type { ModuleState } from "./module.ts";
import { type Difference, diffModules, diffTexts, type ModuleChange } from "./module-diff.ts";
import { sortedBy } from "./order.ts";
import { ReachIndex } from "./reach.ts";

export interface SystemChange
  extends Difference<
    | "blob"
    | "content"
    | "device"
    | "domain"
    | "faults"
    | "file"
    | "grant"
    | "handed"
    | "heap"
    | "job"
    | "limit"
    | "module"
    | "name"
    | "order"
    | "parameter"
    | "reach"
    | "supervision"
    | "signature"
    | "trust"
  > {
  /** The domain that it is about; null for the system's own. */
  readonly domain: string | null;
  /** What is different in the module's content. */
  readonly module?: readonly ModuleChange[];
}

/** A manifest and the state of the modules that it names, by domain. */
export interface ExplainedSystem {
  readonly manifest: Manifest;
  readonly modules: ReadonlyMap<string, ModuleState>;
}

/** The system's own changes first, then each domain's, by name. */
export function diffSystems(before: ExplainedSystem, after: ExplainedSystem): SystemChange[] {
  const [old, now] = [before.manifest, after.manifest];
  const whole = [
    ...diffTexts("name", texts({ name: old.name }), texts({ name: now.name })),
    ...diffTexts("parameter", texts(old.parameters), texts(now.parameters)),
    ...diffTexts("trust", texts({ trust: old.trust }), texts({ trust: now.trust })),
    ...diffTexts("heap", texts(old.heap), texts(now.heap)),
    ...diffTexts("file", texts(mapped(old.files, ({ path }) => path)), texts(mapped(now.files, ({ path }) => path))),
    ...diffTexts("device", texts(old.devices), texts(now.devices)),
    ...diffTexts("job", texts({ job: old.main && jobText(old.main) }), texts({ job: now.main && jobText(now.main) })),
    ...diffTexts("supervision", texts(old.supervision), texts(now.supervision)),
    ...diffTexts("faults", texts({ faults: old.faults }), texts({ faults: now.faults })),
    ...orderChange(old, now),
  ].map((change) => ({ ...change, domain: null }));
  return [...whole, ...domainChanges(before, after)];
}

function domainChanges(before: ExplainedSystem, after: ExplainedSystem): SystemChange[] {
  const old = new Map(before.manifest.domains.map((domain) => [domain.name, domain]));
  const now = new Map(after.manifest.domains.map((domain) => [domain.name, domain]));
  const reach = new ReachDiff(before, after);
  return sortedBy(new Set([...old.keys(), ...now.keys()]), (name) => name).flatMap((name): SystemChange[] => {
    const [was, is] = [old.get(name), now.get(name)];
    const both = was !== undefined && is !== undefined;
    const changes = [
      // What comes or goes as a whole says its limits in one line.
      ...(both ? [] : diffTexts("domain", texts({ [name]: limitsText(was) }), texts({ [name]: limitsText(is) }))),
      ...diffTexts("module", texts({ module: was?.module }), texts({ module: is?.module })),
      ...contentChange(name, before, after),
      ...diffTexts("signature", texts({ signature: was?.signature }), texts({ signature: is?.signature })),
      ...diffTexts("trust", texts({ trust: was?.trust }), texts({ trust: is?.trust })),
      ...diffTexts("grant", texts(mapped(was?.grants, grantText)), texts(mapped(is?.grants, grantText))),
      ...diffTexts("blob", texts(mapped(was?.blobs, blobText)), texts(mapped(is?.blobs, blobText))),
      ...diffTexts("supervision", texts({ supervision: was?.supervision }), texts({ supervision: is?.supervision })),
      ...(both ? diffTexts("limit", texts(limitsOf(was)), texts(limitsOf(is))) : []),
      ...(both ? reach.of(name) : []),
      ...reach.handedTo(name),
    ];
    return changes.map((change) => ({ ...change, domain: name }));
  });
}

/** The bytes behind the path, which may change while the path stays. */
function contentChange(name: string, before: ExplainedSystem, after: ExplainedSystem): Omit<SystemChange, "domain">[] {
  const [old, now] = [before.modules.get(name), after.modules.get(name)];
  if (old === undefined || now === undefined) return [];
  if (old.kind === "read" && now.kind === "read") {
    const module = diffModules(old.facts, now.facts);
    if (module.length === 0) return [];
    return [{ change: "changed", what: "content", name: "content", before: old.facts.hash, after: now.facts.hash, module }];
  }
  const text = (state: ModuleState): string => (state.kind === "read" ? state.facts.hash : state.kind);
  return diffTexts("content", texts({ content: text(old) }), texts({ content: text(now) }));
}

/** Per domain, each node that it reaches and how it gets there. */
class ReachDiff {
  readonly #before: ReachTexts;
  readonly #after: ReachTexts;

  constructor(before: ExplainedSystem, after: ExplainedSystem) {
    this.#before = reachTexts(before);
    this.#after = reachTexts(after);
  }

  of(domain: string): Difference<"reach">[] {
    const [old, now] = [this.#before, this.#after];
    const changes = diffTexts("reach", old.byDomain.get(domain) ?? new Map(), now.byDomain.get(domain) ?? new Map());
    return changes.map((change) => ({ ...change, name: old.names.get(change.name) ?? now.names.get(change.name) ?? change.name }));
  }

  /** Also of a domain that came or went: what it may be handed is in neither of its grants. */
  handedTo(domain: string): Difference<"handed">[] {
    return diffTexts("handed", this.#before.handed.get(domain) ?? new Map(), this.#after.handed.get(domain) ?? new Map());
  }
}

interface ReachTexts {
  /** Domain to node id to how it is reached. */
  readonly byDomain: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Domain to what it may be handed: a line to itself. */
  readonly handed: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Node id to what people call it. */
  readonly names: ReadonlyMap<string, string>;
}

function reachTexts({ manifest, modules }: ExplainedSystem): ReachTexts {
  const graph = buildGraph(manifest, modules);
  const byDomain = new Map<string, Map<string, string>>();
  for (const { domain, target, direct, through } of new ReachIndex(graph).all()) {
    const reached = byDomain.get(domain) ?? new Map<string, string>();
    byDomain.set(domain, reached.set(target, [...(direct ? ["directly"] : []), ...through.map((name) => `through ${name}`)].join(", ")));
  }
  const handed = new Map(
    graph.domains.map((domain) => [domain.name, new Map(domain.handed.map(handedText).map((text) => [text, text]))] as const),
  );
  return { byDomain, handed, names: new Map(graph.nodes.map((node) => [node.id, nodeText(node)])) };
}

function orderChange(before: Manifest, after: Manifest): Difference<"order">[] {
  const common = (one: Manifest, other: Manifest): string =>
    one.domains.flatMap(({ name }) => (other.domains.some((domain) => domain.name === name) ? [name] : [])).join(", ");
  return diffTexts("order", texts({ order: common(before, after) }), texts({ order: common(after, before) }));
}

function grantText(grant: Grant): string {
  return Object.entries(grant)
    .map(([kind, value]) => `${kind} ${typeof value === "object" ? numbersText(value) : String(value)}`)
    .join(", ");
}

function blobText({ module, most = 1, limits = {} }: ManifestBlob): string {
  return [`${module}, ${most} at a time`, numbersText(limits)].filter((text) => text !== "").join(", ");
}

function numbersText(numbers: object): string {
  return Object.entries(numbers)
    .map(([name, value]) => `${name} ${value}`)
    .join(" ");
}

function limitsOf({ limits }: ManifestDomain): DomainLimits {
  return { ...DEFAULT_LIMITS, ...limits };
}

function limitsText(domain: ManifestDomain | undefined): string | undefined {
  if (domain === undefined) return undefined;
  return Object.entries(limitsOf(domain))
    .map(([limit, value]) => `${limit} ${value}`)
    .join(", ");
}

function mapped<T, U>(values: Readonly<Record<string, T>> | undefined, map: (value: T) => U): Map<string, U> {
  return new Map(Object.entries(values ?? {}).map(([name, value]) => [name, map(value)]));
}

/** Whatever was written in the manifest, as one text each; an object as JSON with its keys sorted. */
function texts(values: object | ReadonlyMap<string, unknown> | undefined): Map<string, string> {
  const entries = values instanceof Map ? [...values] : Object.entries(values ?? {});
  return new Map(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, textOf(value)]])));
}

function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const sorted = Array.isArray(value) ? value : Object.fromEntries(sortedBy(Object.entries(value), ([key]) => key));
  return JSON.stringify(sorted);
}
