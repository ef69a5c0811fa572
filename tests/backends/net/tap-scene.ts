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

/** What the kernel counts as received while something is sent. */
function received(work: (send: ThreadWire["send"]) => void): { readonly bytes: number; readonly packets: number } {
  const counts = (): number[] => {
    const found = ip("-s", "-j", "link", "show", "sumac0").match(/"rx":\{"bytes":(\d+),"packets":(\d+)/);
    return [Number(found?.[1]), Number(found?.[2])];
  };
  const [bytes = 0, packets = 0] = counts();
  work((frame, length) => wire.send(frame, length));
  const [bytesAfter = 0, packetsAfter = 0] = counts();
  return { bytes: bytesAfter - bytes, packets: packetsAfter - packets };
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
// An interface that is down takes nothing, and nobody hears of it: it is counted.
wire.send(new Uint8Array(60), 60);
const whileDown = wire.losses.out;
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
/** The longest frame of a card, both ways: the interface's MTU is what the kernel sends by. */
const JUMBO = 9014;
ip("link", "set", "sumac0", "mtu", "9000");
spawnSync("ping", ["-c", "1", "-W", "1", "-M", "do", "-s", String(9000 - 28), "192.0.2.9"]);
const jumboCame = until(wire, () => frames.some((frame) => frame.length === 2 * JUMBO && frame.startsWith("020000000009")));
const jumboLeft = received((send) => send(new Uint8Array(JUMBO).fill(0xff, 0, 12), JUMBO)).bytes;
const { packets: left } = received((send) => {
  for (let i = 0; i < 5; i++) send(new Uint8Array(100).fill(0xff, 0, 12), 100);
});
wire.send(new Uint8Array(70_000), 70_000);
const { losses } = wire;
wire.close();
const gone = !exists("sumac0");
const again = openTap("sumac0");
again.attach({ receive() {}, carrier: (up) => void carriers.push(up) });
const upBefore = again.up;
ip("link", "del", "sumac0");
const taken = until(again, () => carriers.length > 0);
again.close();
console.log(
  JSON.stringify({
    inUse,
    noTap,
    forbidden,
    asked,
    shortest,
    left,
    whileDown,
    jumboCame,
    jumboLeft,
    losses,
    gone,
    upBefore,
    taken,
    carriers,
    upAfter: again.up,
  }),
);
