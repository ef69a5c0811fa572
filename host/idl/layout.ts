/**
 * Shared-heap types: which resources they are, where their fields lie, and the id that the heap stores per object.
 * Called by `lower.ts`. A resource with nothing but a constructor is such a type; its parameters are the fields, in order,
 * each at its natural alignment:
 *
 *     constructor(done: bool, total: u64, name: list<u8, 3>, next: option<node>)
 *     offset 0     1       8                16      19    20
 *            ├done─┤ hole  ├─────total──────┤─name──┤hole ├─next─┤      size 24: nothing is added at the end
 *
 *     plain data            in place: scalars, enums, flags, records, tuples and lists of fixed length, inside each other
 *     option<t>             a slot for a child, a u32; t may be the type itself
 *     list<option<t>, N>    N slots; in a resource marked `@deque`, as its only field: front, count, then a ring of N slots
 *     list<plain>, last     as many items as the object is created for
 */
import { type Mark, readDequeMark } from "./attributes.ts";
import { fieldExtent, MAX_OBJECT_BYTES } from "./field-sizes.ts";
import type { PlainType, SharedRef, SharedType } from "./model.ts";
import { describe, MAX_TEXT, PlainTypes, plainText, roundUp } from "./plain-types.ts";
import type { Problems } from "./problems.ts";
import { sha256 } from "./sha256.ts";
import { type Definition, type ResolvedFunction, type ResolvedParam, resourceOf, throughAliases, type WitType } from "./types.ts";

/** Canonical texts of all shared types together: types that hold each other are in each other's. */
const MAX_ALL_TEXTS = 4_000_000;

/** The constructor that is the layout, if the resource is a shared-heap type and not a capability. */
export function layoutOf(resource: Definition): ResolvedFunction | undefined {
  if (resource.body.kind !== "resource") return undefined;
  const [first, ...others] = resource.body.members;
  return first?.kind === "constructor" && first.result === undefined && others.length === 0 ? first : undefined;
}

/** The ids of children's types are known only when all layouts within reach are: until then they are definitions. */
type Shape =
  | PlainType
  | { readonly kind: "owned"; readonly target: Definition }
  | { readonly kind: "slots" | "deque"; readonly target: Definition; readonly length: number }
  | { readonly kind: "vec"; readonly item: PlainType };

interface Body {
  readonly fields: readonly { readonly name: string; readonly type: Shape; readonly offset: number }[];
  readonly sizeBytes: number;
  /** `ns:package/interface#name{field:type,…}` */
  readonly text: string;
}

type Refuse = (problem: string, remedy: string) => undefined;

export class Layouts {
  readonly #problems: Problems;
  readonly #plain: PlainTypes;
  readonly #bodies = new Map<Definition, Body | undefined>();
  readonly #texts = new Map<Definition, string | undefined>();
  readonly #known = new Map<Definition, SharedType | undefined>();
  #characters = 0;

  constructor(problems: Problems) {
    this.#problems = problems;
    this.#plain = new PlainTypes(problems);
  }

  /** The layout of a resource that `layoutOf` accepts; undefined after a problem, which is reported once. */
  of(resource: Definition): SharedType | undefined {
    if (this.#known.has(resource)) return this.#known.get(resource);
    const built = this.#build(resource);
    this.#known.set(resource, built);
    return built;
  }

  /** The resource, the types of its children, of their children, and so on. */
  *reachOf(resource: Definition): Generator<Definition> {
    const reached = new Set([resource]);
    // The set grows while it is walked.
    for (const next of reached) {
      yield next;
      for (const { type } of this.#body(next)?.fields ?? []) if ("target" in type) reached.add(type.target);
    }
  }

  #build(resource: Definition): SharedType | undefined {
    const body = this.#body(resource);
    const canonical = this.#canonical(resource);
    if (!body || canonical === undefined) return undefined;
    const fields: SharedType["fields"][number][] = [];
    for (const { name, type, offset } of body.fields) {
      if (!("target" in type)) {
        fields.push({ name, type, offset });
        continue;
      }
      const target = this.#ref(type.target);
      if (!target) return undefined;
      fields.push({ name, type: { ...type, target }, offset });
    }
    const { name, ownerId: interfaceId } = resource;
    return { id: typeId(canonical), name, interfaceId, sizeBytes: body.sizeBytes, fields, canonical };
  }

  #ref(definition: Definition): SharedRef | undefined {
    const canonical = this.#canonical(definition);
    return canonical === undefined ? undefined : { name: definition.name, interfaceId: definition.ownerId, id: typeId(canonical) };
  }

  /** The type's own text and, sorted, those of all types within reach. */
  #canonical(resource: Definition): string | undefined {
    if (this.#texts.has(resource)) return this.#texts.get(resource);
    const built = this.#write(resource);
    this.#texts.set(resource, built);
    return built;
  }

  #write(resource: Definition): string | undefined {
    const refuse = (what: string): undefined =>
      this.#refuse(resource.node.name.at, `${what} take too many characters, written out`, "share fewer types");
    const others: string[] = [];
    let characters = 0;
    for (const each of this.reachOf(resource)) {
      const text = this.#body(each)?.text;
      if (text === undefined) return undefined;
      characters += text.length;
      this.#characters += text.length;
      if (characters > MAX_TEXT) return refuse(`the types that \`${resource.name}\` may hold`);
      if (this.#characters > MAX_ALL_TEXTS) return refuse("the shared types");
      if (each !== resource) others.push(text);
    }
    return [this.#body(resource)?.text ?? "", ...others.sort()].join(";");
  }

  #body(resource: Definition): Body | undefined {
    if (this.#bodies.has(resource)) return this.#bodies.get(resource);
    const layout = layoutOf(resource);
    const built = layout && this.#place(resource, layout);
    this.#bodies.set(resource, built);
    return built;
  }

  #place(resource: Definition, layout: ResolvedFunction): Body | undefined {
    const { name, ownerId } = resource;
    const fields: Body["fields"][number][] = [];
    let sizeBytes = 0;
    let characters = 0;
    const mark = readDequeMark(resource.node.docs, this.#problems);
    for (const param of layout.params) {
      const type = this.#field(param, param === layout.params.at(-1), mark);
      if (!type) return undefined;
      characters += param.name.length + this.#textLength(type);
      if (characters > MAX_TEXT) {
        const problem = `the fields of \`${name}\`, written out, take more than ${MAX_TEXT} characters`;
        return this.#refuse(param.at, problem, "use numbers for large enums");
      }
      const { bytes, alignment } = fieldExtent(type);
      const offset = roundUp(sizeBytes, alignment);
      sizeBytes = offset + bytes;
      if (sizeBytes > MAX_OBJECT_BYTES) {
        const problem = `the layout of \`${name}\` ends at ${sizeBytes} bytes, over the limit of ${MAX_OBJECT_BYTES}`;
        return this.#refuse(param.at, problem, "use several objects");
      }
      fields.push({ name: param.name, type, offset });
    }
    const [only] = fields;
    if (!only) return this.#refuse(resource.node.name.at, `the shared type \`${name}\` has no field`, "give its constructor a parameter");
    if (mark && (only.type.kind !== "deque" || fields.length > 1)) {
      return this.#refuse(mark.at, `\`@deque\` stands before \`${name}\`, which is none`, "a deque has one field: `list<option<t>, 32>`");
    }
    return { fields, sizeBytes, text: `${ownerId}#${name}{${fields.map((field) => `${field.name}:${textOf(field.type)}`).join(",")}}` };
  }

  #field({ name, type: written }: ResolvedParam, isLast: boolean, mark: Mark | undefined): Shape | undefined {
    const type = throughAliases(written);
    const refuse: Refuse = (problem, remedy) => this.#refuse(written.at, `the field \`${name}\` ${problem}`, remedy);
    if (type.kind === "borrow") {
      return refuse("is a borrow, which would outlive its call", "keep the data itself, or pass the borrow as a parameter");
    }
    const resource = resourceOf(type);
    if (resource) {
      if (!layoutOf(resource)) return refuse(...isCapability(resource));
      const remedy = `write \`option<${resource.name}>\`: a child can be taken out`;
      return refuse(`is another object (\`${resource.name}\`) that is always there`, remedy);
    }
    if (type.kind === "option") {
      const target = this.#child(type, refuse);
      return target && { kind: "owned", target };
    }
    if (type.kind !== "list") return this.#plain.of(written, name);
    const item = throughAliases(type.item);
    if (item.kind === "option" && type.length !== undefined) {
      const target = this.#child(item, refuse);
      return target && { kind: mark ? "deque" : "slots", target, length: type.length };
    }
    if (item.kind === "borrow") return refuse("holds borrows, which would outlive their call", "keep the data itself");
    const inner = resourceOf(item.kind === "option" ? item.item : item);
    if (inner && !layoutOf(inner)) return refuse(...isCapability(inner));
    if (inner)
      return refuse(`is a list of objects (\`${inner.name}\`)`, `write \`list<option<${inner.name}>, 8>\`: children can be taken out`);
    if (type.length !== undefined) return this.#plain.of(written, name);
    if (!isLast)
      return refuse("is a list of any length, and not the last field", "put it at the end, or give it a length: `list<u8, 4096>`");
    const plain = this.#plain.of(type.item, name);
    return plain && { kind: "vec", item: plain };
  }

  /** The type of the children that an `option` is for. */
  #child({ item: written }: WitType & { readonly kind: "option" }, refuse: Refuse): Definition | undefined {
    const item = throughAliases(written);
    if (item.kind === "broken") return undefined;
    if (item.kind === "borrow") return refuse("holds borrows, which would outlive their call", "keep the data itself");
    const resource = resourceOf(item);
    if (!resource) return refuse(`is an \`option\` of ${describe(item)}`, "plain data is always there: put a `bool` beside it");
    return layoutOf(resource) ? resource : refuse(...isCapability(resource));
  }

  #textLength(type: Shape): number {
    if ("target" in type) return type.target.name.length + type.target.ownerId.length + 32;
    return this.#plain.textLength(type.kind === "vec" ? type.item : type) + 8;
  }

  #refuse(at: ResolvedParam["at"], problem: string, remedy: string): undefined {
    this.#problems.add(at, problem, remedy);
  }
}

function isCapability(resource: Definition): [problem: string, remedy: string] {
  return [`holds a capability (\`${resource.name}\`)`, "a shared type holds data and children; pass capabilities as parameters"];
}

function textOf(type: Shape): string {
  const child = "target" in type ? `option<${type.target.ownerId}#${type.target.name}>` : "";
  switch (type.kind) {
    case "owned":
      return child;
    case "slots":
      return `list<${child},${type.length}>`;
    case "deque":
      return `deque<${child},${type.length}>`;
    case "vec":
      return `list<${plainText(type.item)}>`;
    default:
      return plainText(type);
  }
}

/** 0 would mean "any type" to the heap, so it is not an id. */
export function typeId(canonical: string): number {
  return new DataView(sha256(canonical).buffer).getUint32(0, true) || 1;
}
