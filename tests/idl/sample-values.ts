/**
 * Worlds whose values cross as messages, and domains for them that are written by the generator's own account of types: one
 * that gives back what it is given, one that hands every call on to the interface that it exports itself.
 */

import { payloadOf, resultType } from "../../host/idl/assemblyscript/client-function.ts";
import { FileNames, sourceType } from "../../host/idl/assemblyscript/file-names.ts";
import { identifier } from "../../host/idl/assemblyscript/names.ts";
import { Plan } from "../../host/idl/assemblyscript/plan.ts";
import type { MethodDescription, World } from "../../host/idl/idl.ts";

const definitions = `
  enum kind { big, small, %delete }
  flags rights { read, write, exec }
  flags wide { ${Array.from({ length: 20 }, (_, bit) => `b${bit}`).join(", ")} }
  record point { x: s32, y: f64 }
  record line { %from: point, to: point, rights: rights }
  record named { name: string, at: point, kind: kind, tags: list<string> }
  record keep { held: block, spare: option<block> }
  variant shape { none, circle(f64), named(named), many(list<point>), put(tuple<u8, string>), tag(bool), held(block) }
  variant plain { a, b, c }
  resource block { constructor(data: list<u8, 64>); }
`;

const scalars = "bool u8 u16 u32 u64 s8 s16 s32 s64 f32 f64 char".split(" ");

/** Types that a function of the sample takes and gives back. */
export const sampleTypes: readonly string[] = [
  ...scalars,
  ..."string kind rights wide point line named shape plain".split(" "),
  ...scalars.map((scalar) => `list<${scalar}>`),
  ...scalars.map((scalar) => `list<${scalar}, 3>`),
  ..."string kind wide point named shape".split(" ").map((type) => `list<${type}>`),
  ..."string bool point list<u8> shape f32 option<u8>".split(" ").map((type) => `option<${type}>`),
  "tuple<u8>",
  "tuple<u8, s64, kind>",
  "tuple<string, point>",
  "tuple<point, tuple<bool, f32>>",
  "list<list<list<u8>>>",
  "list<tuple<string, option<u32>>, 2>",
  "option<list<option<string>>>",
  "result<u32, string>",
  "result<_, string>",
  "result<string, shape>",
  "list<result<u8, kind>>",
  "option<result<_, kind>>",
  "tuple<result, result<bool>>",
];

/** `echo-0: func(v: T) -> T;` for each type. */
export function echoWorld(types: readonly string[], own: string = definitions, extra: string = ""): string {
  const echoes = types.map((type, index) => `  echo-${index}: func(v: ${type}) -> ${type};\n`);
  return `package acme:values@0.1.0;
interface echo {${own}
${echoes.join("")}${extra}}
world relay { import echo; export echo; }
world service { export echo; }
world caller { import echo; }`;
}

/** Functions with errors of an enum, several parameters, objects inside, and long lists of words. */
export const sampleFunctions = `
  enum error { failed, other }
  try-string: func(v: string) -> result<string, error>;
  try-list: func(v: list<s16>) -> result<list<s16>, error>;
  try-point: func(v: point) -> result<point, error>;
  try-pair: func(v: tuple<u8, f64>) -> result<tuple<u8, f64>, error>;
  try-block: func(v: block) -> result<block, error>;
  try-keep: func(v: keep) -> result<keep, error>;
  echo-keep: func(v: keep) -> keep;
  echo-blocks: func(v: list<block>) -> list<block>;
  echo-held: func(v: shape) -> shape;
  concat: func(a: string, b: list<string>, c: option<string>) -> string;
  many: func(a: point, b: point, c: bool, d: char, e: rights) -> f64;
  too-many: func(a: line, b: line, c: line) -> line;
  read: func(v: borrow<block>, at: list<u8>) -> list<u8>;
`;

/** The implementation of `sampleFunctions` beside echoes. */
export const sampleImplementation = `
  export function concat(a: string, b: Array<string>, c: Option<string>): string {
    return a + b.join("") + c.or("-");
  }
  export function many(a: Point, b: Point, c: bool, d: u32, e: Rights): f64 {
    return a.x + a.y + b.x + b.y + (c ? 1000 : 0) + d + e;
  }
  export function tooMany(a: Line, b: Line, c: Line): Line {
    return new Line(a.from_, b.to, c.rights);
  }
  export function read(v: Block, at: Uint8Array): Uint8Array {
    const got = new Uint8Array(at.length);
    for (let i = 0; i < at.length; i++) got[i] = v.at(at[i]);
    return got;
  }
`;

/** `index.ts` of a domain that exports one interface. @param body what each function does, undefined where `extra` has it */
function index(world: World, body: (method: MethodDescription, type: string) => string | undefined, extra: string, lines = ""): string {
  const plan = new Plan(world);
  const names = new FileNames(plan, undefined, "export");
  const [service] = world.exports;
  const functions = (service?.functions ?? []).map((method) => {
    const params = method.sourceParams.map(({ name, type }) => `${identifier(name)}: ${sourceType(type, names)}`).join(", ");
    const payload = payloadOf(method);
    const text = body(method, payload ? sourceType(payload, names) : "void");
    return text && `  export function ${identifier(method.name)}(${params}): ${resultType(method, names)} { ${text} }\n`;
  });
  const namespace = plan.parts.get(service?.id ?? "")?.namespace;
  names.library("Option");
  const imports = names.imports().replaceAll('"./', '"./gen/');
  return `${imports}${lines}\nexport namespace ${namespace} {\n${functions.filter((text) => text !== undefined).join("")}${extra}}\n`;
}

/** Gives back its parameter, where a function is called `echo-…` or `try-…`; the others are in `extra`. */
export function echoIndex(world: World, extra: string = "", lines: string = ""): string {
  const body = (method: MethodDescription, type: string): string | undefined => {
    const [param, ...others] = method.sourceParams;
    if (!param || others.length > 0 || !/^(echo|try)-/.test(method.name)) return undefined;
    if (method.result !== "packed") return "return v;";
    if (param.type.kind !== "result") return type === "void" ? undefined : `return Outcome.ok<${type}>(v);`;
    const error = `Outcome.error<${type}>(${param.type.error ? "v.error" : "0"})`;
    return `if (!v.isOk) return ${error}; return ${type === "void" ? "Outcome.done()" : `Outcome.ok<${type}>(v.value)`};`;
  };
  return index(world, body, extra, lines);
}

/** Hands every call on. */
export function relayIndex(world: World, extra: string = "", lines: string = ""): string {
  const [service] = world.exports;
  const part = new Plan(world).parts.get(service?.id ?? "");
  const body = (method: MethodDescription): string =>
    `return below.${identifier(method.name)}(${method.sourceParams.map(({ name }) => identifier(name)).join(", ")});`;
  return index(world, body, extra, `${lines}import { ${part?.namespace} as below } from "./gen/${part?.short}";\n`);
}
