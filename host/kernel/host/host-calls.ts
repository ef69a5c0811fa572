/**
 * A domain's exported interface as an object of functions for the host: JavaScript values in and out, one crossing a call.
 * What the values are is in `host-values.ts`. Arguments that are none of their types throw a TypeError before the call;
 * everything that happens after that is in the value returned.
 */
import type { Interface, MethodDescription } from "../../idl/idl.ts";
import { camelCase, constructorName, memberCase } from "../../idl/member-name.ts";
import type { ResourceType } from "../../idl/model.ts";
import { type CoreFunction, Link } from "../calls/link.ts";
import { makeProxy, type ProxyContext } from "../calls/proxy.ts";
import type { Domain } from "../domain.ts";
import { methodCall } from "../handles/handle-calls.ts";
import { holdHandles } from "../handles/passage.ts";
import type { Kernel } from "../kernel.ts";
import { microsOf as budgetOf, targetIn, targetOf } from "../life/birth.ts";
import { withWriter } from "../messages/message-writer.ts";
import type { Seat } from "../seat.ts";
import type { Called } from "../status.ts";
import { RecordWord } from "../words.ts";
import { decoderOf, MessageReader } from "./host-decode.ts";
import { type Encode, encoderOf } from "./host-encode.ts";
import { HeldInstances, type Instances } from "./host-instances.ts";
import type { CallOptions, HostInterface, HostMethod, HostValue } from "./host-values.ts";
import { wordReader, wordWriter } from "./host-words.ts";
import { WrongValue } from "./wrong-value.ts";

/** One object per generation and interface: asking again must not pile up links. */
const known: WeakMap<Domain, Map<string, HostInterface>> = new WeakMap();

/** Binds every function of `owner` to the present occupant of the seat; when that dies they answer `dead`. */
export function hostInterface(kernel: Kernel, seat: Seat, owner: Interface): HostInterface {
  const { current } = seat;
  if (current === undefined) throw new Error(`${seat.spec.name} has never been created`);
  const ofDomain = known.get(current) ?? new Map<string, HostInterface>();
  known.set(current, ofDomain);
  const made = ofDomain.get(owner.id);
  if (made !== undefined) return made;
  const { exports, imports } = seat.spec.loaded.world;
  const instances = heldInstances(kernel, [...exports, ...imports]);
  const object = interfaceObject(owner, (method) => {
    const link = new Link(owner, method, targetIn(kernel, seat, owner, method));
    link.target.domain.inbound.add(link);
    const call = hostCall(kernel, method, instances, (context) => proxyOf(kernel, link, context));
    return asMethod(call, 0);
  });
  ofDomain.set(owner.id, object);
  return object;
}

/** A function of one generation under a budget of its own, whatever its interface says: for who may end that domain anyway. */
export function callUnderBudget(kernel: Kernel, domain: Domain, owner: Interface, method: MethodDescription, budgetMs: number): HostMethod {
  const { exports, imports } = domain.spec.loaded.world;
  const link = new Link(owner, method, { ...targetOf(kernel, domain, owner, method), budgetMicros: budgetOf(budgetMs) });
  domain.inbound.add(link);
  return asMethod(
    hostCall(kernel, method, heldInstances(kernel, [...exports, ...imports]), (context) => proxyOf(kernel, link, context)),
    0,
  );
}

function proxyOf(kernel: Kernel, link: Link, context: ProxyContext): CoreFunction {
  const { cpus } = kernel;
  if (link.target.domain.isElsewhere && cpus !== undefined) return cpus.hostProxy(link, context);
  const proxy = makeProxy(link, context);
  link.proxy = proxy;
  cpus?.letFollow(link, context, false);
  return proxy;
}

/** Functions by their names, those of a resource that need no instance under the resource's: `Counter.create`. */
function interfaceObject(owner: Interface, make: (method: MethodDescription) => HostMethod): HostInterface {
  const object: Record<string, HostMethod> = {};
  for (const method of owner.functions) if (method.role === undefined) object[camelCase(method.name)] = make(method);
  for (const resource of owner.resources) {
    const statics = staticsOf(owner, resource);
    if (statics.length === 0) continue;
    const members = statics.map(({ method, name }) => [name, make(method)] as const);
    // Typed by the generated interface; an untyped one has functions only.
    object[memberCase(resource.name)] = Object.fromEntries(members) as unknown as HostMethod;
  }
  return object;
}

/** The constructor and the static functions of a resource, by their names in host code. */
export function staticsOf(
  owner: Interface,
  resource: ResourceType,
): readonly { readonly method: MethodDescription; readonly name: string }[] {
  const methods = owner.functions.filter(({ role }) => role?.resource.name === resource.name && role.kind !== "method");
  const names = methods.map(({ role }) => role?.member ?? "");
  return methods.map((method) => ({
    method,
    name: method.role?.kind === "constructor" ? constructorName(names) : camelCase(method.role?.member ?? ""),
  }));
}

/** Instances of the capabilities that these interfaces define, with their methods. */
export function heldInstances(kernel: Kernel, interfaces: readonly Interface[]): HeldInstances {
  const calls = new Map<string, readonly { readonly name: string; readonly call: HostCallCore }[]>();
  const instances = new HeldInstances(kernel, (resource, handle) => {
    const key = `${resource.interfaceId}#${resource.name}`;
    const methods = calls.get(key) ?? methodsOf(resource);
    calls.set(key, methods);
    return Object.fromEntries(methods.map(({ name, call }) => [name, asMethod(call, handle)]));
  });
  const methodsOf = (resource: ResourceType): { name: string; call: HostCallCore }[] => {
    const owner = interfaces.find(({ id }) => id === resource.interfaceId);
    const methods = owner?.functions.filter(({ role }) => role?.kind === "method" && role.resource.name === resource.name) ?? [];
    return methods.map((method) => ({
      name: camelCase(method.role?.member ?? ""),
      call: hostCall(kernel, method, instances, (context) => methodCall(kernel, context, owner as Interface, method)),
    }));
  };
  return instances;
}

/** @param self the handle that a method is called on; 0 for other functions */
type HostCallCore = (self: number, limitMicros: number, args: readonly HostValue[]) => Called<HostValue>;

function asMethod(call: HostCallCore, self: number): HostMethod {
  const plain = (...args: HostValue[]): Called<HostValue> => call(self, 0, args);
  return Object.assign(plain, {
    with: ({ deadlineMs, signal }: CallOptions) => {
      const limitMicros = deadlineMs === undefined ? 0 : limitMicrosOf(deadlineMs);
      return (...args: HostValue[]): Called<HostValue> => {
        signal?.throwIfAborted();
        return call(self, limitMicros, args);
      };
    },
  });
}

export function limitMicrosOf(deadlineMs: number): number {
  if (!(deadlineMs > 0)) throw new RangeError(`deadlineMs: expected a number above 0, got ${deadlineMs}`);
  return Math.min(Math.ceil(deadlineMs * 1000), 0x7fffffff);
}

function hostCall(
  kernel: Kernel,
  method: MethodDescription,
  instances: HeldInstances,
  proxyFor: (context: ProxyContext) => CoreFunction,
): HostCallCore {
  const { i32 } = kernel;
  const record = kernel.hostRecord;
  const call = proxyFor(kernel.hostContext());
  let timed: CoreFunction | undefined;
  const writeArguments = argumentWriter(kernel, method, instances);
  const readResult = resultReader(kernel, method, instances);
  const hasMessage = method.paramsMessage !== undefined;
  const run: HostCallCore = (self, limitMicros, args) => {
    kernel.cpus?.cpu.enter();
    const words = writeArguments(self, args);
    if (words === undefined) return noRoom(method);
    if (limitMicros > 0) {
      timed ??= proxyFor({ ...kernel.hostContext(), setsDeadlines: true });
      i32[record + RecordWord.limit] = limitMicros;
    }
    const chosen = limitMicros > 0 ? (timed as CoreFunction) : call;
    const core = hasMessage ? withMessage(kernel, chosen, words) : chosen(...words);
    const answer = i32[record + RecordWord.status] === 0 ? { ok: true as const, value: readResult(core) } : failed(kernel, method);
    kernel.destructors.runWaiting();
    kernel.cpus?.rest();
    return answer;
  };
  if (!holdHandles(method.sourceParams.slice(method.role?.kind === "method" ? 1 : 0).map(({ type }) => type))) return run;
  return (self, limitMicros, args) => {
    const { mark } = instances;
    try {
      return run(self, limitMicros, args);
    } finally {
      instances.release(mark);
    }
  };
}

/** The message, which is the last word, is dropped also when the application has used up the stack and nothing is called. */
function withMessage(kernel: Kernel, call: CoreFunction, words: readonly number[]): number {
  try {
    return call(...words);
  } finally {
    kernel.heap.exports.drop(words.at(-1) ?? 0, kernel.hostId);
  }
}

function failed(kernel: Kernel, { name }: MethodDescription): Called<never> {
  const error = kernel.takeFailure();
  if (error === undefined) throw new Error(`a failed call of ${name} left no error`);
  return { ok: false, error };
}

/** Core words, the last of them the base of a message where there is one; undefined where the heap has no room for it. */
export type WriteArguments = (self: number, args: readonly HostValue[]) => number[] | undefined;

export function argumentWriter(kernel: Kernel, method: MethodDescription, instances: Instances): WriteArguments {
  const isMethod = method.role?.kind === "method";
  const sources = isMethod ? method.sourceParams.slice(1) : method.sourceParams;
  const start = shownName(method);
  const wrong = (error: unknown, index: number): unknown =>
    error instanceof WrongValue ? error.report(`${start}: ${camelCase(sources[index]?.name ?? "")}`) : error;
  if (method.paramsMessage !== undefined) {
    const encoders: Encode[] = sources.map(({ type }) => encoderOf(type, instances));
    return (self, args) =>
      withWriter((writer) => {
        let index = 0;
        try {
          for (; index < encoders.length; index++) (encoders[index] as Encode)(writer, args[index]);
        } catch (error) {
          throw wrong(error, index);
        }
        const base = kernel.messages.send(writer);
        if (base === 0) return undefined;
        return isMethod ? [self, base] : [base];
      });
  }
  const writers = sources.map(({ type, param }) => ({ param, write: wordWriter(type, instances) }));
  return (self, args) => {
    const words: number[] = [];
    if (isMethod) words.push(self);
    let index = 0;
    try {
      for (; index < writers.length; index++) {
        const { param, write } = writers[index] as (typeof writers)[number];
        write(words, param, args[index]);
      }
    } catch (error) {
      throw wrong(error, index);
    }
    return words;
  };
}

/** What the value of a call is, from its core result and the host's return area. */
export function resultReader(kernel: Kernel, method: MethodDescription, instances: Instances): (core: number) => HostValue {
  const { sourceResult: type, resultMessage, result, resultWords } = method;
  if (type === undefined) return () => undefined;
  const area = kernel.hostRecord + RecordWord.results;
  const readPayload = (payload: typeof type): ((core: number) => HostValue) => {
    if (resultMessage !== undefined) {
      const decode = decoderOf(resultMessage, instances);
      return (core) => {
        const reader = new MessageReader(kernel.messages.copyOf(core));
        kernel.heap.exports.drop(core, kernel.hostId);
        return decode(reader);
      };
    }
    const read = wordReader(payload, instances);
    const inArea = resultWords > 0 || (result === "packed" && payload.kind === "handle");
    return inArea ? () => read(kernel.i32, area) : (core) => read([core], 0);
  };
  if (result !== "packed" || type.kind !== "result") return readPayload(type);
  const { ok, error } = type;
  const readOk = ok === undefined ? () => undefined : readPayload(ok);
  const errors = error?.kind === "enum" ? error.cases : [];
  return (core) => (core > 0 && core < 64 ? { tag: "err", val: errors[core - 1] } : { tag: "ok", val: readOk(core) });
}

/** `put`, of a resource `counter.add`. */
export function shownName({ name, role }: MethodDescription): string {
  if (role === undefined) return camelCase(name);
  return `${memberCase(role.resource.name)}.${role.kind === "constructor" ? "create" : camelCase(role.member)}`;
}

export function noRoom(method: MethodDescription): Called<HostValue> {
  const detail = `${shownName(method)} was not called: the shared heap has no room for its arguments`;
  return { ok: false, error: { kind: "rpc-error", cause: "quota", domain: "host", generation: 0, detail } };
}
