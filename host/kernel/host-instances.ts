/**
 * Instances of capabilities as JavaScript objects: those that the host holds of domains, and those that an application implements
 * itself. Called by the encoders and decoders of values. What handles mean to the kernel is in `handles.ts`.
 */
import type { Interface, ResourceType } from "../idl/model.ts";
import type { HostInstance, HostValue } from "./host-values.ts";
import type { Kernel } from "./kernel.ts";
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

/** What the host holds through the calls of one interface. */
export class HeldInstances implements Instances {
  readonly #kernel: Kernel;
  readonly #methodsOf: MethodsOf;

  constructor(kernel: Kernel, methodsOf: MethodsOf) {
    this.#kernel = kernel;
    this.#methodsOf = methodsOf;
  }

  toHandle(value: unknown, resource: ResourceType): number {
    const known = typeof value === "object" && value !== null ? held.get(value) : undefined;
    if (known === undefined) throw expected(`an instance of ${resource.name} that a call gave`, value);
    if (known.resource.canonical !== resource.canonical) {
      throw new WrongValue(`expected an instance of ${resource.name}, got one of ${known.resource.name}`);
    }
    const { table } = this.#kernel.hostSide;
    if (table.find(known.handle, this.#kernel.capabilities.numberOf(resource)) === undefined) {
      throw new WrongValue(`expected an instance of ${resource.name}, got one that was given away or whose call has ended`);
    }
    return known.handle;
  }

  fromHandle(handle: number, resource: ResourceType): HostInstance {
    const kernel = this.#kernel;
    const instance = {
      ...this.#methodsOf(resource, handle),
      [Symbol.dispose]: () => {
        const { table } = kernel.hostSide;
        const entry = table.find(handle, kernel.capabilities.numberOf(resource));
        if (entry === undefined || !entry.isOwn || entry.lends !== 0) return;
        table.remove(entry);
        kernel.destructors.endForHost(entry, table.waiting);
      },
    };
    held.set(instance, { handle, resource });
    return instance;
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

  constructor(own: Interface, others: Instances) {
    this.#own = own;
    this.#others = others;
  }

  toHandle(value: unknown, resource: ResourceType, mode: "own" | "borrow"): number {
    if (resource.interfaceId !== this.#own.id) return this.#others.toHandle(value, resource, mode);
    if (typeof value !== "object" || value === null) throw expected(`an object that implements ${resource.name}`, value);
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
    if (mode === "own") this.#takeBack(rep, instance);
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
    if (instance === undefined || this.#takeBack(rep, instance) > 0) return;
    (instance as { readonly [Symbol.dispose]?: () => void })[Symbol.dispose]?.();
  }

  #takeBack(rep: number, instance: object): number {
    this.#byRep.delete(rep);
    const left = (this.#given.get(instance) ?? 1) - 1;
    if (left > 0) this.#given.set(instance, left);
    else this.#given.delete(instance);
    return left;
  }
}
