/**
 * Values that cross as messages, in generated AssemblyScript: every type arrives as it was sent and leaves as it arrived, and
 * the objects that carry them are used again. Between a domain and a stand-in for the kernel, whose messages are written
 * and read here; the kernel's own messages have tests of their own.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostType, MethodDescription, World } from "../../host/idl/idl.ts";
import { randomNumbers, randomValue } from "../support/random-values.ts";
import { compileDomain, worldOf } from "./compile-domain.ts";
import { type Answer, FakeKernel, randomWords } from "./fake-kernel.ts";
import { encodeValue } from "./message-bytes.ts";
import { randomTypes } from "./random-types.ts";
import { type Random, randomOf } from "./random-wit.ts";
import { echoIndex, echoWorld, relayIndex, sampleFunctions, sampleImplementation, sampleTypes } from "./sample-values.ts";

const test = suite("generated values");
const ID = "acme:values/echo@0.1.0";
const own = { importMemory: true };
const sample = echoWorld(sampleTypes, undefined, sampleFunctions);

/** Each is compiled once. */
const modules = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

async function domain(
  name: "service" | "relay",
  text: string,
  index: (world: World) => string,
): Promise<{ kernel: FakeKernel; world: World }> {
  const world = await worldOf(text, name);
  const key = `${name} ${text}`;
  const module = modules.get(key) ?? compileDomain(world, index(world), own);
  modules.set(key, module);
  return { kernel: new FakeKernel(await module, world), world };
}

function service(text = sample, extra = sampleImplementation): Promise<{ kernel: FakeKernel; world: World }> {
  return domain("service", text, (world) => echoIndex(world, extra));
}

function relay(text = sample): Promise<{ kernel: FakeKernel; world: World }> {
  return domain("relay", text, relayIndex);
}

function methodsOf(world: World): readonly MethodDescription[] {
  return world.exports[0]?.functions ?? [];
}

/** What a failed call gives; undefined where there is a result in it, which says that the call failed. */
function zeroValue(type: HostType): { readonly value: unknown } | undefined {
  const all = (types: readonly HostType[]): unknown[] | undefined => {
    const values = types.map(zeroValue);
    return values.every((each) => each !== undefined) ? values.map(({ value }) => value) : undefined;
  };
  switch (type.kind) {
    case "scalar":
      return {
        value:
          type.scalar === "char" ? "\0" : type.scalar.endsWith("64") && type.scalar !== "f64" ? 0n : type.scalar === "bool" ? false : 0,
      };
    case "string":
      return { value: "" };
    case "enum":
      return { value: type.cases[0] };
    case "flags":
      return { value: {} };
    case "option":
      return { value: type.item.kind === "option" ? { tag: "none" } : undefined };
    case "result":
      return undefined;
    case "list": {
      const values = all(new Array<HostType>(type.length ?? 0).fill(type.item));
      return values && { value: values };
    }
    case "tuple": {
      const values = all(type.items);
      return values && { value: values };
    }
    case "record": {
      const values = all(type.fields.map((field) => field.type));
      return values && { value: Object.fromEntries(type.fields.map(({ name }, index) => [name, values[index]])) };
    }
    case "variant": {
      const [first] = type.cases;
      const value = first?.type && zeroValue(first.type);
      return first?.type && !value ? undefined : { value: { tag: first?.name, val: value?.value } };
    }
    default:
      return { value: 0 };
  }
}

/** The bytes of any value; objects in it are bases that nobody looks into. */
function anyBytes(type: HostType, random: Random): Uint8Array {
  return encodeValue(
    type,
    randomValue(randomNumbers(random(2 ** 32)), type, () => 64 * (1 + random(1000))),
  );
}

/** What a caller sends: words, or a message with all parameters; and the same as bytes. */
function parameters(kernel: FakeKernel, method: MethodDescription, random: Random): { args: number[]; bytes: Uint8Array } {
  if (!method.paramsMessage) return { args: method.sourceParams.flatMap(({ type }) => randomWords(type, random)), bytes: new Uint8Array() };
  const parts = method.paramsMessage.map((type) => anyBytes(type, random));
  const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
  return { args: [kernel.message(bytes, random(200))], bytes };
}

/** What comes back, as words or as the bytes of the message that became the caller's. */
function contentOf(kernel: FakeKernel, method: MethodDescription, core: number | undefined, bytes: number): number[] {
  if (method.resultMessage && core !== undefined && core >>> 0 >= 64) {
    const content = [...kernel.content(core, bytes)];
    kernel.dropMessage(core);
    return content;
  }
  return [core ?? -1, ...kernel.results.slice(0, method.resultWords)];
}

async function echoes(text: string, extra: string, random: Random, rounds: number): Promise<void> {
  const { kernel, world } = await service(text, extra);
  for (const method of methodsOf(world)) {
    const [param, ...others] = method.sourceParams;
    if (!param || others.length > 0 || !(method.name.startsWith("echo") || method.name.startsWith("try"))) continue;
    for (let round = 0; round < rounds; round++) {
      const { args, bytes } = parameters(kernel, method, random);
      const core = kernel.call(`${ID}#${method.name}`, args);
      const what = `${method.name}: ${JSON.stringify(param.type).slice(0, 300)}`;
      if (method.result === "packed" && param.type.kind === "result") {
        // What was the first byte of a message is the core result here.
        const [isError = 0, ...rest] = bytes;
        if (isError) assert.is(core, 1 + (rest[0] ?? 0), what);
        else if (!method.resultMessage) assert.is(core, 64, what);
        else assert.equal(contentOf(kernel, method, core, rest.length), rest, what);
      } else {
        const got = contentOf(kernel, method, core, bytes.length);
        const isInArea = method.resultWords > 0;
        if (method.resultMessage) assert.equal(got, [...bytes], what);
        else if (method.result !== "packed") assert.equal(isInArea ? got.slice(1) : got, isInArea ? args : args.slice(0, 1), what);
      }
      if (method.paramsMessage) kernel.dropMessage(args[0] ?? 0);
      assert.is(kernel.messages.size, 0, what);
    }
  }
}

test("exported functions give back every value that they are given, of every type", async () => {
  await echoes(sample, sampleImplementation, randomOf(3), 25);
});

test("exported functions give back values of random types", async () => {
  for (const seed of [1, 2]) {
    const { definitions, types } = randomTypes(randomOf(seed), 40);
    await echoes(echoWorld(types, definitions), "", randomOf(seed + 100), 8);
  }
});

test("imported functions are sent what the domain was given, and what they answer reaches its caller", async () => {
  const { kernel, world } = await relay();
  const random = randomOf(5);
  for (const method of methodsOf(world)) {
    for (let round = 0; round < 10; round++) {
      const { args, bytes } = parameters(kernel, method, random);
      let sent: number[] = [];
      let answer: Answer = { core: undefined, words: [] };
      let answered: number[] = [];
      kernel.answerer = (_name, received) => {
        sent = method.paramsMessage ? [...kernel.content(received[0] ?? 0, bytes.length)] : [...received];
        if (method.resultMessage && random(4) > 0) {
          answered = [...anyBytes(method.resultMessage, random)];
          answer = { core: kernel.message(Uint8Array.from(answered), random(100)), words: [] };
        } else if (method.resultMessage) {
          // Packed: an error; otherwise one more value.
          answered = method.result === "packed" ? [1 + random(method.packedErrors)] : [];
          answered = method.result === "packed" ? answered : [...anyBytes(method.resultMessage, random)];
          answer = { core: method.result === "packed" ? answered[0] : kernel.message(Uint8Array.from(answered)), words: [] };
        } else {
          answer = kernel.randomAnswer(method, random);
          answered = [answer.core ?? -1, ...(method.result === "packed" && (answer.core ?? 0) < 64 ? [] : answer.words)];
        }
        return answer;
      };
      const core = kernel.call(`${ID}#${method.name}`, args);
      assert.equal(sent, method.paramsMessage ? [...bytes] : args, method.name);
      const got = contentOf(kernel, method, core, answered.length);
      assert.equal(got.slice(0, answered.length), answered, method.name);
      if (method.paramsMessage) kernel.dropMessage(args[0] ?? 0);
      assert.ok(kernel.messages.size <= 2, `${method.name}: ${kernel.messages.size} messages left`);
    }
  }
});

test("an imported function that fails gives zero, empty, or died, whatever was sent", async () => {
  const { kernel, world } = await relay();
  const random = randomOf(6);
  kernel.status = 2;
  for (const method of methodsOf(world)) {
    const { args } = parameters(kernel, method, random);
    kernel.answerer = () => ({ core: method.result === "none" ? undefined : 0, words: [7, 7, 7, 7] });
    const core = kernel.call(`${ID}#${method.name}`, args);
    const zero = method.sourceResult && zeroValue(method.sourceResult);
    if (zero === undefined) assert.is(core ?? 0, 0, method.name);
    else if (method.resultMessage) {
      const bytes = encodeValue(method.resultMessage, zero.value);
      assert.equal([...kernel.content(core ?? 0, bytes.length)], [...bytes], method.name);
      kernel.dropMessage(core ?? 0);
    } else
      assert.ok(
        [core ?? 0, ...kernel.results.slice(0, method.resultWords)].every((word) => word === 0),
        method.name,
      );
    if (method.paramsMessage) kernel.dropMessage(args[0] ?? 0);
    assert.ok(kernel.messages.size <= 2, method.name);
  }
});

test("100 000 calls with strings leave memory and messages as they were", async () => {
  const { kernel } = await relay();
  const text = new TextEncoder().encode("0123456789".repeat(20));
  const bytes = Uint8Array.from([text.length, 0, 0, 0, ...text]);
  const sent = kernel.message(bytes);
  kernel.answerer = () => ({ core: kernel.message(bytes), words: [] });
  const name = `${ID}#echo-${sampleTypes.indexOf("string")}`;
  const run = (calls: number): void => {
    for (let call = 0; call < calls; call++) kernel.dropMessage(kernel.call(name, [sent]) ?? 0);
    kernel.copies.length = 0;
  };
  run(20_000);
  const before = [kernel.memory.buffer.byteLength, kernel.messages.size];
  const made = kernel.made;
  for (let round = 0; round < 8; round++) run(10_000);
  assert.equal([kernel.memory.buffer.byteLength, kernel.messages.size], before);
  assert.is(kernel.made, made, "the domain asked the kernel for messages");
});

test("a message is sent in the object of the last one, and a large one is not kept", async () => {
  const { kernel } = await relay();
  const name = `${ID}#echo-${sampleTypes.indexOf("list<u8>")}`;
  const bases: number[] = [];
  const send = (length: number): void => {
    const bytes = encodeValue({ kind: "list", item: { kind: "scalar", scalar: "u8" }, length: undefined }, new Uint8Array(length).fill(7));
    kernel.answerer = (_name, [base = 0]) => {
      bases.push(base);
      return { core: kernel.message(bytes), words: [] };
    };
    const sent = kernel.message(bytes);
    const got = kernel.call(name, [sent]) ?? 0;
    assert.equal([...kernel.content(got, bytes.length)], [...bytes]);
    kernel.dropMessage(got);
    kernel.dropMessage(sent);
  };
  for (const length of [10, 20, 5, 1000, 900, 10]) send(length);
  const [first, second, third] = bases;
  assert.equal([second, third], [first, first]);
  assert.ok(kernel.messages.size <= 2);
  send(100_000);
  assert.ok([...kernel.messages.values()].every((bytes) => bytes <= 65536));
  send(1_000_000);
  assert.ok(kernel.messages.size <= 2);
});

test("strings keep every character, whatever their length, and half a surrogate pair becomes a replacement character", async () => {
  const { kernel, world } = await service(
    echoWorld(["string"], "", "  make: func(units: list<u16>) -> string;\n"),
    '  export function make(units: Uint16Array): string { let text = ""; for (let i = 0; i < units.length; i++) text += String.fromCharCode(units[i]); return text; }\n',
  );
  const [echo, make] = methodsOf(world);
  const call = (method: MethodDescription | undefined, type: HostType, value: unknown): string => {
    const sent = kernel.message(encodeValue(type, value), 3);
    const got = kernel.call(`${ID}#${method?.name}`, [sent]) ?? 0;
    const length = kernel.heap.getUint32(got, true);
    const text = new TextDecoder().decode(kernel.content(got, 4 + length).subarray(4));
    kernel.dropMessage(got);
    kernel.dropMessage(sent);
    return text;
  };
  for (const unit of ["x", "é", "日", "😀"]) {
    for (const length of [0, 1, 60, 62, 63, 64, 84, 85, 251, 252, 253, 511, 2043, 2044, 2045, 2048, 4096, 30_000]) {
      const text = unit.repeat(length);
      assert.ok(call(echo, { kind: "string" }, text) === text, `${length} times ${unit}`);
    }
  }
  const units: HostType = { kind: "list", item: { kind: "scalar", scalar: "u16" }, length: undefined };
  for (const [from, to] of [
    [[0xd83d], "\ufffd"],
    [[0x41, 0xde00, 0x42], "A\ufffdB"],
    [[0xd83d, 0x41], "\ufffdA"],
    [[0xd83d, 0xd83d, 0xde00], "\ufffd😀"],
  ] as const) {
    assert.is(call(make, units, Uint16Array.from(from)), to);
  }
});

test("a list of fixed length with another length ends the domain, and so does a message that ends early", async () => {
  const { kernel, world } = await service(
    echoWorld(
      ["list<u8, 3>", "list<string, 2>", "list<string>"],
      "",
      "  short: func(of: u32) -> list<u8, 3>;\n  few: func(of: u32) -> list<string, 2>;\n",
    ),
    `  export function short(of_: u32): Uint8Array { return new Uint8Array(of_); }
  export function few(of_: u32): Array<string> { return new Array<string>(of_).fill("x"); }\n`,
  );
  assert.equal([...kernel.content(kernel.call(`${ID}#short`, [3]) ?? 0, 3)], [0, 0, 0]);
  for (const [name, wrong] of [
    ["short", [0, 2, 4]],
    ["few", [0, 1, 3]],
  ] as const) {
    for (const length of wrong) {
      kernel.panicked = "";
      assert.throws(() => kernel.call(`${ID}#${name}`, [length]), /unreachable/);
      assert.is(kernel.panicked, "a list of fixed length has another length");
    }
  }
  const strings: HostType = { kind: "list", item: { kind: "string" }, length: undefined };
  const bytes = encodeValue(strings, ["ab", "x".repeat(3000)]);
  for (const length of [0, 3, 5, 9, 11, 100, 3013]) {
    assert.throws(() => kernel.call(`${ID}#${methodsOf(world)[2]?.name}`, [kernel.message(bytes.subarray(0, length))]), /unreachable/);
  }
  const forged = kernel.message(Uint8Array.from([0xff, 0xff, 0xff, 0xff]));
  assert.throws(() => kernel.call(`${ID}#${methodsOf(world)[2]?.name}`, [forged]), /unreachable/);
});

test("objects inside values arrive as they were sent, and several parameters in their order", async () => {
  const { kernel, world } = await service();
  const method = (name: string): MethodDescription => methodsOf(world).find((each) => each.name === name) as MethodDescription;
  const call = (name: string, ...values: unknown[]): number => {
    const types = method(name).paramsMessage ?? [];
    const bytes = types.flatMap((type, index) => [...encodeValue(type, values[index])]);
    return kernel.call(`${ID}#${name}`, [kernel.message(Uint8Array.from(bytes), 9)]) ?? 0;
  };
  kernel.heap.setUint8(1024 + 5, 77);
  kernel.heap.setUint8(1024 + 63, 78);
  const read = call("read", 1024, Uint8Array.from([5, 63]));
  assert.equal([...kernel.content(read, 6)], [2, 0, 0, 0, 77, 78]);
  assert.throws(() => call("read", 1024, Uint8Array.from([64])), /unreachable/);
  const concat = call("concat", "a", ["b", "c"], undefined);
  assert.is(new TextDecoder().decode(kernel.content(concat, 8).subarray(4)), "abc-");
  kernel.call(`${ID}#many`, [1, 0, 0x3ff00000, -3, 0, 0x40000000, 1, 0x1f600, 0]);
  assert.is(new Float64Array(Uint32Array.from(kernel.results.slice(0, 2)).buffer)[0], 1 + 1 - 3 + 2 + 1000 + 0x1f600);
  const line = (x: number): unknown => ({ from: { x, y: 0.5 }, to: { x: x + 1, y: -1 }, rights: { exec: x === 3 } });
  call("too-many", line(1), line(2), line(3));
  assert.equal(kernel.results.slice(0, 7), [1, 0, 0x3fe00000, 3, 0, 0xbff00000 | 0, 4]);
});

test.run();
