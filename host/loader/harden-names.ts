/** Names that hardened modules and the kernel agree on. */

/** The module's start function, which must run under a deadline and so may not run by itself. */
export const START_EXPORT = "sumac:start";

/** Begins the names under which the kernel finds the globals that a snapshot holds; their number among the module's own follows. */
export const GLOBAL_EXPORT = "sumac:g";

/** What a world exports whose domain starts again from a snapshot. */
export const RECOVER_EXPORT = "recover";
