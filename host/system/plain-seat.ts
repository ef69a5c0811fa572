/**
 * A seat as another CPU is told of it: plain data and compiled modules. What was verified, checked, hardened, audited and compiled once
 * is not done again there.
 * `plainSeat` is called on the first CPU, `reviveSeat` on the others. Grants of host functions that belong to the first CPU do not
 * cross, and a domain that has one cannot be elsewhere.
 */

import { QueueEngine } from "../../devices/ixgbe/queues/queue-engine.ts";
import { SharedCard } from "../../devices/ixgbe/queues/shared-card.ts";
import { SumacError } from "../errors.ts";
import type { Cpus } from "../kernel/cpus/cpus.ts";
import { type DeviceProviders, deviceProviders } from "../kernel/device-grant.ts";
import type { DomainLimits, DomainSpec } from "../kernel/domain.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { type Blob, creatorProvider } from "../kernel/life/creator.ts";
import type { RestartPolicy } from "../kernel/life/restart-policy.ts";
import { supervisorOf } from "../kernel/life/supervisor.ts";
import type { Provider } from "../kernel/provider.ts";
import { Seat } from "../kernel/seat.ts";
import type { LoadedModule } from "../loader/load.ts";
import { clockProvider } from "./host-providers.ts";

type PlainModule = Omit<LoadedModule, "places">;

type PlainGrant =
  | { readonly kind: "domain"; readonly seat: number; readonly rebind: boolean }
  | { readonly kind: "blob"; readonly blob: string }
  | { readonly kind: "clock" }
  | { readonly kind: "supervisor"; readonly seat: number; readonly policy: RestartPolicy }
  | { readonly kind: "creator"; readonly blobs: readonly string[] }
  | { readonly kind: "queues"; readonly side: "mmio" | "irq"; readonly share: SharedArrayBuffer }
  /** Of the first CPU. */
  | { readonly kind: "bound" };

export interface PlainSeat {
  readonly number: number;
  readonly name: string;
  readonly loaded: PlainModule;
  readonly limits: DomainLimits;
  readonly snapshot: boolean;
  readonly grants: readonly (readonly [string, PlainGrant])[];
  readonly blobs: readonly (Omit<Blob, "loaded"> & { readonly loaded: PlainModule })[];
}

/** @throws SumacError for a grant that ties the domain to the first CPU */
export function requirePortable({ name, grants }: DomainSpec, cpu: number): void {
  for (const [id, provider] of grants) {
    if (provider.kind !== "host" || provider.portable !== undefined) continue;
    throw new SumacError(
      "manifest-invalid",
      `domain ${name}: is to be on CPU ${cpu}, and its ${id} is served on CPU 0, where the host's files, devices and functions are: leave "cpu" out, or give it "cpu": 0`,
    );
  }
}

export function plainSeat({ number, spec }: Seat): PlainSeat {
  const blobs = new Map<string, Blob>();
  const noted = (blob: Blob): string => {
    blobs.set(blob.name, blob);
    return blob.name;
  };
  const grants = [...spec.grants].map(([id, provider]) => [id, plainGrant(provider, noted)] as const);
  const { name, loaded, limits, snapshot = true } = spec;
  return {
    ...{ number, name, loaded: plainModule(loaded), limits, snapshot, grants },
    blobs: [...blobs.values()].map((blob) => ({ ...blob, loaded: plainModule(blob.loaded) })),
  };
}

/** @param nowMicros the clock of the first CPU */
export function reviveSeat(kernel: Kernel, cpus: Cpus, plain: PlainSeat, nowMicros: () => number): Seat {
  const blobs = new Map(plain.blobs.map((blob) => [blob.name, { ...blob, loaded: revivedModule(blob.loaded) }]));
  const grants = new Map<string, Provider>();
  const devices: Map<SharedArrayBuffer, DeviceProviders> = new Map();
  const isHere = cpus.directory.cpuOf(plain.number) === cpus.cpu.index;
  for (const [id, grant] of plain.grants) {
    const provider =
      grant.kind === "queues" && isHere
        ? queuesOf(kernel, cpus, grant.share, devices)[grant.side]
        : revivedGrant(kernel, cpus, grant, blobs, nowMicros);
    if (provider !== undefined) grants.set(id, provider);
  }
  const { name, limits, snapshot } = plain;
  const seat = new Seat({ name, loaded: revivedModule(plain.loaded), limits, snapshot, grants });
  seat.number = plain.number;
  return seat;
}

function plainGrant(provider: Provider, noted: (blob: Blob) => string): PlainGrant {
  if (provider.kind === "domain") return { kind: "domain", seat: provider.seat.number, rebind: provider.rebind === true };
  if (provider.kind === "blob") return { kind: "blob", blob: noted(provider.blob) };
  const { portable } = provider;
  switch (portable?.kind) {
    case "clock":
      return { kind: "clock" };
    case "supervisor":
      return { kind: "supervisor", seat: portable.seat.number, policy: portable.policy };
    case "creator":
      return { kind: "creator", blobs: portable.blobs.map(noted) };
    case "queues":
      return portable;
    default:
      return { kind: "bound" };
  }
}

function revivedGrant(
  kernel: Kernel,
  cpus: Cpus,
  grant: PlainGrant,
  blobs: ReadonlyMap<string, Blob>,
  nowMicros: () => number,
): Provider | undefined {
  // Undefined for one that was removed meanwhile: then nothing grants it.
  const seat = grant.kind === "domain" || grant.kind === "supervisor" ? cpus.known(grant.seat) : undefined;
  switch (grant.kind) {
    case "domain":
      return seat && { kind: "domain", seat, rebind: grant.rebind };
    case "blob":
      return { kind: "blob", blob: blobs.get(grant.blob) as Blob };
    case "clock":
      return clockProvider(kernel, nowMicros);
    case "supervisor":
      return seat && supervisorOf(kernel, seat, grant.policy);
    case "creator":
      return creatorProvider(
        kernel,
        grant.blobs.map((name) => blobs.get(name) as Blob),
      );
    case "bound":
    case "queues":
      return undefined;
  }
}

/** Both sides are of one engine, whatever generation holds them. */
function queuesOf(
  kernel: Kernel,
  { cpu }: Cpus,
  share: SharedArrayBuffer,
  devices: Map<SharedArrayBuffer, DeviceProviders>,
): DeviceProviders {
  const known = devices.get(share);
  if (known !== undefined) return known;
  const engine = new QueueEngine(SharedCard.attach(share), cpu.index, { nowMicros: () => performance.now() * 1000 });
  const made = deviceProviders(kernel, engine, engine);
  devices.set(share, made);
  return made;
}

/** Where something was is found out on the first CPU, which has the sources. */
function plainModule({ places: _, ...loaded }: LoadedModule): PlainModule {
  return loaded;
}

function revivedModule(loaded: PlainModule): LoadedModule {
  return { ...loaded, places: NOWHERE };
}

const NOWHERE = { at: () => undefined } as unknown as LoadedModule["places"];
