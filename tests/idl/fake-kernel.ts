/**
 * Kernel, guard and callee in one, for a domain that hands every call on: it makes words as a caller may send them, sees
 * what the domain passes on, answers, and sees what comes back. No ownership, no deaths: those are the kernel's tests.
 */
import { coreImportsOf, type HostType, type MethodDescription, type World } from "../../host/idl/idl.ts";
import type { Random } from "./random-wit.ts";

export interface Answer {
  /** The core result, undefined where the method has none. */
  readonly core: number | undefined;
  /** What it leaves in the return area. */
  readonly words: readonly number[];
}

/** Below lie the objects that tests use by number. */
const FIRST_MESSAGE = 131072;

export class FakeKernel {
  /** Words of the return area as `setResult` left them. */
  results: number[] = new Array<number>(16).fill(0);
  /** `[offset on the shared heap, bytes]` of each bulk copy. */
  readonly copies: (readonly [number, number])[] = [];
  /** The shared heap. */
  readonly heap: DataView = new DataView(new ArrayBuffer(4 << 20));
  /** Messages by base: their sizes. */
  readonly messages: Map<number, number> = new Map();
  /** The domain's own memory, if it was compiled with `importMemory`. */
  readonly memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 16 });
  /** How many messages the domain asked for. */
  made = 0;
  /** Handles and numbers of instances that the domain dropped. */
  readonly dropped: number[] = [];
  /** Why the domain ended itself. */
  panicked = "";
  /** What stands in for the callee, where the words alone do not do. */
  answerer: ((name: string, args: readonly number[]) => Answer) | undefined;
  readonly #free = new Map<number, number[]>();
  #top = FIRST_MESSAGE;
  readonly #exports: Record<string, (...args: number[]) => number | undefined>;
  #received: number[] = [];
  #answer: Answer = { core: undefined, words: [] };
  #status = 0;

  constructor(module: Uint8Array<ArrayBuffer>, world: World) {
    const imports: Record<string, Record<string, (...args: never[]) => unknown>> = {
      guard: this.#guard(),
      kernel: {
        log() {},
        panic: (_code: number, ptr: number, bytes: number) => {
          this.panicked = new TextDecoder().decode(new Uint8Array(this.memory.buffer, ptr, bytes));
        },
        "message-new": (bytes: number) => {
          this.made++;
          return this.newMessage(bytes);
        },
        "message-drop": (base: number) => this.dropMessage(base),
      },
      env: { memory: this.memory } as never,
    };
    for (const { module: from, name } of coreImportsOf(world)) {
      imports[from] ??= {};
      imports[from][name] = (...args: number[]) => {
        if (name.startsWith("[resource-drop]")) {
          this.dropped.push(args[0] ?? 0);
          return undefined;
        }
        this.#received = args;
        if (this.answerer) {
          const { core, words } = this.answerer(name, args);
          this.results = [...words, ...new Array<number>(16 - words.length).fill(0)];
          return core;
        }
        this.results = [...this.#answer.words, ...new Array<number>(16 - this.#answer.words.length).fill(0)];
        return this.#answer.core;
      };
    }
    this.#exports = new WebAssembly.Instance(new WebAssembly.Module(module), imports).exports as never;
  }

  set status(status: number) {
    this.#status = status;
  }

  /** A message that holds these bytes, and some more. */
  message(bytes: Uint8Array, slack = 0): number {
    const base = this.newMessage(bytes.length + slack);
    this.bytes.set(bytes, base);
    return base;
  }

  /** The first bytes of a message. */
  content(base: number, bytes: number): Uint8Array {
    if ((this.messages.get(base) ?? -1) < bytes) throw new Error(`the message at ${base} is shorter than ${bytes} bytes`);
    return this.bytes.slice(base, base + bytes);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.heap.buffer);
  }

  newMessage(bytes: number): number {
    const free = this.#free.get(bytes)?.pop();
    const base = free ?? this.#top;
    if (free === undefined) this.#top += Math.max(64, Math.ceil(bytes / 64) * 64);
    if (this.#top > this.heap.byteLength) return 0;
    this.bytes.fill(0xee, base, base + bytes);
    this.messages.set(base, bytes);
    return base;
  }

  dropMessage(base: number): void {
    const bytes = this.messages.get(base);
    if (bytes === undefined) throw new Error(`no message at ${base}`);
    this.messages.delete(base);
    this.#free.set(bytes, [...(this.#free.get(bytes) ?? []), base]);
  }

  call(name: string, args: readonly number[]): number | undefined {
    return this.#exports[name]?.(...args);
  }

  /** Calls the exported method; the domain calls the imported one, which gives `answer`. */
  forward(
    id: string,
    method: MethodDescription,
    args: readonly number[],
    answer: Answer,
    status = 0,
  ): { received: number[]; core: number | undefined; words: number[] } {
    this.#answer = answer;
    this.#status = status;
    const core = this.call(`${id}#${method.name}`, args);
    this.#status = 0;
    return { received: this.#received, core, words: this.results.slice(0, method.resultWords) };
  }

  randomArguments(method: MethodDescription, random: Random): number[] {
    return method.sourceParams.flatMap(({ type }) => randomWords(type, random));
  }

  randomAnswer(method: MethodDescription, random: Random): Answer {
    const payload = method.sourceResult?.kind === "result" ? method.sourceResult.ok : method.sourceResult;
    const words = method.resultWords > 0 && payload ? randomWords(payload, random) : [];
    if (method.result === "none") return { core: undefined, words };
    if (method.result === "i32") return { core: payload ? randomWords(payload, random)[0] : undefined, words };
    const isOk = random(2) === 0;
    return { core: isOk ? (method.resultMove === undefined ? 64 : 64 * (1 + random(1000))) : random(3), words };
  }

  #own(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  #guard(): Record<string, (...args: never[]) => unknown> {
    const { heap } = this;
    return {
      status: () => this.#status,
      result: (index: number) => this.results[index] ?? 0,
      setResult: (index: number, value: number) => {
        this.results[index] = value;
      },
      copyIn: (to: number, from: number, bytes: number) => {
        this.copies.push([from, bytes]);
        if (this.messages.size > 0) this.#own().set(this.bytes.subarray(from, from + bytes), to);
      },
      copyOut: (to: number, from: number, bytes: number) => {
        this.copies.push([to, bytes]);
        if (this.messages.size > 0) this.bytes.set(this.#own().subarray(from, from + bytes), to);
      },
      sizeOf: (base: number) => this.messages.get(base) ?? 0,
      load8: (at: number) => heap.getUint8(at),
      load16: (at: number) => heap.getUint16(at, true),
      load32: (at: number) => heap.getUint32(at, true),
      load64: (at: number) => heap.getBigUint64(at, true),
      store8: (at: number, value: number) => heap.setUint8(at, value),
      store16: (at: number, value: number) => heap.setUint16(at, value, true),
      store32: (at: number, value: number) => heap.setUint32(at, value, true),
      store64: (at: number, value: bigint) => heap.setBigUint64(at, value, true),
    };
  }
}

/** Words as they arrive when both sides keep to the interface: i32, small types extended by their sign. */
export function randomWords(type: HostType, random: Random): number[] {
  const any = (): number => random(2 ** 32) | 0;
  switch (type.kind) {
    case "record":
      return type.fields.flatMap((field) => randomWords(field.type, random));
    case "tuple":
      return type.items.flatMap((item) => randomWords(item, random));
    case "enum":
      return [random(type.cases.length)];
    case "flags":
      return [random(2 ** type.flags.length) | 0];
    case "own":
    case "borrow":
      return [64 * (1 + random(1000))];
    case "scalar":
      break;
    default:
      throw new Error(`a ${type.kind} does not cross as words`);
  }
  switch (type.scalar) {
    case "bool":
      return [random(2)];
    case "u8":
      return [random(256)];
    case "s8":
      return [random(256) - 128];
    case "u16":
      return [random(65536)];
    case "s16":
      return [random(65536) - 32768];
    case "char":
      return [random(0x110000)];
    case "u64":
    case "s64":
    case "f64":
      return [any(), any()];
    default:
      return [any()];
  }
}
