/**
 * Reads a manifest: text to a checked value, or one error that names the place in it.
 * The shape is the JSON schema next to this file; what a schema cannot say (names that must exist) is checked here.
 */
import { type OutputUnit, Validator } from "@cfworker/json-schema";
import { SumacError } from "../errors.ts";
import type { DomainLimits } from "../kernel/domain.ts";
import type { FaultKind } from "../kernel/life/faults.ts";
import type { RestartPolicy } from "../kernel/life/restart-policy.ts";
import { parseStrictJson } from "../loader/strict-json.ts";
import type { TrustPolicy } from "../loader/trust-policy.ts";
import { groupsInOrder, type MemberSettings, type SupervisionSettings, SYSTEM_GROUP } from "../supervision/settings.ts";
import schema from "./manifest.schema.json" with { type: "json" };
import { checkWire, type ManifestWire } from "./wire-settings.ts";

/** Who provides an interface; exactly one field besides `rebind` and `retry` is set. */
export interface Grant {
  readonly domain?: string;
  /** With `domain` only: the importer reaches each next generation, too. */
  readonly rebind?: boolean;
  readonly supervise?: string;
  /** With `supervise` only. */
  readonly retry?: Partial<RestartPolicy>;
  readonly device?: string;
  /** Class `01:08:02`, or vendor and device `1af4:10f1`. */
  readonly pci?: string;
  readonly file?: string;
  readonly host?: "clock" | "creator" | "progress";
  /** What this domain itself makes of its blob of this name, and binds to the import. */
  readonly created?: string;
}

/** A module that a domain may make domains of, with `sumac:kernel/creator`. */
export interface ManifestBlob {
  readonly module: string;
  /** File of a detached signature. */
  readonly signature?: string;
  readonly trust?: TrustPolicy;
  readonly limits?: Partial<DomainLimits>;
  /** Domains of it that may live at a time; default 1. */
  readonly most?: number;
}

/** `interface` and `method`, or `thread`: one that the domain starts in its `init`. */
export interface ManifestJob {
  readonly domain: string;
  readonly interface?: string;
  readonly method?: string;
  readonly thread?: string;
}

export interface ManifestDomain {
  readonly name: string;
  readonly module: string;
  /** File of a detached signature. */
  readonly signature?: string;
  /** Adds to the system's. */
  readonly trust?: TrustPolicy;
  readonly grants?: Readonly<Record<string, Grant>>;
  readonly limits?: Partial<DomainLimits>;
  readonly blobs?: Readonly<Record<string, ManifestBlob>>;
  /** On which CPU, from 0; where there are fewer, the remainder counts. */
  readonly cpu?: number;
  /** One domain on each CPU, for the callers there. */
  readonly replicas?: "per-cpu";
  /** False: restarts run `init`, also where the module has a `recover`. */
  readonly snapshot?: boolean;
  /** Without it nobody restarts the domain but a shadow. */
  readonly supervision?: MemberSettings;
}

export interface ManifestDevice {
  readonly model: "disk" | "nvme" | "ixgbe";
  readonly completeAfterAccesses?: number;
  readonly image?: string;
  readonly holds?: string;
  readonly megabytes?: number;
  readonly wire?: ManifestWire;
  readonly mac?: string;
}

export interface Manifest {
  readonly name: string;
  readonly trust?: TrustPolicy;
  readonly supervision?: SupervisionSettings;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly heap?: { readonly megabytes?: number };
  readonly cpus?: number;
  readonly files?: Readonly<Record<string, { readonly path: string }>>;
  readonly devices?: Readonly<Record<string, ManifestDevice>>;
  readonly domains: readonly ManifestDomain[];
  readonly main?: ManifestJob;
  readonly faults?: {
    readonly domain: string;
    readonly device: string;
    readonly everyMegabytes: number;
    readonly kinds?: readonly FaultKind[];
  };
}

type Schema = ConstructorParameters<typeof Validator>[0];
const validator = new Validator(schema as Schema, "2020-12", false);
const policyValidator = new Validator({ ...schema.$defs.trust, $defs: schema.$defs } as Schema, "2020-12", false);

/**
 * @param text JSON
 * @param file for messages
 * @throws SumacError "manifest-invalid" with the JSON pointer of the first problem
 */
export function parseManifest(text: string, file: string): Manifest {
  const manifest = parse(text, file, validator) as Manifest;
  checkNames(manifest, file);
  return manifest;
}

/** What a manifest's `trust` holds, as a file of its own. @throws SumacError like `parseManifest` */
export function parsePolicy(text: string, file: string): TrustPolicy {
  return parse(text, file, policyValidator) as TrustPolicy;
}

function parse(text: string, file: string, shape: Validator): unknown {
  let value: unknown;
  try {
    value = parseStrictJson(text);
  } catch (error) {
    throw new SumacError("manifest-invalid", `${file}: is not JSON of one meaning: ${(error as Error).message}`, { cause: error });
  }
  const { valid, errors } = shape.validate(value);
  if (!valid) throw invalid(file, value, errors);
  return value;
}

/** Replaces `${name}` by the parameter's value. */
export function substitute(text: string, parameters: ReadonlyMap<string, string>, place: string): string {
  return text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = parameters.get(name);
    if (value === undefined) {
      throw new SumacError("manifest-invalid", `${place}: unknown parameter \${${name}}: declare it in "parameters"`);
    }
    return value;
  });
}

/** Keywords whose failure only says that something inside does not fit. */
const CONTAINERS: readonly string[] = ["properties", "items", "additionalProperties"];

/** The innermost failure says what is wrong. */
function invalid(file: string, value: unknown, errors: readonly OutputUnit[]): SumacError {
  const inner = errors.filter(({ keyword }) => !CONTAINERS.includes(keyword));
  const chosen = inner.sort((a, b) => depthOf(b) - depthOf(a))[0] ?? errors[0];
  const pointer = chosen?.instanceLocation.replace(/^#/, "") || "/";
  if (chosen?.keyword === "false") {
    return new SumacError("manifest-invalid", `${file}: ${pointer}: unknown field: remove it or correct its spelling`);
  }
  const found = JSON.stringify(at(value, pointer))?.slice(0, 60);
  return new SumacError("manifest-invalid", `${file}: ${pointer}: ${chosen?.error ?? "does not fit the schema"} (found ${found})`);
}

function depthOf({ instanceLocation }: OutputUnit): number {
  return instanceLocation.split("/").length;
}

function at(value: unknown, pointer: string): unknown {
  let found = value;
  for (const part of pointer.split("/").slice(1)) {
    if (typeof found !== "object" || found === null) return found;
    found = (found as Record<string, unknown>)[decodeURIComponent(part)];
  }
  return found;
}

/** Names in grants, devices, faults and main must exist, and a domain may be granted only earlier ones. */
function checkNames(manifest: Manifest, file: string): void {
  const { devices = {}, files = {} } = manifest;
  const seen = new Set<string>();
  const missing = (pointer: string, kind: string, name: string, known: Iterable<string>): SumacError => {
    const list = [...known].join(", ") || "none";
    return new SumacError("manifest-invalid", `${file}: ${pointer}: no ${kind} "${name}" here; there is: ${list}`);
  };
  const need = (pointer: string, kind: string, name: string | undefined, known: Iterable<string>): void => {
    const names = [...known];
    if (name !== undefined && !names.includes(name)) throw missing(pointer, kind, name, names);
  };
  for (const [name, device] of Object.entries(devices)) {
    need(`/devices/${name}/holds`, "file", device.holds, Object.keys(files));
    if (device.wire !== undefined) checkWire(device.wire, `${file}: /devices/${name}/wire`);
  }
  for (const [i, domain] of manifest.domains.entries()) {
    if (seen.has(domain.name)) {
      throw new SumacError("manifest-invalid", `${file}: /domains/${i}/name: a second domain "${domain.name}": rename one`);
    }
    for (const [id, grant] of Object.entries(domain.grants ?? {})) {
      const pointer = `/domains/${i}/grants/${id}`;
      const providers = Object.keys(grant).filter((key) => key !== "retry" && key !== "rebind");
      if (providers.length !== 1) {
        throw new SumacError(
          "manifest-invalid",
          `${file}: ${pointer}: names ${providers.join(" and ")}: an interface has one provider, keep one`,
        );
      }
      need(pointer, "domain before this one", grant.domain ?? grant.supervise, seen);
      need(pointer, "device", grant.device, Object.keys(devices));
      need(pointer, "file", grant.file, Object.keys(files));
      need(pointer, "blob of this domain", grant.created, Object.keys(domain.blobs ?? {}));
    }
    seen.add(domain.name);
  }
  checkCpus(manifest, file);
  checkSupervision(manifest, file, need);
  need("/main/domain", "domain", manifest.main?.domain, seen);
  checkJob(manifest, file);
  need("/faults/domain", "domain", manifest.faults?.domain, seen);
  need("/faults/device", "device", manifest.faults?.device, Object.keys(devices));
}

/** What is the host's is on CPU 0, whatever a run says about the number of CPUs. */
function checkJob({ main, domains }: Manifest, file: string): void {
  if (main === undefined) return;
  const { domain, interface: id, method, thread } = main;
  const isCall = id !== undefined && method !== undefined && thread === undefined;
  const isThread = thread !== undefined && id === undefined && method === undefined;
  if (!isCall && !isThread) {
    throw new SumacError(
      "manifest-invalid",
      `${file}: /main: names neither an interface with its method nor a thread alone: name one of them`,
    );
  }
  const { limits, cpu = 0 } = domains.find(({ name }) => name === domain) ?? {};
  if (isThread && (limits?.threads ?? 0) === 0) {
    throw new SumacError("manifest-invalid", `${file}: /main/thread: domain ${domain} may have no threads: raise its limits.threads`);
  }
  if (isThread && cpu !== 0) {
    throw new SumacError(
      "manifest-invalid",
      `${file}: /main/thread: domain ${domain} is not on CPU 0, where jobs are: leave its "cpu" out`,
    );
  }
}

/** For people. */
export function jobText({ domain, interface: id, method, thread }: ManifestJob): string {
  return thread === undefined ? `${domain}, ${id}#${method}` : `${domain}, thread ${thread}`;
}

function checkCpus({ domains, devices = {} }: Manifest, file: string): void {
  const hasQueues = Object.values(devices).some(({ model }) => model === "ixgbe");
  const replicated = new Set(domains.flatMap(({ name, replicas }) => (replicas === undefined ? [] : [name])));
  const wrong = (pointer: string, why: string): SumacError => new SumacError("manifest-invalid", `${file}: ${pointer}: ${why}`);
  for (const [i, { name, cpu = 0, replicas, grants = {} }] of domains.entries()) {
    if (replicas !== undefined && cpu !== 0) throw wrong(`/domains/${i}/cpu`, `${name} has a replica on each CPU: leave "cpu" out`);
    for (const [id, grant] of Object.entries(grants)) {
      const pointer = `/domains/${i}/grants/${id}`;
      if (grant.supervise !== undefined && replicated.has(grant.supervise)) {
        throw wrong(pointer, `${grant.supervise} has a replica on each CPU: put it under "supervision" instead`);
      }
      const isHosts = grant.device !== undefined || grant.pci !== undefined || grant.file !== undefined || grant.host === "progress";
      if (!isHosts || (cpu === 0 && replicas === undefined)) continue;
      // Each replica may drive queues of a network card; whether it is one is seen on the bus.
      if (replicas !== undefined && grant.pci !== undefined && hasQueues) continue;
      const where = replicas === undefined ? `on CPU ${cpu}` : "on every CPU";
      throw wrong(pointer, `${name} is ${where}, and the host's files, devices and progress are on CPU 0: leave "cpu" and "replicas" out`);
    }
  }
}

type Need = (pointer: string, kind: string, name: string | undefined, known: Iterable<string>) => void;

/** Groups must exist and hang together, and a domain has one who restarts it. */
function checkSupervision({ supervision = {}, domains }: Manifest, file: string, need: Need): void {
  const { groups = {} } = supervision;
  const names = [SYSTEM_GROUP, ...Object.keys(groups)];
  for (const [name, { parent }] of Object.entries(groups)) need(`/supervision/groups/${name}/parent`, "group", parent, names);
  const ordered = groupsInOrder(supervision);
  const astray = Object.keys(groups).find((name) => !ordered.has(name) || name === SYSTEM_GROUP);
  if (astray !== undefined) {
    const why =
      astray === SYSTEM_GROUP ? "is the system's own group: its numbers stand in /supervision itself" : "is in a circle of parents";
    throw new SumacError("manifest-invalid", `${file}: /supervision/groups/${astray}: ${why}`);
  }
  const shadows = shadowsOf(domains);
  for (const [i, { name, supervision: member }] of domains.entries()) {
    if (member === undefined) continue;
    need(`/domains/${i}/supervision/group`, "group", member.group, names);
    const shadow = shadows.get(name);
    if (shadow === undefined || member.restart === undefined) continue;
    throw new SumacError(
      "manifest-invalid",
      `${file}: /domains/${i}/supervision/restart: ${shadow} is granted "supervise" and restarts ${name}: leave "restart" out`,
    );
  }
}

/** Domain to who is granted the right to restart it. */
export function shadowsOf(domains: readonly ManifestDomain[]): ReadonlyMap<string, string> {
  return new Map(
    domains.flatMap(({ name, grants = {} }) =>
      Object.values(grants).flatMap(({ supervise }): [string, string][] => (supervise === undefined ? [] : [[supervise, name]])),
    ),
  );
}
