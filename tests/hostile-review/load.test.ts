/** What the loader is handed before anybody is trusted: it must say no soon, in one error, whatever the bytes are. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { concatBytes } from "../../host/loader/byte-reader.ts";
import { generateKey } from "../../host/loader/key-format.ts";
import { customSection, HEADER } from "../../host/loader/sections.ts";
import { verifyModule } from "../../host/loader/signature.ts";
import { encodeSignatures } from "../../host/loader/signature-format.ts";
import { testSystem } from "../support/system.ts";

test("16 000 signatures of nobody over 64 parts are refused without trying them all or hashing 64 times", async () => {
  const trusted = await Promise.all(["a", "b", "c"].map(async (name) => ({ name, publicKey: (await generateKey()).key.publicKey })));
  const signature = { keyId: new Uint8Array(0), signature: new Uint8Array(64).fill(1), offset: 0 };
  const set = { hashes: [new Uint8Array(32)], signatures: new Array<typeof signature>(255).fill(signature) };
  const parts = Array.from({ length: 62 }, (_, i) => customSection("signature_delimiter", new Uint8Array(i === 0 ? 12_000_000 : 16)));
  const section = customSection("signature", encodeSignatures(new Array<typeof set>(64).fill(set)));
  const started = performance.now();
  let thrown: unknown;
  try {
    await verifyModule(concatBytes([HEADER, section, ...parts]), trusted);
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, SumacError);
  assert.match((thrown as SumacError).message, /none of the first 256/);
  assert.ok(performance.now() - started < 3000, `took ${performance.now() - started} ms`);
});

test("a file beyond the size limit, and a world that is not UTF-8, are errors of their own", async () => {
  const { system, end } = await testSystem();
  const options = { name: "evil", trusted: [], allowUnsigned: true, memoryPages: 1 };
  const codeOf = async (bytes: Uint8Array): Promise<string> => {
    try {
      await system.loader.load(bytes, options);
      return "loaded";
    } catch (error) {
      return error instanceof SumacError ? error.code : String(error);
    }
  };
  assert.is(await codeOf(new Uint8Array(16 * 1024 * 1024 + 1)), "module-refused");
  assert.is(await codeOf(concatBytes([HEADER, customSection("sumac:world", Uint8Array.of(0xff))])), "module-malformed");
  await end();
});

test.run();
