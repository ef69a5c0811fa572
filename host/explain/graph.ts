/**
 * The capability graph of a manifest: domains, what they are granted, and what stands behind the devices.
 * Called by `sumac explain`; reach.ts asks it who reaches what. Pure: nothing is opened and nothing printed.
 *
 * An edge is authority: its holder may call the interface named on it. A restart is a node of its own that leads nowhere,
 * since who may start a domain anew does not thereby get at what that domain holds.
 */
import { explainMismatch, type Interface } from "../idl/idl.ts";
import { DEFAULT_LIMITS, type DomainLimits } from "../kernel/domain.ts";
import { IMPLEMENTED } from "../kernel/implemented.ts";
import { type MemberSettings, SYSTEM_GROUP } from "../supervision/settings.ts";
import { type Grant, type Manifest, type ManifestDevice, shadowsOf } from "../system/manifest.ts";
import type { ManifestWire } from "../system/wire-settings.ts";
import { type Handed, HandedIndex } from "./handed.ts";
import type { ModuleState } from "./module.ts";
import { sortedBy } from "./order.ts";
import { claimKey, claimPci, type PciClaims } from "./pci.ts";

const CREATOR = "sumac:kernel/creator@0.1.0";
const IRQ = "sumac:device/irq@0.1.0";

/** A `blob` stands for the domains that its holder makes of it. */
export type NodeKind = "blob" | "device" | "domain" | "file" | "host" | "image" | "pci" | "restart";

export interface GraphNode {
  /** Unique in the graph and the same in every graph of the same manifest. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly name: string;
  /** What a name alone does not say: a file's path, a device's model. */
  readonly detail: string | null;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** Interface id; null from a PCI function to its device and from a device to its image. */
  readonly interface: string | null;
}

export type ModuleView =
  | {
      readonly path: string;
      readonly state: "signed" | "unsigned" | "refused";
      readonly signer: string | null;
      /** Why the signature is refused. */
      readonly message: string | null;
      readonly hash: string;
      readonly bytes: number;
    }
  | { readonly path: string; readonly state: "missing" | "unreadable"; readonly message: string };

export interface ImportView {
  readonly interface: string;
  /** The importer reaches each next generation of the domain that provides it, too. */
  readonly rebind: boolean;
  /** Id of the node that provides it; null when nothing is granted. */
  readonly provider: string | null;
  /** The module imports it; null when the module could not be read. A grant that is not imported is authority all the same. */
  readonly imported: boolean | null;
}

export interface SupervisionView {
  /** Null for a domain in no group, whose shadow alone restarts it. */
  readonly group: string | null;
  /** `shadow`: another domain holds the right to restart it; its group restarts it only together with others. */
  readonly restart: NonNullable<MemberSettings["restart"]> | "shadow";
  readonly shadow: string | null;
  readonly health: NonNullable<MemberSettings["health"]> | null;
}

export interface DomainView {
  readonly name: string;
  readonly module: ModuleView;
  readonly limits: DomainLimits;
  /** Limits that the manifest leaves to their defaults. */
  readonly defaults: readonly (keyof DomainLimits)[];
  readonly imports: readonly ImportView[];
  /** Null when the module could not be read. */
  readonly exports: readonly string[] | null;
  /** Who restarts it when it has died; null when nobody does. */
  readonly supervision: SupervisionView | null;
  /** Domains that are granted this one. */
  readonly usedBy: readonly string[];
  /** Instances of others' capabilities that calls may bring it; what it can do with them is in no grant. */
  readonly handed: readonly Handed[];
  /** What would keep the system from booting, as far as it can be seen from here. */
  readonly problems: readonly string[];
}

export interface SystemGraph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly domains: readonly DomainView[];
}

/** @param modules by domain name */
export function buildGraph(manifest: Manifest, modules: ReadonlyMap<string, ModuleState>): SystemGraph {
  const builder = new GraphBuilder(manifest, modules);
  return builder.graph();
}

class GraphBuilder {
  readonly #manifest: Manifest;
  readonly #modules: ReadonlyMap<string, ModuleState>;
  readonly #claims: PciClaims;
  readonly #handed: HandedIndex;
  readonly #nodes: Map<string, GraphNode> = new Map();
  readonly #edges: Map<string, GraphEdge> = new Map();

  constructor(manifest: Manifest, modules: ReadonlyMap<string, ModuleState>) {
    this.#manifest = manifest;
    this.#modules = modules;
    this.#claims = claimPci(manifest);
    this.#handed = new HandedIndex(manifest, modules);
  }

  graph(): SystemGraph {
    const { name, devices = {}, files = {}, domains } = this.#manifest;
    for (const [device, settings] of Object.entries(devices)) this.#device(device, settings);
    for (const [file, { path }] of Object.entries(files)) this.#node("file", file, path);
    const users = new Map<string, Set<string>>();
    for (const domain of domains) {
      const from = this.#node("domain", domain.name);
      for (const [id, grant] of Object.entries(domain.grants ?? {})) {
        this.#edge(from, this.#provider(domain.name, id, grant), id);
        if (grant.domain !== undefined) users.set(grant.domain, (users.get(grant.domain) ?? new Set()).add(domain.name));
      }
      this.#blobs(from, domain);
    }
    return {
      name,
      nodes: sortedBy(this.#nodes.values(), ({ id }) => id),
      edges: sortedBy(this.#edges.values(), edgeKey),
      domains: sortedBy(domains, (domain) => domain.name).map((domain) => this.#view(domain, users.get(domain.name) ?? [])),
    };
  }

  #view(domain: Manifest["domains"][number], users: Iterable<string>): DomainView {
    const grants = new Map(Object.entries(domain.grants ?? {}));
    const state = this.#modules.get(domain.name) ?? { kind: "missing", message: "was not looked for" };
    const world = state.kind === "read" ? state.facts.world : undefined;
    const wanted = world && new Set(world.imports.map(({ id }) => id));
    const ids = sortedBy(new Set([...grants.keys(), ...(wanted ?? [])]), (id) => id);
    const given: Partial<DomainLimits> = domain.limits ?? {};
    return {
      name: domain.name,
      module: moduleView(domain.module, state),
      limits: { ...DEFAULT_LIMITS, ...given },
      defaults: (Object.keys(DEFAULT_LIMITS) as (keyof DomainLimits)[]).filter((limit) => given[limit] === undefined),
      imports: ids.map((id) => {
        const grant = grants.get(id);
        return {
          interface: id,
          rebind: grant?.rebind === true,
          provider: grant === undefined ? null : this.#provider(domain.name, id, grant),
          imported: wanted?.has(id) ?? null,
        };
      }),
      exports: world === undefined ? null : world.exports.map(({ id }) => id).sort(),
      supervision: this.#supervision(domain),
      usedBy: [...users].sort(),
      handed: this.#handed.to(domain.name),
      problems: this.#problems(domain, grants, state),
    };
  }

  #supervision({ name, supervision }: Manifest["domains"][number]): SupervisionView | null {
    const shadow = shadowsOf(this.#manifest.domains).get(name) ?? null;
    if (supervision === undefined && shadow === null) return null;
    return {
      group: supervision === undefined ? null : (supervision.group ?? SYSTEM_GROUP),
      restart: shadow === null ? (supervision?.restart ?? "permanent") : "shadow",
      shadow,
      health: supervision?.health ?? null,
    };
  }

  #problems(domain: Manifest["domains"][number], grants: ReadonlyMap<string, Grant>, state: ModuleState): string[] {
    const problems: string[] = [];
    for (const [id, { pci }] of grants) {
      if (pci === undefined || this.#claims.has(claimKey(domain.name, id))) continue;
      problems.push(`${id}: no PCI function ${pci} is free: add a device or remove the grant`);
    }
    for (const wanted of state.kind === "read" ? state.facts.world.imports : []) {
      const grant = grants.get(wanted.id);
      if (grant === undefined && needsGrant(wanted)) problems.push(`${wanted.id}: imported, and nothing grants it: add it to "grants"`);
      const ours = grant === undefined ? undefined : hostInterface(grant, wanted.id);
      if (ours !== undefined && wanted.hash !== IMPLEMENTED[ours]) {
        problems.push(`${wanted.id}: differs from the host's ${ours}: build it with the host's interfaces`);
      }
      const provider = grant?.domain === undefined ? undefined : this.#modules.get(grant.domain);
      if (grant?.domain === undefined || provider?.kind !== "read") continue;
      const offered = provider.facts.world.exports.find(({ id }) => id === wanted.id);
      if (offered === undefined) problems.push(`${wanted.id}: ${grant.domain} does not export it: grant a domain that does`);
      else {
        const mismatch = explainMismatch(wanted, offered);
        if (mismatch !== undefined) problems.push(`${wanted.id}: differs from ${grant.domain}'s: ${mismatch}; build both again`);
      }
    }
    return problems.sort();
  }

  #provider(domain: string, id: string, grant: Grant): string {
    if (grant.domain !== undefined) return this.#node("domain", grant.domain);
    if (grant.supervise !== undefined) return this.#node("restart", grant.supervise);
    if (grant.device !== undefined) return nodeId("device", grant.device);
    if (grant.file !== undefined) return nodeId("file", grant.file);
    if (grant.created !== undefined) return nodeId("blob", `${domain}/${grant.created}`);
    if (grant.pci === undefined) return this.#node("host", grant.host ?? "nothing");
    // A class may be granted several times, and each grant is another function: the device is part of its id.
    const device = this.#claims.get(claimKey(domain, id));
    const pci = this.#node("pci", grant.pci, null, device === undefined ? [domain, id] : [device]);
    if (device !== undefined) this.#edge(pci, nodeId("device", device), null);
    return pci;
  }

  /** What a domain makes of a blob may be handed all that the domain holds, and reaches no more. */
  #blobs(from: string, { name, grants = {}, blobs = {} }: Manifest["domains"][number]): void {
    const mayCreate = Object.values(grants).some(({ host }) => host === "creator");
    for (const [blob, { module }] of Object.entries(blobs)) {
      const node = this.#node("blob", `${name}/${blob}`, module);
      if (!mayCreate) continue;
      this.#edge(from, node, CREATOR);
      for (const [id, grant] of Object.entries(grants)) {
        if (grant.created === undefined && grant.host !== "creator") this.#edge(node, this.#provider(name, id, grant), id);
      }
    }
  }

  #device(name: string, { model, image, megabytes, holds, wire }: ManifestDevice): void {
    const size = [
      megabytes === undefined ? "" : `, ${megabytes} MiB`,
      holds === undefined ? "" : image === undefined ? `, as large as ${holds}` : "",
    ];
    const where =
      model === "ixgbe"
        ? `, on ${wire === undefined ? "no wire" : textOf(wire)}`
        : image === undefined
          ? `, in memory${size.join("")}`
          : "";
    const device = this.#node("device", name, `${model}${where}`);
    if (image !== undefined) this.#edge(device, this.#node("image", image), null);
  }

  #node(kind: NodeKind, name: string, detail: string | null = null, rest: readonly string[] = []): string {
    const id = nodeId(kind, name, rest);
    if (!this.#nodes.has(id)) this.#nodes.set(id, { id, kind, name, detail });
    return id;
  }

  #edge(from: string, to: string, interfaceId: string | null): void {
    const edge = { from, to, interface: interfaceId };
    this.#edges.set(edgeKey(edge), edge);
  }
}

/** The interface that the host itself implements behind a grant; undefined where a domain does. */
function hostInterface({ domain, supervise, file, host, created }: Grant, wanted: string): keyof typeof IMPLEMENTED | undefined {
  if (domain !== undefined || created !== undefined) return undefined;
  if (supervise !== undefined) return "sumac:kernel/supervisor@0.1.0";
  if (file !== undefined) return "sumac:io/file@0.1.0";
  if (host === undefined) return wanted === IRQ ? IRQ : "sumac:device/mmio@0.1.0";
  if (host === "creator") return CREATOR;
  return host === "clock" ? "sumac:device/clock@0.1.0" : "sumac:job/progress@0.1.0";
}

/** The methods of an instance reach whoever exports it; everything else of an interface is granted. */
function needsGrant({ functions }: Interface): boolean {
  return functions.some(({ role }) => role?.kind !== "method");
}

/** How a node is called; two PCI functions may be called alike. */
export function nodeText({ kind, name }: GraphNode): string {
  if (kind === "domain") return name;
  return kind === "restart" ? `restart of ${name}` : `${kind === "pci" ? "PCI" : kind} ${name}`;
}

/** Unambiguous for any name: `domain:copier`, and quoted as JSON where a name holds more than a plain word. */
export function nodeId(kind: NodeKind, name: string, rest: readonly string[] = []): string {
  return [kind, ...[name, ...rest].map((part) => (/^[\w.\-${}/@]+$/.test(part) ? part : JSON.stringify(part)))].join(":");
}

function edgeKey({ from, to, interface: id }: GraphEdge): string {
  return JSON.stringify([from, id ?? "", to]);
}

function moduleView(path: string, state: ModuleState): ModuleView {
  if (state.kind !== "read") return { path, state: state.kind, message: state.message };
  const { signature, hash, bytes } = state.facts;
  return {
    path,
    state: signature.kind,
    signer: signature.kind === "signed" ? signature.signer : null,
    message: signature.kind === "refused" ? signature.message : null,
    hash,
    bytes,
  };
}

function textOf(wire: ManifestWire): string {
  return wire.kind === "switch" ? `switch ${wire.name}` : wire.kind;
}
