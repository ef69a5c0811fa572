/** Whether bytes of the shared heap are UTF-8, without making anything of them. Called by the check of messages. */

/**
 * HOT: every string that crosses. Eight bytes at a time while they are ASCII.
 * @param u8 @param i32 the same memory
 * @param end after the last byte
 */
export function isUtf8(u8: Uint8Array, i32: Int32Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    if ((at & 3) === 0) {
      while (at + 8 <= end && (((i32[at >> 2] as number) | (i32[(at >> 2) + 1] as number)) & 0x80808080) === 0) at += 8;
      if (at >= end) return true;
    }
    const lead = u8[at] as number;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
    if (more === 0 || at + more >= end) return false;
    // The second byte says whether a shorter form would do, whether it is a surrogate, whether it is beyond the last character.
    const second = u8[at + 1] as number;
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    if (more >= 2 && ((u8[at + 2] as number) & 0xc0) !== 0x80) return false;
    if (more === 3 && ((u8[at + 3] as number) & 0xc0) !== 0x80) return false;
    at += more + 1;
  }
  return true;
}
