/**
 * The core functions of a world: exactly what its module may import and must export, with their signatures.
 * Called by the loader through `idl.ts`. Every value is an i32; what a signature means is in `lower.ts`.
 */
import { vecOf } from "./field-sizes.ts";
import type { CoreFunction, MethodDescription, World } from "./model.ts";

export function coreImports(world: World): CoreFunction[] {
  const found: CoreFunction[] = [];
  for (const { id, functions } of world.imports) {
    for (const method of functions) found.push(coreFunction(id, method.name, method));
    found.push({ module: id, name: "[alive]", params: [], results: ["i32"] });
  }
  for (const type of world.sharedTypes) {
    const { interfaceId, name } = type;
    // The number of items, where that is the creator's choice.
    found.push({ module: interfaceId, name: `[constructor]${name}`, params: vecOf(type) ? ["i32"] : [], results: ["i32"] });
    found.push({ module: interfaceId, name: `[resource-drop]${name}`, params: ["i32"], results: [] });
  }
  for (const { interfaceId, name } of world.resources) {
    found.push({ module: interfaceId, name: `[resource-drop]${name}`, params: ["i32"], results: [] });
  }
  return found;
}

export function coreExports(world: World): CoreFunction[] {
  const ofInterfaces = world.exports.flatMap(({ id, functions }) =>
    functions.map((method) => coreFunction("", exportName(id, method.name), method)),
  );
  const destructors = world.exports.flatMap(({ id, resources }) =>
    resources.map(({ name }) => ({ module: "", name: exportName(id, destructorName(name)), params: ["i32" as const], results: [] })),
  );
  return [...world.functions.map((method) => coreFunction("", method.name, method)), ...ofInterfaces, ...destructors];
}

export function exportName(interfaceId: string, method: string): string {
  return `${interfaceId}#${method}`;
}

/** What an exporter is called with when an instance of its resource has lost its last owner. */
export function destructorName(resource: string): string {
  return `[dtor]${resource}`;
}

function coreFunction(module: string, name: string, method: MethodDescription): CoreFunction {
  const params = Array.from({ length: method.params }, () => "i32" as const);
  return { module, name, params, results: method.result === "none" ? [] : ["i32"] };
}
