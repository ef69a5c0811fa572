/**
 * Which functions a driver is for: by class, or by vendor and device. What is left out matches anything.
 * Judged from configuration space alone, as a driver's host would.
 */
import type { PciConfiguration } from "../ports.ts";
import { PCI } from "./registers.ts";

export interface PciMatch {
  readonly vendor?: number;
  readonly device?: number;
  readonly baseClass?: number;
  readonly subclass?: number;
  readonly programmingInterface?: number;
}

export const MATCH_NVME: PciMatch = { baseClass: 0x01, subclass: 0x08, programmingInterface: 0x02 };

export function matches(configuration: PciConfiguration, wanted: PciMatch): boolean {
  return (
    agrees(wanted.vendor, configuration.read16(PCI.vendor)) &&
    agrees(wanted.device, configuration.read16(PCI.device)) &&
    agrees(wanted.baseClass, configuration.read8(PCI.baseClass)) &&
    agrees(wanted.subclass, configuration.read8(PCI.subclass)) &&
    agrees(wanted.programmingInterface, configuration.read8(PCI.programmingInterface))
  );
}

function agrees(wanted: number | undefined, value: number): boolean {
  return wanted === undefined || wanted === value;
}
