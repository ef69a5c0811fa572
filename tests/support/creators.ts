/** Test domains that create domains: calls of `sumac:kernel/creator` in WAT, with their messages. */
import { readFileSync } from "node:fs";
import { DEFAULT_LIMITS } from "../../host/kernel/domain.ts";
import { type Blob, creatorProvider } from "../../host/kernel/life/creator.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { worldText } from "./handle-domains.ts";
import { type TestDomain, type TestSystem, withWorld } from "./system.ts";
import { wat } from "./wat.ts";

export const CREATOR = "sumac:kernel/creator@0.1.0";
/** What its client imports of it: `$open`, `$create`, `$bind`, `$alive`, `$kill`, `$dropBlob`, `$dropCreated`; and `$message`, `$status`, `$result`. */
export const CREATOR_IMPORTS: string = `
  (import "${CREATOR}" "open" (func $open (param i32) (result i32)))
  (import "${CREATOR}" "[method]blob.create" (func $create (param i32 i32) (result i32)))
  (import "${CREATOR}" "[method]created.bind" (func $bind (param i32 i32) (result i32)))
  (import "${CREATOR}" "[method]created.alive" (func $alive (param i32) (result i32)))
  (import "${CREATOR}" "[method]created.kill" (func $kill (param i32)))
  (import "${CREATOR}" "[resource-drop]blob" (func $dropBlob (param i32)))
  (import "${CREATOR}" "[resource-drop]created" (func $dropCreated (param i32)))
  (import "kernel" "message-new" (func $messageNew (param i32) (result i32)))
  (import "kernel" "message-drop" (func $messageDrop (param i32)))
  (import "guard" "copyOut" (func $copyOut (param i32 i32 i32)))
  (import "guard" "status" (func $status (param i32) (result i32)))
  (import "guard" "result" (func $result (param i32) (result i32)))`;

/** A message made of the caller's own memory. */
export const MESSAGE: string = `(func $message (param $at i32) (param $bytes i32) (result i32) (local $base i32)
  (local.set $base (call $messageNew (local.get $bytes))) (call $copyOut (local.get $base) (local.get $at) (local.get $bytes)) (local.get $base))`;

/** Lays bytes out in a module's memory; each gives the expression for a message of them. */
export class Messages {
  readonly #segments: string[] = [];
  #next = 1024;

  get memory(): string {
    return `(memory 1) ${this.#segments.join(" ")}`;
  }

  string(text: string): string {
    return this.#add(string(text));
  }

  /** The arguments of `create`; the handles of services are stored at `handleAt(i)` before the call. */
  create(grants: readonly string[], services: readonly string[] = []): { readonly text: string; readonly handlesAt: readonly number[] } {
    const start = this.#next;
    const bytes = [...u32(grants.length), ...grants.flatMap(string), ...u32(services.length)];
    const handlesAt: number[] = [];
    for (const id of services) {
      bytes.push(...string(id));
      handlesAt.push(start + bytes.length);
      bytes.push(0, 0, 0, 0);
    }
    return { text: this.#add(bytes), handlesAt };
  }

  #add(bytes: readonly number[]): string {
    const at = this.#next;
    this.#next += bytes.length + 8;
    this.#segments.push(`(data (i32.const ${at}) "${bytes.map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("")}")`);
    return `(call $message (i32.const ${at}) (i32.const ${bytes.length}))`;
  }
}

function u32(value: number): number[] {
  return [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24];
}

function string(text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  return [...u32(bytes.length), ...bytes];
}

/** A package of the project, as part of a world's text. */
export function shippedPackage(name: string): string {
  const text = readFileSync(new URL(`../../interfaces/${name}.wit`, import.meta.url), "utf8");
  return `${text.replace(/^package ([^;]+);/m, "package $1 {")}}`;
}

/** As `worldText`, with the packages of kernel interfaces. */
export function creatorWorld(items: string): string {
  return `${worldText(items)}\n${shippedPackage("kernel")}`;
}

/** A domain's text as a blob. */
export async function blob(t: TestSystem, { name, world, wat: text, limits }: TestDomain, most = 8): Promise<Blob> {
  const whole = { ...DEFAULT_LIMITS, memoryPages: 16, ...limits };
  const options = { name, trusted: [], allowUnsigned: true, memoryPages: whole.memoryPages };
  const loaded = await t.system.loader.load(withWorld(await wat(text), world), options);
  return { name, loaded, limits: whole, most };
}

export function creates(t: TestSystem, ...blobs: readonly Blob[]): Provider {
  return creatorProvider(t.system.kernel, blobs);
}
