/**
 * Instances of capabilities as JavaScript objects: those that the host holds of domains, and those that an application implements
 * itself. Called by the encoders and decoders of values. What handles mean to the kernel is in `handles.ts`.
 */
import { camelCase } from "../../idl/member-name.ts";
import type { Interface, ResourceType } from "../../idl/model.ts";
import type { Exporter, HandleEntry } from "../handles/handles.ts";
import type { Kernel } from "../kernel.ts";
import type { HostInstance, HostValue } from "./host-values.ts";
import { expected, WrongValue } from "./wrong-value.ts";

/** The two ways between an instance and the number that crosses for it. */
export interface Instances {
  /** @throws WrongValue where the value is no such instance */
  toHandle(value: unknown, resource: ResourceType, mode: "own" | "borrow"): number;
  fromHandle(handle: number, resource: ResourceType, mode: "own" | "borrow"): HostValue;
}

interface Held {
  readonly handle: number;
  readonly resource: ResourceType;
}

/** The methods of an instance that the host holds, without those that JavaScript needs. */
export type MethodsOf = (resource: ResourceType, handle: number) => Readonly<Record<string, unknown>>;

/** Every instance that the host holds, of whatever domain. */
const held: WeakMap<object, Held> = new WeakMap();

/** Who serves a capability's instances to the domains of one kernel: the last implementation that was granted. */
const serving: WeakMap<Kernel, Map<number, ServedInstances>> = new WeakMap();
const servedBy: WeakMap<Exporter, ServedInstances> = new WeakMap();

/** What the host holds of domains; the application's own instances come and go as they are. */
export class HeldInstances implements Instances {
  readonly #kernel: Kernel;
  readonly #methodsOf: MethodsOf;
  /** Entries of the application's own instances that were made for arguments of calls in progress. */
  readonly #passed: HandleEntry[] = [];

  constructor(kernel: Kernel, methodsOf: MethodsOf) {
    this.#kernel = kernel;
    this.#methodsOf = methodsOf;
  }

  toHandle(value: unknown, resource: ResourceType, mode: "own" | "borrow"): number {
    const type = this.#kernel.capabilities.numberOf(resource);
    const known = typeof value === "object" && value !== null ? held.get(value) : undefined;
    if (known === undefined) return this.#pass(value, resource, type, mode);
    if (known.resource.canonical !== resource.canonical) {
      throw new WrongValue(`expected an instance of ${resource.name}, got one of ${known.resource.name}`);
    }
    if (this.#kernel.hostSide.table.find(known.handle, type) === undefined) {
      throw new WrongValue(`expected an instance of ${resource.name}, got one that was given away or whose call has ended`);
    }
    return known.handle;
  }

  fromHandle(handle: number, resource: ResourceType): HostInstance {
    const kernel = this.#kernel;
    const { table } = kernel.hostSide;
    const type = kernel.capabilities.numberOf(resource);
    const own = this.#ownInstance(table.find(handle, type));
    if (own !== undefined) return own;
    const instance = {
      ...this.#methodsOf(resource, handle),
      [Symbol.dispose]: () => {
        const entry = table.find(handle, type);
        if (entry === undefined || !entry.isOwn || entry.lends !== 0) return;
        table.remove(entry);
        kernel.destructors.endForHost(entry, table.waiting);
      },
    };
    held.set(instance, { handle, resource });
    return instance;
  }

  /** For `release`, before the arguments of a call. */
  get mark(): number {
    return this.#passed.length;
  }

  /** The call has ended, or was not made: what the callee did not keep is the application's again. */
  release(mark: number): void {
    const { table } = this.#kernel.hostSide;
    for (const entry of this.#passed.splice(mark)) {
      const isStillHere = table.find(entry.handle, entry.type) === entry;
      table.remove(entry);
      if (isStillHere) servedBy.get(entry.exporter)?.takeBack(entry.rep);
    }
  }

  #pass(value: unknown, resource: ResourceType, type: number, mode: "own" | "borrow"): number {
    const served = serving.get(this.#kernel)?.get(type);
    if (served?.exporter === undefined) throw expected(`an instance of ${resource.name} that a call gave`, value);
    const { table } = this.#kernel.hostSide;
    if (!table.hasRoom) throw new WrongValue("the host holds as many instances as it may");
    const entry = table.insert(type, served.exporter, served.toHandle(value, resource, mode), mode === "own");
    this.#passed.push(entry);
    return entry.handle;
  }

  /** An instance of the application that comes back to it. */
  #ownInstance(entry: HandleEntry | undefined): HostInstance | undefined {
    const served = entry && servedBy.get(entry.exporter);
    if (entry === undefined || served === undefined) return undefined;
    const instance = served.instance(entry.rep);
    if (entry.isOwn) {
      this.#kernel.hostSide.table.remove(entry);
      served.takeBack(entry.rep);
    }
    return instance as HostInstance;
  }
}

/** The instances of the capabilities that one implementation has, beside what it holds of others. */
export class ServedInstances implements Instances {
  readonly #own: Interface;
  readonly #others: Instances;
  readonly #byRep: Map<number, object> = new Map();
  /** How often an instance has been given out and not come back. */
  readonly #given: Map<object, number> = new Map();
  #lastRep = 0;
  exporter: Exporter | undefined = undefined;

  constructor(own: Interface, others: Instances) {
    this.#own = own;
    this.#others = others;
  }

  /** From now on the application's objects are passed as instances of this exporter. */
  serve(kernel: Kernel, exporter: Exporter): void {
    this.exporter = exporter;
    servedBy.set(exporter, this);
    const ofKernel = serving.get(kernel) ?? new Map<number, ServedInstances>();
    serving.set(kernel, ofKernel);
    for (const resource of this.#own.resources) ofKernel.set(kernel.capabilities.numberOf(resource), this);
  }

  toHandle(value: unknown, resource: ResourceType, mode: "own" | "borrow"): number {
    if (resource.interfaceId !== this.#own.id) return this.#others.toHandle(value, resource, mode);
    if (typeof value !== "object" || value === null) throw expected(`an object that implements ${resource.name}`, value);
    const lacking = this.#methodNames(resource).filter((name) => typeof (value as Readonly<Record<string, unknown>>)[name] !== "function");
    if (lacking.length > 0)
      throw new WrongValue(`expected an object that implements ${resource.name}, got one without ${lacking.join(", ")}`);
    this.#lastRep = this.#lastRep === 0x7fffffff ? 1 : this.#lastRep + 1;
    while (this.#byRep.has(this.#lastRep)) this.#lastRep++;
    this.#byRep.set(this.#lastRep, value);
    this.#given.set(value, (this.#given.get(value) ?? 0) + 1);
    return this.#lastRep;
  }

  /** What is owned comes back to the application. */
  fromHandle(rep: number, resource: ResourceType, mode: "own" | "borrow"): HostValue {
    if (resource.interfaceId !== this.#own.id) return this.#others.fromHandle(rep, resource, mode);
    const instance = this.instance(rep);
    if (mode === "own") this.takeBack(rep);
    return instance as HostInstance;
  }

  instance(rep: number): object {
    const instance = this.#byRep.get(rep);
    if (instance === undefined) throw new Error(`${this.#own.id} has no instance ${rep}`);
    return instance;
  }

  /** Nobody holds this representation any more. */
  drop(rep: number): void {
    const instance = this.#byRep.get(rep);
    if (instance === undefined || this.takeBack(rep) > 0) return;
    (instance as { readonly [Symbol.dispose]?: () => void })[Symbol.dispose]?.();
  }

  /** @returns in how many other hands the instance is */
  takeBack(rep: number): number {
    const instance = this.#byRep.get(rep);
    if (instance === undefined) return 0;
    this.#byRep.delete(rep);
    const left = (this.#given.get(instance) ?? 1) - 1;
    if (left > 0) this.#given.set(instance, left);
    else this.#given.delete(instance);
    return left;
  }

  #methodNames(resource: ResourceType): string[] {
    return this.#own.functions.flatMap(({ role }) =>
      role?.kind === "method" && role.resource.name === resource.name ? [camelCase(role.member)] : [],
    );
  }
}
