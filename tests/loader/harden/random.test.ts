/** Random programs mean the same hardened, whether or not they are asked to stop and told to go on. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { wat } from "../../support/wat.ts";
import { original, outcome, start } from "../hardened.ts";
import { randomModule } from "../random-program.ts";

const PROGRAMS = 150;
const ARGUMENTS = [0, 1, -1, 12345];

test(`harden: ${PROGRAMS} random programs return what they returned before`, async () => {
  for (let seed = 1; seed <= PROGRAMS; seed++) {
    const text = randomModule(seed, 3000);
    const bytes = await wat(text);
    const before = original(bytes);
    const after = start(bytes);
    for (const n of ARGUMENTS) {
      if (n === 12345) after.interrupt(0);
      const expected = outcome(() => before.f?.(n) ?? 0);
      assert.is(
        outcome(() => after.call.f?.(n) ?? 0),
        expected,
        `seed ${seed}, f(${n})`,
      );
    }
  }
});

test.run();
