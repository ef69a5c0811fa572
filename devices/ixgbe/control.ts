/**
 * Control registers beside the data path: reset, link, EEPROM access, MDIO, semaphores.
 * The model passes register accesses on and does the reset itself; nothing here touches memory or frames.
 * Source: [82599] sections 4.2 (reset), 3.6 and 8.2.3.22 (link, MDIO), 8.2.3.1, 8.2.3.2.
 */
import type { Clock } from "../ports.ts";
import { ANLP1_STARTED, AUTOC, CTRL, EEC, LINKS, MSCA_COMMAND, REG, STATUS, SWSM } from "./registers.ts";

const EERD = { start: 1, done: 2, addressShift: 2, addressMask: 0x3fff, dataShift: 16 } as const;
const MSCA = { operationShift: 26, operationMask: 3, read: 3, readIncrement: 2, inProgress: 1 << 31 } as const;
/** What MDIO reads where no PHY answers. */
const NO_PHY = 0xffff;
const FRTIMER_UNIT_MICROS = 2.048;

/** AUTOC as a card comes out of reset: 10 Gb/s without negotiation, over a serial lane or four of them. */
const AUTOC_SERIAL = 3 << 13;
const AUTOC_PARALLEL = 1 << 13;
const AUTOC2_SFI = 2 << 16;
/** The device with four lanes (XAUI); others here are serial (SFP+). */
const DEVICE_XAUI = 0x10fc;

export interface ControlParts {
  readonly regs: Uint32Array;
  readonly eeprom: Uint16Array;
  readonly device: number;
  readonly clock: Clock | undefined;
  readonly carrier: () => boolean;
  /** The link came up, went down, or was negotiated again. */
  readonly linkChanged: () => void;
  readonly reset: () => void;
}

export class Control {
  readonly #parts: ControlParts;
  /** LINKS bit 7: no failure since it was last read. */
  #heldUp = false;
  #smbi = false;
  #firmwareSemaphore = false;

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  reset(): void {
    const { regs, device } = this.#parts;
    regs[REG.autoc >>> 2] = device === DEVICE_XAUI ? AUTOC_PARALLEL : AUTOC_SERIAL;
    regs[REG.autoc2 >>> 2] = device === DEVICE_XAUI ? 0 : AUTOC2_SFI;
    this.#smbi = false;
    this.#firmwareSemaphore = false;
    this.#heldUp = this.linkUp;
  }

  get linkUp(): boolean {
    return this.#parts.carrier() || (this.#reg(REG.autoc) & AUTOC.forceUp) !== 0;
  }

  /** CTRL.GIO_DIS: the device neither reads nor writes memory. */
  get busMaster(): boolean {
    return (this.#reg(REG.ctrl) & CTRL.masterDisable) === 0;
  }

  carrierChanged(): void {
    if (!this.linkUp) this.#heldUp = false;
    this.#parts.linkChanged();
  }

  read(offset: number): number {
    const { regs, clock } = this.#parts;
    switch (offset) {
      case REG.status:
        return (this.linkUp ? STATUS.linkUp : 0) | (this.busMaster ? STATUS.masterEnabled : 0);
      case REG.frtimer:
        return Math.floor((clock?.nowMicros() ?? 0) / FRTIMER_UNIT_MICROS) >>> 0;
      case REG.links:
        return this.#readLinks();
      case REG.swsm:
        return this.#readSemaphore();
      default:
        return regs[offset >>> 2] ?? 0;
    }
  }

  write(offset: number, value: number): void {
    const { regs } = this.#parts;
    switch (offset) {
      case REG.ctrl:
        regs[offset >>> 2] = value & ~(CTRL.reset | CTRL.linkReset);
        if ((value & (CTRL.reset | CTRL.linkReset)) !== 0) this.#parts.reset();
        break;
      case REG.autoc:
        this.#writeLinkControl(value);
        break;
      case REG.eec:
        this.#writeEepromControl(value);
        break;
      case REG.eerd:
        this.#readEeprom(value);
        break;
      case REG.msca:
        this.#mdio(value);
        break;
      case REG.swsm:
        this.#smbi = (value & SWSM.software) !== 0;
        this.#firmwareSemaphore = (value & SWSM.firmware) !== 0;
        break;
      default: // STATUS, LINKS, FRTIMER: read-only
    }
  }

  #readLinks(): number {
    const up = this.linkUp;
    const held = this.#heldUp;
    this.#heldUp = up;
    return up ? LINKS.up | LINKS.speed10G | (held ? LINKS.upSinceRead : 0) : 0;
  }

  /** Reading takes the semaphore: whoever reads 0 has it. */
  #readSemaphore(): number {
    const value = (this.#smbi ? SWSM.software : 0) | (this.#firmwareSemaphore ? SWSM.firmware : 0);
    this.#smbi = true;
    return value;
  }

  #writeLinkControl(value: number): void {
    const before = this.linkUp;
    this.#parts.regs[REG.autoc >>> 2] = value & ~AUTOC.restart;
    const restarted = (value & AUTOC.restart) !== 0;
    // Linux waits for this after each write of AUTOC.
    if (restarted) this.#parts.regs[REG.anlp1 >>> 2] = ANLP1_STARTED;
    if (restarted || !this.linkUp) this.#heldUp = false;
    if (restarted || this.linkUp !== before) this.#parts.linkChanged();
  }

  #writeEepromControl(value: number): void {
    const word = REG.eec >>> 2;
    const fixed = (this.#parts.regs[word] ?? 0) & ~(EEC.request | EEC.grant | 0xf);
    const granted = (value & EEC.request) !== 0 ? EEC.request | EEC.grant : 0;
    this.#parts.regs[word] = fixed | granted | (value & 0xf);
  }

  #readEeprom(value: number): void {
    if ((value & EERD.start) === 0) return;
    const address = (value >>> EERD.addressShift) & EERD.addressMask;
    const data = this.#parts.eeprom[address] ?? 0xffff;
    this.#parts.regs[REG.eerd >>> 2] = (data << EERD.dataShift) | (address << EERD.addressShift) | EERD.done;
  }

  /** No PHY is attached: commands end at once, and reads are all ones. */
  #mdio(value: number): void {
    const { regs } = this.#parts;
    regs[REG.msca >>> 2] = value & ~(MSCA_COMMAND | MSCA.inProgress);
    const operation = (value >>> MSCA.operationShift) & MSCA.operationMask;
    if ((value & MSCA_COMMAND) === 0 || (operation !== MSCA.read && operation !== MSCA.readIncrement)) return;
    const word = REG.msrwd >>> 2;
    regs[word] = ((regs[word] ?? 0) & 0xffff) | (NO_PHY << 16);
  }

  #reg(offset: number): number {
    return this.#parts.regs[offset >>> 2] ?? 0;
  }
}
