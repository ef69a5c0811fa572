/** Identify data and log pages as plain objects, for `sumac nvme`. Offsets as in [NVME-1.4] sections 5.14, 5.15. */

export interface ControllerReport {
  readonly vendor: string;
  readonly serial: string;
  readonly model: string;
  readonly firmware: string;
  readonly version: string;
  readonly mdts: number;
  readonly namespaces: number;
  readonly optionalAdmin: string;
  readonly optionalIo: string;
  readonly volatileWriteCache: boolean;
  readonly sgls: boolean;
  readonly subsystem: string;
}

export interface NamespaceReport {
  readonly id: number;
  readonly blocks: number;
  readonly blockBytes: number;
  readonly bytes: number;
  readonly formats: readonly number[];
  readonly uuid: string;
}

export interface HealthReport {
  readonly criticalWarning: number;
  readonly kelvin: number;
  readonly sparePercent: number;
  readonly usedPercent: number;
  readonly dataUnitsRead: number;
  readonly dataUnitsWritten: number;
  readonly readCommands: number;
  readonly writeCommands: number;
  readonly powerCycles: number;
  readonly powerOnHours: number;
  readonly unsafeShutdowns: number;
  readonly mediaErrors: number;
  readonly errors: number;
}

export interface ErrorReport {
  readonly count: number;
  readonly queue: number;
  readonly command: number;
  readonly status: string;
  readonly lba: number;
  readonly namespace: number;
}

/** Blocks are 2^n bytes, for n in byte 2 of a format. */
export function namespaceReport(id: number, data: DataView, descriptors: DataView): NamespaceReport {
  const formats = Array.from({ length: data.getUint8(25) + 1 }, (_, i) => 2 ** data.getUint8(128 + 4 * i + 2));
  const blocks = Number(data.getBigUint64(0, true));
  const blockBytes = formats[data.getUint8(26) & 0xf] ?? 0;
  return { id, blocks, blockBytes, bytes: blocks * blockBytes, formats, uuid: uuid(descriptors, 4) };
}

export function controllerReport(data: DataView): ControllerReport {
  const version = data.getUint32(80, true);
  return {
    vendor: data.getUint16(0, true).toString(16).padStart(4, "0"),
    serial: text(data, 4, 20),
    model: text(data, 24, 40),
    firmware: text(data, 64, 8),
    version: `${version >>> 16}.${(version >>> 8) & 0xff}`,
    mdts: data.getUint8(77),
    namespaces: data.getUint32(516, true),
    optionalAdmin: data.getUint16(256, true).toString(16),
    optionalIo: data.getUint16(520, true).toString(16),
    volatileWriteCache: (data.getUint8(525) & 1) !== 0,
    sgls: (data.getUint32(536, true) & 3) !== 0,
    subsystem: text(data, 768, 256),
  };
}

export function healthReport(data: DataView): HealthReport {
  const number = (at: number): number => Number(data.getBigUint64(at, true));
  return {
    criticalWarning: data.getUint8(0),
    kelvin: data.getUint16(1, true),
    sparePercent: data.getUint8(3),
    usedPercent: data.getUint8(5),
    dataUnitsRead: number(32),
    dataUnitsWritten: number(48),
    readCommands: number(64),
    writeCommands: number(80),
    powerCycles: number(112),
    powerOnHours: number(128),
    unsafeShutdowns: number(144),
    mediaErrors: number(160),
    errors: number(176),
  };
}

/** Entries with a count of 0 are none. */
export function errorReports(data: DataView): ErrorReport[] {
  const reports: ErrorReport[] = [];
  for (let at = 0; at + 64 <= data.byteLength; at += 64) {
    const count = Number(data.getBigUint64(at, true));
    if (count === 0) break;
    reports.push({
      count,
      queue: data.getUint16(at + 8, true),
      command: data.getUint16(at + 10, true),
      status: `${((data.getUint16(at + 12, true) >>> 1) & 0x7ff).toString(16)}h`,
      lba: Number(data.getBigUint64(at + 16, true)),
      namespace: data.getUint32(at + 24, true),
    });
  }
  return reports;
}

function text(data: DataView, at: number, bytes: number): string {
  return new TextDecoder().decode(new Uint8Array(data.buffer, data.byteOffset + at, bytes)).replace(/[\0 ]+$/, "");
}

function uuid(data: DataView, at: number): string {
  const hex = Array.from({ length: 16 }, (_, i) =>
    data
      .getUint8(at + i)
      .toString(16)
      .padStart(2, "0"),
  ).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
