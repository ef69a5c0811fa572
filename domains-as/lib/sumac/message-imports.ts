/**
 * The kernel's functions for messages. A file of their own, since a name with a dash needs a decorator where formatters accept none.
 * Called by message.ts only.
 */

/** A message on the shared heap with room for so many bytes, which the domain owns; 0 when it gets none. */
@external("kernel", "message-new")
export declare function messageNew(bytes: u32): u32;

/** Gives a message back that the domain owns. */
@external("kernel", "message-drop")
export declare function messageDrop(base: u32): void;
