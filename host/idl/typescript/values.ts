/**
 * What each WIT type is in host code. What stands here is what `host/kernel/host/host-encode.ts` takes and `host-decode.ts` gives;
 * a change there is a change here. Called by every emitter of this folder.
 */
import type { HostType, ResourceType, Scalar } from "../model.ts";
import { TYPED_ARRAY_NAMES } from "../typed-arrays.ts";
import { partsOf } from "../value-types.ts";
import type { FileScope } from "./names.ts";

/**
 * Of a parameter or result.
 * @param serving id of the interface whose implementation is described: its own resources are the implementer's objects there
 */
export function hostType(type: HostType, scope: FileScope, serving?: string): string {
  const of = (inner: HostType | undefined): string => (inner ? hostType(inner, scope, serving) : "undefined");
  switch (type.kind) {
    case "scalar":
      return scalarType(type.scalar);
    case "string":
      return "string";
    case "enum":
    case "flags":
      return scope.type(type);
    case "record":
    case "variant":
      return scope.type(type) + (servesWithin(type, serving) ? "Implementation" : "");
    case "tuple":
      return `readonly [${type.items.map(of).join(", ")}]`;
    case "option":
      if (type.item.kind !== "option") return `${of(type.item)} | undefined`;
      scope.uses("HostOption");
      return `HostOption<${of(type.item)}>`;
    case "list":
      return listType(type.item, of(type.item));
    case "own":
    case "borrow":
      return "number";
    case "handle":
      return resourceType(type.resource, scope, serving);
    case "result":
      scope.uses("HostResult");
      return `HostResult<${of(type.ok)}, ${of(type.error)}>`;
  }
}

export function resourceType(resource: ResourceType, scope: FileScope, serving?: string): string {
  return scope.type({ ...resource, kind: "resource" }) + (resource.interfaceId === serving ? "Implementation" : "");
}

/** Whether a named type is another one for who implements its interface: it holds an object of the implementer. */
export function servesWithin(type: HostType & { readonly interfaceId: string }, serving: string | undefined): boolean {
  return type.interfaceId === serving && holdsResourceOf(type, type.interfaceId);
}

function holdsResourceOf(type: HostType, interfaceId: string): boolean {
  if (type.kind === "handle") return type.resource.interfaceId === interfaceId;
  return partsOf(type).some((part) => holdsResourceOf(part, interfaceId));
}

export function scalarType(scalar: Scalar): string {
  switch (scalar) {
    case "bool":
      return "boolean";
    case "char":
      return "string";
    case "u64":
    case "s64":
      return "bigint";
    default:
      return "number";
  }
}

/** The JavaScript class that holds a list of these; undefined where it is an array. */
export function typedArray(item: HostType): string | undefined {
  return item.kind === "scalar" ? TYPED_ARRAY_NAMES[item.scalar] : undefined;
}

function listType(item: HostType, written: string): string {
  const array = typedArray(item);
  if (array !== undefined) return array;
  return / \| /.test(written) && item.kind === "option" ? `readonly (${written})[]` : `readonly ${arrayItem(written)}[]`;
}

/** `readonly readonly [a, b][]` is no type. */
function arrayItem(written: string): string {
  return written.startsWith("readonly ") ? `(${written})` : written;
}
