/**
 * A wire to the machine's own network stack: a TAP interface of Linux, whose other end is the kernel. A frame leaves by one system call that
 * never waits; frames that come are read by a thread. Opened by host/system/network.ts. Source: Linux, Documentation/networking/tuntap.rst.
 */
import { closeSync, constants, openSync } from "node:fs";
import type { LossReason } from "../../control/protocol.ts";
import { SumacError } from "../../errors.ts";
import { FrameRing, MOST_FRAME_BYTES, WIRE_STATE } from "./frame-ring.ts";
import { type SystemCalls, systemCalls } from "./system-calls.ts";
import { startThread, ThreadWire } from "./thread-wire.ts";
import { LossTally } from "./wire-losses.ts";

export interface TapStart {
  readonly arriving: SharedArrayBuffer;
  readonly tap: number;
  /** An event's descriptor: with a count in it, the thread ends. */
  readonly stop: number;
}

const DEVICE = "/dev/net/tun";
const TUNSETIFF = 0x400454ca;
const IFREQ_BYTES = 40;
const FLAGS_AT = 16;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const CLOSE_MS = 1000;

/** By errno's number on Linux. */
const REMEDIES: Readonly<Record<number, string>> = {
  1: "no right to make it: run with CAP_NET_ADMIN, or have root make it for you, `ip tuntap add dev NAME mode tap user $USER`",
  16: "it is in use: end the program that has it, or choose another name",
  22: "the name is not one for a TAP interface, or it belongs to an interface of another kind: choose another name",
};

/** Why the kernel did not take a frame, likewise: EIO is that of an interface that is down. */
const REASONS: Readonly<Record<number, LossReason>> = { 5: "down", 11: "full", 12: "full", 90: "tooLong", 105: "full" };

/** @param name of the interface; it is made unless it exists @throws SumacError "device-failed" with what is missing */
export function openTap(name: string): ThreadWire {
  const failed = (why: string): SumacError => new SumacError("device-failed", `TAP interface ${name}: ${why}`);
  if (process.platform !== "linux") throw failed(`${process.platform} has none: use a wire of kind "udp" or "passt"`);
  let calls: SystemCalls;
  try {
    calls = systemCalls();
  } catch (error) {
    throw failed((error as Error).message);
  }
  const tap = openDevice(failed);
  const request = new Uint8Array(IFREQ_BYTES);
  new TextEncoder().encodeInto(name, request.subarray(0, FLAGS_AT - 1));
  new DataView(request.buffer).setUint16(FLAGS_AT, IFF_TAP | IFF_NO_PI, true);
  if (calls.ioctl(tap, TUNSETIFF, request) < 0) {
    const number = calls.errno();
    closeSync(tap);
    throw failed((REMEDIES[number] ?? `the kernel refuses it with error ${number}`).replace("NAME", name));
  }
  const stop = calls.eventfd(0, 0);
  const incoming = new FrameRing();
  const start: TapStart = { arriving: incoming.buffer, tap, stop };
  const reason = startThread("tap-worker", start, incoming);
  if (reason !== undefined) {
    closeSync(tap);
    closeSync(stop);
    throw failed(reason);
  }
  const bytes = new Uint8Array(MOST_FRAME_BYTES);
  const tally = new LossTally();
  return new ThreadWire(incoming, {
    send(frame, length) {
      if (length > MOST_FRAME_BYTES) {
        tally.add("tooLong");
        return;
      }
      bytes.set(frame.subarray(0, length));
      // An interface that is down, or whose queue is full, takes nothing: the frame is lost, as on a cable that hangs loose.
      if (calls.write(tap, bytes, length) < 0) tally.add(REASONS[calls.errno()] ?? "refused");
    },
    losses: () => tally.counts,
    close() {
      calls.write(stop, new Uint8Array(BigUint64Array.of(1n).buffer), 8);
      incoming.awaitChange(WIRE_STATE.open, CLOSE_MS);
      // A thread that did not answer in time still has them: they go with the process.
      if (incoming.state === WIRE_STATE.open) return;
      closeSync(tap);
      closeSync(stop);
    },
  });
}

function openDevice(failed: (why: string) => SumacError): number {
  try {
    return openSync(DEVICE, constants.O_RDWR | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM") throw failed(`no right to open ${DEVICE}: run as root, or have root permit it`);
    throw failed(`${DEVICE} is not there (${code}): load the kernel's module with \`modprobe tun\`, or give the container the device`);
  }
}
