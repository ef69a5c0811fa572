/**
 * The entry of a domain of the world `app` (sumac:ping-waiting@0.1.0): the functions that others call, as index.ts implements them.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as domain from "../index";

export function world_init(): void {
  domain.init();
}
