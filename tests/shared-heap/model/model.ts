/**
 * What the shared heap promises, as maps and sets: the reference that the real one is compared with after every operation.
 * Knows neither granules nor rows, nodes or spans; where a block lies and whether memory suffices it is told.
 */
import {
  ERROR_EMPTY,
  ERROR_SIZE,
  KERNEL_ID,
  MAX_OBJECT_BYTES,
  STATUS_OK,
  STATUS_QUOTA,
  STATUS_REFUSED,
} from "../../../shared-heap/layout.ts";

export interface Thing {
  readonly base: number;
  readonly type: number;
  readonly size: number;
  owner: number;
  pins: number;
  /** Its owner died, or dropped it, while somebody needed it. */
  isOrphan: boolean;
  /** How often each reader borrows it. */
  readonly readers: Map<number, number>;
  parent: Thing | undefined;
  readonly children: Set<Thing>;
  /** Words of the payload that are not 0, by address. */
  readonly words: Map<number, number>;
}

export interface Domain {
  readonly maxBytes: number;
  readonly maxObjects: number;
}

export class Model {
  readonly things: Map<number, Thing> = new Map();
  /** Who lives, by id. */
  readonly domains: Map<number, Domain> = new Map([[KERNEL_ID, { maxBytes: 0xffffffff, maxObjects: 0xffffffff }]]);

  /** Why an allocation must be refused, or 0 when only a lack of memory, or too many holes, may refuse it. */
  allocRefusal(owner: number, size: number): number {
    if (!this.domains.has(owner)) return STATUS_REFUSED;
    if (size === 0 || size > MAX_OBJECT_BYTES) return ERROR_SIZE;
    return this.#hasRoom(owner, charge(size), 1) ? 0 : STATUS_QUOTA;
  }

  born(base: number, owner: number, type: number, size: number): Thing {
    const thing: Thing = {
      base,
      type,
      size,
      owner,
      pins: 0,
      isOrphan: false,
      readers: new Map(),
      parent: undefined,
      children: new Set(),
      words: new Map(),
    };
    this.things.set(base, thing);
    return thing;
  }

  used(owner: number): { objects: number; bytes: number } {
    let [objects, bytes] = [0, 0];
    for (const thing of this.things.values()) {
      if (thing.owner === owner) [objects, bytes] = [objects + 1, bytes + charge(thing.size)];
    }
    return { objects, bytes };
  }

  #hasRoom(id: number, bytes: number, objects: number): boolean {
    const quota = this.domains.get(id);
    const used = this.used(id);
    return quota !== undefined && used.objects + objects <= quota.maxObjects && used.bytes + bytes <= quota.maxBytes;
  }

  mayRead(thing: Thing, id: number): boolean {
    return thing.owner === id || thing.readers.has(id);
  }

  free(base: number): number {
    const thing = this.things.get(base);
    if (thing === undefined || isClaimed(thing) || thing.parent !== undefined) return STATUS_REFUSED;
    this.#drop(treeOf(thing));
    return STATUS_OK;
  }

  drop(base: number, owner: number): number {
    const thing = this.things.get(base);
    if (thing === undefined || thing.owner !== owner || thing.readers.size > 0 || thing.parent !== undefined) return STATUS_REFUSED;
    this.#drop(treeOf(thing));
    return STATUS_OK;
  }

  dropAll(owner: number): number {
    if (!this.domains.has(owner)) return 0;
    const all = [...this.things.values()].filter((thing) => thing.owner === owner);
    this.#drop(all);
    return all.length;
  }

  move(base: number, type: number, from: number, to: number): number {
    const thing = this.things.get(base);
    if (thing === undefined || thing.parent !== undefined || !isOf(thing, type) || !this.domains.has(to)) return STATUS_REFUSED;
    const tree = treeOf(thing);
    if (tree.some((each) => each.owner !== from || isClaimed(each))) return STATUS_REFUSED;
    const bytes = tree.reduce((sum, each) => sum + charge(each.size), 0);
    if (from !== to && !this.#hasRoom(to, bytes, tree.length)) return STATUS_REFUSED;
    for (const each of tree) each.owner = to;
    return STATUS_OK;
  }

  borrow(base: number, type: number, lender: number, reader: number): number {
    const thing = this.things.get(base);
    if (thing === undefined || !isOf(thing, type) || !this.domains.has(reader)) return STATUS_REFUSED;
    const tree = treeOf(thing);
    if (tree.some((each) => !this.mayRead(each, lender))) return STATUS_REFUSED;
    for (const each of tree) each.readers.set(reader, (each.readers.get(reader) ?? 0) + 1);
    return STATUS_OK;
  }

  endBorrow(base: number, reader: number): number {
    const thing = this.things.get(base);
    if (thing === undefined || !thing.readers.has(reader)) return STATUS_REFUSED;
    const tree = treeOf(thing).filter((each) => each.readers.has(reader));
    for (const each of tree) {
      const left = (each.readers.get(reader) ?? 0) - 1;
      if (left > 0) each.readers.set(reader, left);
      else each.readers.delete(reader);
    }
    for (const each of tree) this.#settle(each);
    return STATUS_OK;
  }

  endAllBorrows(reader: number): number {
    let count = 0;
    for (const thing of [...this.things.values()]) {
      count += thing.readers.get(reader) ?? 0;
      thing.readers.delete(reader);
      this.#settle(thing);
    }
    return count;
  }

  pin(base: number, owner: number): number {
    const thing = this.things.get(base);
    if (thing === undefined || (owner !== 0 && thing.owner !== owner)) return STATUS_REFUSED;
    thing.pins += 1;
    return STATUS_OK;
  }

  unpin(base: number): number {
    const thing = this.things.get(base);
    if (thing === undefined || thing.pins === 0) return STATUS_REFUSED;
    thing.pins -= 1;
    this.#settle(thing);
    return STATUS_OK;
  }

  put(slot: number, base: number, owner: number): number {
    const parent = this.#writable(slot, owner);
    const child = this.things.get(base);
    if (parent === undefined || child === undefined) return STATUS_REFUSED;
    if (child.owner !== owner || isClaimed(child) || child.parent !== undefined) return STATUS_REFUSED;
    if (this.#childIn(slot, parent) !== undefined || treeOf(child).includes(parent)) return STATUS_REFUSED;
    child.parent = parent;
    parent.children.add(child);
    write(parent, slot, base);
    return STATUS_OK;
  }

  /** The base that must come out, or 0 with the reason. */
  take(slot: number, type: number, owner: number): readonly [base: number, reason: number] {
    const parent = this.#writable(slot, owner);
    if (parent === undefined) return [0, STATUS_REFUSED];
    const child = this.#childIn(slot, parent);
    if (child === undefined || !isOf(child, type)) return [0, ERROR_EMPTY];
    unlink(child);
    write(parent, slot, 0);
    return [child.base, STATUS_OK];
  }

  /** The domain's own store to a word of its object, which the guard would allow. */
  store(address: number, value: number, owner: number): boolean {
    const thing = this.#at(address);
    if (thing === undefined || thing.owner !== owner || thing.readers.size > 0) return false;
    write(thing, address, value);
    return true;
  }

  open(id: number, domain: Domain): void {
    this.domains.set(id, domain);
  }

  close(id: number): number {
    for (const thing of this.things.values()) if (this.mayRead(thing, id)) return STATUS_REFUSED;
    return this.domains.delete(id) ? STATUS_OK : STATUS_REFUSED;
  }

  #at(address: number): Thing | undefined {
    if (address % 4 !== 0) return undefined;
    for (const thing of this.things.values()) if (address >= thing.base && address + 4 <= thing.base + thing.size) return thing;
    return undefined;
  }

  #writable(slot: number, owner: number): Thing | undefined {
    const thing = this.#at(slot);
    return thing !== undefined && thing.owner === owner && !isClaimed(thing) ? thing : undefined;
  }

  #childIn(slot: number, parent: Thing): Thing | undefined {
    const child = this.things.get(parent.words.get(slot) ?? 0);
    return child?.parent === parent ? child : undefined;
  }

  /** What nobody needs goes; the rest is the kernel's, in the trees that are left of it. */
  #drop(all: readonly Thing[]): void {
    const orphans = all.filter(isClaimed);
    for (const thing of all) if (!isClaimed(thing)) this.#remove(thing);
    for (const thing of orphans) {
      thing.owner = KERNEL_ID;
      thing.isOrphan = true;
    }
  }

  #settle(thing: Thing): void {
    if (thing.isOrphan && !isClaimed(thing)) this.#remove(thing);
  }

  #remove(thing: Thing): void {
    unlink(thing);
    for (const child of thing.children) child.parent = undefined;
    this.things.delete(thing.base);
  }
}

export function charge(size: number): number {
  return Math.ceil(size / 64) * 64;
}

/** Read by somebody, or needed by a device. */
function isClaimed(thing: Thing): boolean {
  return thing.readers.size > 0 || thing.pins > 0;
}

function isOf(thing: Thing, type: number): boolean {
  return type === 0 || thing.type === type;
}

function treeOf(thing: Thing): Thing[] {
  const all = [thing];
  for (const each of all) all.push(...each.children); // grows while it is walked
  return all;
}

function unlink(child: Thing): void {
  child.parent?.children.delete(child);
  child.parent = undefined;
}

function write(thing: Thing, address: number, value: number): void {
  if (value === 0) thing.words.delete(address);
  else thing.words.set(address, value);
}
