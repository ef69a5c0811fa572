/** What the commands print: nothing out of a module or a running system steers a terminal. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { jsonLine, visible } from "../../host/cli/output.ts";

const test = suite("output");
/** CSI in one character, DEL, a text that runs backwards, half a pair, a line's end, a character of a private plane. */
const HARMFUL = "a\u009b31mb\u007f\u202e\ud800\n\u{f0000}é";

test("jsonLine: control characters are written as escapes, and read back as they were", () => {
  const value = { [HARMFUL]: [HARMFUL], plain: "ü → 漢" };
  const line = jsonLine(value);
  assert.not.match(line, /\p{C}/u);
  assert.equal(JSON.parse(line), value);
  assert.ok(line.includes("ü → 漢"));
});

test("visible: control characters are shown, not sent", () => {
  assert.is(visible("a\u009b\u001b\u202e\nb"), "a\\x9b\\x1b\\x202e\\x0ab");
  assert.is(visible("a\n\tb\r", "keepLines"), "a\n\tb\\x0d");
});

test.run();
