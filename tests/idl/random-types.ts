/** Random types of values, as WIT writes them; the same seed gives the same types. Used by tests that send values of them. */
import type { Random } from "./random-wit.ts";

const scalars = "bool u8 u16 u32 u64 s8 s16 s32 s64 f32 f64 char string".split(" ");

export interface RandomTypes {
  /** `record t0 { … } variant t1 { … } …`. */
  readonly definitions: string;
  /** Of nesting up to 4, some with the names of `definitions`. */
  readonly types: readonly string[];
}

export function randomTypes(random: Random, count: number): RandomTypes {
  const names: string[] = [];
  const type = (depth: number): string => {
    const inner = (): string => type(depth - 1);
    const pick = random(depth > 0 ? 10 : 3);
    if (pick < 2) return scalars[random(scalars.length)] ?? "u8";
    if (pick === 2) return names.length > 0 ? (names[random(names.length)] ?? "u8") : "string";
    if (pick === 3) return `list<${inner()}, ${1 + random(4)}>`;
    if (pick < 6) return `list<${inner()}>`;
    if (pick < 8) return `option<${inner()}>`;
    if (pick === 8) return `tuple<${Array.from({ length: 1 + random(3) }, inner).join(", ")}>`;
    return ["result", `result<${inner()}>`, `result<_, ${inner()}>`, `result<${inner()}, ${inner()}>`][random(4)] ?? "result";
  };
  const definition = (name: string): string => {
    const members = (of: (index: number) => string): string => Array.from({ length: 1 + random(5) }, (_, index) => of(index)).join(", ");
    switch (random(4)) {
      case 0:
        return `enum ${name} { ${Array.from({ length: [1, 3, 256, 257][random(4)] ?? 1 }, (_, index) => `c${index}`).join(", ")} }`;
      case 1:
        return `flags ${name} { ${Array.from({ length: [1, 8, 9, 16, 17, 32][random(6)] ?? 1 }, (_, index) => `f${index}`).join(", ")} }`;
      case 2:
        return `variant ${name} { ${members((index) => (random(3) === 0 ? `c${index}` : `c${index}(${type(2)})`))} }`;
      default:
        return `record ${name} { ${members((index) => `m${index}: ${type(2)}`)} }`;
    }
  };
  const definitions: string[] = [];
  for (let index = 0; index < 8; index++) {
    definitions.push(definition(`t${index}`));
    names.push(`t${index}`);
  }
  return { definitions: definitions.join("\n"), types: Array.from({ length: count }, () => type(4)) };
}
