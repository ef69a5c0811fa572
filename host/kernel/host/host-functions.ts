/**
 * An application's own functions as an interface that domains import: words and messages in, JavaScript values for the application,
 * and its answer back. Called by `host/sumac.ts` when a domain is granted an implementation.
 *
 * What the application throws, and an answer that is none of its type, end the call with the status `host` and are told as an event;
 * the domain that called lives, and gets back what it had passed. A promise ends it with `blocked`: a thread waits at its base and calls
 * again, and then has the answer; nobody else can wait.
 */
import { SumacError } from "../../errors.ts";
import type { Interface, MethodDescription } from "../../idl/idl.ts";
import { camelCase, memberCase } from "../../idl/member-name.ts";
import type { HostType } from "../../idl/model.ts";
import { wouldBlock } from "../calls/would-block.ts";
import { type HostExporter, Waiting } from "../handles/handles.ts";
import type { Kernel } from "../kernel.ts";
import { withWriter } from "../messages/message-writer.ts";
import type { HostBinding, HostFunction, Provider } from "../provider.ts";
import { awaitedBy, awaits } from "../threads/awaiting.ts";
import type { Asked } from "../threads/thread.ts";
import { RecordWord } from "../words.ts";
import { heldInstances, shownName, staticsOf } from "./host-calls.ts";
import { type Decode, decoderOf, MessageReader } from "./host-decode.ts";
import { encoderOf } from "./host-encode.ts";
import { type Instances, ServedInstances } from "./host-instances.ts";
import type { HostImplementation, HostValue } from "./host-values.ts";
import { type ReadWords, wordReader, wordWriter } from "./host-words.ts";
import { expected, WrongValue } from "./wrong-value.ts";

/** Functions of an application may call domains, which call others: callers leave stack for so many. */
const RANK = 2;

type ApplicationFunction = (...args: HostValue[]) => unknown;

/**
 * @param owner what the functions mean; only worlds that mean the same are linked to them
 * @param reach interfaces whose capabilities the functions may be given
 * @throws SumacError "import-not-implemented" naming what is missing
 */
export function hostFunctions(
  kernel: Kernel,
  owner: Interface,
  implementation: HostImplementation,
  reach: readonly Interface[] = [],
): Provider & { readonly kind: "host" } {
  const instances = new ServedInstances(owner, heldInstances(kernel, reach));
  const missing: string[] = [];
  const binding: Record<string, HostFunction> = {};
  const methods: Record<string, HostFunction> = {};
  const find = (holder: unknown, name: string, shown: string): ApplicationFunction => {
    const found = (holder as Readonly<Record<string, unknown>> | undefined)?.[name];
    if (typeof found === "function") return (...args) => found.apply(holder, args);
    missing.push(shown);
    return () => undefined;
  };
  const given = implementation as Readonly<Record<string, unknown>>;
  for (const method of owner.functions) {
    if (method.role !== undefined) continue;
    const name = camelCase(method.name);
    binding[method.name] = coreFunction(kernel, method, instances, find(given, name, name));
  }
  for (const resource of owner.resources) {
    const folder = memberCase(resource.name);
    for (const { method, name } of staticsOf(owner, resource)) {
      binding[method.name] = coreFunction(kernel, method, instances, find(given[folder], name, `${folder}.${name}`));
    }
  }
  for (const method of owner.functions) {
    if (method.role?.kind === "method") methods[method.name] = coreMethod(kernel, method, instances, camelCase(method.role.member));
  }
  if (missing.length > 0) {
    throw new SumacError("import-not-implemented", `the implementation of ${owner.id} lacks ${missing.join(", ")}: add what is missing`);
  }
  const exporter = exporterOf(kernel, owner, methods, instances);
  return { kind: "host", implements: owner.hash, bind: (): HostBinding => ({ ...methods, ...binding }), exporter, rank: () => RANK };
}

function exporterOf(kernel: Kernel, owner: Interface, methods: HostBinding, instances: ServedInstances): HostExporter {
  const exporter: HostExporter = {
    name: "host",
    unfinished: new Waiting(),
    isGone: false,
    implements: owner.hash,
    methods,
    rank: () => RANK,
    drop(_, rep) {
      try {
        instances.drop(rep);
      } catch (error) {
        kernel.events.emit({ kind: "host-error", domain: "host", function: `${owner.id}#[dtor]`, error });
      }
    },
    get side() {
      return side;
    },
  };
  const reps = new Set(owner.resources.map((resource) => kernel.capabilities.numberOf(resource)));
  const side = { table: kernel.hostSide.table, exporter, reps };
  instances.serve(kernel, exporter);
  return exporter;
}

/** Instances may be of different classes; that each has the method was seen when it was given out. */
function coreMethod(kernel: Kernel, method: MethodDescription, instances: ServedInstances, name: string): HostFunction {
  return coreFunction(kernel, method, instances, (self, ...args) =>
    (self as unknown as Readonly<Record<string, ApplicationFunction>>)[name]?.apply(self, args),
  );
}

function coreFunction(kernel: Kernel, method: MethodDescription, instances: Instances, call: ApplicationFunction): HostFunction {
  const readArguments = argumentReader(kernel, method, instances);
  const writeResult = resultWriter(kernel, method, instances);
  const start = `${shownName(method)}: result`;
  const mayBeAsked = givesNothingAway(kernel, method);
  return (...words) => {
    const args = readArguments(words);
    const value = kernel.threads.current === undefined ? call(...args) : again(args, () => call(...args));
    if (isPromise(value)) {
      // Else nobody will look at it any more, and what it fails with must not end the process.
      if (!mayBeAsked || !awaits(kernel.threads, askedWith(args), value)) value.then(undefined, () => {});
      throw wouldBlock;
    }
    try {
      return writeResult(value);
    } catch (error) {
      throw error instanceof WrongValue ? error.report(start) : error;
    }
  };

  /** A thread that waited for the promise of this function has its answer; the function is not called twice. */
  function again(args: readonly HostValue[], first: () => unknown): unknown {
    const awaited = awaitedBy(kernel.threads, method, () => askedWith(args));
    if (awaited === undefined) return first();
    if (awaited.outcome === undefined) throw wouldBlock;
    if (!awaited.outcome.ok) throw awaited.outcome.value;
    return awaited.outcome.value;
  }

  function askedWith(what: readonly HostValue[]): Asked {
    return { by: method, from: kernel.running, what };
  }
}

/** Whose call ends with `blocked` has back what it passed: only what passes nothing for good can be asked for once and answered later. */
function givesNothingAway(kernel: Kernel, { moves, handles, paramsMessage }: MethodDescription): boolean {
  if (moves.length > 0 || handles.some(({ mode }) => mode === "own")) return false;
  return paramsMessage === undefined || !kernel.messages.transferOf(paramsMessage, kernel.heap.exports).holdsObjects;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { readonly then?: unknown }).then === "function";
}

function argumentReader(kernel: Kernel, method: MethodDescription, instances: Instances): (words: readonly number[]) => HostValue[] {
  const { sourceParams, paramsMessage } = method;
  const isMethod = method.role?.kind === "method";
  // The instance that a method is called on stays in front of the message.
  const inWords = paramsMessage === undefined ? sourceParams : sourceParams.slice(0, isMethod ? 1 : 0);
  const readers: { param: number; read: ReadWords }[] = inWords.map(({ type, param }) => ({ param, read: wordReader(type, instances) }));
  const decoders: Decode[] = (paramsMessage ?? []).map((type) => decoderOf(type, instances));
  return (words) => {
    const args = readers.map(({ param, read }) => read(words, param));
    if (paramsMessage === undefined) return args;
    const reader = new MessageReader(kernel.messages.copyOf(words.at(-1) ?? 0));
    for (const decode of decoders) args.push(decode(reader));
    return args;
  };
}

/** From the application's answer to the core result; words go where the calling domain finds them. */
function resultWriter(kernel: Kernel, method: MethodDescription, instances: Instances): (value: unknown) => number {
  const { sourceResult: type, resultMessage, resultWords, result } = method;
  if (type === undefined) return () => 0;
  const writePayload = (payload: HostType, done: number): ((value: unknown) => number) => {
    if (resultMessage !== undefined) {
      const encode = encoderOf(resultMessage, instances);
      return (value) =>
        withWriter((writer) => {
          encode(writer, value);
          const base = kernel.messages.send(writer);
          if (base === 0) throw new Error("the shared heap has no room for the result");
          return base;
        });
    }
    const write = wordWriter(payload, instances);
    if (resultWords > 0) {
      return (value) => {
        write(kernel.i32, resultsOf(kernel), value);
        return done;
      };
    }
    return (value) => {
      const words: number[] = [0];
      write(words, 0, value);
      return words[0] ?? 0;
    };
  };
  if (result !== "packed" || type.kind !== "result") return writePayload(type, 0);
  const { ok, error } = type;
  const writeOk = ok === undefined ? () => 64 : writePayload(ok, 64);
  const errors = error?.kind === "enum" ? error.cases : undefined;
  return (value) => {
    if (typeof value !== "object" || value === null) throw expected('{ tag: "ok" } or { tag: "err" }', value);
    const { tag, val } = value as { readonly tag?: unknown; readonly val?: unknown };
    try {
      if (tag === "ok") return writeOk(val);
      if (tag !== "err") throw expected('"ok" or "err"', tag).within("");
      if (errors === undefined) return 1;
      const index = errors.indexOf(String(val));
      if (index < 0) throw expected(`one of ${errors.map((name) => JSON.stringify(name)).join(", ")}`, val);
      return 1 + index;
    } catch (problem) {
      throw problem instanceof WrongValue ? problem.within(tag === "ok" || tag === "err" ? ".val" : ".tag") : problem;
    }
  };
}

/** The return area of the domain whose call this is. */
function resultsOf(kernel: Kernel): number {
  const { running } = kernel;
  if (running === undefined) throw new Error("a function of the host was called by nobody");
  return running.record + RecordWord.results;
}
