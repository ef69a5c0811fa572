/** docs/nvme.md: its script runs as it is printed, and prints what the page says. */
import { test } from "uvu";
import { assertScriptPrintsAsWritten } from "./driving-script.ts";

test("docs/nvme.md: drive.ts drives the controller as printed, twice the same", () => {
  assertScriptPrintsAsWritten("nvme", 26);
});

test.run();
