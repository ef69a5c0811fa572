/**
 * The AssemblyScript of children: an owned child, arrays of them, deques. Called by `shared-type.ts`. The code is thin: what a slot
 * means is in the library's `owned.ts` and `deque.ts`.
 */
import { SLOT_BYTES } from "../field-sizes.ts";
import type { FieldType } from "../model.ts";
import type { FileNames } from "./file-names.ts";
import { pascal } from "./names.ts";
import { type At, type Owner, viewClass } from "./shared-data.ts";

type Children = FieldType & { readonly kind: "owned" | "slots" | "deque" };

/** The methods that an owned child adds to its parent's class. */
export function childNames(wit: string): string[] {
  return ["take", "put", "replace"].map((verb) => verb + pascal(wit));
}

export function childMembers(field: Children, at: At, owner: Owner, isAlone: boolean, names: FileNames): string {
  if (field.kind === "owned") return ownedMembers(field, at, names);
  const body = field.kind === "slots" ? slotsMembers(field, names) : dequeMembers(field, names);
  if (isAlone) return body;
  const view = `${owner.name}_${pascal(at.wit)}`;
  owner.views.push(viewClass(view, `The \`${at.wit}\` of a \`${owner.name}\`: ${field.length} children at most.`, body, names));
  return `\n  get ${at.member}(): ${view} {\n    return ${names.glue("partOf")}<${owner.name}, ${view}>(this, ${at.offset});\n  }\n`;
}

function ownedMembers({ target }: Children, at: At, names: FileNames): string {
  const child = names.type(target);
  const slot = `${at.offset === 0 ? "this.base" : `this.base + ${at.offset}`}, ${target.id}`;
  const call = (name: string, more = ""): string => `${names.owned(name)}<${child}>(${slot}${more})`;
  const [take, put, replace] = childNames(at.wit);
  return [
    `\n  /** The child, which stays where it is; null when there is none. */\n  get ${at.member}(): ${child} | null {\n    return ${call("peek")};\n  }\n`,
    `\n  /** Takes the child out; null when there is none. */\n  ${take}(): ${child} | null {\n    return ${call("take")};\n  }\n`,
    `\n  /** Puts in a child where there is none: it belongs to this object from now on. */\n  ${put}(child: ${child}): void {\n    ${call("put", ", child")};\n  }\n`,
    `\n  /** Puts in a child, and takes out what was there. */\n  ${replace}(child: ${child}): ${child} | null {\n    return ${call("replace", ", child")};\n  }\n`,
  ].join("");
}

function slotsMembers({ target, length }: Children & { readonly kind: "slots" | "deque" }, names: FileNames): string {
  const child = names.type(target);
  const inside = `if (index >= ${length}) ${names.glue("outOfRange")}();`;
  const call = (name: string, more = ""): string =>
    `${names.owned(name)}<${child}>(this.base + index * ${SLOT_BYTES}, ${target.id}${more})`;
  const find = (isFull: boolean): string => `${names.owned("find")}(this.base, ${length}, ${target.id}, from, ${isFull})`;
  return [
    `\n  /** The number of slots, full and empty. */\n  get length(): u32 {\n    return ${length};\n  }\n`,
    `\n  /** The child, which stays where it is; null when the slot is empty. */\n  at(index: u32): ${child} | null {\n    ${inside}\n    return ${call("peek")};\n  }\n`,
    `\n  /** Takes the child out; null when the slot is empty. */\n  take(index: u32): ${child} | null {\n    ${inside}\n    return ${call("take")};\n  }\n`,
    `\n  /** Puts a child into an empty slot: it belongs to this object from now on. */\n  put(index: u32, child: ${child}): void {\n    ${inside}\n    ${call("put", ", child")};\n  }\n`,
    `\n  /** Puts a child in, and takes out what was there. */\n  replace(index: u32, child: ${child}): ${child} | null {\n    ${inside}\n    return ${call("replace", ", child")};\n  }\n`,
    `\n  /** The first full slot from \`from\` on; \`length\` when there is none. */\n  nextFull(from: u32 = 0): u32 {\n    return ${find(true)};\n  }\n`,
    `\n  /** The first empty slot from \`from\` on; \`length\` when there is none. */\n  nextEmpty(from: u32 = 0): u32 {\n    return ${find(false)};\n  }\n`,
  ].join("");
}

function dequeMembers({ target, length }: Children & { readonly kind: "slots" | "deque" }, names: FileNames): string {
  const child = names.type(target);
  const call = (name: string, more = ""): string => `${names.deque(name)}<${child}>(this.base, ${length}, ${target.id}${more})`;
  const count = `${names.deque("lengthOf")}(this.base, ${length})`;
  const push = (end: string): string =>
    `\n  /** Puts a child at the ${end.toLowerCase()}: it belongs to this object from now on. False, and nothing changed, when there is no room. */\n  push${end}(child: ${child}): bool {\n    return ${call(`push${end}`, ", child")};\n  }\n`;
  const pop = (end: string): string =>
    `\n  /** Takes the child at the ${end.toLowerCase()} out; null when there is none. */\n  pop${end}(): ${child} | null {\n    return ${call(`pop${end}`)};\n  }\n`;
  return [
    `\n  /** The number of children. */\n  get length(): u32 {\n    return ${count};\n  }\n`,
    `\n  /** How many children it can have. */\n  get capacity(): u32 {\n    return ${length};\n  }\n`,
    `\n  get isFull(): bool {\n    return ${count} == ${length};\n  }\n`,
    `\n  /** The child at a place counted from the front; null beyond the last. */\n  at(index: u32): ${child} | null {\n    return ${call("at", ", index")};\n  }\n`,
    `\n  get front(): ${child} | null {\n    return ${call("at", ", 0")};\n  }\n`,
    `\n  get back(): ${child} | null {\n    return ${call("back")};\n  }\n`,
    push("Back"),
    push("Front"),
    pop("Front"),
    pop("Back"),
  ].join("");
}
