/**
 * One function's configuration space: 256 bytes, and for each bit whether it can be written or cleared.
 * Sizing a base address register needs no code of its own: the low bits of its address cannot be written.
 * Built from what a model says of itself; the function is told after each write. Source: [PCI-3.0] chapter 6.
 */
import type { PciBar, PciConfiguration, PciIdentity } from "../ports.ts";
import { registerProblems } from "../register-table.ts";
import { BAR_KIND, BARS, COMMAND_WRITABLE, CONFIG_BYTES, PCI, PCI_HEADER, PCI_STATUS, STATUS_CLEARABLE } from "./registers.ts";

export class ConfigSpace implements PciConfiguration {
  readonly #bytes: Uint8Array = new Uint8Array(CONFIG_BYTES);
  readonly #fields: DataView = new DataView(this.#bytes.buffer);
  readonly #writable: Uint8Array = new Uint8Array(CONFIG_BYTES);
  readonly #clearable: Uint8Array = new Uint8Array(CONFIG_BYTES);
  readonly #written: () => void;

  constructor(identity: PciIdentity, written: () => void) {
    this.#written = written;
    const problems = [...registerProblems(PCI_HEADER), ...identityProblems(identity)];
    if (problems.length > 0) throw new Error(`PCI identity: ${problems.join("; ")}`);
    this.#fill(identity);
    for (const bar of identity.bars) this.#addBar(bar);
    this.#addCapabilities(identity);
  }

  read8(offset: number): number {
    return valid(offset, 1) ? this.#fields.getUint8(offset) : 0xff;
  }

  read16(offset: number): number {
    return valid(offset, 2) ? this.#fields.getUint16(offset, true) : 0xffff;
  }

  read32(offset: number): number {
    return valid(offset, 4) ? this.#fields.getUint32(offset, true) : 0xffff_ffff;
  }

  write8(offset: number, value: number): void {
    this.#write(offset, value, 1);
  }

  write16(offset: number, value: number): void {
    this.#write(offset, value, 2);
  }

  write32(offset: number, value: number): void {
    this.#write(offset, value, 4);
  }

  /** Where the first capability with that id begins; 0 = there is none. */
  capability(id: number): number {
    for (let at = this.#bytes[PCI.capabilities] ?? 0; at !== 0; at = this.#bytes[at + 1] ?? 0) if (this.#bytes[at] === id) return at;
    return 0;
  }

  /** The function's own hand: sets or clears status bits that a write cannot. */
  setStatus(bits: number, on: boolean): void {
    const old = this.#fields.getUint16(PCI.status, true);
    this.#fields.setUint16(PCI.status, on ? old | bits : old & ~bits, true);
  }

  #write(offset: number, value: number, bytes: number): void {
    if (!valid(offset, bytes)) return;
    for (let i = 0; i < bytes; i++) {
      const at = offset + i;
      const byte = (value >>> (8 * i)) & 0xff;
      const writable = this.#writable[at] ?? 0;
      const old = this.#bytes[at] ?? 0;
      this.#bytes[at] = ((old & ~writable) | (byte & writable)) & ~(byte & (this.#clearable[at] ?? 0));
    }
    this.#written();
  }

  #fill(identity: PciIdentity): void {
    const { vendor, device, classCode, revision = 0, interruptPin = 0 } = identity;
    this.#fields.setUint16(PCI.vendor, vendor, true);
    this.#fields.setUint16(PCI.device, device, true);
    this.#fields.setUint32(PCI.revision, revision + classCode * 0x100, true);
    this.#fields.setUint16(PCI.subsystemVendor, identity.subsystemVendor ?? 0, true);
    this.#fields.setUint16(PCI.subsystem, identity.subsystem ?? 0, true);
    this.#bytes[PCI.interruptPin] = interruptPin;
    this.#allow(PCI.command, COMMAND_WRITABLE, 2);
    this.#allow(PCI.cacheLine, 0xff, 1);
    this.#allow(PCI.interruptLine, 0xff, 1);
    new DataView(this.#clearable.buffer).setUint16(PCI.status, STATUS_CLEARABLE, true);
  }

  #addBar({ index, kind, bytes, prefetchable = false }: PciBar): void {
    const at = PCI.bar0 + 4 * index;
    this.#fields.setUint32(at, BAR_KIND[kind] | (prefetchable ? BAR_KIND.prefetchable : 0), true);
    this.#allow(at, -bytes >>> 0, 4);
    if (kind === "memory64") this.#allow(at + 4, 0xffff_ffff, 4);
  }

  #addCapabilities({ capabilities = [] }: PciIdentity): void {
    let link: number = PCI.capabilities;
    let at: number = PCI.free;
    for (const { id, body, writable = [] } of capabilities) {
      this.#bytes[link] = at;
      this.#bytes[at] = id;
      this.#bytes.set(body, at + 2);
      this.#writable.set(writable.slice(0, body.length), at + 2);
      link = at + 1;
      at += align4(2 + body.length);
    }
    if (capabilities.length > 0) this.setStatus(PCI_STATUS.capabilities, true);
  }

  #allow(offset: number, mask: number, bytes: number): void {
    for (let i = 0; i < bytes; i++) this.#writable[offset + i] = (mask >>> (8 * i)) & 0xff;
  }
}

function valid(offset: number, bytes: number): boolean {
  return offset >= 0 && offset + bytes <= CONFIG_BYTES && offset % bytes === 0;
}

function align4(bytes: number): number {
  return (bytes + 3) & ~3;
}

/** A wrong identity is a bug of its model, and found when it is plugged in. */
function identityProblems({ bars, capabilities = [], interruptPin = 0 }: PciIdentity): string[] {
  const problems: string[] = [];
  const taken = new Set<number>();
  for (const { index, kind, bytes } of bars) {
    if (bytes < 16 || bytes > 2 ** 31 || !Number.isInteger(Math.log2(bytes))) problems.push(`BAR ${index} of ${bytes} bytes`);
    for (const slot of kind === "memory64" ? [index, index + 1] : [index]) {
      if (!(Number.isInteger(slot) && slot >= 0 && slot < BARS) || taken.has(slot))
        problems.push(`BAR ${slot} does not exist or is declared twice`);
      taken.add(slot);
    }
  }
  const end = capabilities.reduce<number>((at, { body }) => at + align4(2 + body.length), PCI.free);
  if (end > CONFIG_BYTES) problems.push("more capabilities than configuration space");
  if (!(interruptPin >= 0 && interruptPin <= 4)) problems.push(`interrupt pin ${interruptPin}`);
  return problems;
}
