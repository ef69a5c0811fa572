/**
 * Identify: the data structures by which a controller describes itself and its namespace.
 * Source: [NVME-1.4] section 5.15. Offsets are bytes in a structure of 4096.
 */
import { CNS, STATUS } from "./codes.ts";
import { type Command, DW } from "./command.ts";
import { AERL } from "./events.ts";
import { WARNING_KELVIN } from "./features.ts";
import { FIRMWARE, LOG_ATTRIBUTES, LOG_ERRORS_KEPT } from "./logs.ts";
import type { Namespace } from "./namespace.ts";
import { VERSION } from "./registers.ts";

export const IDENTIFY_BYTES = 4096;

const MODEL = "Sumac NVMe model";

export interface IdentifyFacts {
  readonly vendor: number;
  readonly serial: string;
  readonly mdts: number;
  readonly namespace: Namespace;
}

export class Identify {
  readonly #facts: IdentifyFacts;
  readonly #uuid: Uint8Array;
  readonly #page: Uint8Array = new Uint8Array(IDENTIFY_BYTES);
  readonly #fields: DataView = new DataView(this.#page.buffer);

  constructor(facts: IdentifyFacts) {
    this.#facts = facts;
    this.#uuid = uuidOf(facts.serial);
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
        return nsid === 1 ? STATUS.success : STATUS.invalidNamespace;
      case CNS.activeNamespaces:
        // The two highest ids name no namespace from which a list could go on.
        return nsid >= 0xffff_fffe ? STATUS.invalidNamespace : STATUS.success;
      default:
        return STATUS.invalidField;
    }
  }

  perform(command: Command): number {
    this.#page.fill(0);
    switch (command.dword(DW.cdw10) & 0xff) {
      case CNS.controller:
        this.#controller();
        break;
      case CNS.namespace:
        this.#namespace();
        break;
      case CNS.activeNamespaces:
        if (command.nsid < 1) this.#fields.setUint32(0, 1, true);
        break;
      case CNS.descriptors:
        this.#page.set([3, 16], 0); // a UUID, 16 bytes; a descriptor of type 0 ends the list
        this.#page.set(this.#uuid, 4);
        break;
    }
    command.data.fill(this.#page, 0);
    return STATUS.success;
  }

  #controller(): void {
    const { vendor, serial, mdts } = this.#facts;
    this.#u16(0, vendor); // VID
    this.#u16(2, vendor); // SSVID
    this.#text(4, 20, serial); // SN
    this.#text(24, 40, MODEL); // MN
    this.#text(64, 8, FIRMWARE); // FR
    this.#u8(77, mdts); // MDTS
    this.#u16(78, 0); // CNTLID
    this.#u32(80, VERSION); // VER
    this.#u8(111, 1); // CNTRLTYPE: an I/O controller
    this.#u16(256, 0); // OACS: no optional admin command
    this.#u8(258, 3); // ACL: four Aborts at once
    this.#u8(259, AERL); // AERL
    this.#u8(260, 0b011); // FRMW: one firmware slot, read only
    this.#u8(261, LOG_ATTRIBUTES); // LPA
    this.#u8(262, LOG_ERRORS_KEPT - 1); // ELPE
    this.#u8(263, 0); // NPSS: one power state
    this.#u16(266, WARNING_KELVIN); // WCTEMP
    this.#u16(268, WARNING_KELVIN + 10); // CCTEMP
    this.#u8(512, 0x66); // SQES: entries of 2^6 bytes
    this.#u8(513, 0x44); // CQES: entries of 2^4 bytes
    this.#u32(516, 1); // NN
    this.#u16(520, 0x10); // ONCS: Select and Save are understood
    this.#u8(525, 0b111); // VWC: present, and Flush takes all namespaces at once
    this.#u32(536, 0); // SGLS: none
    this.#text(768, 0, `nqn.2014-08.org.nvmexpress:uuid:${uuidText(this.#uuid)}`); // SUBNQN
    this.#u16(2048, 1000); // PSD0.MP: 10 W
  }

  #namespace(): void {
    const { blocks, lbaBytes } = this.#facts.namespace;
    for (const at of [0, 8, 16]) this.#fields.setBigUint64(at, BigInt(blocks), true); // NSZE, NCAP, NUSE
    this.#u8(25, 0); // NLBAF: one format
    this.#u8(26, 0); // FLBAS: number 0
    this.#u32(128, Math.log2(lbaBytes) << 16); // LBAF0.LBADS
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

/** The same serial number gives the same id, which tells two disks apart and nothing else. FNV-1a, four times. */
function uuidOf(serial: string): Uint8Array {
  const words = new Uint32Array(4);
  for (let i = 0; i < 4; i++) {
    let hash = 0x811c9dc5 ^ i;
    for (const c of serial) hash = Math.imul(hash ^ c.charCodeAt(0), 0x01000193);
    words[i] = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  }
  const uuid = new Uint8Array(words.buffer);
  uuid[6] = ((uuid[6] ?? 0) & 0x0f) | 0x80; // version 8: made as its maker likes
  uuid[8] = ((uuid[8] ?? 0) & 0x3f) | 0x80;
  return uuid;
}

function uuidText(uuid: Uint8Array): string {
  const hex = Array.from(uuid, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
