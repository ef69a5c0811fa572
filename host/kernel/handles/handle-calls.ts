/**
 * What proxies need of handles, per caller: its table, passages to whom it calls, and the way from a handle to the exporter's method.
 * Called by `proxy.ts` (in the text that it writes) and by whoever links a method; cold but for `receive`.
 */
import { exportNameOf, type Interface, type MethodDescription, type ResourceType } from "../../idl/idl.ts";
import { type CoreFunction, Link, neverCalled } from "../calls/link.ts";
import { makeMethodProxy, makeProbedHostProxy, type ProxyContext } from "../calls/proxy.ts";
import { Domain } from "../domain.ts";
import type { Kernel } from "../kernel.ts";
import { targetOf } from "../life/birth.ts";
import type { Exporter, HandleEntry, HandleSide, HostExporter } from "./handles.ts";
import { Passage } from "./passage.ts";

export interface HandleCalls {
  /** Undefined for the host. */
  readonly caller: Domain | undefined;
  readonly entries: readonly (HandleEntry | undefined)[];
  /** A capability's number, as entries have it. */
  numberOf(resource: ResourceType): number;
  /** For the arguments of one call. */
  passTo(callee: HandleSide): Passage;
  /** For a result that holds handles. */
  passFrom(callee: HandleSide): Passage;
  /** An owned instance that the callee returned, as the caller sees it; 0 when it is none, or the caller has no room for it. */
  receive(callee: HandleSide, value: number, type: number): number;
  /** The same for a result that comes too late. */
  giveUp(value: number, type: number): void;
}

export function handleCalls(kernel: Kernel, caller: HandleSide): HandleCalls {
  return {
    caller: caller.exporter instanceof Domain ? caller.exporter : undefined,
    entries: caller.table.entries,
    numberOf: (resource) => kernel.capabilities.numberOf(resource),
    passTo: (callee) => new Passage(caller, callee, kernel.destructors),
    passFrom: (callee) => new Passage(callee, caller, kernel.destructors),
    receive(callee, value, type) {
      const passage = new Passage(callee, caller, kernel.destructors);
      const received = passage.own(value, type);
      if (received === 0) passage.giveUp();
      else passage.commit();
      return received;
    },
    giveUp(value, type) {
      const entry = caller.table.find(value, type);
      if (entry === undefined || !entry.isOwn) return;
      caller.table.remove(entry);
      kernel.destructors.push(entry.exporter, type, entry.rep, entry.exporter.unfinished);
    },
  };
}

/** How a method's import finds whom to call. */
export type LinkOf = (exporter: Exporter) => Link | undefined;

/** A method as a caller imports it: it reaches whoever exports the instance that its first word names. */
export function methodCall(kernel: Kernel, context: ProxyContext, owner: Interface, method: MethodDescription): CoreFunction {
  return makeMethodProxy({ owner, method }, context, linksTo(kernel, context, owner, method));
}

/** Links to the exporters of a method's instances; undefined where the exporter means another interface than the caller. */
function linksTo(kernel: Kernel, context: ProxyContext, owner: Interface, method: MethodDescription): LinkOf {
  const hosted = new WeakMap<HostExporter, Link>();
  return (exporter) => {
    if (exporter instanceof Domain) return linkTo(kernel, exporter, owner, method.name);
    const caller = context.handles.caller;
    if (exporter.implements !== owner.hash || caller === undefined) return undefined;
    const known = hosted.get(exporter);
    if (known !== undefined) return known;
    const link = new Link(owner, method, { id: 0, record: 0, call: neverCalled, budgetMicros: 0, domain: caller });
    link.hostSide = exporter.side;
    link.proxy = hostMethod(kernel, context, exporter, link);
    hosted.set(exporter, link);
    return link;
  };
}

function hostMethod(kernel: Kernel, context: ProxyContext, exporter: HostExporter, link: Link): CoreFunction {
  const implementation = exporter.methods[link.method.name];
  if (implementation === undefined) throw new Error(`the host's ${link.owner.id} has no function ${link.method.name}`);
  const call = makeProbedHostProxy(link, context, kernel.tracer?.hostCall(link, implementation) ?? implementation);
  return (...words) => (kernel.hasStackFor(exporter.rank()) ? call(...words) : context.slow.noStack(link));
}

/** One link per exporter and method, whoever calls; cut when the exporter dies. */
function linkTo(kernel: Kernel, exporter: Domain, wanted: Interface, name: string): Link | undefined {
  const owner = exporter.spec.loaded.world.exports.find(({ id }) => id === wanted.id);
  const method = owner?.functions.find((each) => each.name === name);
  if (owner === undefined || owner.hash !== wanted.hash || method === undefined) return undefined;
  const key = exportNameOf(owner, method);
  const known = exporter.methodLinks.get(key);
  if (known !== undefined) return known;
  const link = new Link(owner, method, targetOf(kernel, exporter, owner, method));
  if (!exporter.isGone) exporter.inbound.add(link);
  exporter.methodLinks.set(key, link);
  return link;
}
