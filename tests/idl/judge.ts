/**
 * The Component Model's own tools as a judge of WIT, and our answer to the same question.
 * Used by the tests here; the judge is a build-time dependency and nothing at run time asks it.
 */
import { componentEmbed } from "@bytecodealliance/jco-transpile/wasm-tools";
import { parseWit } from "../../host/idl/idl.ts";
import { Problems } from "../../host/idl/problems.ts";
import { resolveFiles } from "../../host/idl/resolve-files.ts";

/** What the judge objects to, or undefined. The text holds a world `w`. */
export async function judged(text: string): Promise<string | undefined> {
  try {
    await componentEmbed({ witSource: text, dummy: true, world: "w", features: { tag: "all" } });
    return undefined;
  } catch (error) {
    return String((error as { message?: string }).message ?? error).split("\n")[0] ?? "refused";
  }
}

/** What our parser and resolver object to, before Sumac's own rules; undefined when nothing. */
export function ours(text: string): string | undefined {
  const problems = new Problems();
  try {
    resolveFiles([parseWit(text, "t.wit")], problems);
  } catch (error) {
    return (error as Error).message;
  }
  return problems.sorted()[0]?.message;
}

/** A package with one interface `i` of this body, and a world that imports it. */
export function inInterface(body: string): string {
  return `package a:b@0.1.0; interface i { ${body} } world w { import i; }`;
}

/** A world of this body beside the interfaces `i` and `j`. */
export function inWorld(body: string): string {
  return `package a:b@0.1.0; interface i { type t = u8; f: func(); } interface j { g: func(); } world w { ${body} }`;
}
