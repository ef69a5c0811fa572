/**
 * Which device of a manifest a PCI grant means: the first free function that matches, in the order in which the system's
 * boot claims them. Called by graph.ts. Knows the models' identities without making a model.
 */
import type { Manifest, ManifestDevice } from "../system/manifest.ts";

/** What configuration space says of a model; a model that is not here is not on the bus. */
export const PCI_IDENTITIES: Readonly<
  Partial<Record<ManifestDevice["model"], { readonly vendor: number; readonly device: number; readonly classCode: number }>>
> = {
  nvme: { vendor: 0x1af4, device: 0x10f1, classCode: 0x01_08_02 },
  ixgbe: { vendor: 0x8086, device: 0x10fb, classCode: 0x02_00_00 },
};

/** One grant of one domain to the device that it gets; a grant that gets none is not in the map. */
export type PciClaims = ReadonlyMap<string, string>;

export function claimKey(domain: string, interfaceId: string): string {
  return JSON.stringify([domain, interfaceId]);
}

export function claimPci(manifest: Manifest): PciClaims {
  const free = Object.entries(manifest.devices ?? {}).map(([name, { model }]) => ({ name, identity: PCI_IDENTITIES[model] }));
  const claims = new Map<string, string>();
  for (const domain of manifest.domains) {
    const own = new Map<string, string>();
    for (const [id, { pci }] of Object.entries(domain.grants ?? {})) {
      if (pci === undefined) continue;
      const index = free.findIndex(({ identity }) => identity !== undefined && [classOf(identity), idOf(identity)].includes(pci));
      // Registers and interrupts that a domain is granted by the same name are of one device.
      const name = own.get(pci) ?? (index < 0 ? undefined : free.splice(index, 1)[0]?.name);
      if (name === undefined) continue;
      own.set(pci, name);
      claims.set(claimKey(domain.name, id), name);
    }
  }
  return claims;
}

function classOf({ classCode }: { readonly classCode: number }): string {
  return hex(classCode, 6).replace(/..(?=.)/g, "$&:");
}

function idOf({ vendor, device }: { readonly vendor: number; readonly device: number }): string {
  return `${hex(vendor, 4)}:${hex(device, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
