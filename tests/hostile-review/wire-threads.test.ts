/** A wire's thread that fails takes its wire along, and nothing else of the process. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openUdp } from "../../host/backends/net/udp.ts";

const test = suite("threads of wires");
const NOWHERE = 0;

test("a thread that throws while it sends: the link goes down, and the process lives", async () => {
  const wire = openUdp({ host: "127.0.0.1", port: 0 }, { host: "127.0.0.1", port: NOWHERE });
  // A wire's thread keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
  const carriers: boolean[] = [];
  wire.attach({ receive: () => {}, carrier: (up) => carriers.push(up) });
  wire.send(new Uint8Array(60), 60);
  const { message } = await warned;
  clearInterval(alive);
  assert.match(message, /udp-worker.*failed/);
  wire.poll();
  assert.not.ok(wire.up);
  assert.equal(carriers, [false]);
  wire.close();
});

test.run();
