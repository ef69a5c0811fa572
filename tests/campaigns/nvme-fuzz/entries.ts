/** Entries and lists of a fuzzed driver: mostly near what is right, so that they get far, and sometimes nothing but noise. */
import { ADMIN, IO } from "../../../devices/nvme/codes.ts";
import { AT, ENTRIES, type FuzzMemory, PAGE, SQ_BYTES } from "./memory.ts";

export interface FuzzEntry {
  readonly opcode: number;
  readonly flags: number;
  readonly nsid: number;
  readonly prp1: number;
  readonly prp2: number;
  readonly cdw10: number;
  readonly cdw11: number;
  readonly cdw12: number;
}

type Pick = (below: number) => number;

const ADMIN_OPCODES: readonly number[] = [...Object.values(ADMIN), ADMIN.identify, ADMIN.getLogPage, ADMIN.getFeatures, 0x7f];
const IO_OPCODES: readonly number[] = [...Object.values(IO), IO.read, IO.write, IO.read, IO.write, 0x0d];
/** Queues are made and deleted seldom, since a life without queues is dull; and only where the campaign knows their entries. */
const ABOUT_QUEUES: readonly number[] = [ADMIN.deleteSq, ADMIN.createSq, ADMIN.deleteCq, ADMIN.createCq];

/** Fills a slot, all but its id. Without an entry: one by chance. */
export function writeEntry(memory: FuzzMemory, queue: number, slot: number, entry: FuzzEntry | undefined, pick: Pick = () => 0): void {
  const at = AT.sq + queue * PAGE + slot * SQ_BYTES;
  const { fields } = memory;
  if (entry === undefined && queue !== 0 && pick(20) === 0) {
    for (let word = 1; word < SQ_BYTES / 4; word++) fields.setUint32(at + 4 * word, pick(2 ** 32), true);
    fields.setUint16(at, pick(2 ** 16), true);
    return;
  }
  const made = entry ?? (queue === 0 ? adminEntry(pick) : ioEntry(pick));
  memory.bytes.fill(0, at + 4, at + SQ_BYTES);
  fields.setUint8(at, made.opcode);
  fields.setUint8(at + 1, made.flags);
  fields.setUint32(at + 4, made.nsid, true);
  fields.setBigUint64(at + 24, BigInt(made.prp1), true);
  fields.setBigUint64(at + 32, BigInt(made.prp2), true);
  fields.setUint32(at + 40, made.cdw10, true);
  fields.setUint32(at + 44, made.cdw11, true);
  fields.setUint32(at + 48, made.cdw12, true);
  if (made.flags >>> 6 === 0) return;
  // A descriptor in place of the two pointers.
  fields.setUint32(at + 32, pick(3) === 0 ? 4096 : 32 * pick(40), true);
  fields.setUint8(at + 39, [0x00, 0x20, 0x30, 0x10, pick(256)][pick(5)] ?? 0);
}

/** PRP entries, SGL descriptors, or ranges; returns how many. */
export function writeList(memory: FuzzMemory, pick: Pick): number {
  const count = 1 + pick(24);
  const at = AT.lists + 16 * pick((AT.data - AT.lists) / 16 - count);
  const kind = pick(3);
  for (let i = 0; i < count; i++) {
    if (kind === 0) memory.fields.setBigUint64(at + 8 * i, BigInt(address(pick)), true);
    else {
      memory.fields.setBigUint64(at + 16 * i, BigInt(address(pick)), true);
      memory.fields.setUint32(at + 16 * i + 8, kind === 1 ? 64 * pick(64) : pick(200), true);
      memory.fields.setUint32(at + 16 * i + 12, [0, 0, 0x2000_0000, 0x3000_0000][pick(4)] ?? 0, true);
    }
  }
  return count;
}

function adminEntry(pick: Pick): FuzzEntry {
  let opcode = ADMIN_OPCODES[pick(ADMIN_OPCODES.length)] ?? 0;
  if (ABOUT_QUEUES.includes(opcode) && pick(12) !== 0) opcode = ADMIN.abort;
  if (opcode === ADMIN.format && pick(8) !== 0) opcode = ADMIN.getFeatures;
  const base = {
    opcode,
    flags: pick(30) === 0 ? pick(256) : 0,
    nsid: [0, 1, 2, 3, 0xffff_ffff][pick(5)] ?? 0,
    prp1: address(pick),
    prp2: address(pick),
  };
  const id = 1 + pick(5);
  switch (opcode) {
    case ADMIN.createCq:
      return { ...base, prp1: AT.cq + id * PAGE, cdw10: id | ((ENTRIES - 1) << 16), cdw11: pick(4) | (pick(8) << 16), cdw12: 0 };
    case ADMIN.createSq:
      return { ...base, prp1: AT.sq + id * PAGE, cdw10: id | ((ENTRIES - 1) << 16), cdw11: 1 | (pick(4) << 1) | (pick(7) << 16), cdw12: 0 };
    case ADMIN.abort:
      return { ...base, cdw10: pick(6) | (pick(ENTRIES) << 16), cdw11: 0, cdw12: 0 };
    case ADMIN.identify:
      return { ...base, cdw10: pick(8), cdw11: 0, cdw12: 0 };
    case ADMIN.getLogPage:
      return { ...base, cdw10: pick(7) | (pick(2) << 15) | (pick(2048) << 16), cdw11: pick(20) === 0 ? pick(4) : 0, cdw12: 4 * pick(200) };
    case ADMIN.setFeatures:
      return { ...base, cdw10: pick(14) | (pick(20) === 0 ? 0x8000_0000 : 0), cdw11: pick(2) === 0 ? pick(2 ** 32) : pick(8), cdw12: 0 };
    default:
      return { ...base, cdw10: pick(2) === 0 ? pick(2 ** 32) : pick(1024), cdw11: pick(64), cdw12: 0 };
  }
}

function ioEntry(pick: Pick): FuzzEntry {
  const opcode = IO_OPCODES[pick(IO_OPCODES.length)] ?? 0;
  const flags = [0, 0, 0, 0, 0x40, 0x80, 1, 2, pick(256)][pick(9)] ?? 0;
  const nsid = [1, 1, 1, 2, 2, 0xffff_ffff, pick(2 ** 32)][pick(7)] ?? 0;
  const prp1 = flags >>> 6 !== 0 && pick(2) === 0 ? AT.lists + 16 * pick(200) : address(pick);
  const prp2 = pick(2) === 0 ? AT.lists + 8 * pick(pick(2) === 0 ? PAGE / 8 : 1500) : address(pick);
  const cdw12 = (pick(10) === 0 ? pick(2 ** 16) : pick(20)) | (pick(4) << 30);
  return {
    opcode,
    flags,
    nsid,
    prp1,
    prp2,
    cdw10: pick(110),
    cdw11: opcode === IO.dataset ? pick(8) : pick(30) === 0 ? pick(9) : 0,
    cdw12,
  };
}

/** Mostly a page of the data. */
function address(pick: Pick): number {
  switch (pick(12)) {
    case 0:
      return pick(2 ** 32) * 2 ** pick(30);
    case 1:
      return AT.data + pick(AT.end - AT.data);
    case 2:
      return pick(AT.end);
    case 3:
      return AT.data + 4 * pick((AT.foreign - AT.data) / 4);
    default:
      return AT.data + PAGE * pick((AT.foreign - AT.data) / PAGE);
  }
}
