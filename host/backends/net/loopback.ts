/**
 * A wire whose end hears itself: every frame comes back within the call that sent it. Called by models, in benches, tests and manifests.
 */
import type { Wire, WireEnd } from "../../../devices/net-wire.ts";

export class Loopback implements Wire {
  readonly up = true;
  readonly loops = true;
  #end: WireEnd | undefined;

  attach(end: WireEnd | undefined): void {
    this.#end = end;
  }

  send(frame: Uint8Array, length: number): void {
    this.#end?.receive(frame, length);
  }
}
