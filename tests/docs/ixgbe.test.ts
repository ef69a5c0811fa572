/** docs/ixgbe.md: its script runs as it is printed, and prints what the page says. */
import { test } from "uvu";
import { assertScriptPrintsAsWritten } from "./driving-script.ts";

test("docs/ixgbe.md: drive.ts drives the card as printed, twice the same", () => {
  assertScriptPrintsAsWritten("ixgbe", 30);
});

test.run();
