/**
 * A page per package, and an index of them, in Markdown: what a caller and an implementer must know that the WIT says, and
 * what follows from it: layouts, type ids, words. Called by `idl.ts`.
 */
import { type InterfaceDescription, type PackageDescription, type Parts, sourceFolders } from "../describe.ts";
import type { EnumType, HostType } from "../model.ts";
import { functionHeading, functionSection } from "./function-section.ts";
import { anchorOf, cell, code, prose, table } from "./text.ts";
import { typeHeading, typeSection } from "./type-section.ts";

export interface PageLinks {
  /** From the pages' folder to a source, as it was named when it was parsed. */
  readonly source: (fileName: string) => string;
  /** From the pages' folder to the TypeScript of a package. */
  readonly types: (fileStem: string) => string;
}

export const INDEX_PAGE = "README.md";

/** File names to texts. */
export function generatePages(packages: readonly PackageDescription[], links: PageLinks): Map<string, string> {
  const pages = new Map<string, string>();
  const targets = targetsOf(packages);
  for (const each of packages) pages.set(`${each.fileStem}.md`, page(each, targets, links));
  pages.set(INDEX_PAGE, index(packages));
  return pages;
}

interface Targets {
  /** `interface id#type` to page and anchor. */
  readonly types: ReadonlyMap<string, { readonly stem: string; readonly anchor: string; readonly parts: Parts }>;
  readonly interfaces: ReadonlyMap<string, { readonly stem: string; readonly anchor: string }>;
}

function targetsOf(packages: readonly PackageDescription[]): Targets {
  const types = new Map<string, { stem: string; anchor: string; parts: Parts }>();
  const interfaces = new Map<string, { stem: string; anchor: string }>();
  for (const { fileStem: stem, interfaces: all } of packages) {
    for (const each of all) {
      interfaces.set(each.model.id, { stem, anchor: anchorOf(interfaceHeading(each)) });
      for (const type of each.types) {
        const name = type.kind === "alias" ? type.node.name.text : type.type.name;
        types.set(`${each.model.id}#${name}`, { stem, anchor: anchorOf(typeHeading(type, each.name)), parts: type.parts });
      }
    }
  }
  return { types, interfaces };
}

function interfaceHeading({ name }: InterfaceDescription): string {
  return `Interface \`${name}\``;
}

function page(owner: PackageDescription, targets: Targets, links: PageLinks): string {
  const { id, sources, comment, interfaces, fileStem } = owner;
  const linkTo = (target: { readonly stem: string; readonly anchor: string } | undefined): string | undefined =>
    target && `${target.stem === fileStem ? "" : `${target.stem}.md`}#${target.anchor}`;
  const linkOf = (type: HostType): string | undefined => {
    if (type.kind === "own" || type.kind === "borrow") return linkTo(targets.types.get(`${type.shared.interfaceId}#${type.shared.name}`));
    if (type.kind === "handle") return linkTo(targets.types.get(`${type.resource.interfaceId}#${type.resource.name}`));
    return "interfaceId" in type ? linkTo(targets.types.get(`${type.interfaceId}#${type.name}`)) : undefined;
  };
  const meaningOf = (type: EnumType): Parts => targets.types.get(`${type.interfaceId}#${type.name}`)?.parts ?? new Map();
  const files = sources.map((source) => `[${source}](${links.source(source)})`).join(", ");
  const parts = [
    header(sources),
    `# ${code(id)}\n\n`,
    prose(comment),
    `Defined in ${files}; for hosts in TypeScript as [${fileStem}.ts](${links.types(fileStem)}). The words used here are explained in the [index](${INDEX_PAGE}).\n\n`,
    contents(interfaces),
  ];
  for (const each of interfaces) {
    const uses = each.uses.flatMap(({ id: used, names }) => {
      const target = linkTo(targets.interfaces.get(used));
      return names.length > 0 ? [`${names.map(code).join(", ")} of ${target ? `[${code(used)}](${target})` : code(used)}`] : [];
    });
    parts.push(`## ${interfaceHeading(each)}\n\n${code(each.model.id)}\n\n${prose(each.comment)}`);
    if (uses.length > 0) parts.push(`Uses ${uses.join("; ")}.\n\n`);
    for (const type of each.types) {
      parts.push(typeSection(type, each.name));
      if (type.kind === "resource") for (const one of type.functions) parts.push(functionSection(one, each.name, linkOf, meaningOf));
    }
    for (const one of each.functions) parts.push(functionSection(one, each.name, linkOf, meaningOf));
  }
  return `${parts.join("").trimEnd()}\n`;
}

function contents(interfaces: readonly InterfaceDescription[]): string {
  const rows = interfaces.map((each) => [
    `[${code(each.name)}](#${anchorOf(interfaceHeading(each))})`,
    each.functions.map((one) => `[${code(one.method.name)}](#${anchorOf(functionHeading(one, each.name))})`).join(", "),
    each.types
      .map((type) => {
        const name = type.kind === "alias" ? type.node.name.text : type.type.name;
        return `[${code(name)}](#${anchorOf(typeHeading(type, each.name))})`;
      })
      .join(", "),
  ]);
  return table(["interface", "functions", "types"], rows);
}

function header(sources: readonly string[]): string {
  return `<!-- Generated from ${sources.join(", ")} by \`sumac bindgen\`; change that, not this. -->\n\n`;
}

const INTRODUCTION = `# The interfaces

What domains can import and export. A domain calls a function of an import; the kernel checks the arguments, carries the call
into the domain that was granted, and carries the answer back.

`;

const WORDS = `
## The words used here

- A value **crosses** as one or more 32-bit words. At most 16 words go in, numbered from 0; a result is one core result (a
  word too) and, where that is not enough, up to 16 words of the return area.
- A **shared type** is a \`resource\` with nothing but a constructor: its parameters are the fields of an object on the shared
  heap, each at its natural alignment. What crosses is the object's **base**, its offset on the heap in bytes.
- An object **moves**: from the first instruction of the call it belongs to the callee, who may write it, hand it on or drop
  it. If the callee dies, the object is gone. A returned object moves to the caller.
- An object is **borrowed** (\`borrow<…>\`): the callee may read it until it returns, and nobody may write it meanwhile. The
  borrow ends with the call, however the call ends.
- Every other value is **copied**. What is more than a few words (a string, a list, an option, a variant, or more than 16 words)
  goes as one **message**: an object that the sender writes, the kernel checks and the receiver reads. See [the ABI](../abi.md).
- A **capability** is a \`resource\` with functions. Its instances live in the domain that made them; what crosses is a
  **handle**, which is worth something only to the domain that holds it. An own handle moves, a borrowed one is lent for the call.
- The **type id** is what the heap stores with each object: the first four bytes, little endian, of SHA-256 over the type's
  name and fields. An object of another type is refused.
- A call can **fail** whatever its interface says, because the callee died or was never entered. That is no error of the
  interface: it shows in the status, which only the kernel writes; a host gets \`{ ok: false, error }\`.
`;

function index(packages: readonly PackageDescription[]): string {
  const rows = packages.flatMap(({ id, fileStem, interfaces }) =>
    interfaces.map((each, position) => [
      position === 0 ? `[${code(id)}](${fileStem}.md)` : "",
      `[${code(each.name)}](${fileStem}.md#${anchorOf(interfaceHeading(each))})`,
      cell(each.comment.lines),
    ]),
  );
  return `${header(sourceFolders(packages)) + INTRODUCTION + table(["package", "interface", "what it is"], rows).trimEnd()}\n${WORDS}`;
}
