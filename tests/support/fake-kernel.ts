/**
 * Just enough of a kernel to run one domain by itself: objects with owners, the guard's functions in JavaScript, a status
 * that the test sets. The domain is the real source, compiled with its generated code but unhardened.
 * For the logic of a domain under every status; what the kernel itself does is tested with the kernel.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { compileAssemblyScript } from "../../host/build/compile.ts";
import { packageRoot, readDomainFolder } from "../../host/build/domain-folder.ts";
import { generateAssemblyScript } from "../../host/idl/idl.ts";
import { Cause, type CauseName } from "../../host/kernel/status.ts";

const HEAP_BYTES = 1 << 20;
const FIRST_BASE = 4096;

export interface FakeObject {
  readonly base: number;
  readonly type: string;
  readonly bytes: number;
  owner: string;
  /** Who may read it besides its owner, while it is lent. */
  readers: string[];
}

/** The shared heap: each object on pages of its own. A violation throws, which ends the test. */
export class FakeHeap {
  readonly bytes: Uint8Array = new Uint8Array(HEAP_BYTES);
  readonly view: DataView = new DataView(this.bytes.buffer);
  readonly objects: Map<number, FakeObject> = new Map();
  /** The next allocations are refused. */
  isFull = false;
  /** All that were ever made. */
  allocated = 0;

  alloc(owner: string, type: string, bytes: number): number {
    if (this.isFull) return 0;
    let base = FIRST_BASE;
    while (this.objects.has(base)) base += 4096;
    this.bytes.fill(0, base, base + bytes);
    this.objects.set(base, { base, type, bytes, owner, readers: [] });
    this.allocated++;
    return base;
  }

  /** The object at exactly `base`, which `owner` must own and have lent to nobody. */
  owned(base: number, owner: string): FakeObject {
    const object = this.objects.get(base);
    if (object === undefined || object.owner !== owner || object.readers.length > 0)
      throw new Error(`${owner} does not own object ${base}`);
    return object;
  }

  move(base: number, from: string, to: string): void {
    this.owned(base, from).owner = to;
  }

  drop(base: number, owner: string): void {
    this.objects.delete(this.owned(base, owner).base);
  }

  /** Checks a range as the guard does. */
  check(who: string, at: number, bytes: number, writes: boolean): number {
    const object = this.objects.get(at - (at % 4096));
    const mayUse =
      object !== undefined && (object.owner === who ? !writes || object.readers.length === 0 : !writes && object.readers.includes(who));
    if (!mayUse || at + bytes > object.base + object.bytes) throw new Error(`${who}: guard fault at ${at}+${bytes}`);
    return at;
  }

  owners(): string[] {
    return [...this.objects.values()].map(({ owner, type }) => `${owner}:${type}`).sort();
  }
}

export type CoreFunction = (...args: number[]) => number;

export class FakeDomain {
  readonly name: string;
  readonly heap: FakeHeap;
  readonly said: string[] = [];
  /** The four status words of the last call. */
  readonly status: number[] = [0, 0, 0, 0];
  readonly results: number[] = new Array<number>(16).fill(0);
  #exports: WebAssembly.Exports = {};

  constructor(name: string, heap: FakeHeap) {
    this.name = name;
    this.heap = heap;
  }

  /** @param services core functions by interface and name, such as services["bdev"]["read"] */
  start(module: WebAssembly.Module, services: Readonly<Record<string, Readonly<Record<string, CoreFunction>>>>): this {
    const imports: Record<string, Record<string, unknown>> = { guard: this.#guard(), kernel: this.#kernel() };
    for (const { module: id, name } of WebAssembly.Module.imports(module)) {
      if (id === "guard" || id === "kernel") continue;
      imports[id] ??= {};
      imports[id][name] = this.#typeFunction(name) ?? services[id.replace(/^.*\/|@.*$/g, "")]?.[name];
    }
    this.#exports = new WebAssembly.Instance(module, imports as WebAssembly.Imports).exports;
    return this;
  }

  /** Calls an export by the generator's name for it. */
  call(name: string, ...args: number[]): number {
    return (this.#exports[name] as CoreFunction)(...args);
  }

  /** What a proxy returns to this domain when the call failed. */
  fail(cause: CauseName, detail = 0): number {
    this.status[0] = Cause[cause];
    this.status[3] = detail;
    return 0;
  }

  /** What a proxy does when the call was answered. */
  answer(packed: number): number {
    this.status[0] = 0;
    return packed;
  }

  #typeFunction(name: string): CoreFunction | undefined {
    const sizes: Readonly<Record<string, number>> = { block: 4096, descriptor: 64, report: 72 };
    const [, kind, type = ""] = /^\[(constructor|resource-drop)\](.*)$/.exec(name) ?? [];
    if (kind === "constructor") return () => this.heap.alloc(this.name, type, sizes[type] ?? 0);
    if (kind === "resource-drop") {
      return (base = 0) => {
        this.heap.drop(base, this.name);
        return 0;
      };
    }
    return name === "[alive]" ? () => 1 : undefined;
  }

  #kernel(): Record<string, CoreFunction> {
    return {
      log: (at = 0, bytes = 0) => this.said.push(`log ${this.#text(at, bytes)}`),
      relay: () => this.said.push("relay"),
      panic: (code = 0, at = 0, bytes = 0) => this.said.push(`panic ${code} ${this.#text(at, bytes)}`),
    };
  }

  #text(at: number, bytes: number): string {
    return Buffer.from((this.#exports.memory as WebAssembly.Memory).buffer, at, bytes).toString();
  }

  #guard(): Record<string, unknown> {
    const { heap, name } = this;
    const own = (): Uint8Array => new Uint8Array((this.#exports.memory as WebAssembly.Memory).buffer);
    const read = (at: number, bytes: number): number => heap.check(name, at >>> 0, bytes, false);
    const write = (at: number, bytes: number): number => heap.check(name, at >>> 0, bytes, true);
    return {
      load8: (at: number) => heap.view.getUint8(read(at, 1)),
      load32: (at: number) => heap.view.getInt32(read(at, 4), true),
      load64: (at: number) => heap.view.getBigInt64(read(at, 8), true),
      store8: (at: number, value: number) => heap.view.setUint8(write(at, 1), value),
      store32: (at: number, value: number) => heap.view.setInt32(write(at, 4), value, true),
      store64: (at: number, value: bigint) => heap.view.setBigInt64(write(at, 8), value, true),
      copyIn: (to: number, from: number, bytes: number) => own().set(heap.bytes.subarray(read(from, bytes), from + bytes), to),
      copyOut: (to: number, from: number, bytes: number) => heap.bytes.set(own().subarray(from, from + bytes), write(to, bytes)),
      status: (index: number) => this.status[index] ?? 0,
      result: (index: number) => this.results[index] ?? 0,
      setResult: (index: number, value: number) => {
        this.results[index] = value;
      },
    };
  }
}

/** A domain's folder below domains-as/, compiled with its memory exported. */
export async function compileDomain(path: string): Promise<WebAssembly.Module> {
  const root = packageRoot();
  const folder = await readDomainFolder(join(root, "domains-as", path));
  const generated = generateAssemblyScript(folder.world);
  const config = await readFile(join(root, "asconfig.json"), "utf8");
  const text = (file: string): Promise<string | undefined> => readFile(file, "utf8").catch(() => undefined);
  const wasm = await compileAssemblyScript({
    config: config.replace('"noExportMemory": true', '"noExportMemory": false'),
    entry: generated.entry,
    memoryPages: undefined,
    runtime: generated.runtime,
    folder: folder.shown,
    read: async (where, file) =>
      where === "library" ? text(join(root, "domains-as/lib", file)) : (generated.files.get(file) ?? text(join(folder.path, file))),
  });
  return await WebAssembly.compile(wasm);
}
