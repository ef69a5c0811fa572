/**
 * Reads the frames of a capture file, whoever wrote it. Called by capture-file.ts for a replay.
 * Source: [PCAPNG] sections 3.1 (blocks), 3.5 (options), 4.1 (sections), 4.2 (interfaces), 4.3 (packets). Pure: bytes in, frames out.
 *
 *   section: byte order │ interface 0 │ interface 1 │ packet, of interface n │ … │ section: …      interfaces count anew in each section
 */
import { SumacError } from "../../errors.ts";
import { BYTE_ORDER, ENHANCED_PACKET, ETHERNET, INTERFACE, LEAST_BLOCK, PACKET_HEADER, SECTION } from "./pcapng.ts";

/** A frame, and when it was seen, in microseconds since 1970: whole ones up to 2^53, and their parts as far as a number has them. */
export interface CapturedFrame {
  readonly micros: number;
  readonly bytes: Uint8Array;
}

/** What an interface's block says about its packets. */
interface Interface {
  readonly linkType: number;
  readonly name: string;
  readonly ticksPerSecond: bigint;
  readonly offsetSeconds: bigint;
}

const INTERFACE_HEADER = 8;
const OPTION_HEADER = 4;
const OPTION = { end: 0, name: 2, resolution: 9, offset: 14 } as const;
const MICROS = 1_000_000n;
/** Of `if_tsresol`: the exponent is of 2, and not of 10. */
const BINARY = 0x80;

/**
 * The frames of a file, in their order, up to where it ends or stops making sense. Blocks of other kinds are passed over.
 * @param place the file, for messages
 * @throws SumacError "device-failed" where a packet is of an interface that is no Ethernet: half a capture would be worse than none
 */
export function capturedFrames(bytes: Uint8Array, place = "capture"): CapturedFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: CapturedFrame[] = [];
  let interfaces: Interface[] = [];
  let sections = 0;
  let isLittle = true;
  for (let at = 0; at + LEAST_BLOCK <= bytes.length; ) {
    if (view.getUint32(at, true) === SECTION) {
      isLittle = view.getUint32(at + 8, true) === BYTE_ORDER;
      if (!isLittle && view.getUint32(at + 8) !== BYTE_ORDER) break;
      interfaces = [];
      sections++;
    } else if (sections === 0) break;
    const type = view.getUint32(at, isLittle);
    const total = view.getUint32(at + 4, isLittle);
    if (total < LEAST_BLOCK || total % 4 !== 0 || at + total > bytes.length) break;
    const bodyBytes = total - LEAST_BLOCK;
    if (type === INTERFACE) {
      if (bodyBytes < INTERFACE_HEADER) break;
      interfaces.push(interfaceAt(view, at + 8, bodyBytes, isLittle));
    } else if (type === ENHANCED_PACKET && bodyBytes >= PACKET_HEADER) {
      const number = view.getUint32(at + 8, isLittle);
      const from = interfaces[number];
      const length = view.getUint32(at + 20, isLittle);
      if (from === undefined) break;
      if (from.linkType !== ETHERNET) throw notEthernet(place, sections, number, from);
      if (length <= bodyBytes - PACKET_HEADER) {
        const ticks = (BigInt(view.getUint32(at + 12, isLittle)) << 32n) | BigInt(view.getUint32(at + 16, isLittle));
        frames.push({ micros: microsOf(ticks, from), bytes: bytes.slice(at + 28, at + 28 + length) });
      }
    }
    at += total;
  }
  return frames;
}

function interfaceAt(view: DataView, at: number, bodyBytes: number, isLittle: boolean): Interface {
  let [name, ticksPerSecond, offsetSeconds] = ["", MICROS, 0n];
  const end = at + bodyBytes;
  for (let option = at + INTERFACE_HEADER; option + OPTION_HEADER <= end; ) {
    const code = view.getUint16(option, isLittle);
    const length = view.getUint16(option + 2, isLittle);
    const value = option + OPTION_HEADER;
    if (code === OPTION.end || value + length > end) break;
    if (code === OPTION.name) name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + value, length));
    if (code === OPTION.resolution && length === 1) ticksPerSecond = resolution(view.getUint8(value));
    if (code === OPTION.offset && length === 8) offsetSeconds = view.getBigInt64(value, isLittle);
    option = value + ((length + 3) & ~3);
  }
  return { linkType: view.getUint16(at, isLittle), name, ticksPerSecond, offsetSeconds };
}

function resolution(value: number): bigint {
  return (value & BINARY) === 0 ? 10n ** BigInt(value) : 2n ** BigInt(value & ~BINARY);
}

/** Seconds and the rest apart, so that what is whole stays so. */
function microsOf(ticks: bigint, { ticksPerSecond, offsetSeconds }: Interface): number {
  const seconds = Number((ticks / ticksPerSecond + offsetSeconds) * MICROS);
  return seconds + Number((ticks % ticksPerSecond) * MICROS) / Number(ticksPerSecond);
}

function notEthernet(place: string, section: number, number: number, { name, linkType }: Interface): SumacError {
  const called = name === "" ? "" : ` ("${name}")`;
  const which = `interface ${number}${called} of section ${section}`;
  return new SumacError(
    "device-failed",
    `${place}: ${which} has link type ${linkType}, and a card takes Ethernet (${ETHERNET}) only: ` +
      'capture on an Ethernet interface, or leave out that interface\'s packets, for instance with `tshark -r FILE -Y "eth" -w NEW`',
  );
}
