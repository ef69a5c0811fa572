/**
 * The EEPROM: its contents as this model makes them, its checksum, and the address in it.
 * The model reads words from it for the driver and loads the station address from it at each reset.
 * Source: [82599] chapter 6 (non-volatile memory map), section 8.2.3.2. Addresses count 16-bit words.
 */

export const EEPROM_WORDS = 4096;
export const CHECKSUM_WORD = 0x3f;
/** What all words that the checksum covers add up to, with it. */
export const CHECKSUM_SUM = 0xbaba;
const FIRST_POINTER = 0x03;
const LAST_POINTER = 0x0e;
/** Pointer to what is loaded into the port: its section begins with its length and the address. */
const LAN_CORE = 0x09;
const FIRMWARE = 0x0f;
const ABSENT = 0xffff;
/** Pointers to modules that this card has not got: storage addresses, alternative addresses. */
const OPTIONAL_POINTERS = [0x27, 0x28, 0x37] as const;
const LAN_SECTION = 0x80;
const FIRMWARE_SECTION = 0x90;
const FIRMWARE_PATCH = 0xa0;

/** The contents for a card with that address (6 bytes), with the right checksum. */
export function makeEeprom(mac: Uint8Array): Uint16Array {
  if (mac.length !== 6) throw new Error(`an Ethernet address has 6 bytes, not ${mac.length}`);
  const words = new Uint16Array(EEPROM_WORDS);
  for (let word = FIRST_POINTER; word <= LAST_POINTER; word++) words[word] = ABSENT;
  for (const word of OPTIONAL_POINTERS) words[word] = ABSENT;
  words[LAN_CORE] = LAN_SECTION;
  words[LAN_SECTION] = 3;
  for (let i = 0; i < 3; i++) words[LAN_SECTION + 1 + i] = (mac[2 * i] ?? 0) | ((mac[2 * i + 1] ?? 0) << 8);
  // Drivers of fibre cards want a firmware newer than 5, and no link management in it.
  words[FIRMWARE] = FIRMWARE_SECTION;
  words[FIRMWARE_SECTION + 2] = ABSENT;
  words[FIRMWARE_SECTION + 4] = FIRMWARE_PATCH;
  words[FIRMWARE_PATCH + 7] = 6;
  words[CHECKSUM_WORD] = checksumOf(words);
  return words;
}

/** What the checksum word has to be: words 0..3Eh, and the sections that words 3..Eh point at. */
export function checksumOf(words: Uint16Array): number {
  let sum = 0;
  for (let word = 0; word < CHECKSUM_WORD; word++) sum += words[word] ?? 0;
  for (let word = FIRST_POINTER; word <= LAST_POINTER; word++) {
    const section = words[word] ?? ABSENT;
    if (section === 0 || section === ABSENT) continue;
    const length = words[section] ?? ABSENT;
    if (length === 0 || length === ABSENT) continue;
    for (let i = section + 1; i <= section + length; i++) sum += words[i] ?? 0;
  }
  return (CHECKSUM_SUM - sum) & 0xffff;
}

/** The station address as autoload finds it, in two register words, or zeros where there is none. */
export function addressIn(words: Uint16Array): { readonly low: number; readonly high: number } {
  const section = words[LAN_CORE] ?? ABSENT;
  if (section === 0 || section === ABSENT) return { low: 0, high: 0 };
  const word = (i: number): number => words[section + i] ?? 0;
  return { low: (word(1) | (word(2) << 16)) >>> 0, high: word(3) };
}
