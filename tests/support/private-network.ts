/**
 * A network of its own for a program: a namespace of Linux, in which it may make interfaces and which is gone when it ends.
 * Used by tests that need the kernel's own network stack, and by the bench. It never touches the machine's interfaces.
 * All in it ends with `unshare`, and `unshare` with the thread that started it, by whatever that ends. It holds SIGTERM back: who ends it sends SIGKILL.
 */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";

const UNSHARE: readonly string[] = [
  "--pdeathsig",
  "KILL",
  "unshare",
  "--net",
  "--pid",
  "--fork",
  "--kill-child",
  ...(process.geteuid?.() === 0 ? [] : ["--map-root-user"]),
];

/** Command line that runs another one in a network of its own. */
export function inPrivateNetwork(command: readonly string[]): readonly [string, readonly string[]] {
  return ["setpriv", [...UNSHARE, ...command]];
}

/** What stands in the way of a TAP interface, and of asking through it with `ping`; nothing when it works. */
export function whyNoTap(): string | undefined {
  if (process.platform !== "linux") return `${process.platform} has no TAP interfaces`;
  const found = run(["ip", "tuntap", "add", "dev", "probe", "mode", "tap"]);
  if (found.error !== undefined) return `setpriv (Debian: util-linux) is not there: ${found.error.message}`;
  if (found.status !== 0) return `no TAP interface in a network of one's own: ${firstLine(found)}`;
  const ping = spawnSync("ping", ["-V"], { encoding: "utf8" });
  if (ping.error !== undefined) return "ping is not there (Debian: iputils-ping)";
  return undefined;
}

function run(command: readonly string[]): SpawnSyncReturns<string> {
  const [file, args] = inPrivateNetwork(command);
  return spawnSync(file, args, { encoding: "utf8", timeout: 10_000, killSignal: "SIGKILL" });
}

function firstLine({ stderr, stdout, status }: SpawnSyncReturns<string>): string {
  return (stderr || stdout).trim().split("\n")[0] || `exit code ${status}`;
}
