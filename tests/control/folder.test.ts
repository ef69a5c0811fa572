/** Where control sockets lie: a folder of the user's own, which is refused when it is anybody else's, and what dead systems left in it. */

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { controlFolder, newSocketPath, openControlFolder, runningSystems } from "../../host/platform/control-folder.ts";

const test = suite<{ root: string }>("control folder", { root: "" });

test.before.each((context) => {
  context.root = realpathSync(mkdtempSync(join(tmpdir(), "sumac-folder-")));
});
test.after.each(({ root }) => rmSync(root, { recursive: true, force: true }));

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.instance(error, SumacError);
    assert.is((error as SumacError).code, "control-unusable");
    return (error as SumacError).message;
  }
  return assert.unreachable("nothing was refused") as never;
}

test("controlFolder: below XDG_RUNTIME_DIR where that is a folder of the user's, else below the temporary folder", ({ root }) => {
  assert.is(controlFolder({ XDG_RUNTIME_DIR: root }), join(root, "sumac"));
  const elsewhere = join(tmpdir(), `sumac-${process.getuid?.()}`);
  for (const XDG_RUNTIME_DIR of ["", "relative", join(root, "none")]) assert.is(controlFolder({ XDG_RUNTIME_DIR }), elsewhere);
  assert.is(controlFolder({}), elsewhere);
});

test("openControlFolder: makes a folder that nobody else may enter, and takes one that is there", ({ root }) => {
  const folder = join(root, "sumac");
  openControlFolder(folder);
  assert.is(lstatSync(folder).mode & 0o777, 0o700);
  openControlFolder(folder);
});

test("openControlFolder: refuses a folder that others may enter, a link, a file, and what it cannot make", ({ root }) => {
  const open = join(root, "open");
  mkdirSync(open);
  chmodSync(open, 0o750);
  assert.match(
    refusal(() => openControlFolder(open)),
    /may be entered by others: chmod 700/,
  );
  const own = join(root, "own");
  mkdirSync(own, { mode: 0o700 });
  const link = join(root, "link");
  symlinkSync(own, link);
  assert.match(
    refusal(() => openControlFolder(link)),
    /is no folder/,
  );
  writeFileSync(join(root, "file"), "");
  assert.match(
    refusal(() => openControlFolder(join(root, "file"))),
    /is no folder/,
  );
  assert.match(
    refusal(() => openControlFolder(join(root, "none", "deeper"))),
    /cannot be made \(ENOENT\)/,
  );
});

test("openControlFolder: refuses a folder of another user", () => {
  const foreign = process.getuid?.() === 0 ? undefined : "/";
  // Whoever is root owns what is usual; then a folder is given away.
  if (foreign !== undefined) {
    assert.match(
      refusal(() => openControlFolder(foreign)),
      /belongs to another user/,
    );
    return;
  }
  const given = mkdtempSync(join(tmpdir(), "sumac-given-"));
  spawnSync("chown", ["65534", given]);
  try {
    assert.match(
      refusal(() => openControlFolder(given)),
      /belongs to another user/,
    );
  } finally {
    rmSync(given, { recursive: true });
  }
});

test("newSocketPath: keeps what a file's name may hold, and refuses a path that no socket can have", ({ root }) => {
  assert.is(newSocketPath(root, "a/../b c", 2), join(root, `a_.._b_c-${process.pid}-2.sock`));
  assert.match(
    refusal(() => newSocketPath(join(root, "x".repeat(120)), "a", 1)),
    /too long a path/,
  );
});

test("runningSystems: gives those that listen, and removes what dead ones left", async ({ root }) => {
  chmodSync(root, 0o700);
  assert.equal(await runningSystems(join(root, "none")), []);
  const [alive, dead] = [newSocketPath(root, "alive", 1), newSocketPath(root, "dead", 2)];
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(alive, resolve));
  // A process that ends without closing its socket leaves the file.
  spawnSync(process.execPath, [
    "-e",
    `require("node:net").createServer().listen(${JSON.stringify(dead)}, () => process.kill(process.pid, "SIGKILL"))`,
  ]);
  assert.ok(existsSync(dead));
  writeFileSync(join(root, "other.txt"), "");
  assert.equal(await runningSystems(root), [{ path: alive, name: "alive", pid: process.pid }]);
  assert.not.ok(existsSync(dead));
  assert.ok(existsSync(join(root, "other.txt")));
  await new Promise((resolve) => server.close(resolve));
});

test.run();
