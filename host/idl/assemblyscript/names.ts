/**
 * WIT's names as AssemblyScript writes them, and which file each interface becomes. Called by every emitter here.
 * No generated name holds an inner underscore except where an emitter adds one, so those can never clash.
 */

/** AssemblyScript's keywords and built-in types. Some would do as members, but one rule is easier to remember. */
const keywords: ReadonlySet<string> = new Set(
  (
    "abstract any anyref as async await bool boolean break case catch class const constructor continue debugger declare " +
    "default delete do else enum export extends externref f32 f64 false finally for from funcref function get i16 i32 " +
    "i64 i8 if implements import in instanceof interface is isize keyof let module namespace never new null number of " +
    "operator override package private protected public readonly return set static string super switch symbol this " +
    "throw true try type typeof u16 u32 u64 u8 undefined usize v128 var void while with yield"
  ).split(" "),
);

/** What generated files import or call by name, so that no function, parameter or namespace may hide it. */
const inUse: ReadonlySet<string> = new Set([
  "assert",
  "deque",
  "domain",
  "glue",
  "guard",
  "message",
  "owned",
  "reinterpret",
  "self",
  "world",
]);

/** Global types of AssemblyScript, and the library's, that a generated type must not hide. */
const globalTypes: ReadonlySet<string> = new Set(
  (
    "Array ArrayBuffer ArrayBufferView Atomics BigInt Boolean DataView Date Error F32 F64 Float32Array Float64Array " +
    "Function I16 I32 I64 I8 Infinity Instances Int16Array Int32Array Int64Array Int8Array JSON JSMath Map Math NaN NativeMath " +
    "NativeMathf Number Object Option Outcome RangeError Reader Ref RegExp Result Set Slot StaticArray String Symbol SyntaxError " +
    "TypeError U16 U32 U64 U8 URIError Uint16Array Uint32Array Uint64Array Uint8Array Uint8ClampedArray V128 WeakMap WeakSet Writer"
  ).split(" "),
);
/** Tuples are generated. */
const tupleType = /^Tuple\d+$/;

const noMembers: ReadonlySet<string> = new Set();

export function camel(kebab: string): string {
  return kebab
    .split("-")
    .map((word, index) => (index === 0 ? word.toLowerCase() : capital(word)))
    .join("");
}

export function pascal(kebab: string): string {
  return kebab.split("-").map(capital).join("");
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}

/** For functions, parameters and namespaces. */
export function identifier(kebab: string): string {
  const name = camel(kebab);
  return keywords.has(name) || inUse.has(name) ? `${name}_` : name;
}

/** For the members of a class or enum whose own members are `taken`. */
export function member(kebab: string, taken: ReadonlySet<string>): string {
  const name = camel(kebab);
  return keywords.has(name) || taken.has(name) ? `${name}_` : name;
}

/** For the parts of a record. */
export function partName(kebab: string): string {
  return member(kebab, noMembers);
}

/** `OUT_OF_RANGE`: a constant. */
export function constantName(kebab: string): string {
  return kebab.toUpperCase().replaceAll("-", "_");
}

/** `Geometry`, but `BdevError` for the `error` of `bdev`, since `Error` is AssemblyScript's own. */
export function typeName(kebab: string, interfaceName: string): string {
  const name = pascal(kebab);
  return globalTypes.has(name) || tupleType.test(name) ? pascal(interfaceName) + name : name;
}

export function interfaceName(id: string): string {
  return id.slice(id.indexOf("/") + 1).replace(/@.*$/, "");
}

/**
 * A short name per interface, kebab-case: its own where no other has it, otherwise with its package, then with its
 * namespace, then with its version. The same set of ids gives the same names.
 */
export function shortNames(ids: Iterable<string>): Map<string, string> {
  const candidates = (id: string): string[] => {
    const [, namespace = "", owner = "", name = "", version = ""] = /^([^:]*):([^/]*)\/([^@]*)@?(.*)$/.exec(id) ?? [];
    const full = `${namespace}-${owner}-${name}`;
    return [name, `${owner}-${name}`, full, `${full}-${version.replace(/[^0-9A-Za-z]+/g, "-")}`];
  };
  const names = new Map<string, string>();
  const taken = new Set<string>(["tuples", "world"]);
  let left = [...ids].sort();
  for (let level = 0; level < 4; level++) {
    const at = (id: string): string => candidates(id)[level] ?? id;
    const count = new Map<string, number>();
    // Counted as they will stand in code, where `a-b1` and `a-b-1` are one name.
    for (const id of left) count.set(camel(at(id)), (count.get(camel(at(id))) ?? 0) + 1);
    const fits = left.filter((id) => count.get(camel(at(id))) === 1 && !taken.has(camel(at(id))));
    for (const id of fits) {
      names.set(id, at(id));
      taken.add(camel(at(id)));
    }
    left = left.filter((id) => !names.has(id));
  }
  for (const [index, id] of left.entries()) names.set(id, `${candidates(id)[3]}-${index}`);
  return names;
}
