/**
 * `sumac top` on a terminal: tmux is the terminal, its screen is compared as text. The first screen comes from a system that really runs,
 * so numbers are compared by their form.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LiveSystem } from "./live-system.ts";

const MAIN = resolve("host/cli/main.ts");
const TMUX = `sumac-test-${process.pid}`;

const test = suite<{ live: LiveSystem }>("top", {} as { live: LiveSystem });

function tmux(...args: string[]): string {
  return execFileSync("tmux", ["-L", TMUX, "-f", "/dev/null", ...args], { encoding: "utf8" });
}

function screen(): string[] {
  return tmux("capture-pane", "-p").replace(/\n+$/, "").split("\n");
}

/** The first screen for which this holds; who waits in vain is ended by the file's deadline, with the last one in the message. */
async function until(holds: (lines: readonly string[]) => boolean, what: string): Promise<string[]> {
  const end = Date.now() + 40_000;
  for (;;) {
    const lines = screen();
    if (holds(lines)) return lines;
    if (Date.now() > end) throw new Error(`${what} did not come; there is:\n${lines.join("\n")}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** Rows of the table by their first word, the cursor's without its mark. */
function rowsOf(lines: readonly string[]): string[] {
  return lines.slice(8).flatMap((line) => /^[▶ ] (\S+)/.exec(line)?.[1] ?? []);
}

test.before(async (context) => {
  if (spawnSync("tmux", ["-V"]).error !== undefined) throw new Error("tmux is not installed: apt-get install tmux");
  context.live = await LiveSystem.start("--kill-every", "64");
  const environment = ["XDG_RUNTIME_DIR", "NO_COLOR"].flatMap((name) => ["-e", `${name}=${context.live.environment[name]}`]);
  tmux("new-session", "-d", "-x", "100", "-y", "20", ...environment, "sh");
  tmux("set-option", "-g", "escape-time", "0");
  tmux("send-keys", `LC_ALL=C.UTF-8 ${process.execPath} ${MAIN} top --interval 0.2; echo "exit code $?"`, "Enter");
});

test.after(async ({ live }) => {
  spawnSync("tmux", ["-L", TMUX, "kill-server"]);
  await live.end();
});

test("top: the whole screen, row by row", async ({ live }) => {
  const lines = await until((all) => /\d %/.test(all[1] ?? "") && all[8]?.startsWith("▶") === true, "the table");
  assert.is(lines.length, 20);
  const number = "(\\d+(\\.\\d+)?[kMG]?|-)";
  for (const [row, form] of [
    [0, `^scrub {2}pid ${live.pid} {2}up \\d+:\\d\\d {2}1 CPU {2}\\d of 3 domains running {2}${number} deaths {2}${number} restarts$`],
    [1, `^CPU {2}[█░]{20} +\\d+ % {2}${number} calls/s {2}[▁▂▃▄▅▆▇█]+$`],
    [2, "^heap [█░]{20} \\d+(\\.\\d+)? (B|KiB) of 64\\.0 MiB, \\d+ objects$"],
    // A driver's generation that was born since the names were told has none yet.
    [3, "^runs (idle|scrubber( → disk-shadow( → (nvme-driver|\\?))?)?)$"],
    [4, `^devs disk \\(nvme\\): \\d+ in flight {2}read ${number}/s .+/s {2}write ${number}/s .+/s$`],
    [5, "^ {7}queues( \\d+:\\d+/\\d+)+ {2}latency \\S+ [ ▁▂▃▄▅▆▇█]+ \\d+[µm]?s, p50 <\\S+ p99 <\\S+$"],
    [6, "^$"],
    [7, "^ {2}DOMAIN +GEN STATE +CPU% +TIME CALLS/S CALLS ERRORS DEATHS RESTARTS +HEAP +OBJ$"],
    [8, `^▶ \\S+ +${number} \\w+ +${number} +\\S+ +${number} +${number} +${number} +${number} +${number} +\\S+ \\w+ +${number}$`],
    [19, "^↑↓ select {2}←→ sort {2}i invert {2}k kill {2}r restart {2}q quit$"],
  ] as const) {
    assert.match(lines[row] ?? "", new RegExp(form), `row ${row}`);
  }
  assert.equal(rowsOf(lines).sort(), ["disk-shadow", "nvme-driver", "scrubber"]);
  assert.is(lines.filter((line) => line.startsWith("▶")).length, 1);
});

test("top: sorts by the column that the arrows choose, and turns round", async () => {
  // From CPU% three to the left: by name.
  tmux("send-keys", "Left", "Left", "Left");
  const named = await until((lines) => rowsOf(lines).join(" ") === "disk-shadow nvme-driver scrubber", "the order of names");
  assert.is(named.length, 20);
  tmux("send-keys", "i");
  await until((lines) => rowsOf(lines).join(" ") === "scrubber nvme-driver disk-shadow", "the other way round");
  tmux("send-keys", "i");
  await until((lines) => rowsOf(lines).join(" ") === "disk-shadow nvme-driver scrubber", "the order of names again");
});

test("top: the cursor moves, r asks and restarts, and the table shows the next generation", async ({ live }) => {
  tmux("send-keys", "Up", "Up");
  await until((lines) => lines[8]?.startsWith("▶ disk-shadow") === true, "the cursor on the first row");
  tmux("send-keys", "r");
  await until((lines) => lines[6] === "restart disk-shadow? y or n", "the question");
  tmux("send-keys", "n");
  await until((lines) => lines[6] === "", "the end of the question");
  tmux("send-keys", "r", "y");
  await until((lines) => /^disk-shadow#1 (has ended|ends at its next safepoint)$/.test(lines[6] ?? ""), "the message");
  await until((lines) => /^▶ disk-shadow +2 running/.test(lines[8] ?? ""), "the next generation");
  const { domains } = await live.until(({ domains: rows }) => rows[1]?.generation === 2);
  assert.is(domains[1]?.deaths, 1);
});

test("top: a narrower and lower terminal gets what fits, and the larger one all of it again", async () => {
  tmux("resize-window", "-x", "60", "-y", "12");
  const small = await until(
    (lines) => lines.length === 12 && /^ {2}DOMAIN +CPU% CALLS\/S ERRORS DEATHS/.test(lines[7] ?? ""),
    "fewer columns",
  );
  for (const line of small) assert.ok([...line].length <= 60, line);
  tmux("resize-window", "-x", "100", "-y", "20");
  await until((lines) => lines.length === 20 && /RESTARTS +HEAP +OBJ$/.test(lines[7] ?? ""), "all columns");
});

test("top: q gives the first screen back", async () => {
  tmux("send-keys", "q");
  const lines = await until((all) => all.some((line) => line === "exit code 0"), "the shell");
  assert.not.match(lines.join("\n"), /DOMAIN/);
  assert.is(tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").trim(), "0 1");
});

test("top: k ends a domain, and the end of the system ends the table", async ({ live }) => {
  tmux("send-keys", "clear", "Enter");
  tmux("send-keys", `LC_ALL=C.UTF-8 ${process.execPath} ${MAIN} top --interval 0.2; echo "code again $?"`, "Enter");
  await until((lines) => lines[8]?.startsWith("▶") === true, "the table");
  tmux("send-keys", "Left", "Left", "Left");
  await until((lines) => rowsOf(lines).join(" ") === "disk-shadow nvme-driver scrubber", "the order of names");
  tmux("send-keys", "Down", "Down", "k");
  await until((lines) => lines[6] === "kill scrubber? y or n", "the question");
  tmux("send-keys", "y");
  const lines = await until((all) => all.some((line) => line === "code again 0"), "the shell");
  // The shell's prompt may stand before it.
  assert.ok(
    lines.some((line) => line.endsWith(`scrub (${live.pid}) has ended`)),
    lines.join("\n"),
  );
  assert.is(await live.ended(), 1);
});

test.run();
