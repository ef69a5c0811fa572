/**
 * Random JSON near a valid document: fields gone, doubled, moved, of other types and sizes. And a reader of JSON's grammar that knows
 * nothing but whether some object names a field twice, which no re-encoding keeps.
 */
import type { Random } from "../../loader/random-program.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const SCALARS: readonly string[] = [
  "null",
  "true",
  "0",
  "-1",
  "0.5",
  "1e308",
  "1e999",
  "-0",
  "4294967296",
  "9007199254740993",
  '""',
  '"\\u0000"',
  '"__proto__"',
  `"${"a".repeat(5000)}"`,
  '"\\ud800"',
  "[]",
  "{}",
  '{"__proto__": 1}',
  `${"[".repeat(300)}${"]".repeat(300)}`,
];
const NAMES: readonly string[] = ["__proto__", "constructor", "toString", "", "name", "keys", "trust", "domains", "\u202e", "length"];

/** The document's text, damaged in a few places. */
export function mutateJson(text: string, random: Random): string {
  const value = JSON.parse(text) as Json;
  let places = 0;
  const count = (json: Json): void => {
    places++;
    if (typeof json === "object" && json !== null) for (const each of Object.values(json)) count(each as Json);
  };
  count(value);
  const chosen = new Set(Array.from({ length: random.below(3) + 1 }, () => random.below(places)));
  let place = 0;
  const write = (json: Json): string => {
    const isChosen = chosen.has(place++);
    if (typeof json !== "object" || json === null) return isChosen ? scalar(random) : JSON.stringify(json);
    if (Array.isArray(json)) {
      const items = (json as readonly Json[]).map(write);
      return `[${(isChosen ? disturbed(items, random) : items).join(",")}]`;
    }
    const members = Object.entries(json).map(([name, each]) => {
      const written = write(each as Json);
      const other = isChosen && random.below(4) === 0 ? NAMES[random.below(NAMES.length)] : name;
      return `${JSON.stringify(other)}:${written}`;
    });
    if (isChosen && random.below(4) === 0) return scalar(random);
    return `{${(isChosen ? disturbed(members, random) : members).join(",")}}`;
  };
  return write(value);
}

function disturbed(parts: string[], random: Random): string[] {
  const at = random.below(parts.length + 1);
  switch (random.below(4)) {
    case 0:
      return parts.toSpliced(at, 1);
    case 1:
      return parts.toSpliced(random.below(parts.length + 1), 0, ...parts.slice(at, at + 1));
    case 2:
      return parts.toReversed();
    default:
      return Array.from({ length: 1 + random.below(40) }, () => parts).flat();
  }
}

function scalar(random: Random): string {
  return SCALARS[random.below(SCALARS.length)] as string;
}

/** Whether an object in this text, which `JSON.parse` has accepted, has two members of one name. */
export function namesTwice(text: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/g)) {
    if (token === "{" || token === "[") open.push(token === "{" ? new Set() : undefined);
    else if (token === "}" || token === "]") open.pop();
    const names = open.at(-1);
    if (isName && token.startsWith('"') && names !== undefined) {
      const name = JSON.parse(token) as string;
      if (names.has(name)) return true;
      names.add(name);
    }
    isName = token === "{" || (token === "," && names !== undefined);
  }
  return false;
}
