/** The status codes stand in three languages' worth of files: the kernel's, the memory map's, and the domain library's. */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Cause, Refusal } from "../../host/kernel/status.ts";
import * as layout from "../../shared-heap/layout.ts";

/** `export const NAME: u32 = 1;` lines of one namespace of the library's rpc.ts. */
function libraryCodes(namespace: string): Record<string, number> {
  const text = readFileSync("domains-as/lib/sumac/rpc.ts", "utf8");
  const body = new RegExp(`export namespace ${namespace} \\{([\\s\\S]*?)\\n\\}`).exec(text)?.[1] ?? "";
  return Object.fromEntries([...body.matchAll(/export const (\w+): u32 = (\d+);/g)].map(([, name = "", value]) => [name, Number(value)]));
}

const kernelCodes = Object.fromEntries(Object.entries(Cause).map(([name, code]) => [name.toUpperCase().replace("-", "_"), code]));

test("Cause: the memory map gives each status the same code", () => {
  const codes = Object.entries(layout).flatMap(([name, value]) => {
    const [, status = ""] = /^STATUS_(?!WORDS)([A-Z_]+)$/.exec(name) ?? [];
    return status === "" ? [] : [[status, value] as const];
  });
  assert.equal(Object.fromEntries(codes), kernelCodes);
});

test("Cause: a domain reads the same codes", () => {
  assert.equal(libraryCodes("Status"), kernelCodes);
});

test("Refusal: a domain reads the same details", () => {
  const { argument, result, calleeFull } = Refusal;
  assert.equal(libraryCodes("Refusal"), { ARGUMENT: argument, RESULT: result, CALLEE_FULL: calleeFull });
});

test.run();
