// Generated from interfaces/kernel.wit by `sumac bindgen`; change that, not this.
/** `sumac:kernel@0.1.0`: its interfaces as `Sumac.export` gives them to the host. */
import type { HostCall, HostResult } from "../kernel/host-values.ts";
import type { Called } from "../kernel/status.ts";

/**
 * - `give-up`: No generation came up within the restarts that the grant allows to one call of the caller; a later call may ask again.
 */
export type SupervisorError = "give-up";

/**
 * Power over one other domain, which the grant names. The kernel implements it.
 *
 * What `Sumac.export` gives for `sumac:kernel/supervisor@0.1.0`.
 */
export interface Supervisor {
  /**
   * Ends the domain if it still lives and starts it again; returns when it serves.
   *
   * `@idempotent`.
   * @returns `result<_, error>`
   */
  readonly restart: HostCall<() => Called<HostResult<undefined, SupervisorError>>>;
}

/**
 * Power over one other domain, which the grant names. The kernel implements it.
 *
 * What an application implements as `sumac:kernel/supervisor@0.1.0`.
 */
export interface SupervisorImplementation {
  /**
   * Ends the domain if it still lives and starts it again; returns when it serves.
   *
   * `@idempotent`.
   * @returns `result<_, error>`
   */
  readonly restart: () => HostResult<undefined, SupervisorError>;
}
