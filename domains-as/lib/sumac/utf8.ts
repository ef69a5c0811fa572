/**
 * Strings to UTF-8 and back, eight or sixteen characters at a time while they are ASCII. Called by writer.ts and reader.ts.
 * HOT: most strings that cross are ASCII, and with the standard library alone a call with 1000 characters takes twice as long.
 */

/** Writes the units of a string, at most three bytes for each, and returns the bytes written. Half a pair becomes U+FFFD. */
export function encode(text: string, toPtr: usize): u32 {
  const fromPtr = changetype<usize>(text);
  const units = <u32>text.length;
  let done: u32 = 0;
  for (; units - done >= 8; done += 8) {
    const eight = v128.load(fromPtr + ((<usize>done) << 1));
    if (v128.any_true(v128.and(eight, i16x8.splat(-0x80)))) break;
    v128.store64_lane(toPtr + done, i8x16.narrow_i16x8_u(eight, eight), 0);
  }
  if (done == units) return units;
  const mode = String.UTF8.ErrorMode.REPLACE;
  return done + <u32>String.UTF8.encodeUnsafe(fromPtr + ((<usize>done) << 1), units - done, toPtr + done, false, mode);
}

/** The string of bytes that are valid UTF-8. */
export function decode(fromPtr: usize, bytes: u32): string {
  if (!isAscii(fromPtr, bytes)) return String.UTF8.decodeUnsafe(fromPtr, bytes, false);
  const text = changetype<string>(__new((<usize>bytes) << 1, idof<String>()));
  const toPtr = changetype<usize>(text);
  let done: u32 = 0;
  for (; bytes - done >= 16; done += 16) {
    const sixteen = v128.load(fromPtr + done);
    v128.store(toPtr + ((<usize>done) << 1), i16x8.extend_low_i8x16_u(sixteen));
    v128.store(toPtr + ((<usize>done) << 1), i16x8.extend_high_i8x16_u(sixteen), 16);
  }
  for (; done < bytes; done++) store<u16>(toPtr + ((<usize>done) << 1), load<u8>(fromPtr + done));
  return text;
}

function isAscii(ptr: usize, bytes: u32): bool {
  let done: u32 = 0;
  for (; bytes - done >= 16; done += 16) if (i8x16.bitmask(v128.load(ptr + done)) != 0) return false;
  for (; done < bytes; done++) if (load<u8>(ptr + done) >= 0x80) return false;
  return true;
}
