/** A wire that writes down what goes through it, either way, in the order in which it does. It wraps another one; a model is plugged into it. */
import type { Wire, WireEnd } from "../../../devices/net-wire.ts";
import { captureBlock, captureHeader } from "./pcapng.ts";

export class CaptureWire implements Wire, WireEnd {
  readonly #inner: Wire;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #nowMicros: () => number;
  #end: WireEnd | undefined;

  /** @param write takes the file's bytes, piece by piece; it must not throw  @param nowMicros since 1970 */
  constructor(inner: Wire, write: (bytes: Uint8Array) => void, nowMicros: () => number) {
    this.#inner = inner;
    this.#write = write;
    this.#nowMicros = nowMicros;
    write(captureHeader());
  }

  get up(): boolean {
    return this.#inner.up;
  }

  attach(end: WireEnd | undefined): void {
    this.#end = end;
    this.#inner.attach(end === undefined ? undefined : this);
  }

  send(frame: Uint8Array, length: number): void {
    this.#write(captureBlock(frame, length, this.#nowMicros()));
    this.#inner.send(frame, length);
  }

  receive(frame: Uint8Array, length: number, damaged = false): void {
    this.#write(captureBlock(frame, length, this.#nowMicros()));
    this.#end?.receive(frame, length, damaged);
  }

  carrier(up: boolean): void {
    this.#end?.carrier(up);
  }
}
