/**
 * The AssemblyScript of shared types: classes whose instance *is* the base of the object, and of the records inside them: classes
 * whose instance is the record's address. Called by `generate.ts`.
 * Nothing here allocates, and every access to the shared heap goes through the guard.
 */
import { sizeText, vecOf } from "../field-sizes.ts";
import type { PlainRecord, SharedType } from "../model.ts";
import type { FileNames } from "./file-names.ts";
import { camel, member } from "./names.ts";
import { childMembers, childNames } from "./shared-children.ts";
import { arrayMembers, type Owner, plainMember, recordBody, vecMembers, viewClass } from "./shared-data.ts";

/** What every class has itself, or may have. */
const sharedMembers: readonly string[] = ["create", "drop", "base", "at", "setAt", "copyTo", "copyFrom", "length"];

export function emitShared(type: SharedType, names: FileNames): string {
  const name = names.type(type);
  const core = camel(type.name);
  const vec = vecOf(type);
  const owner: Owner = { name, isAligned: true, views: [] };
  const members = emitFields(type, owner, names);
  return [
    `@external("${type.interfaceId}", "[constructor]${type.name}")\ndeclare function create_${core}(${vec ? "count: u32" : ""}): i32;\n`,
    `@external("${type.interfaceId}", "[resource-drop]${type.name}")\ndeclare function drop_${core}(base: i32): void;\n\n`,
    ...owner.views.map((view) => `${view}\n`),
    `/** An object on the shared heap: ${sizeText(type)}, type id ${type.id}. */\n@unmanaged\n@final\nexport class ${name} {\n`,
    emitCreate(type, name, core, names),
    `\n  /** Gives the object back, with all that it holds; the domain must own it. */\n  drop(): void {\n    drop_${core}(${names.glue("baseOf")}(this));\n  }\n`,
    `\n  /** Its place on the shared heap, for devices and for functions of the guard. */\n  get base(): u32 {\n    return <u32>${names.glue("baseOf")}(this);\n  }\n`,
    members,
    "}\n",
  ].join("");
}

function emitCreate(type: SharedType, name: string, core: string, names: FileNames): string {
  const vec = vecOf(type);
  // An object takes at least a byte, and a list that is alone in its object has its length from the object's size.
  const needsItem = vec?.offset === 0;
  const what = vec ? `A new object with so many items${needsItem ? ", at least one" : ""}, all zero` : "A new object, all zero";
  const text = `"no room for a ${type.name}${vec ? " of so many items" : ""} on the shared heap"`;
  const reason = needsItem ? `count == 0 ? "a ${type.name} has at least one item" : ${text}` : text;
  return (
    `  /** ${what}; ends the domain when the heap has no room for it. */\n  static create(${vec ? "count: u32" : ""}): ${name} {\n` +
    `    const base = create_${core}(${vec ? "count" : ""});\n    if (base == 0) ${names.glue("noRoom")}(${reason});\n` +
    `    return ${names.glue("objectAt")}<${name}>(base);\n  }\n`
  );
}

/** A list that is the only field is the object itself; what stands beside others has a name. */
function emitFields(type: SharedType, owner: Owner, names: FileNames): string {
  const isAlone = type.fields.length === 1;
  const derived = type.fields.flatMap((field) => (field.type.kind === "owned" ? childNames(field.name) : []));
  const taken = new Set([...sharedMembers, ...derived]);
  const members = type.fields.map((field) => {
    const at = { wit: field.name, member: member(field.name, taken), offset: field.offset };
    switch (field.type.kind) {
      case "owned":
      case "slots":
      case "deque":
        return childMembers(field.type, at, owner, isAlone, names);
      case "vec":
        return vecMembers(field.type.item, at, owner, isAlone, names);
      case "array":
        if (isAlone) return arrayMembers(field.type, { label: owner.name, isAligned: true, views: owner.views }, names);
        return plainMember(field.type, at, owner, names);
      default:
        return plainMember(field.type, at, owner, names);
    }
  });
  return members.join("");
}

/** The class for a record wherever it lies in an object. */
export function emitView(type: PlainRecord, names: FileNames): string {
  const owner: Owner = { name: names.view(type), isAligned: false, views: [] };
  const body = recordBody(type, owner, names);
  const about = `A \`${type.name}\` inside an object on the shared heap: ${type.sizeBytes} bytes.`;
  return `${owner.views.map((view) => `${view}\n`).join("")}${viewClass(owner.name, about, body, names)}`;
}
