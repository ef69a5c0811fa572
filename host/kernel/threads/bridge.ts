/**
 * The Wasm between a domain with threads and the kernel. A stack can be parked only where no JavaScript frame stands in it, and an
 * import that may park always does, even where nobody has to wait. So JavaScript is asked first, and only its answer leads to the
 * import that parks (decision 0023). One instance for each domain; trusted, and written here byte by byte because there is no other
 * Wasm of the kernel that must know how many words a domain's imports take.
 *
 *     tick        a safepoint: goes on, dies, or gives way
 *     park        the domain asks to wait
 *     run         a thread's base: calls the domain's own `thread:run`
 *     0, 1, …     its imports: called again after each wait, while the kernel says so
 *
 * Around each wait it calls the domain's own `thread:save` and `thread:restore`, which keep what the domain has one of and each
 * thread needs for itself. Whoever is to die is not given back to its domain: `unreachable` stands here.
 */
import { i32Leb, section, u32Leb } from "../calls/wasm-bytes.ts";

/** How many words a function takes and gives. */
export interface Shape {
  readonly params: number;
  readonly results: 0 | 1;
}

/** What the bridge imports from "kernel", in this order. */
export const BRIDGE_IMPORTS = ["ask", "mayPark", "suspend", "resumed", "isBlocked", "ended"] as const;

/** `ask`: what a safepoint is to do. Its word is 1 while the domain saves or restores a thread. */
export const Tick = { goOn: 0, die: 1, giveWay: 2 } as const;
/** `mayPark` when the thread has to wait. */
export const WAIT = -1;
/** `resumed` for whoever is to die. */
export const DEAD = -1;

/** Places in the table of the domain's own functions. */
export const Hook = { run: 0, save: 1, restore: 2 } as const;

const [I32, VOID] = [0x7f, 0x40];
const [UNREACHABLE, BLOCK_LOOP, IF, END, BR, RETURN, CALL, CALL_INDIRECT, DROP] = [0, 3, 4, 11, 12, 15, 16, 17, 26];
const [LOCAL_GET, LOCAL_SET, LOCAL_TEE, I32_LOAD, I32_CONST, I32_EQZ, I32_EQ, I32_LT] = [0x20, 0x21, 0x22, 0x28, 0x41, 0x45, 0x46, 0x48];

const [GLOBAL_GET, GLOBAL_SET, I32_AND] = [0x23, 0x24, 0x71];
const [ASK, MAY_PARK, SUSPEND, RESUMED, IS_BLOCKED, ENDED] = [0, 1, 2, 3, 4, 5];

export interface BridgeOptions {
  /** Of the domain's imports, in order. */
  readonly imports: readonly Shape[];
  /** Byte offset of the domain's status on the shared heap. */
  readonly statusOffset: number;
  readonly heapMaxPages: number;
  /** The domain has `thread:save` and `thread:restore`. */
  readonly hasHooks: boolean;
}

export function bridgeModule({ imports, statusOffset, heapMaxPages, hasHooks }: BridgeOptions): Uint8Array<ArrayBuffer> {
  const types: Shape[] = [];
  const typeOf = (params: number, results: 0 | 1): number => {
    const known = types.findIndex((type) => type.params === params && type.results === results);
    return known >= 0 ? known : types.push({ params, results }) - 1;
  };
  const none = typeOf(0, 1);
  const one = typeOf(1, 1);
  const two = typeOf(2, 1);
  const take = typeOf(1, 0);
  const four = typeOf(4, 1);
  const own = [one, two, none, one, none, one];
  const shapes = imports.map(({ params, results }) => typeOf(params, results));
  const firstDefined = own.length + shapes.length;
  const [wait, tick, park, run] = [firstDefined, firstDefined + 1, firstDefined + 2, firstDefined + 3];
  const hook = (place: number, type: number): number[] => [I32_CONST, ...i32Leb(place), CALL_INDIRECT, ...u32Leb(type), 0];

  // While the domain saves or restores a thread, no other one may come between.
  const inHook = (is: 0 | 1): number[] => [I32_CONST, is, GLOBAL_SET, 0];
  /** (param $mayRefuse i32) (result i32) (local $token i32) (local $verdict i32): the verdict, or -1 where the domain said "not now". */
  const waitBody = [
    ...[GLOBAL_GET, 0, IF, VOID, UNREACHABLE, END],
    ...(hasHooks
      ? [...inHook(1), LOCAL_GET, 0, ...hook(Hook.save, one), LOCAL_TEE, 1, ...inHook(0), I32_EQZ, LOCAL_GET, 0, I32_AND]
      : [I32_CONST, 0]),
    ...[IF, VOID, I32_CONST, ...i32Leb(-1), RETURN, END],
    ...[CALL, SUSPEND, CALL, RESUMED, LOCAL_TEE, 2, I32_CONST, 0, I32_LT, IF, VOID, UNREACHABLE, END],
    ...(hasHooks ? [...inHook(1), LOCAL_GET, 1, ...hook(Hook.restore, take), ...inHook(0)] : []),
    ...[LOCAL_GET, 2],
  ];
  const tickBody = [
    ...[GLOBAL_GET, 0, CALL, ASK, LOCAL_TEE, 0, I32_CONST, Tick.giveWay, I32_EQ, IF, VOID],
    ...[I32_CONST, 1, CALL, ...u32Leb(wait), DROP, I32_CONST, 0, RETURN, END, LOCAL_GET, 0],
  ];
  const parkBody = [
    ...[LOCAL_GET, 0, LOCAL_GET, 1, CALL, MAY_PARK, LOCAL_TEE, 2, I32_CONST, 0, I32_LT, IF, VOID],
    ...[I32_CONST, 0, CALL, ...u32Leb(wait), RETURN, END, LOCAL_GET, 2],
  ];
  const runBody = [LOCAL_GET, 0, LOCAL_GET, 1, LOCAL_GET, 2, LOCAL_GET, 3, ...hook(Hook.run, four), CALL, ENDED];
  const callBody = ({ params, results }: Shape, index: number): number[] => [
    ...[BLOCK_LOOP, VOID],
    ...Array.from({ length: params }, (_, i) => [LOCAL_GET, ...u32Leb(i)]).flat(),
    ...[CALL, ...u32Leb(own.length + index)],
    ...(results === 1 ? [LOCAL_SET, ...u32Leb(params)] : []),
    ...[I32_CONST, 0, I32_LOAD, 2, ...u32Leb(statusOffset), IF, VOID],
    ...[CALL, IS_BLOCKED, IF, VOID, I32_CONST, 0, CALL, ...u32Leb(wait), DROP, BR, 2, END, END, END],
    ...(results === 1 ? [LOCAL_GET, ...u32Leb(params)] : []),
  ];
  const bodies = [
    { type: one, locals: 2, code: waitBody },
    { type: none, locals: 1, code: tickBody },
    { type: two, locals: 1, code: parkBody },
    { type: four, locals: 0, code: runBody },
    ...imports.map((shape, i) => ({ type: shapes[i] ?? none, locals: shape.results, code: callBody(shape, i) })),
  ];
  const named = (name: string): number[] => [name.length, ...new TextEncoder().encode(name)];
  const imported = (name: string, kind: number[]): number[] => [...named("kernel"), ...named(name), ...kind];
  const importList = [
    imported("heap", [2, 3, 1, ...u32Leb(heapMaxPages)]),
    imported("hooks", [1, 0x70, 0, 3]),
    ...BRIDGE_IMPORTS.map((name, i) => imported(name, [0, own[i] ?? none])),
    ...shapes.map((type, i) => imported(String(i), [0, ...u32Leb(type)])),
  ];
  const exported: [string, number][] = [
    ["tick", tick],
    ["park", park],
    ["run", run],
    ...shapes.map((_, i): [string, number] => [String(i), run + 1 + i]),
  ];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [
      ...u32Leb(types.length),
      ...types.flatMap(({ params, results }) => [
        0x60,
        ...u32Leb(params),
        ...new Array<number>(params).fill(I32),
        results,
        ...(results ? [I32] : []),
      ]),
    ]),
    ...section(2, [...u32Leb(importList.length), ...importList.flat()]),
    ...section(3, [...u32Leb(bodies.length), ...bodies.flatMap(({ type }) => u32Leb(type))]),
    ...section(6, [1, I32, 1, I32_CONST, 0, END]),
    ...section(7, [...u32Leb(exported.length), ...exported.flatMap(([name, index]) => [...named(name), 0, ...u32Leb(index)])]),
    ...section(10, [
      ...u32Leb(bodies.length),
      ...bodies.flatMap(({ locals, code }) => {
        const body = [...(locals > 0 ? [1, locals, I32] : [0]), ...code, END];
        return [...u32Leb(body.length), ...body];
      }),
    ]),
  ]);
}
