// Generated from interfaces/kernel.wit by `sumac bindgen`; change that, not this.
/** `sumac:kernel@0.1.0`: its interfaces as `Sumac.export` gives them to the host. */
import type { Called, HostCall, HostResult } from "sumac-kernel";

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

/**
 * - `no-blob`: The manifest names no such blob for the holder.
 * - `not-held`: What is handed on is not the caller's to give, or the domain does not export it, or not as its importer means it.
 * - `too-many`: As many domains of the blob live as the manifest allows, or too many made each other.
 * - `failed`: It did not start; making it again may succeed.
 */
export type CreatorError = "no-blob" | "not-held" | "too-many" | "failed";

/** An interface, and the domain that is to provide it. */
export interface Service {
  readonly id: string;
  readonly by: Created;
}

/** `service` for who implements its interface. */
export interface ServiceImplementation {
  readonly id: string;
  readonly by: CreatedImplementation;
}

/**
 * A module that may become domains.
 *
 * An instance of `blob`.
 */
export interface Blob {
  /**
   * Makes a domain and starts it.
   * `grants`: interfaces that whoever provides them to the caller shall provide to the domain.
   * `services`: interfaces that domains shall provide which the caller created before.
   * @param grants `list<string>`, copied.
   * @param services `list<service>`, copied.
   * @returns `result<created, error>`
   */
  readonly create: HostCall<(grants: readonly string[], services: readonly Service[]) => Called<HostResult<Created, CreatorError>>>;

  /** Gives the instance up; a call of it after that fails. */
  readonly [Symbol.dispose]: () => void;
}

/**
 * A domain that was created.
 *
 * An instance of `created`.
 */
export interface Created {
  /**
   * From now on the caller's own imports of an interface reach this domain, where the manifest grants them to what the blob becomes.
   * @param id `string`, copied.
   * @returns `result<_, error>`
   */
  readonly bind: HostCall<(id: string) => Called<HostResult<undefined, CreatorError>>>;

  /**
   * False once it has died, of whatever.
   * @returns `bool`
   */
  readonly alive: HostCall<() => Called<boolean>>;

  /** Ends it, if it still lives. */
  readonly kill: HostCall<() => Called<undefined>>;

  /** Gives the instance up; a call of it after that fails. */
  readonly [Symbol.dispose]: () => void;
}

/**
 * Making domains out of modules that the manifest names for the holder. The kernel implements it.
 *
 * A domain that was created holds what its creator handed on, and nothing else. It dies when the last handle to it is dropped, and
 * with the domain that created it.
 *
 * What `Sumac.export` gives for `sumac:kernel/creator@0.1.0`.
 */
export interface Creator {
  /**
   * The blob of this name.
   * @param name `string`, copied.
   * @returns `result<blob, error>`
   */
  readonly open: HostCall<(name: string) => Called<HostResult<Blob, CreatorError>>>;
}

/**
 * A module that may become domains.
 *
 * What an application implements as an instance of `blob`.
 */
export interface BlobImplementation {
  /**
   * Makes a domain and starts it.
   * `grants`: interfaces that whoever provides them to the caller shall provide to the domain.
   * `services`: interfaces that domains shall provide which the caller created before.
   * @param grants `list<string>`, copied.
   * @param services `list<service>`, copied.
   * @returns `result<created, error>`
   */
  readonly create: (
    grants: readonly string[],
    services: readonly ServiceImplementation[],
  ) => HostResult<CreatedImplementation, CreatorError>;

  /** Nobody holds the instance any more. */
  readonly [Symbol.dispose]?: () => void;
}

/**
 * A domain that was created.
 *
 * What an application implements as an instance of `created`.
 */
export interface CreatedImplementation {
  /**
   * From now on the caller's own imports of an interface reach this domain, where the manifest grants them to what the blob becomes.
   * @param id `string`, copied.
   * @returns `result<_, error>`
   */
  readonly bind: (id: string) => HostResult<undefined, CreatorError>;

  /**
   * False once it has died, of whatever.
   * @returns `bool`
   */
  readonly alive: () => boolean;

  /** Ends it, if it still lives. */
  readonly kill: () => void;

  /** Nobody holds the instance any more. */
  readonly [Symbol.dispose]?: () => void;
}

/**
 * Making domains out of modules that the manifest names for the holder. The kernel implements it.
 *
 * A domain that was created holds what its creator handed on, and nothing else. It dies when the last handle to it is dropped, and
 * with the domain that created it.
 *
 * What an application implements as `sumac:kernel/creator@0.1.0`.
 */
export interface CreatorImplementation {
  /**
   * The blob of this name.
   * @param name `string`, copied.
   * @returns `result<blob, error>`
   */
  readonly open: (name: string) => HostResult<BlobImplementation, CreatorError>;
}
