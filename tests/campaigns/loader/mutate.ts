/** Damages inputs: bytes and texts, with and without knowledge of their structure. The same numbers from `Random` give the same damage. */
import { join, type Section, sections } from "../../loader/audit-fixture.ts";
import type { Random } from "../../loader/random-program.ts";

/** Lengths, counts and indices that readers get wrong. */
const ODD_NUMBERS: readonly (readonly number[])[] = [
  [0x00],
  [0x7f],
  [0x80, 0x00],
  [0x80, 0x80, 0x80, 0x80, 0x00],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0x80, 0x80, 0x80, 0x80, 0x10],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x80, 0x80, 0x04],
];
const ODD_TEXT: readonly string[] = [
  ..."\"'{}[]()<>,:;=.-+*/@%\\ \n\t0".split(""),
  "\u0000",
  "\u001b[2J",
  "\u202e",
  "\ud800",
  "\u{1f600}",
  "\\ud800",
  "\\u0000",
  "__proto__",
  "constructor",
  "null",
  "true",
  "1e999",
  "-0",
  "9007199254740993",
  "/*",
  "//",
  "@deadline 5ms",
  "@999999999999999999.0.0",
  "0.1.0",
  "list<",
  "option<",
  "use ",
  "include ",
];
const MOST_CHANGES = 4;

export function mutateBytes(input: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array<ArrayBuffer> {
  let bytes = Uint8Array.from(input);
  for (let n = random.below(MOST_CHANGES) + 1; n > 0; n--) bytes = changeBytes(bytes, others, random);
  return bytes;
}

function changeBytes(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array<ArrayBuffer> {
  const at = random.below(bytes.length + 1);
  const length = Math.min(random.below(random.below(4) === 0 ? 200 : 8), bytes.length - at);
  const splice = (put: ArrayLike<number>): Uint8Array<ArrayBuffer> => replaced(bytes, at, at + length, put);
  switch (random.below(9)) {
    case 0:
      return Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ (1 << random.below(8)) : byte));
    case 1:
      return Uint8Array.from(bytes, (byte, i) => (i === at ? random.below(256) : byte));
    case 2:
      return splice([]);
    case 3:
      return splice(Array.from({ length: random.below(8) }, () => random.below(256)));
    case 4:
      return replaced(bytes, at, Math.min(bytes.length, at + random.below(3)), ODD_NUMBERS[random.below(ODD_NUMBERS.length)] ?? []);
    case 5:
      return replaced(bytes, at, at, bytes.subarray(at, at + length));
    case 6:
      return Uint8Array.from(bytes.subarray(0, at));
    case 7: {
      const other = others[random.below(others.length)] ?? bytes;
      const from = random.below(other.length);
      return splice(other.subarray(from, from + random.below(64)));
    }
    default:
      return replaced(bytes, at, Math.min(bytes.length, at + 1), [((bytes[at] ?? 0) + (random.below(2) === 0 ? 1 : 255)) & 0xff]);
  }
}

/** Damages a module section by section, with sizes that fit again: readers get behind the frame. */
export function mutateSections(module: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array<ArrayBuffer> {
  const list: Section[] = sections(module);
  const pick = (): number => random.below(list.length);
  for (let n = random.below(3) + 1; n > 0 && list.length > 0; n--) {
    const at = pick();
    const section = list[at] as Section;
    const other = sections(others[random.below(others.length)] ?? module);
    switch (random.below(6)) {
      case 0:
        list.splice(at, 1);
        break;
      case 1:
        list.splice(pick(), 0, section);
        break;
      case 2:
        list.splice(at, 1, list[pick()] as Section);
        break;
      case 3: {
        const alike = other.filter(({ id }) => id === section.id);
        list[at] = alike[random.below(alike.length)] ?? section;
        break;
      }
      default:
        list[at] = { id: section.id, content: mutateBytes(section.content, [section.content], random) };
    }
  }
  return join(list);
}

export function mutateText(input: string, others: readonly string[], random: Random): string {
  let text = input;
  for (let n = random.below(MOST_CHANGES) + 1; n > 0; n--) text = changeText(text, others, random);
  return text;
}

function changeText(text: string, others: readonly string[], random: Random): string {
  const at = random.below(text.length + 1);
  const end = Math.min(text.length, at + random.below(random.below(3) === 0 ? 80 : 6));
  const put = (middle: string): string => text.slice(0, at) + middle + text.slice(end);
  switch (random.below(7)) {
    case 0:
      return put("");
    case 1:
      return put(ODD_TEXT[random.below(ODD_TEXT.length)] as string);
    case 2:
      return text.slice(0, at) + text.slice(at, end).repeat(1 + random.below(random.below(8) === 0 ? 2000 : 4)) + text.slice(end);
    case 3:
      return text.slice(0, at);
    case 4: {
      const other = others[random.below(others.length)] ?? text;
      const from = random.below(other.length);
      return put(other.slice(from, from + random.below(120)));
    }
    case 5:
      return put(String.fromCodePoint(random.below(2) === 0 ? random.below(128) : random.below(0x10ffff)));
    default: {
      const words = text.match(/[\w@.-]+/g) ?? ["x"];
      return put(words[random.below(words.length)] as string);
    }
  }
}

function replaced(bytes: Uint8Array, from: number, to: number, put: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length - (to - from) + put.length);
  out.set(bytes.subarray(0, from));
  out.set(put, from);
  out.set(bytes.subarray(to), from + put.length);
  return out;
}
