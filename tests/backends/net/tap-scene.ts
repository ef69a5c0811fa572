/** Run by tap.test.ts in a network of its own: what a TAP wire says and does, as one line of JSON. */
import { execFileSync, spawnSync } from "node:child_process";
import { openTap } from "../../../host/backends/net/tap.ts";
import type { ThreadWire } from "../../../host/backends/net/thread-wire.ts";
import { asOrdinaryUser } from "../../support/ordinary-user.ts";

const ip = (...args: readonly string[]): string => execFileSync("ip", args, { encoding: "utf8" });
const exists = (name: string): boolean => spawnSync("ip", ["link", "show", name]).status === 0;

function refusal(name: string): string {
  try {
    openTap(name).close();
    return "opened";
  } catch (error) {
    return (error as Error).message;
  }
}

/** Polls until something is so, at most ten seconds. */
function until(wire: ThreadWire, isSo: () => boolean): boolean {
  for (const end = performance.now() + 10_000; performance.now() < end && !isSo(); ) wire.poll();
  return isSo();
}

const frames: string[] = [];
const carriers: boolean[] = [];
let shortest = Number.POSITIVE_INFINITY;
const wire = openTap("sumac0");
wire.attach({
  receive(frame, length) {
    shortest = Math.min(shortest, length);
    frames.push(Buffer.from(frame.subarray(0, length)).toString("hex"));
  },
  carrier: (up) => void carriers.push(up),
});
// An interface that is down takes nothing, and nobody hears of it.
wire.send(new Uint8Array(60), 60);
const inUse = refusal("sumac0");
const noTap = refusal("lo");
let forbidden = "";
asOrdinaryUser(() => {
  forbidden = refusal("sumac1");
});
ip("addr", "add", "192.0.2.1/24", "dev", "sumac0");
ip("link", "set", "sumac0", "up");
ip("neigh", "replace", "192.0.2.9", "lladdr", "02:00:00:00:00:09", "dev", "sumac0");
spawnSync("ping", ["-c", "1", "-W", "1", "192.0.2.9"]);
const asked = until(wire, () => frames.some((frame) => frame.startsWith("020000000009")));
const before = Number(ip("-s", "-j", "link", "show", "sumac0").match(/"rx":\{"bytes":\d+,"packets":(\d+)/)?.[1]);
for (let i = 0; i < 5; i++) wire.send(new Uint8Array(100).fill(0xff, 0, 12), 100);
const after = Number(ip("-s", "-j", "link", "show", "sumac0").match(/"rx":\{"bytes":\d+,"packets":(\d+)/)?.[1]);
wire.close();
const gone = !exists("sumac0");
const again = openTap("sumac0");
again.attach({ receive() {}, carrier: (up) => void carriers.push(up) });
const upBefore = again.up;
ip("link", "del", "sumac0");
const taken = until(again, () => carriers.length > 0);
again.close();
console.log(
  JSON.stringify({ inUse, noTap, forbidden, asked, shortest, left: after - before, gone, upBefore, taken, carriers, upAfter: again.up }),
);
