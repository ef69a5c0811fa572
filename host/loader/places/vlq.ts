/**
 * The numbers of a source map: base 64, six bits a digit, least significant first, the sign in the lowest bit.
 * Sources: [SOURCE-MAP].
 */
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CONTINUES = 32;
/** More digits than a number of 32 bits has. */
const MOST_DIGITS = 7;

const VALUES: Int8Array = Int8Array.from({ length: 128 }, (_, code) => DIGITS.indexOf(String.fromCharCode(code)));

/** @returns the number at `at` and where it ends; undefined where there is none */
export function readVlq(text: string, at: number): { readonly value: number; readonly next: number } | undefined {
  let bits = 0;
  for (let digits = 0; digits < MOST_DIGITS; digits++) {
    const digit = VALUES[text.charCodeAt(at + digits)] ?? -1;
    if (digit < 0) return undefined;
    bits += (digit % CONTINUES) * 32 ** digits;
    if (digit >= CONTINUES) continue;
    const magnitude = Math.floor(bits / 2);
    return { value: bits % 2 === 1 ? -magnitude : magnitude, next: at + digits + 1 };
  }
  return undefined;
}

export function encodeVlq(value: number): string {
  let rest = Math.abs(value) * 2 + (value < 0 ? 1 : 0);
  let text = "";
  do {
    const digit = rest % 32;
    rest = Math.floor(rest / 32);
    text += DIGITS.charAt(rest > 0 ? digit + CONTINUES : digit);
  } while (rest > 0);
  return text;
}
