/**
 * What a network interface's model is plugged into: a wire that carries whole Ethernet frames.
 * Models hold a `Wire` and are its end; wires (a loop, a switch, a TAP, a socket) implement it. Nothing here allocates per frame.
 *
 * A frame begins with the destination address and ends with the last byte of its payload or padding: no preamble, no CRC.
 * Whoever puts a frame on a wire has padded it to 60 bytes with zeros, as Ethernet wants: a source without a minimum size
 * (a TAP) pads before it calls `receive`; a shorter frame is a runt, which a receiver counts and drops.
 */

/** The smallest frame without its CRC. */
export const MIN_FRAME_BYTES = 60;

/** What hangs on the end of a wire. */
export interface WireEnd {
  /**
   * A frame has arrived: `frame[0..length)`, the receiver's to read until it returns, never to write or keep.
   * `damaged`: its CRC was wrong. May be called from inside this end's own `send`.
   */
  receive(frame: Uint8Array, length: number, damaged?: boolean): void;
  /** `Wire.up` has changed. */
  carrier(up: boolean): void;
}

export interface Wire {
  /** Whether somebody is at the other end: a link. */
  readonly up: boolean;
  /** Whatever is sent comes back at once and goes nowhere else, so that a card may do that by itself, on any CPU. */
  readonly loops?: boolean;
  /**
   * Takes one frame: `frame[0..length)`. The bytes change after it returns, so a wire that delivers later copies them.
   * Never throws: what cannot be carried is lost, and the wire counts it.
   */
  send(frame: Uint8Array, length: number): void;
  /** One end at a time; `undefined` takes it off. */
  attach(end: WireEnd | undefined): void;
}
