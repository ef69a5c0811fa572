/** A module of little else than loops: what hardening adds beside the code counts, too. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { concatBytes } from "../../host/loader/byte-reader.ts";
import { MAX_HARDENED_BYTES } from "../../host/loader/limits.ts";
import { HEADER } from "../../host/loader/sections.ts";
import { leb } from "../loader/audit-fixture.ts";
import { hardened, refusalOf } from "../loader/audit-real.ts";

const LOOPS = 1000;
const EMPTY_LOOP = [0x03, 0x40, 0x0b];

/** So many functions of so many empty loops each. */
function loops(functions: number): Uint8Array {
  const body = [0, ...Array.from({ length: LOOPS }, () => EMPTY_LOOP).flat(), 0x0b];
  const one = Uint8Array.from([...leb(body.length), ...body]);
  const section = (id: number, ...parts: Uint8Array[]): Uint8Array => {
    const content = concatBytes(parts);
    return concatBytes([Uint8Array.from([id, ...leb(content.length)]), content]);
  };
  const count = Uint8Array.from(leb(functions));
  return concatBytes([
    HEADER,
    section(1, Uint8Array.of(1, 0x60, 0, 0)),
    section(3, count, new Uint8Array(functions)),
    section(10, count, ...Array.from({ length: functions }, () => one)),
  ]);
}

test("a module that only its branch hints make too large is refused as one that is too large, not as one that breaks a rule", () => {
  const fits = hardened(loops(1000));
  assert.is(refusalOf(fits.bytes, fits.options), undefined);
  assert.ok(fits.bytes.length > 0.9 * MAX_HARDENED_BYTES, "near the limit");
  let thrown: unknown;
  try {
    const { bytes, options } = hardened(loops(1200));
    thrown = refusalOf(bytes, options);
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, SumacError, String(thrown));
  assert.is((thrown as SumacError).code, "module-refused");
});

test.run();
