/**
 * Identify: the data structures by which a controller describes itself and its namespaces.
 * Source: [NVME-1.4] section 5.15. Offsets are bytes in a structure of 4096.
 */
import { CNS, STATUS } from "./codes.ts";
import { type Command, DW } from "./command.ts";
import { AERL, EVENT_ENABLE } from "./events.ts";
import { CRITICAL_KELVIN, WARNING_KELVIN } from "./health.ts";
import { FIRMWARE } from "./log-pages.ts";
import { LOG_ATTRIBUTES, LOG_ERRORS_KEPT } from "./logs.ts";
import type { LbaBytes, Namespace } from "./namespace.ts";
import { type Namespaces, uuidText } from "./namespaces.ts";
import { VERSION } from "./registers.ts";

export const IDENTIFY_BYTES = 4096;

const MODEL = "Sumac NVMe model";

export interface IdentifyFacts {
  readonly vendor: number;
  readonly serial: string;
  readonly mdts: number;
  readonly namespaces: Namespaces;
}

/** The formats of a namespace in the order of their numbers: the one that it was made with comes first. */
export function formatsOf({ firstFormat }: Namespace): readonly [LbaBytes, LbaBytes] {
  return firstFormat === 512 ? [512, 4096] : [4096, 512];
}

export class Identify {
  readonly #facts: IdentifyFacts;
  readonly #page: Uint8Array = new Uint8Array(IDENTIFY_BYTES);
  readonly #fields: DataView = new DataView(this.#page.buffer);

  constructor(facts: IdentifyFacts) {
    this.#facts = facts;
  }

  admit(command: Command): number {
    const { nsid } = command;
    command.dataBytes = IDENTIFY_BYTES;
    command.toMemory = true;
    switch (command.dword(DW.cdw10) & 0xff) {
      case CNS.controller:
        return STATUS.success;
      case CNS.namespace:
      case CNS.descriptors:
        return this.#facts.namespaces.get(nsid) !== undefined ? STATUS.success : STATUS.invalidNamespace;
      case CNS.activeNamespaces:
        // The two highest ids name no namespace from which a list could go on.
        return nsid >= 0xffff_fffe ? STATUS.invalidNamespace : STATUS.success;
      default:
        return STATUS.invalidField;
    }
  }

  perform(command: Command): number {
    const namespace = this.#facts.namespaces.get(command.nsid);
    this.#page.fill(0);
    switch (command.dword(DW.cdw10) & 0xff) {
      case CNS.controller:
        this.#controller();
        break;
      case CNS.namespace:
        if (namespace !== undefined) this.#namespace(namespace);
        break;
      case CNS.activeNamespaces:
        this.#list(command.nsid);
        break;
      case CNS.descriptors:
        this.#page.set([3, 16], 0); // a UUID, 16 bytes; a descriptor of type 0 ends the list
        if (namespace !== undefined) this.#page.set(namespace.uuid, 4);
        break;
    }
    command.data.fill(this.#page, 0);
    return STATUS.success;
  }

  #controller(): void {
    const { vendor, serial, mdts, namespaces } = this.#facts;
    this.#u16(0, vendor); // VID
    this.#u16(2, vendor); // SSVID
    this.#text(4, 20, serial); // SN
    this.#text(24, 40, MODEL); // MN
    this.#text(64, 8, FIRMWARE); // FR
    this.#u8(77, mdts); // MDTS
    this.#u16(78, 0); // CNTLID
    this.#u32(80, VERSION); // VER
    this.#u32(92, EVENT_ENABLE.namespaceChanged); // OAES
    this.#u8(111, 1); // CNTRLTYPE: an I/O controller
    this.#u16(256, 0b10); // OACS: Format NVM
    this.#u8(258, 3); // ACL: four Aborts at once
    this.#u8(259, AERL); // AERL
    this.#u8(260, 0b011); // FRMW: one firmware slot, read only
    this.#u8(261, LOG_ATTRIBUTES); // LPA
    this.#u8(262, LOG_ERRORS_KEPT - 1); // ELPE
    this.#u8(263, 0); // NPSS: one power state
    this.#u16(266, WARNING_KELVIN); // WCTEMP
    this.#u16(268, CRITICAL_KELVIN); // CCTEMP
    this.#u8(512, 0x66); // SQES: entries of 2^6 bytes
    this.#u8(513, 0x44); // CQES: entries of 2^4 bytes
    this.#u32(516, namespaces.all.length); // NN
    // ONCS: Compare, Write Uncorrectable, Dataset Management, Write Zeroes, Select and Save in features, Verify
    this.#u16(520, 0b1001_1111);
    this.#u16(522, 1); // FUSES: Compare and Write
    this.#u8(524, 0); // FNA: Format is about one namespace
    this.#u8(525, 0b111); // VWC: present, and Flush takes all namespaces at once
    this.#u32(536, 1); // SGLS: supported, at any alignment
    this.#text(768, 0, `nqn.2014-08.org.nvmexpress:uuid:${uuidText(namespaces.uuid)}`); // SUBNQN
    this.#u16(2048, 1000); // PSD0.MP: 10 W
  }

  #namespace(namespace: Namespace): void {
    const formats = formatsOf(namespace);
    for (const at of [0, 8, 16]) this.#fields.setBigUint64(at, BigInt(namespace.blocks), true); // NSZE, NCAP, NUSE
    this.#u8(25, formats.length - 1); // NLBAF
    this.#u8(26, formats.indexOf(namespace.lbaBytes)); // FLBAS
    this.#u8(33, 0b0_1001); // DLFEAT: deallocated blocks read as zeros, and Write Zeroes may deallocate
    for (const [i, bytes] of formats.entries()) this.#u32(128 + 4 * i, Math.log2(bytes) << 16); // LBAF.LBADS
  }

  /** Ids above the given one, in rising order; a page holds 1024. */
  #list(above: number): void {
    let at = 0;
    for (const { id } of this.#facts.namespaces.all) {
      if (id <= above || at === IDENTIFY_BYTES) continue;
      this.#u32(at, id);
      at += 4;
    }
  }

  #u8(at: number, value: number): void {
    this.#fields.setUint8(at, value);
  }

  #u16(at: number, value: number): void {
    this.#fields.setUint16(at, value, true);
  }

  #u32(at: number, value: number): void {
    this.#fields.setUint32(at, value, true);
  }

  /** ASCII, padded with spaces. */
  #text(at: number, bytes: number, text: string): void {
    for (const [i, c] of [...text.padEnd(bytes)].entries()) this.#page[at + i] = c.charCodeAt(0) & 0x7f;
  }
}
