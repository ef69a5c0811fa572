/**
 * A capture's file, which holds at any time what has gone through the wire, also when the process is killed. Opened by
 * host/system/network.ts, written by a CaptureWire, read by Wireshark and by `readCapture`.
 */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { SumacError } from "../../errors.ts";
import { type CapturedFrame, capturedFrames } from "./pcapng-reader.ts";

const OLD_MAGIC: readonly number[] = [0xa1b2c3d4, 0xa1b23c4d];

export class CaptureFile {
  readonly #path: string;
  #fd: number;

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  /** Writes it anew. @throws SumacError "device-failed" */
  static open(path: string): CaptureFile {
    try {
      return new CaptureFile(path, openSync(path, "w"));
    } catch (error) {
      throw new SumacError("device-failed", `capture ${path}: cannot be written (${(error as Error).message}): choose another file`);
    }
  }

  /** A full disk ends the capture, with a warning, and not the system. */
  write(bytes: Uint8Array): void {
    if (this.#fd < 0) return;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      process.emitWarning(`capture ${this.#path} ends here: ${(error as Error).message}`);
      this.close();
    }
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}

/** @throws SumacError "device-failed" when the file cannot be read, has no frame in it, or has some that are not Ethernet's */
export function readCapture(path: string): CapturedFrame[] {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new SumacError("device-failed", `replay ${path}: cannot be read (${(error as Error).message}): give a file in the format pcapng`);
  }
  const frames = capturedFrames(bytes, `replay ${path}`);
  if (frames.length > 0) return frames;
  const remedy = isOldCapture(bytes)
    ? `it is a pcap: \`editcap ${path} NEW.pcapng\` makes a pcapng of it`
    : "give a file in the format pcapng";
  throw new SumacError("device-failed", `replay ${path}: no Ethernet frame in it: ${remedy}`);
}

/** [PCAP] section 4: the format before pcapng, of either byte order, with microseconds or nanoseconds. */
function isOldCapture(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const view = new DataView(bytes.buffer);
  return [true, false].some((isLittle) => OLD_MAGIC.includes(view.getUint32(0, isLittle)));
}
