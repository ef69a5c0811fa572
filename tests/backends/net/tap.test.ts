/**
 * The TAP wire against the machine's own kernel, in a network of its own. Skipped, with the reason, where no such network can be made; what
 * it says on a machine without the means is checked everywhere.
 */
import { spawnSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openTap } from "../../../host/backends/net/tap.ts";
import { SumacError } from "../../../host/errors.ts";
import { asOrdinaryUser } from "../../support/ordinary-user.ts";
import { inPrivateNetwork, whyNoTap } from "../../support/private-network.ts";

const reason = whyNoTap();
if (reason !== undefined) console.log(`SKIP the kernel's TAP: ${reason}`);
const withTap = reason === undefined ? test : test.skip;

test("openTap: whoever may not have an interface is told why, and what to do", () => {
  asOrdinaryUser(() => {
    try {
      openTap("sumac-none").close();
    } catch (error) {
      assert.instance(error, SumacError);
      assert.match((error as Error).message, /^TAP interface sumac-none: .+(run|load|install|use) /);
      return;
    }
    // Somebody who has the right anyway.
    assert.is.not(process.geteuid?.(), 65534);
  });
});

withTap("openTap: frames go both ways between wire and kernel, and errors say what is wrong", () => {
  const [file, args] = inPrivateNetwork([process.execPath, "tests/backends/net/tap-scene.ts"]);
  const { stdout, stderr, status } = spawnSync(file, args, { encoding: "utf8", timeout: 60_000, killSignal: "SIGKILL" });
  assert.is(status, 0, stderr);
  const seen = JSON.parse(stdout) as Record<string, unknown>;
  assert.match(String(seen.inUse), /sumac0: it is in use/);
  assert.match(String(seen.noTap), /lo: .*another name/);
  assert.match(String(seen.forbidden), /sumac1: no right to/);
  assert.is(seen.asked, true, "the kernel's question came");
  assert.ok(Number(seen.shortest) >= 60, "padded");
  assert.is(seen.left, 5, "the kernel counted what was sent");
  const none = { full: 0, tooLong: 0, down: 0, refused: 0, faults: 0 };
  assert.equal(seen.whileDown, { ...none, down: 1 });
  assert.is(seen.jumboCame, true, "a frame as long as the MTU came");
  assert.is(seen.jumboLeft, 9014, "and one as long was taken");
  assert.equal(seen.losses, { in: none, out: { ...none, down: 1, tooLong: 1 } });
  assert.is(seen.gone, true, "closed, the interface is gone");
  assert.equal([seen.upBefore, seen.taken, seen.upAfter, seen.carriers], [true, true, false, [false]]);
});

test.run();
