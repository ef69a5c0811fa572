/** Names that hardened modules and the kernel agree on. */

/** The module's start function, which must run under a deadline and so may not run by itself. */
export const START_EXPORT = "sumac:start";
