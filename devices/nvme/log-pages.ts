/**
 * The bytes of each log page, out of what the parts of the controller know.
 * Called by logs.ts. Source: [NVME-1.4] section 5.14.1. Offsets are bytes, little-endian.
 */
import { ADMIN, IO } from "./codes.ts";
import type { Features } from "./features.ts";
import type { Health } from "./health.ts";

export const HEALTH_BYTES = 512;
export const FIRMWARE_BYTES = 512;
export const EFFECTS_BYTES = 4096;
export const CHANGED_BYTES = 4096;

/** Revision in slot 1, padded to 8 characters. */
export const FIRMWARE = "1.0     ";

/** "Data units" are thousands of 512 bytes. */
const DATA_UNIT = 512_000;
const MICROS = { minute: 60_000_000, hour: 3_600_000_000 } as const;
const SPARE_PERCENT = 100;
const SPARE_THRESHOLD_PERCENT = 10;
/** Critical warning: the temperature is outside its thresholds. */
const TEMPERATURE_WARNING = 2;

/** Command effects: supported, changes blocks, changes what the namespace can do. */
const EFFECT = { supported: 1, content: 2, namespaceCapability: 4, oneAtATime: 2 << 16 } as const;
const IO_EFFECTS_AT = 1024;
const CHANGES_CONTENT: readonly number[] = [IO.write, IO.writeUncorrectable, IO.writeZeroes, IO.dataset];

export function isTooHotOrCold(health: Health, features: Features): boolean {
  return health.kelvin >= features.overKelvin || health.kelvin <= features.underKelvin;
}

/** SMART / health information. */
export function healthPage(health: Health, features: Features, nowMicros: number): Uint8Array {
  const bytes = new Uint8Array(HEALTH_BYTES);
  const fields = new DataView(bytes.buffer);
  health.settle(nowMicros);
  bytes[0] = isTooHotOrCold(health, features) ? TEMPERATURE_WARNING : 0;
  fields.setUint16(1, health.kelvin, true);
  bytes[3] = SPARE_PERCENT;
  bytes[4] = SPARE_THRESHOLD_PERCENT;
  const numbers: readonly (readonly [number, number])[] = [
    [32, Math.ceil(health.readBytes / DATA_UNIT)],
    [48, Math.ceil(health.writtenBytes / DATA_UNIT)],
    [64, health.readCommands],
    [80, health.writeCommands],
    [112, health.powerCycles],
    [128, Math.floor(nowMicros / MICROS.hour)], // power-on hours
    [144, health.unsafeShutdowns],
    [160, health.mediaErrors],
    [176, health.errors],
  ];
  for (const [at, value] of numbers) fields.setBigUint64(at, BigInt(value), true);
  fields.setUint32(192, Math.floor(health.warningMicros / MICROS.minute), true);
  fields.setUint32(196, Math.floor(health.criticalMicros / MICROS.minute), true);
  return bytes;
}

export function firmwarePage(): Uint8Array {
  const bytes = new Uint8Array(FIRMWARE_BYTES);
  bytes[0] = 1; // slot 1 is active
  bytes.set(new TextEncoder().encode(FIRMWARE), 8);
  return bytes;
}

/** Which commands there are, and what they change. */
export function effectsPage(): Uint8Array {
  const bytes = new Uint8Array(EFFECTS_BYTES);
  const fields = new DataView(bytes.buffer);
  for (const opcode of Object.values(ADMIN)) fields.setUint32(4 * opcode, EFFECT.supported, true);
  fields.setUint32(4 * ADMIN.format, EFFECT.supported | EFFECT.content | EFFECT.namespaceCapability | EFFECT.oneAtATime, true);
  for (const opcode of Object.values(IO)) {
    const content = CHANGES_CONTENT.includes(opcode) ? EFFECT.content : 0;
    fields.setUint32(IO_EFFECTS_AT + 4 * opcode, EFFECT.supported | content, true);
  }
  return bytes;
}

/** Ids in rising order; a page holds 1024, and no controller here has more namespaces. */
export function changedPage(ids: Iterable<number>): Uint8Array {
  const bytes = new Uint8Array(CHANGED_BYTES);
  const fields = new DataView(bytes.buffer);
  for (const [i, id] of [...ids].sort((a, b) => a - b).entries()) fields.setUint32(4 * i, id, true);
  return bytes;
}
