/**
 * A cable between two network cards, or between a card and a host program: frames in order, none lost, delivered when `carry` is
 * called. Everything that passes is shown to an observer, which is how the host knows what the cards' counters must say.
 * Called by cases.ts, between slices of the guest.
 */
import type { Wire, WireEnd } from "../../../../devices/net-wire.ts";

export type Side = "left" | "right";

export interface Passed {
  frames: number;
  /** Without the CRC. */
  bytes: number;
}

export class Cable {
  /** What each side has put on the cable. */
  readonly sent: Record<Side, Passed> = { left: { frames: 0, bytes: 0 }, right: { frames: 0, bytes: 0 } };
  /** What has arrived at each side. */
  readonly received: Record<Side, Passed> = { left: { frames: 0, bytes: 0 }, right: { frames: 0, bytes: 0 } };
  readonly left: Wire;
  readonly right: Wire;
  readonly #ends: Record<Side, WireEnd | undefined> = { left: undefined, right: undefined };
  readonly #queue: { readonly to: Side; readonly frame: Uint8Array }[] = [];
  readonly #observe: (frame: Uint8Array, from: Side) => void;
  #plugged = true;

  constructor(observe: (frame: Uint8Array, from: Side) => void) {
    this.#observe = observe;
    this.left = this.#wire("left", "right");
    this.right = this.#wire("right", "left");
  }

  /** Delivers what was on its way when it was called; what that causes waits for the next time. */
  carry(): void {
    for (const { to, frame } of this.#queue.splice(0)) {
      const end = this.#plugged ? this.#ends[to] : undefined;
      if (end === undefined) continue;
      count(this.received[to], frame);
      end.receive(frame, frame.length);
    }
  }

  /** Pulls the cable out, or puts it in again. */
  set plugged(plugged: boolean) {
    if (plugged === this.#plugged) return;
    this.#plugged = plugged;
    this.#ends.left?.carrier(plugged);
    this.#ends.right?.carrier(plugged);
  }

  #wire(from: Side, to: Side): Wire {
    const plugged = (): boolean => this.#plugged;
    return {
      get up() {
        return plugged();
      },
      send: (bytes, length) => {
        if (!this.#plugged) return;
        const frame = bytes.slice(0, length);
        count(this.sent[from], frame);
        this.#observe(frame, from);
        this.#queue.push({ to, frame });
      },
      attach: (end) => {
        this.#ends[from] = end;
      },
    };
  }
}

function count(passed: Passed, frame: Uint8Array): void {
  passed.frames++;
  passed.bytes += frame.length;
}
