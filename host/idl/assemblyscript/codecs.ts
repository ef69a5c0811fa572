/**
 * Expressions and statements that take a value out of a message or put it in, through `reader_` and `writer_`; and the functions
 * for types without a name, which stand at the end of the file that uses them. Called by the emitters of functions and types.
 * The order of bytes is that of `../message.ts`.
 */
import { caseBytes, flagsBytes } from "../message.ts";
import type { HostType, Scalar } from "../model.ts";
import { type FileNames, resultTypes, sourceType, typedArray } from "./file-names.ts";
import { ownToWord, wordToOwn } from "./words.ts";

/** What needs a function of its own: a loop, or a branch. */
type Unnamed = HostType & { kind: "list" | "option" | "result" | "tuple" };

export class Codecs {
  readonly #names: FileNames;
  readonly #functions: string[] = [];
  /** Function by direction and type. */
  readonly #known = new Map<string, string>();
  readonly #count = new Map<string, number>();

  constructor(names: FileNames) {
    this.#names = names;
  }

  /** The functions for everything asked for so far, each once. */
  text(): string {
    return this.#functions.map((each) => `\n${each}`).join("");
  }

  /** An expression that takes a value of the type. */
  read(type: HostType): string {
    const names = this.#names;
    switch (type.kind) {
      case "scalar":
        return readScalar(type.scalar);
      case "string":
        return "reader_.string()";
      case "enum":
        return `<${names.type(type)}>${caseBytes(type.cases.length) === 1 ? "reader_.u8()" : "reader_.u16()"}`;
      case "flags":
        return `<${names.type(type)}>reader_.u${flagsBytes(type.flags.length) * 8}()`;
      case "record":
      case "variant":
        return `${names.type(type)}.read_from(reader_)`;
      case "own":
      case "borrow":
        return `reader_.object<${names.type(type.shared)}>()`;
      case "handle":
        if (names.plan.isOwn(type.resource, names.side)) return wordToOwn("reader_.u32()", type, names);
        return `reader_.object<${names.resource(type.resource)}>()`;
      case "list": {
        const array = typedArray(type.item);
        if (array) return type.length === undefined ? `reader_.numbers<${array}>()` : `reader_.exactly<${array}>(${type.length})`;
        return `${this.#function("read", type)}(reader_)`;
      }
      case "option":
      case "result":
      case "tuple":
        return `${this.#function("read", type)}(reader_)`;
    }
  }

  /** A statement that puts the value in. */
  write(value: string, type: HostType): string {
    const names = this.#names;
    switch (type.kind) {
      case "scalar":
        return writeScalar(value, type.scalar);
      case "string":
        return `writer_.string(${value});`;
      case "enum":
        return `writer_.u${caseBytes(type.cases.length) * 8}(<u32>${value});`;
      case "flags":
        return `writer_.u${flagsBytes(type.flags.length) * 8}(<u32>${value});`;
      case "record":
      case "variant":
        return `${value}.write_to(writer_);`;
      case "own":
      case "borrow":
        return `writer_.object<${names.type(type.shared)}>(${value});`;
      case "handle":
        if (names.plan.isOwn(type.resource, names.side)) return `writer_.u32(${ownToWord(value, type, names)});`;
        return `writer_.object<${names.resource(type.resource)}>(${value});`;
      case "list": {
        const array = typedArray(type.item);
        if (array)
          return `writer_.${type.length === undefined ? `numbers<${array}>(${value})` : `exactly<${array}>(${value}, ${type.length})`};`;
        return `${this.#function("write", type)}(writer_, ${value});`;
      }
      case "option":
      case "result":
      case "tuple":
        return `${this.#function("write", type)}(writer_, ${value});`;
    }
  }

  #function(direction: "read" | "write", type: Unnamed): string {
    const key = `${direction} ${keyOf(type)}`;
    const known = this.#known.get(key);
    if (known) return known;
    const stem = `${direction}_${type.kind}`;
    const count = (this.#count.get(stem) ?? 0) + 1;
    this.#count.set(stem, count);
    const name = `${stem}${count}`;
    this.#known.set(key, name);
    const source = sourceType(type, this.#names);
    const signature =
      direction === "read"
        ? `${name}(reader_: ${this.#names.library("Reader")}): ${source}`
        : `${name}(writer_: ${this.#names.library("Writer")}, value: ${source}): void`;
    // Noted before its parts: they stand behind it.
    const place = this.#functions.push("") - 1;
    const lines = direction === "read" ? this.#readBody(type, source) : this.#writeBody(type);
    this.#functions[place] = `function ${signature} {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
    return name;
  }

  #readBody(type: Unnamed, source: string): string[] {
    switch (type.kind) {
      case "list":
        return [
          `const count = ${type.length ?? "reader_.count()"};`,
          `const items = new ${source}(count);`,
          `for (let index = 0; index < count; index++) items[index] = ${this.read(type.item)};`,
          "return items;",
        ];
      case "option": {
        const option = this.#names.library("Option");
        const item = sourceType(type.item, this.#names);
        return [`return reader_.bool() ? ${option}.some<${item}>(${this.read(type.item)}) : ${option}.none<${item}>();`];
      }
      case "tuple":
        return [`return new ${source}(${type.items.map((item) => this.read(item)).join(", ")});`];
      case "result": {
        const result = this.#names.library("Result");
        const types = resultTypes(type, this.#names);
        const [okType = "", errorType = ""] = [type.ok, type.error].map((side) => side && sourceType(side, this.#names));
        const ok = type.ok
          ? `${result}.ok<${types}>(${this.read(type.ok)})`
          : errorType
            ? `${result}.done<${errorType}>()`
            : `${result}.done<void>()`;
        const error = type.error ? `${result}.error<${types}>(${this.read(type.error)})` : `${result}.failed<${okType || "void"}>()`;
        return [
          `if (reader_.isMissing) return ${result}.died<${types}>();`,
          "if (reader_.bool()) {",
          `  return ${error};`,
          "}",
          `return ${ok};`,
        ];
      }
    }
  }

  #writeBody(type: Unnamed): string[] {
    switch (type.kind) {
      case "list":
        return [
          type.length === undefined ? "writer_.u32(value.length);" : `writer_.expect(value.length, ${type.length});`,
          "for (let index = 0; index < value.length; index++) {",
          `  const item = value[index];`,
          `  ${this.write("item", type.item)}`,
          "}",
        ];
      case "option":
        return ["writer_.u8(<u32>value.isSome);", "if (value.isNone) return;", ...this.#writePart("value.value", type.item)];
      case "tuple":
        return type.items.map((item, index) => this.write(`value.item${index}`, item));
      case "result":
        return [
          "if (value.died) {",
          "  writer_.fail();",
          "  return;",
          "}",
          "writer_.u8(<u32>!value.isOk);",
          "if (value.isOk) {",
          ...(type.ok ? this.#writePart("value.value", type.ok) : []).map((line) => `  ${line}`),
          "} else {",
          ...(type.error ? this.#writePart("value.error", type.error) : []).map((line) => `  ${line}`),
          "}",
        ];
    }
  }

  #writePart(value: string, type: HostType): string[] {
    return [this.write(value, type)];
  }
}

/** Equal for types that cross in the same way under the same name. */
function keyOf(type: HostType): string {
  switch (type.kind) {
    case "scalar":
      return type.scalar;
    case "string":
      return "string";
    case "own":
    case "borrow":
      return `${type.kind}<${type.shared.interfaceId}#${type.shared.name}>`;
    case "handle":
      return `${type.mode}<${type.resource.interfaceId}#${type.resource.name}>`;
    case "tuple":
      return `tuple<${type.items.map(keyOf).join()}>`;
    case "option":
      return `option<${keyOf(type.item)}>`;
    case "list":
      return `list<${keyOf(type.item)},${type.length ?? ""}>`;
    case "result":
      return `result<${[type.ok, type.error].map((side) => (side ? keyOf(side) : "_")).join()}>`;
    default:
      return `${type.interfaceId}#${type.name}`;
  }
}

function readScalar(scalar: Scalar): string {
  switch (scalar) {
    case "u8":
    case "u16":
      return `<${scalar}>reader_.${scalar}()`;
    case "s8":
      return "<i8>reader_.u8()";
    case "s16":
      return "<i16>reader_.u16()";
    case "s32":
      return "<i32>reader_.u32()";
    case "s64":
      return "<i64>reader_.u64()";
    case "char":
      return "reader_.u32()";
    default:
      return `reader_.${scalar}()`;
  }
}

function writeScalar(value: string, scalar: Scalar): string {
  switch (scalar) {
    case "bool":
    case "u8":
    case "s8":
      return `writer_.u8(<u32>${value});`;
    case "u16":
    case "s16":
      return `writer_.u16(<u32>${value});`;
    case "s32":
      return `writer_.u32(<u32>${value});`;
    case "s64":
      return `writer_.u64(<u64>${value});`;
    case "u32":
    case "char":
      return `writer_.u32(${value});`;
    default:
      return `writer_.${scalar}(${value});`;
  }
}
