/** The UDP wire, two of which are plugged into each other: frames of any length that a datagram has, and the count of those that it has not. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openUdp, type UdpAddress } from "../../../host/backends/net/udp.ts";

const HOST = "127.0.0.1";
const MOST_DATAGRAM = 65_507;

/** Ports that nobody had a moment ago. */
async function freeAddresses(): Promise<[UdpAddress, UdpAddress]> {
  const sockets = [createSocket("udp4"), createSocket("udp4")];
  const addresses: UdpAddress[] = [];
  for (const socket of sockets) {
    socket.bind(0, HOST);
    await once(socket, "listening");
    addresses.push({ host: HOST, port: socket.address().port });
  }
  for (const socket of sockets) socket.close();
  return addresses as [UdpAddress, UdpAddress];
}

async function until(isSo: () => boolean): Promise<boolean> {
  for (let i = 0; i < 500 && !isSo(); i++) await new Promise((wake) => setTimeout(wake, 10));
  return isSo();
}

test("openUdp: long frames arrive whole, and one that no datagram can carry is counted", async () => {
  const [here, there] = await freeAddresses();
  const wires = [openUdp(here, there), openUdp(there, here)] as const;
  const came: Uint8Array[] = [];
  wires[1].attach({ receive: (frame, length) => void came.push(frame.slice(0, length)), carrier() {} });
  const sizes = [20, 1514, 2049, 9014, 9018, MOST_DATAGRAM];
  for (const size of sizes) wires[0].send(new Uint8Array(size).fill(size & 0xff), size);
  assert.ok(await until(() => came.length === sizes.length), `${came.map(({ length }) => length)}`);
  assert.equal(
    came.map((frame) => [frame.length, frame[0], frame.at(-1)]),
    sizes.map((size) => [Math.max(size, 60), size & 0xff, size < 60 ? 0 : size & 0xff]),
  );
  const none = { full: 0, tooLong: 0, down: 0, refused: 0, faults: 0 };
  assert.equal(wires[0].losses, { in: none, out: none });
  wires[0].send(new Uint8Array(MOST_DATAGRAM + 1), MOST_DATAGRAM + 1);
  assert.ok(await until(() => wires[0].losses.out.tooLong === 1), JSON.stringify(wires[0].losses));
  wires[0].send(new Uint8Array(80_000), 80_000);
  assert.equal(wires[0].losses, { in: none, out: { ...none, tooLong: 2 } });
  for (const wire of wires) wire.close();
});

test("openUdp: what finds no room in the ring of a card that takes nothing is counted", async () => {
  const [here, there] = await freeAddresses();
  const wire = openUdp(here, there);
  const sender = createSocket("udp4");
  const send = (): Promise<void> => new Promise((sent) => sender.send(new Uint8Array(1000), here.port, here.host, () => sent()));
  for (let i = 0; i < 20_000 && wire.losses.in.full < 10; i++) await send();
  assert.ok(wire.losses.in.full >= 10, JSON.stringify(wire.losses));
  sender.close();
  wire.close();
});

test.run();
