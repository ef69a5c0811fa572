/** A compressor and a decompressor of LZ4's block format, in AssemblyScript; `lz` decompresses a text that it made once. Needs `random`. */
export const LZ_KERNEL = `
const MIN_MATCH = 4;
/** The last bytes of a block are literals, and no match begins in the last twelve. */
const LAST_LITERALS = 5;
const LAST_MATCH = 12;
const MOST_DISTANCE = 65535;
const LZ_BYTES = 1 << 16;

const unpacked = new StaticArray<u8>(LZ_BYTES);
const packed = new StaticArray<u8>(LZ_BYTES + LZ_BYTES / 255 + 16);
const restored = new StaticArray<u8>(LZ_BYTES);
const lastSeen = new StaticArray<i32>(1 << 12);

function word(bytes: StaticArray<u8>, at: i32): u32 {
  return <u32>bytes[at] | (<u32>bytes[at + 1] << 8) | (<u32>bytes[at + 2] << 16) | (<u32>bytes[at + 3] << 24);
}

function putLength(out: StaticArray<u8>, at: i32, length: i32): i32 {
  while (length >= 255) {
    out[at++] = 255;
    length -= 255;
  }
  out[at++] = <u8>length;
  return at;
}

/** Literals, and a match after them where there is one. Returns where the next sequence begins. */
function putSequence(from: StaticArray<u8>, anchor: i32, literals: i32, distance: i32, match: i32, out: StaticArray<u8>, at: i32): i32 {
  const extra = distance ? match - MIN_MATCH : 0;
  out[at++] = <u8>((min(literals, 15) << 4) | min(extra, 15));
  if (literals >= 15) at = putLength(out, at, literals - 15);
  for (let i = 0; i < literals; i++) out[at++] = from[anchor + i];
  if (!distance) return at;
  out[at++] = <u8>distance;
  out[at++] = <u8>(distance >> 8);
  return extra >= 15 ? putLength(out, at, extra - 15) : at;
}

/** Returns the length of the block. */
function lzCompress(from: StaticArray<u8>, length: i32, out: StaticArray<u8>): i32 {
  for (let i = 0; i < lastSeen.length; i++) lastSeen[i] = -1;
  let anchor = 0, at = 0, end = 0;
  while (at < length - LAST_MATCH) {
    const here = word(from, at);
    const bucket = (here * 2654435761) >> 20;
    const seen = lastSeen[bucket];
    lastSeen[bucket] = at;
    if (seen < 0 || at - seen > MOST_DISTANCE || word(from, seen) != here) {
      at++;
      continue;
    }
    let match = MIN_MATCH;
    while (at + match < length - LAST_LITERALS && from[seen + match] == from[at + match]) match++;
    end = putSequence(from, anchor, at - anchor, at - seen, match, out, end);
    at += match;
    anchor = at;
  }
  return putSequence(from, anchor, length - anchor, 0, 0, out, end);
}

/** Returns how many bytes it has written, or -1 if the block is none or there is no room. */
function lzDecompress(from: StaticArray<u8>, length: i32, out: StaticArray<u8>): i32 {
  let at = 0, end = 0;
  while (at < length) {
    const token = from[at++];
    let literals: i32 = token >> 4;
    if (literals == 15) {
      let more: i32;
      do {
        if (at >= length) return -1;
        more = from[at++];
        literals += more;
      } while (more == 255);
    }
    if (literals > length - at || literals > out.length - end) return -1;
    for (let i = 0; i < literals; i++) out[end++] = from[at++];
    if (at == length) return end;
    if (length - at < 2) return -1;
    const distance = <i32>from[at] | (<i32>from[at + 1] << 8);
    at += 2;
    if (distance == 0 || distance > end) return -1;
    let match: i32 = token & 15;
    if (match == 15) {
      let more: i32;
      do {
        if (at >= length) return -1;
        more = from[at++];
        match += more;
      } while (more == 255);
    }
    match += MIN_MATCH;
    if (match > out.length - end) return -1;
    for (let i = 0; i < match; i++) {
      out[end] = out[end - distance];
      end++;
    }
  }
  return -1;
}

/** Words of a small language, some of them more often than others, and a number now and then. */
function fillProse(): void {
  let x: u32 = 0x9e3779b9, at = 0;
  while (at < LZ_BYTES) {
    x = random(x);
    const which = (x >> 8) & (x >> 16) & 255;
    if ((x & 15) == 0) {
      for (let digits = x >> 4; digits > 0 && at < LZ_BYTES; digits /= 10) unpacked[at++] = <u8>(48 + (digits % 10));
    } else {
      for (let i: u32 = 0, letters: u32 = 3 + (which % 7); i < letters && at < LZ_BYTES; i++) unpacked[at++] = <u8>(97 + ((which * 7 + i * (which | 3)) % 26));
    }
    if (at < LZ_BYTES) unpacked[at++] = 32;
  }
}

let packedLength = 0;
export function lz(): i32 {
  if (packedLength == 0) {
    fillProse();
    packedLength = lzCompress(unpacked, LZ_BYTES, packed);
  }
  const length = lzDecompress(packed, packedLength, restored);
  return (length << 8) ^ packedLength ^ restored[length / 3] ^ restored[length - 1];
}
`;
