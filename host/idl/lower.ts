/**
 * A function of WIT to the description that its proxy is generated from: what crosses as core i32, what moves, what is
 * borrowed, what goes through the return area. Called by `lower-world.ts`. Refuses what may not cross, or cannot yet.
 *
 *     parameter   bool, integers to 32 bits, char, enum, flags → one word · u64, s64, f64 → two (lo, hi), f32 → its bits
 *                 block (own) → base, moved · borrow<block> → base, borrowed
 *     result      one-word types and own → the core i32 · u64, s64, f64, record, tuple → words of the return area
 *                 result<T, E> → packed: 0 = the call failed, 1 + case = error, 64 or the base = ok, T's words as above
 */
import { readAttributes } from "./attributes.ts";
import { describe, enumOf, flagsOf, isScalar, Layouts, layoutOf } from "./layout.ts";
import type { EnumType, HostType, MethodDescription, ObjectParam, RecordType, Scalar, SourceParam } from "./model.ts";
import type { Problems } from "./problems.ts";
import { type Definition, type ResolvedFunction, type ResolvedParam, resourceOf, throughAliases, type WitType } from "./types.ts";

export const MAX_PARAM_WORDS = 16;
/** The return area of a domain record. */
export const MAX_RESULT_WORDS = 16;
/** 1 + case must stay below 64, where bases of objects begin. */
export const MAX_PACKED_CASES = 62;

const wide: ReadonlySet<Scalar> = new Set<Scalar>(["u64", "s64", "f64"]);

/** Words that a value takes; records and tuples are those of their parts. */
export function wordsOf(type: HostType | undefined): number {
  switch (type?.kind) {
    case undefined:
      return 0;
    case "scalar":
      return wide.has(type.scalar) ? 2 : 1;
    case "record":
      return type.fields.reduce((words, field) => words + wordsOf(field.type), 0);
    case "tuple":
      return type.items.reduce((words, item) => words + wordsOf(item), 0);
    case "result":
      return wordsOf(type.ok);
    default:
      return 1;
  }
}

export class Lowerer {
  readonly layouts: Layouts;
  readonly #problems: Problems;

  constructor(problems: Problems) {
    this.#problems = problems;
    this.layouts = new Layouts(problems);
  }

  /** Undefined after a problem, which is reported. */
  function(source: ResolvedFunction): MethodDescription | undefined {
    const attributes = readAttributes(source.node.docs, this.#problems);
    if (source.node.async) {
      return this.#refuse(
        source.node.name.at,
        `\`${source.name}\` is async, which is not supported`,
        "a call that would block returns an error case, and the caller calls again",
      );
    }
    const moves: ObjectParam[] = [];
    const borrows: ObjectParam[] = [];
    const sourceParams: SourceParam[] = [];
    let params = 0;
    for (const param of source.params) {
      const type = this.#param(param);
      if (!type) return undefined;
      if (type.kind === "own") moves.push({ param: params, type: type.shared.id });
      if (type.kind === "borrow") borrows.push({ param: params, type: type.shared.id });
      sourceParams.push({ name: param.name, type, param: params });
      params += wordsOf(type);
    }
    if (params > MAX_PARAM_WORDS) {
      return this.#refuse(
        source.node.name.at,
        `the parameters of \`${source.name}\` take ${params} words, at most ${MAX_PARAM_WORDS} cross`,
        "put them into a shared type",
      );
    }
    const result = source.result && this.#result(source.result);
    if (source.result && !result) return undefined;
    const returned = this.#loweredResult(result);
    if (returned.resultWords > MAX_RESULT_WORDS && source.result) {
      return this.#refuse(
        source.result.at,
        `the result takes ${returned.resultWords} words, at most ${MAX_RESULT_WORDS} cross`,
        "return an object of a shared type",
      );
    }
    return { name: source.name, params, moves, borrows, ...returned, ...attributes, sourceParams, sourceResult: result };
  }

  /** The model of a record whose fields are all plain; for its own interface and for results. */
  record(definition: Definition): RecordType | undefined {
    if (definition.body.kind !== "record") return undefined;
    const fields: { name: string; type: HostType }[] = [];
    for (const field of definition.body.fields) {
      const type = this.#plain(field.type);
      if (!type) {
        this.#unsupported(field.type, "in a record", "use scalars, enums and flags");
        return undefined;
      }
      fields.push({ name: field.name, type });
    }
    return { kind: "record", name: definition.name, interfaceId: definition.ownerId, fields };
  }

  #param({ name, type: written }: ResolvedParam): HostType | undefined {
    const plain = this.#plain(written);
    if (plain) return plain;
    const resource = resourceOf(written);
    if (!resource) return this.#unsupported(written, `as the parameter \`${name}\``, "pass scalars, or an object of a shared type");
    const shared = this.#shared(resource, written);
    const type = throughAliases(written);
    return shared && { kind: type.kind === "borrow" ? "borrow" : "own", shared };
  }

  #result(written: WitType): HostType | undefined {
    const type = throughAliases(written);
    if (type.kind !== "result") return this.#returned(written);
    const error = this.#error(type);
    const ok = type.ok && this.#returned(type.ok);
    if (!error || (type.ok && !ok)) return undefined;
    return { kind: "result", ok, error };
  }

  #error(type: WitType & { kind: "result" }): EnumType | undefined {
    const written = type.error && throughAliases(type.error);
    if (!written) return this.#refuse(type.at, "the `result` names no error type", "name an enum of errors: `result<_, error>`");
    const found = written.kind === "named" ? enumOf(written.definition, this.#problems) : undefined;
    if (!found) return this.#unsupported(written, "as an error", "name an enum of errors");
    if (found.cases.length > MAX_PACKED_CASES) {
      return this.#refuse(
        written.at,
        `the error \`${found.name}\` has ${found.cases.length} cases, at most ${MAX_PACKED_CASES} can be returned`,
        "group them, and return the details beside",
      );
    }
    return found;
  }

  /** What a function returns when all is well. */
  #returned(written: WitType): HostType | undefined {
    const plain = this.#plain(written);
    if (plain) return plain;
    const type = throughAliases(written);
    if (type.kind === "named" && type.definition.body.kind === "record") return this.record(type.definition);
    if (type.kind === "tuple") {
      const items = type.items.map((item) => this.#plain(item));
      const bad = items.indexOf(undefined);
      const item = type.items[bad];
      if (item) return this.#unsupported(item, "in a tuple", "use scalars, enums and flags");
      return { kind: "tuple", items: items.filter((each) => each !== undefined) };
    }
    const resource = type.kind === "borrow" ? undefined : resourceOf(type);
    if (!resource) return this.#unsupported(written, "as a result", "return scalars, a record of scalars, or an object of a shared type");
    const shared = this.#shared(resource, written);
    return shared && { kind: "own", shared };
  }

  #loweredResult(result: HostType | undefined): Pick<MethodDescription, "result" | "resultMove" | "resultWords"> {
    const payload = result?.kind === "result" ? result.ok : result;
    const resultMove = payload?.kind === "own" ? payload.shared.id : undefined;
    const inArea = payload?.kind === "record" || payload?.kind === "tuple" || wordsOf(payload) > 1;
    if (result?.kind === "result") {
      return { result: "packed", resultMove, resultWords: resultMove === undefined ? wordsOf(payload) : 0 };
    }
    if (inArea) return { result: "none", resultMove, resultWords: wordsOf(payload) };
    return { result: result ? "i32" : "none", resultMove, resultWords: 0 };
  }

  /** A type without parts and without objects, or undefined. */
  #plain(written: WitType): HostType | undefined {
    const type = throughAliases(written);
    if (type.kind === "primitive" && isScalar(type.name)) return { kind: "scalar", scalar: type.name };
    if (type.kind !== "named") return undefined;
    return enumOf(type.definition, this.#problems) ?? flagsOf(type.definition, this.#problems);
  }

  #shared(resource: Definition, written: WitType): ReturnType<Layouts["of"]> {
    if (layoutOf(resource)) return this.layouts.of(resource);
    return this.#refuse(
      written.at,
      `\`${resource.name}\` is a capability (a resource with more than a constructor of plain data), which is not supported yet`,
      "export its functions in an interface",
    );
  }

  #unsupported(type: WitType, place: string, remedy: string): undefined {
    const target = throughAliases(type);
    if (target.kind === "broken") return undefined;
    return this.#refuse(type.at, `${describe(target)} is not supported yet ${place}`, remedy);
  }

  #refuse(at: WitType["at"], problem: string, remedy: string): undefined {
    this.#problems.add(at, problem, remedy);
  }
}
