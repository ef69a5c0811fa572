/**
 * From a manifest to a running system: opens its files and devices, loads its modules, creates its domains in order, and
 * hands out exactly what the manifest grants.
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { MOST_CPUS } from "../../devices/ixgbe/queues/shared-card.ts";
import { PciClaim } from "../../devices/pci/claim.ts";
import type { SharedQueues } from "../../devices/ports.ts";
import type { Image } from "../backends/image.ts";
import type { InputFile } from "../backends/input-file.ts";
import { SumacError } from "../errors.ts";
import type { Tracer } from "../kernel/calls/tracer.ts";
import { type DeviceProviders, deviceProviders, type GrantableDevice } from "../kernel/device-grant.ts";
import { DEFAULT_LIMITS } from "../kernel/domain.ts";
import type { KernelEvent } from "../kernel/events.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { type Blob, creatorProvider } from "../kernel/life/creator.ts";
import { FAULT_KINDS, FaultInjector } from "../kernel/life/faults.ts";
import { DEFAULT_RESTARTS } from "../kernel/life/restart-policy.ts";
import { supervisorOf } from "../kernel/life/supervisor.ts";
import type { Provider } from "../kernel/provider.ts";
import type { TrustedKey } from "../loader/signature.ts";
import type { TrustPolicy } from "../loader/trust-policy.ts";
import { clockProvider, fileProvider, type ProgressListener, progressProvider } from "./host-providers.ts";
import { type Grant, type Manifest, type ManifestDomain, parseManifest, shadowsOf } from "./manifest.ts";
import { Resources } from "./resources.ts";
import { startSystem } from "./start.ts";
import type { System } from "./system.ts";

const IRQ = "sumac:device/irq@0.1.0";

export interface BootOptions {
  /** Values for the manifest's parameters; paths in them are relative to the working directory. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly trusted: readonly TrustedKey[];
  /** Modules (paths as given) that may run unsigned. */
  readonly unsigned?: readonly string[];
  readonly onProgress?: ProgressListener;
  /** Hears everything from the first domain's `init` until the system is ended, whose deaths are no news. */
  readonly onEvent?: (event: KernelEvent, kernel: Kernel) => void;
  /** Is told all that happens between domains. */
  readonly tracer?: Tracer;
  /** Opens a control socket under the manifest's name. */
  readonly control?: boolean;
  /** Overrides the manifest's `cpus`. */
  readonly cpus?: number;
  /** Overrides the manifest's `faults.everyMegabytes`. */
  readonly faultEveryMegabytes?: number;
  readonly seed?: number;
}

export interface Booted {
  readonly manifest: Manifest;
  readonly system: System;
  readonly files: ReadonlyMap<string, InputFile>;
  readonly images: readonly Image[];
  /** Closes files; images are kept or dropped according to whether the job succeeded. */
  finish(succeeded: boolean): Promise<void>;
}

export async function bootManifest(path: string, options: BootOptions): Promise<Booted> {
  const manifest = parseManifest(await readManifest(path), path);
  const cpus = options.cpus ?? manifest.cpus ?? 1;
  const resources = new Resources(manifest, path, options.parameters ?? {}, cpus);
  let system: System | undefined;
  let unsubscribe = (): void => {};
  try {
    resources.open();
    const { heap } = manifest;
    system = await startSystem({
      cpus,
      ...(heap?.megabytes === undefined ? {} : { heapMegabytes: heap.megabytes }),
      ...(options.tracer === undefined ? {} : { tracer: options.tracer }),
      ...(options.control === true ? { control: manifest.name } : {}),
      ...(manifest.supervision === undefined ? {} : { supervision: manifest.supervision }),
    });
    resources.lieBeside(system.kernel.heap.memory);
    for (const device of resources.gauges()) system.control?.addDevice(device);
    const { kernel } = system;
    const { onEvent } = options;
    if (onEvent !== undefined) unsubscribe = kernel.events.on((event) => onEvent(event, kernel));
    const shadows = shadowsOf(manifest.domains);
    for (const domain of manifest.domains) {
      await addDomain(system, domain, manifest.trust, resources, options);
      if (domain.supervision !== undefined) system.supervise(domain.name, domain.supervision, shadows.has(domain.name));
    }
    armFaults(system, manifest, resources, options);
    const { files, images } = resources;
    const running = system;
    return {
      manifest,
      system,
      files,
      images,
      async finish(succeeded) {
        let stopped = false;
        unsubscribe();
        try {
          await running.stop();
          stopped = true;
        } finally {
          resources.close(succeeded && stopped);
        }
      },
    };
  } catch (error) {
    unsubscribe();
    try {
      await system?.stop();
    } finally {
      resources.close(false);
    }
    throw error;
  }
}

async function readManifest(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new SumacError("file-missing", `system ${path}: no such file: check the path`, { cause });
    throw new SumacError("file-unreadable", `system ${path}: cannot be read (${code}): check its permissions`, { cause });
  }
}

async function addDomain(
  system: System,
  domain: ManifestDomain,
  systemTrust: TrustPolicy | undefined,
  resources: Resources,
  options: BootOptions,
): Promise<void> {
  const blobs = new Map<string, Blob>();
  for (const [name, { most = 1, ...blob }] of Object.entries(domain.blobs ?? {})) {
    blobs.set(name, {
      name,
      most,
      ...(await loadModule(system, { ...blob, name: `${domain.name}/${name}`, systemTrust }, resources, options)),
    });
  }
  const grants = new Map<string, Provider>();
  const devices = new Map<string, DeviceProviders>();
  for (const [id, grant] of Object.entries(domain.grants ?? {})) {
    const device = deviceOf(system, resources, grant, domain, devices);
    const side = id === IRQ ? device?.irq : device?.mmio;
    grants.set(id, side ?? providerOf(system, resources, grant, blobs, options.onProgress));
  }
  const loaded = await loadModule(system, { ...domain, systemTrust }, resources, options);
  const { name, snapshot = true, cpu = 0, replicas } = domain;
  const where = replicas === undefined ? { cpu: cpu % system.cpus } : { replicas };
  system.create({ name, grants, snapshot, ...where, ...loaded }, grantTexts(domain));
}

type ModuleRow = Pick<ManifestDomain, "name" | "module" | "limits" | "signature" | "trust"> & {
  readonly systemTrust: TrustPolicy | undefined;
};

/** For the load record: `pci 01:08:02`, `domain disk`. */
function grantTexts({ grants = {} }: ManifestDomain): Record<string, string> {
  const text = ({ retry: _, rebind: __, ...provider }: Grant): string => Object.entries(provider).flat().join(" ");
  return Object.fromEntries(Object.entries(grants).map(([id, grant]) => [id, text(grant)]));
}

async function loadModule(
  system: System,
  row: ModuleRow,
  resources: Resources,
  options: BootOptions,
): Promise<Pick<Blob, "loaded" | "limits">> {
  const file = resolve(resources.folder, row.module);
  const limits = { ...DEFAULT_LIMITS, ...row.limits };
  const loaded = await system.loader.load(await readModule(file, row), {
    name: row.module,
    trusted: options.trusted,
    allowUnsigned: (options.unsigned ?? []).some((named) => resolve(named) === file),
    memoryPages: limits.memoryPages,
    threads: limits.threads,
    policies: [row.systemTrust, row.trust].filter((policy) => policy !== undefined),
    ...(row.signature === undefined ? {} : { signature: await readSignature(resolve(resources.folder, row.signature), row) }),
  });
  return { loaded, limits };
}

async function readModule(file: string, { module, name }: ModuleRow): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new SumacError(
      "file-missing",
      `module ${module} of domain ${name}: cannot be read (${(cause as NodeJS.ErrnoException).code}): build it with "npm run build:domains" or "sumac build"`,
      { cause },
    );
  }
}

async function readSignature(file: string, { signature, name }: ModuleRow): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new SumacError(
      "file-missing",
      `signature ${signature} of domain ${name}: cannot be read (${(cause as NodeJS.ErrnoException).code}): make it with "sumac sign --detached"`,
      { cause },
    );
  }
}

/** The names were checked with the manifest; what matches on the bus is known only here. */
function providerOf(
  system: System,
  resources: Resources,
  grant: Grant,
  blobs: ReadonlyMap<string, Blob>,
  onProgress: ProgressListener | undefined,
): Provider {
  const blob = grant.created === undefined ? undefined : blobs.get(grant.created);
  if (blob !== undefined) return { kind: "blob", blob };
  if (grant.host === "creator") return creatorProvider(system.kernel, [...blobs.values()]);
  if (grant.domain !== undefined) return { kind: "domain", seat: system.seat(grant.domain), rebind: grant.rebind === true };
  if (grant.supervise !== undefined) {
    return supervisorOf(system.kernel, system.seat(grant.supervise), { ...DEFAULT_RESTARTS, ...grant.retry });
  }
  const file = grant.file === undefined ? undefined : resources.files.get(grant.file);
  if (file !== undefined) return fileProvider(system.kernel, file);
  if (grant.host === "clock") return clockProvider(system.kernel);
  return progressProvider(onProgress ?? (() => {}));
}

/** The device behind a grant; registers and interrupts that a domain is granted by the same name are of one. */
function deviceOf(
  system: System,
  resources: Resources,
  grant: Grant,
  domain: ManifestDomain,
  devices: Map<string, DeviceProviders>,
): DeviceProviders | undefined {
  const { pci, device = "" } = grant;
  const model = resources.models.get(device);
  if (pci === undefined && model === undefined) return undefined;
  const key = JSON.stringify([pci, device]);
  const known = devices.get(key);
  if (known !== undefined) return known;
  const behind = pci === undefined ? model : claim(resources, pci, domain.name);
  if (behind === undefined) return undefined;
  const queues = domain.replicas === undefined || system.cpus === 1 ? undefined : queuesOf(system, resources, behind, domain);
  const made = deviceProviders(system.kernel, behind, queues);
  devices.set(key, made);
  return made;
}

/** What replicas on other CPUs drive; only a network card has queues for them, and for so many CPUs. */
function queuesOf({ cpus }: System, { place }: Resources, behind: GrantableDevice, { name }: ManifestDomain): SharedQueues {
  const queues = behind instanceof PciClaim ? behind.function.model.sharedQueues : undefined;
  const wrong = (why: string): SumacError => new SumacError("manifest-invalid", `${place}: domain ${name}: is on every CPU, and ${why}`);
  if (queues === undefined) throw wrong('its device is on CPU 0 and has no queues for others: leave "replicas" out');
  if (cpus > MOST_CPUS) throw wrong(`a network card has queues for ${MOST_CPUS} CPUs, not ${cpus}: run it with fewer`);
  return queues;
}

/** Claims the first free function that matches, for all generations of the domain. */
function claim({ pci, place }: Resources, wanted: string, domain: string): PciClaim {
  const [first = 0, second = 0, third] = wanted.split(":").map((part) => Number.parseInt(part, 16));
  const match =
    third === undefined ? { vendor: first, device: second } : { baseClass: first, subclass: second, programmingInterface: third };
  const result = pci.claim(match, domain);
  if (result.kind === "claimed") return result.claim;
  if (result.kind === "taken") {
    throw new SumacError(
      "manifest-invalid",
      `${place}: domain ${domain}: the PCI function ${wanted} in slot ${result.slot} belongs to ${result.by}: add a device or remove the grant`,
    );
  }
  const found = pci
    .enumerate()
    .map(({ slot, vendor, device, classCode }) => `slot ${slot}: ${hex(vendor, 4)}:${hex(device, 4)} class ${hex(classCode, 6)}`);
  throw new SumacError(
    "manifest-invalid",
    `${place}: domain ${domain}: no PCI function matches ${wanted}; there is: ${found.join(", ") || "none"}`,
  );
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function armFaults(system: System, { faults }: Manifest, resources: Resources, options: BootOptions): void {
  const everyMegabytes = options.faultEveryMegabytes ?? faults?.everyMegabytes ?? 0;
  if (faults === undefined || everyMegabytes === 0) return;
  const model = resources.models.get(faults.device);
  if (model === undefined) return;
  const injector = new FaultInjector(system.kernel, {
    seat: system.seat(faults.domain),
    kinds: faults.kinds ?? FAULT_KINDS,
    seed: options.seed ?? 1,
    hangDevice: () => {
      model.nextCommandHangs = true;
    },
  });
  const every = everyMegabytes * 1_000_000;
  let since = 0;
  resources.onTransfer = (device, bytes) => {
    if (device !== faults.device) return;
    since += bytes;
    if (since < every) return;
    since -= every;
    injector.arm();
  };
}
