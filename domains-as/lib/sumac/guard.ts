/**
 * The guard's functions, as a domain sees them: the only way to reach a byte of the shared heap.
 * The loader redirects these imports to the guard that it appends to the module, so each call costs a look-up and a load.
 * Called by generated field accessors and by the rest of this library; domain code rarely needs it.
 * Never mix up the two kinds of address: `…Off` is a shared-heap offset (u32), `…Ptr` a place in the domain's own memory.
 *
 * A domain may read an object while it owns it or has it borrowed, and write it while it owns it and nobody borrows it.
 * Anything else is a trap: the domain dies, its caller gets an RpcError.
 */

/** Narrow loads are zero-extended. Addresses are rounded down to the access width (the debug guard traps instead). */
export declare function load8(off: u32): u32;
export declare function load16(off: u32): u32;
export declare function load32(off: u32): u32;
export declare function load64(off: u32): u64;
export declare function loadv128(off: u32): v128;

export declare function store8(off: u32, value: u32): void;
export declare function store16(off: u32, value: u32): void;
export declare function store32(off: u32, value: u32): void;
export declare function store64(off: u32, value: u64): void;
export declare function storev128(off: u32, value: v128): void;

/** Shared → own memory. Bulk copies check their whole range once; a length of 0 is always allowed. */
export declare function copyIn(dstPtr: usize, srcOff: u32, bytes: u32): void;
/** Own memory → shared. */
export declare function copyOut(dstOff: u32, srcPtr: usize, bytes: u32): void;
export declare function copyShared(dstOff: u32, srcOff: u32, bytes: u32): void;
export declare function fill(dstOff: u32, byte: u32, bytes: u32): void;

/** Payload size in bytes of an object that the domain may read. */
export declare function sizeOf(off: u32): u32;
/** The type id that its creator gave it. */
export declare function typeOf(off: u32): u32;

/**
 * The child that a slot of a readable object names: its base, or 0 when the word there is anything else than a child of that very
 * object, of that type.
 */
export declare function child(slotOff: u32, type: u32): u32;

/** What became of the last call: 0 code (0 = it returned) · 1 the domain that died · 2 its generation · 3 detail. */
export declare function status(index: u32): u32;
/** The last call's further result words, and those of the call being answered; index 0..15, anything else traps. */
export declare function result(index: u32): u32;
export declare function setResult(index: u32, value: u32): void;
