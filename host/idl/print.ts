/**
 * The syntax tree back to text, in one fixed form: parsing what this prints gives the same tree, but for positions.
 * Used for the world section and for messages. Doc lines are printed as given; the caller drops what it does not want.
 */
import type {
  ExternNode,
  FunctionNode,
  Gate,
  Identifier,
  InterfaceItem,
  InterfaceNode,
  Leading,
  PackageItem,
  PackageName,
  Param,
  ResourceMember,
  TypeDefinition,
  TypeNode,
  UseNames,
  UsePath,
  WitFile,
  WorldItem,
  WorldNode,
} from "./ast.ts";
import { keywords } from "./tokenizer.ts";

export function printFile(file: WitFile): string {
  const blocks = file.items.map((item) => printPackageItem(item, ""));
  if (file.package) blocks.unshift(`${printLeading({ docs: file.docs, gates: [] }, "")}package ${printPackageName(file.package)};\n`);
  for (const nested of file.nested) {
    const body = nested.items.map((item) => printPackageItem(item, "  ")).join("\n");
    blocks.push(`${printLeading(nested, "")}package ${printPackageName(nested.name)} {\n${body}}\n`);
  }
  return blocks.join("\n");
}

export function printPackageName(name: PackageName): string {
  return `${printName(name.namespace)}:${printName(name.name)}${name.version === undefined ? "" : `@${name.version}`}`;
}

function printName(name: Identifier): string {
  return keywords.has(name.text) ? `%${name.text}` : name.text;
}

function printPath(path: UsePath): string {
  if (!path.package) return printName(path.name);
  const { namespace, name, version } = path.package;
  const suffix = version === undefined ? "" : `@${version}`;
  return `${printName(namespace)}:${printName(name)}/${printName(path.name)}${suffix}`;
}

function printLeading(leading: Leading, indent: string): string {
  const docs = leading.docs.map((line) => `${indent}/// ${line.text}`.trimEnd());
  const gates = leading.gates.map((gate) => `${indent}${printGate(gate)}`);
  return [...docs, ...gates].map((line) => `${line}\n`).join("");
}

function printGate(gate: Gate): string {
  switch (gate.kind) {
    case "since":
    case "deprecated":
      return `@${gate.kind}(version = ${gate.version})`;
    case "unstable":
      return `@unstable(feature = ${gate.feature})`;
    case "external-id":
      return `@external-id("${gate.value}")`;
  }
}

function printPackageItem(item: PackageItem, indent: string): string {
  switch (item.kind) {
    case "top-use": {
      const as = item.as ? ` as ${printName(item.as)}` : "";
      return `${printLeading(item, indent)}${indent}use ${printPath(item.path)}${as};\n`;
    }
    case "interface":
      return `${printLeading(item, indent)}${indent}interface ${printName(item.name)} ${printInterfaceBody(item, indent)}`;
    case "world":
      return printWorld(item, indent);
  }
}

function printInterfaceBody(node: InterfaceNode, indent: string): string {
  const inner = `${indent}  `;
  return `{\n${node.items.map((item) => printInterfaceItem(item, inner)).join("")}${indent}}\n`;
}

/** For pages: a function or type as it was written, without the comments before it when the caller took them off. */
export function printInterfaceItem(item: InterfaceItem, indent: string): string {
  if (item.kind === "use") return printUse(item, indent);
  if (item.kind !== "function") return printDefinition(item, indent);
  return `${printLeading(item, indent)}${indent}${printName(item.name)}: ${printSignature(item)};\n`;
}

function printUse(item: UseNames, indent: string): string {
  const names = item.names.map(({ name, as }) => (as ? `${printName(name)} as ${printName(as)}` : printName(name)));
  return `${printLeading(item, indent)}${indent}use ${printPath(item.path)}.{${names.join(", ")}};\n`;
}

function printSignature(node: Pick<FunctionNode, "async" | "params" | "result">): string {
  const result = node.result ? ` -> ${printType(node.result)}` : "";
  return `${node.async ? "async " : ""}func${printParams(node.params)}${result}`;
}

function printParams(params: readonly Param[]): string {
  const lines = (docs: Param["docs"]): string => (docs.length === 0 ? "" : `\n${printLeading({ docs, gates: [] }, "")}`);
  return `(${params.map(({ docs, name, type }) => `${lines(docs)}${printName(name)}: ${printType(type)}`).join(", ")})`;
}

export function printType(type: TypeNode): string {
  const of = (...parts: readonly string[]): string => `${type.kind}<${parts.join(", ")}>`;
  switch (type.kind) {
    case "primitive":
      return type.name;
    case "name":
      return printName(type.name);
    case "own":
    case "borrow":
      return of(printName(type.name));
    case "list":
      return type.length === undefined ? of(printType(type.item)) : of(printType(type.item), String(type.length));
    case "map":
      return of(printType(type.key), printType(type.value));
    case "option":
      return of(printType(type.item));
    case "tuple":
      return of(...type.items.map(printType));
    case "result":
      if (type.error) return of(type.ok ? printType(type.ok) : "_", printType(type.error));
      return type.ok ? of(printType(type.ok)) : "result";
    case "future":
    case "stream":
      return type.item ? of(printType(type.item)) : type.kind;
  }
}

function printDefinition(item: TypeDefinition, indent: string): string {
  const inner = `${indent}  `;
  const body = (lines: readonly string[]): string => `{\n${lines.join("")}${indent}}\n`;
  const line = (leading: Leading, text: string): string => `${printLeading(leading, inner)}${inner}${text},\n`;
  const head = `${printLeading(item, indent)}${indent}${item.kind} ${printName(item.name)} `;
  switch (item.kind) {
    case "record":
      return head + body(item.fields.map((field) => line(field, `${printName(field.name)}: ${printType(field.type)}`)));
    case "variant":
      return head + body(item.cases.map((each) => line(each, printName(each.name) + (each.type ? `(${printType(each.type)})` : ""))));
    case "enum":
      return head + body(item.cases.map((each) => line(each, printName(each.name))));
    case "flags":
      return head + body(item.flags.map((each) => line(each, printName(each.name))));
    case "alias":
      return `${printLeading(item, indent)}${indent}type ${printName(item.name)} = ${printType(item.type)};\n`;
    case "resource":
      if (item.members.length === 0) return `${head.trimEnd()};\n`;
      return head + body(item.members.map((member) => printMember(member, inner)));
  }
}

/** Of a resource. */
export function printMember(member: ResourceMember, indent: string): string {
  const start = `${printLeading(member, indent)}${indent}`;
  if (member.kind === "constructor") {
    const result = member.result ? ` -> ${printType(member.result)}` : "";
    return `${start}constructor${printParams(member.params)}${result};\n`;
  }
  const kind = member.kind === "static" ? "static " : "";
  return `${start}${printName(member.name)}: ${kind}${printSignature(member)};\n`;
}

function printWorld(node: WorldNode, indent: string): string {
  const inner = `${indent}  `;
  const items = node.items.map((item) => printWorldItem(item, inner)).join("");
  return `${printLeading(node, indent)}${indent}world ${printName(node.name)} {\n${items}${indent}}\n`;
}

function printWorldItem(item: WorldItem, indent: string): string {
  switch (item.kind) {
    case "use":
      return printUse(item, indent);
    case "import":
    case "export":
      return `${printLeading(item, indent)}${indent}${item.kind} ${printTarget(item.target, indent)}`;
    case "include": {
      const renames = item.renames.map(({ name, as }) => `${printName(name)} as ${printName(as)}`).join(", ");
      const end = renames === "" ? ";" : ` with { ${renames} }`;
      return `${printLeading(item, indent)}${indent}include ${printPath(item.path)}${end}\n`;
    }
    default:
      return printDefinition(item, indent);
  }
}

function printTarget(target: ExternNode["target"], indent: string): string {
  switch (target.kind) {
    case "path":
      return `${target.label ? `${printName(target.label)}: ` : ""}${printPath(target.path)};\n`;
    case "function":
      return `${printName(target.function.name)}: ${printSignature(target.function)};\n`;
    case "interface":
      return `${printName(target.interface.name)}: interface ${printInterfaceBody(target.interface, indent)}`;
  }
}
