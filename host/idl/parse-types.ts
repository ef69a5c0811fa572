/**
 * The grammar of types and functions, inside interfaces and worlds alike. Called by `parser.ts`.
 * Accepts the whole of WIT; what Sumac cannot carry is refused later, by name. Sources: [WIT] types, functions.
 */
import type { FunctionNode, Gate, Identifier, Leading, Param, PrimitiveName, ResourceMember, TypeDefinition, TypeNode } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { syntaxError } from "./problems.ts";

const primitives: ReadonlySet<string> = new Set<PrimitiveName>([
  "bool",
  "char",
  "u8",
  "u16",
  "u32",
  "u64",
  "s8",
  "s16",
  "s32",
  "s64",
  "f32",
  "f64",
  "string",
  "error-context",
]);

/** Deeper than any type that a person writes; a world section is untrusted and must not end the host's stack. */
const MAX_NESTING = 64;
const MAX_LIST_LENGTH = 0xffff_ffff;

/** Items separated by commas, one after the last allowed, up to `close`, which is taken too. */
export function commaList<T>(cursor: Cursor, close: string, item: () => T): T[] {
  const items: T[] = [];
  while (!cursor.is(close)) {
    items.push(item());
    if (!cursor.take(",")) break;
  }
  cursor.expect(close, `close the list with \`${close}\`, separate its items with \`,\``);
  return items;
}

export function parseType(cursor: Cursor, depth = 0): TypeNode {
  const at = cursor.at;
  if (depth > MAX_NESTING) {
    throw syntaxError(at, `types are nested more than ${MAX_NESTING} deep`, "name the inner types");
  }
  if (cursor.isIdentifier) {
    const name = cursor.identifier("a type");
    return { kind: "name", name, at };
  }
  const keyword = cursor.keyword;
  if (keyword === undefined || keyword === "_") {
    cursor.fail("a type", keyword === "_" ? "`_` stands only before the comma of a `result`" : "name a type here");
  }
  const inner = (): TypeNode => parseType(cursor, depth + 1);
  const open = (): void => cursor.expect("<", `write what it holds: \`${keyword}<u32>\``);
  const close = (): void => cursor.expect(">", "close the type with `>`");
  if (primitives.has(keyword)) {
    cursor.take(keyword);
    return { kind: "primitive", name: keyword as PrimitiveName, at };
  }
  switch (keyword) {
    case "own":
    case "borrow": {
      cursor.take(keyword);
      open();
      const name = cursor.identifier("a resource");
      close();
      return { kind: keyword, name, at };
    }
    case "list": {
      cursor.take(keyword);
      open();
      const item = inner();
      const length = cursor.take(",") ? parseListLength(cursor) : undefined;
      close();
      return { kind: "list", item, length, at };
    }
    case "map": {
      cursor.take(keyword);
      open();
      const key = inner();
      cursor.expect(",", "a map has a key and a value type");
      const value = inner();
      close();
      return { kind: "map", key, value, at };
    }
    case "option": {
      cursor.take(keyword);
      open();
      const item = inner();
      close();
      return { kind: "option", item, at };
    }
    case "tuple":
      cursor.take(keyword);
      open();
      return { kind: "tuple", items: commaList(cursor, ">", inner), at };
    case "result": {
      cursor.take(keyword);
      if (!cursor.take("<")) return { kind: "result", ok: undefined, error: undefined, at };
      const ok = cursor.take("_") ? undefined : inner();
      if (ok === undefined) cursor.expect(",", "a result without an ok type is `result<_, error>` or `result`");
      const error = ok === undefined || cursor.take(",") ? inner() : undefined;
      close();
      return { kind: "result", ok, error, at };
    }
    case "future":
    case "stream": {
      cursor.take(keyword);
      if (!cursor.take("<")) return { kind: keyword, item: undefined, at };
      const item = inner();
      close();
      return { kind: keyword, item, at };
    }
    default:
      return cursor.fail("a type", `\`${keyword}\` is a keyword; \`%${keyword}\` would be a type of that name`);
  }
}

function parseListLength(cursor: Cursor): number {
  const { text, at } = cursor.integer("the length of a list");
  if (!/^[1-9][0-9]*$/.test(text)) {
    throw syntaxError(at, `\`${text}\` is not a length`, "a length is at least 1 and has no leading zero");
  }
  if (Number(text) > MAX_LIST_LENGTH) {
    throw syntaxError(at, `the length ${text} does not fit in 32 bits`, "use several objects");
  }
  return Number(text);
}

/** What follows the name's colon: `async? func(…) -> …`. */
export function parseSignature(cursor: Cursor): Pick<FunctionNode, "async" | "params" | "result"> {
  const async = cursor.take("async");
  cursor.expect("func", "a function is `name: func(a: u32) -> u32;`");
  const params = parseParams(cursor);
  const result = cursor.take("->") ? parseType(cursor) : undefined;
  return { async, params, result };
}

function parseParams(cursor: Cursor): Param[] {
  cursor.expect("(", "parameters stand in parentheses");
  return commaList(cursor, ")", () => parseNamedType(cursor, "a parameter"));
}

function parseNamedType(cursor: Cursor, what: string): Param {
  const { docs } = cursor;
  const name = cursor.identifier(what);
  cursor.expect(":", `\`${name.text}\` needs a type: \`${name.text}: u32\``);
  return { docs, name, type: parseType(cursor) };
}

/** Reads the item that a keyword begins (`record`, `variant`, `enum`, `flags`, `type`, `resource`), or nothing. */
export function parseTypeDefinition(cursor: Cursor, leading: Leading): TypeDefinition | undefined {
  const keyword = cursor.keyword;
  const begin = (): Identifier => {
    cursor.take(keyword ?? "");
    if (cursor.is(":")) cursor.fail("a type's name", `write \`%${keyword}\` for a function of that name`);
    return cursor.identifier("a type's name");
  };
  const openBody = (): void => cursor.expect("{", `the body of a ${keyword} stands in braces`);
  const docsOnly = (): Leading => ({ docs: cursor.docs, gates: [] });
  switch (keyword) {
    case "record": {
      const name = begin();
      openBody();
      const field = () => ({ ...docsOnly(), ...parseNamedType(cursor, "a field") });
      return { kind: "record", name, fields: commaList(cursor, "}", field), ...leading };
    }
    case "variant": {
      const name = begin();
      openBody();
      const variantCase = () => {
        const head = { ...docsOnly(), name: cursor.identifier("a case") };
        if (!cursor.take("(")) return { ...head, type: undefined };
        const type = parseType(cursor);
        cursor.expect(")", "close the case's type with `)`");
        return { ...head, type };
      };
      return { kind: "variant", name, cases: commaList(cursor, "}", variantCase), ...leading };
    }
    case "enum": {
      const name = begin();
      openBody();
      const enumCase = () => ({ ...docsOnly(), name: cursor.identifier("a case") });
      return { kind: "enum", name, cases: commaList(cursor, "}", enumCase), ...leading };
    }
    case "flags": {
      const name = begin();
      openBody();
      const flag = () => ({ ...docsOnly(), name: cursor.identifier("a flag") });
      return { kind: "flags", name, flags: commaList(cursor, "}", flag), ...leading };
    }
    case "type": {
      const name = begin();
      cursor.expect("=", "an alias is `type name = u32;`");
      const type = parseType(cursor);
      cursor.expect(";", "end the alias with `;`");
      return { kind: "alias", name, type, ...leading };
    }
    case "resource": {
      const name = begin();
      if (cursor.take(";")) return { kind: "resource", name, members: [], ...leading };
      openBody();
      const members: ResourceMember[] = [];
      while (!cursor.take("}")) members.push(parseMember(cursor));
      return { kind: "resource", name, members, ...leading };
    }
    default:
      return undefined;
  }
}

function parseMember(cursor: Cursor): ResourceMember {
  const leading = parseLeading(cursor);
  const at = cursor.at;
  const end = (): void => cursor.expect(";", "end it with `;`");
  if (cursor.take("constructor")) {
    const params = parseParams(cursor);
    const result = cursor.take("->") ? parseType(cursor) : undefined;
    end();
    return { kind: "constructor", name: { text: "constructor", at }, async: false, params, result, ...leading };
  }
  const name = cursor.identifier("a method or `constructor`");
  cursor.expect(":", "a method is `name: func(…);`");
  const kind = cursor.take("static") ? "static" : "method";
  const signature = parseSignature(cursor);
  end();
  return { kind, name, ...signature, ...leading };
}

/** The doc comment and the gates (`@since(…)`) before an item. */
export function parseLeading(cursor: Cursor): Leading {
  const docs = [...cursor.docs];
  const gates: Gate[] = [];
  for (;;) {
    const at = cursor.at;
    if (!cursor.take("@")) return { docs, gates };
    const name = cursor.identifier("a gate");
    const open = (): void => cursor.expect("(", "a gate has an argument, as in `@since(version = 0.1.0)`");
    switch (name.text) {
      case "since":
      case "deprecated": {
        open();
        if (cursor.identifier("`version`").text !== "version") {
          throw syntaxError(at, `\`@${name.text}\` takes a version`, `write \`@${name.text}(version = 0.1.0)\``);
        }
        const version = cursor.versionAfter("=");
        if (version === undefined) cursor.fail("`=`", `write \`@${name.text}(version = 0.1.0)\``);
        gates.push({ kind: name.text, version, at });
        break;
      }
      case "unstable": {
        open();
        if (cursor.identifier("`feature`").text !== "feature") {
          throw syntaxError(at, "`@unstable` takes a feature", "write `@unstable(feature = name)`");
        }
        cursor.expect("=", "write `@unstable(feature = name)`");
        gates.push({ kind: "unstable", feature: cursor.identifier("a feature").text, at });
        break;
      }
      case "external-id":
        open();
        gates.push({ kind: "external-id", value: cursor.string("an external id"), at });
        break;
      default:
        throw syntaxError(at, `\`@${name.text}\` is not a gate of WIT`, "attributes such as `@deadline` go into a `///` line");
    }
    cursor.expect(")", "close the gate with `)`");
    docs.push(...cursor.docs);
  }
}
