/**
 * A shadow out of an interface: a domain that exports it, imports it, and repeats an interrupted call on a new generation of
 * whoever serves it. Called by the build. Decides which interfaces may have one and makes its world; its code is made in
 * `assemblyscript/shadow.ts`.
 *
 * Repeating is right only where calling twice is the same as once, so every function must be `@idempotent`. What crosses must
 * be there for the second call: copied values are, what is lent to the shadow is, but an object that moved to the dead
 * callee is gone with it. Only where the function says that it merely fills the object (`@fills`) a fresh one is as good. A
 * capability's instances live in the callee and die with it, so an interface with capabilities has no shadow.
 */
import { generate } from "./assemblyscript/generate.ts";
import { emitShadow, emitShadowIndex } from "./assemblyscript/shadow.ts";
import type { Position, WitFile } from "./ast.ts";
import { vecOf } from "./field-sizes.ts";
import { WorldLowerer } from "./lower-world.ts";
import type { GeneratedSource, HostType, Interface, MethodDescription, World } from "./model.ts";
import { parseFile } from "./parser.ts";
import { invalid, listOf, Problems } from "./problems.ts";
import { resolveFiles } from "./resolve-files.ts";
import { partsOf } from "./value-types.ts";

export interface ShadowSource {
  readonly world: World;
  /** `index.ts` is among the files. */
  readonly source: GeneratedSource;
  /** The world as a person would have written it. */
  readonly worldText: string;
}

const SUPERVISOR = "sumac:kernel/supervisor@0.1.0";
const BY_HAND = "write the shadow by hand";

/**
 * @param files those that define the interface and what it uses, and `sumac:kernel`
 * @param id for example `sumac:block/bdev@0.1.0`
 * @throws SumacError with the first reason for which it can have no shadow
 */
export function makeShadow(files: readonly WitFile[], id: string): ShadowSource {
  const problems = new Problems();
  const resolved = resolveFiles(files, problems).interfaces;
  problems.throwFirst();
  const start = { file: files[0]?.fileName ?? "(no file)", line: 1, column: 1 };
  const found = resolved.find((each) => each.id === id);
  if (!found) {
    const known = listOf(resolved.map((each) => each.id).sort());
    throw invalid(start, `there is no interface \`${id}\``, `name one of ${known}, or a folder that defines it`);
  }
  const at = found.node.name.at;
  if (id === SUPERVISOR) throw invalid(at, "a shadow restarts others through this interface itself", BY_HAND);
  const lowered = new WorldLowerer(problems).interface(found);
  problems.throwFirst();
  const places = new Map(found.functions.map(({ name, node }) => [name, node.name.at]));
  checkInterface(lowered, at, places, problems);
  problems.throwFirst();

  const worldText = worldOf(id);
  const own = parseFile(worldText, "world.wit");
  const { worlds } = resolveFiles([...files, own], problems);
  const shadow = worlds.find(({ world }) => world.package.id === packageOf(id));
  problems.throwFirst();
  if (!shadow) throw new Error(`the world of the shadow of ${id} was not resolved`);
  const world = new WorldLowerer(problems).world(shadow.world);
  problems.throwFirst();
  const generated = generate(world);
  const written = new Map([
    ...generated.files,
    ["gen/shadow.ts", emitShadow(world, lowered)],
    ["index.ts", emitShadowIndex(world, lowered)],
  ]);
  return { world, worldText, source: { ...generated, files: written } };
}

function checkInterface(owner: Interface, at: Position, places: ReadonlyMap<string, Position>, problems: Problems): void {
  const [capability] = owner.resources;
  if (capability) {
    const problem = `\`${capability.name}\` is a capability: its instances live in the domain that serves the interface and die with it`;
    problems.add(at, problem, BY_HAND);
  } else if (owner.functions.length === 0) {
    problems.add(at, `\`${owner.id}\` has no functions`, "name an interface that has some");
  }
  for (const method of owner.functions) checkMethod(method, places.get(method.name) ?? at, problems);
}

function checkMethod(method: MethodDescription, at: Position, problems: Problems): void {
  const { name } = method;
  if (!method.idempotent) {
    const remedy = `mark it \`@idempotent\` if calling twice is the same as once, else ${BY_HAND}`;
    problems.add(at, `\`${name}\` is not \`@idempotent\`, so a shadow may not repeat it`, remedy);
  }
  const types = [...method.sourceParams.map(({ type }) => type), ...(method.sourceResult ? [method.sourceResult] : [])];
  if (types.some((type) => mentions(type, "handle"))) {
    problems.add(at, `\`${name}\` passes an instance of a capability, which a new generation does not know`, BY_HAND);
  }
  for (const { name: param, type } of method.sourceParams) {
    if (type.kind !== "own") {
      if (!mentions(type, "own")) continue;
      problems.add(
        at,
        `\`${param}\` of \`${name}\` holds an object that moves to the callee and is lost with it`,
        `move it on its own, or ${BY_HAND}`,
      );
    } else if (!method.fills.includes(param)) {
      const remedy = `write \`@fills ${param}\` if what the object held before does not matter, lend it (\`borrow\`), or ${BY_HAND}`;
      problems.add(at, `\`${param}\` of \`${name}\` moves to the callee and is lost with it`, remedy);
    } else if (vecOf(type.shared)) {
      const problem = `\`${param}\` of \`${name}\` is as long as its creator chose, so no fresh one is like it`;
      problems.add(at, problem, `give \`${type.shared.name}\` a fixed length, or ${BY_HAND}`);
    }
  }
}

function mentions(type: HostType, kind: "own" | "handle"): boolean {
  return type.kind === kind || partsOf(type).some((part) => mentions(part, kind));
}

function worldOf(id: string): string {
  return `package ${packageOf(id)};

/// Serves the interface as long as somebody can be started who serves it.
world shadow {
  import ${id};
  import ${SUPERVISOR};
  export ${id};
}
`;
}

/** `sumac:bdev-shadow@0.1.0` for `sumac:block/bdev@0.1.0`. */
function packageOf(id: string): string {
  const [, namespace = "", name = "", version = ""] = /^([^:]*):[^/]*\/([^@]*)(.*)$/.exec(id) ?? [];
  return `${namespace}:${name}-shadow${version}`;
}
