/**
 * Where everything lies in the shared memory: the map that the heap, the guard, the kernel and the device models agree on.
 * Constants only; `assembly/layout.ts` holds the same ones for AssemblyScript and a test compares the two files.
 * Nothing here may compute, allocate or touch a memory. All values are byte offsets or byte sizes unless the name says so.
 *
 *   0x000000  always zero           an entry offset of 0 means "no object": owner word 0, no readers
 *   0x000040  header                magic, bounds, allocator state (one writer at a time)
 *   0x001000  CPU lines             one cache-line pair per CPU: interrupt word, call counter, depth
 *   0x010000  continuation stacks   one per CPU, written by the kernel
 *   0x090000  usage                 two words per domain slot: CPU time, calls
 *   0x0b0000  links of retired rows two words per row of borrow nodes
 *   0x0f0008  failures              a word per domain slot
 *   0x100000  domain records        one per domain slot: state, accounting, status, return area
 *   0x300000  borrow nodes          who may read an object that is lent
 *   0x400000  granule table  (GT)   u32 per 64 bytes of the whole memory: byte offset of the object's entry
 *   GT end    object table   (OT)   64-byte entries
 *   OT end    span table            32-byte record per 64 KiB span of the heap proper
 *   heapBase  objects               64 KiB aligned, up to the memory's maximum
 */

export const MAGIC = 0x53554d43;
export const LAYOUT_VERSION = 2;

// ---- header (64..4095) ----
export const H_MAGIC = 64;
export const H_VERSION = 68;
export const H_HEAP_BASE = 72;
/** Equal to the memory's maximum in bytes: an address at or beyond it traps in any access, whatever the tables say. */
export const H_HEAP_END = 76;
export const H_OBJECT_TABLE = 80;
export const H_MAX_OBJECTS = 84;
/** Where the search for a row of borrow nodes starts (byte displacement). */
export const H_ROW_HINT = 88;
/** End of the borrow nodes that were ever used (byte offset). */
export const H_BORROW_HIGH = 92;
/** Borrows that have not ended. */
export const H_BORROWS_LIVE = 96;
/** First object entry without a block, 0 = none. */
export const H_ENTRY_FREE = 100;
/** First object entry never used so far; the scan limit of every walk over the object table. */
export const H_ENTRY_FRESH = 104;
export const H_SPAN_TABLE = 108;
/** Number of spans between heapBase and heapEnd. */
export const H_SPAN_COUNT = 112;
/** No span below this index is free. */
export const H_SPAN_HINT = 116;
/** Spans that belong to a size class or a large object. */
export const H_SPANS_USED = 120;
/** Spans of a size class without a live object, kept for the next allocation. */
export const H_SPANS_EMPTY = 124;
export const H_LIVE_OBJECTS = 128;
/** Sum of the live objects' sizes, each rounded up to whole granules: what domains are charged. */
export const H_LIVE_BYTES = 132;
/** Objects whose owner died while they were lent or pinned. */
export const H_ORPHANS = 136;
/** Counts large allocations, so that their starts are staggered. */
export const H_STAGGER = 140;
/** u64: counts births; each object keeps its number. */
export const H_BIRTHS = 144;
/** No domain was ever opened in this slot or above. */
export const H_SLOT_HIGH = 152;
/** 1 = several CPUs may change the tables; never 0 again. */
export const H_IS_SHARED = 156;
/** A bit for each CPU that runs domains. */
export const H_CPUS = 160;
/** A bit for each CPU that has called since rows were last collected. */
export const H_SEEN = 164;
/** The first of the rows retired since the last collection, and before it; 0 = none. */
export const H_ROWS_NOW = 168;
export const H_ROWS_BEFORE = 172;
/** Where the search for a row of a shared heap's object that must change its row starts. */
export const H_MOVED_ROW_HINT = 176;
/** Per size class, 4 bytes: the first span with a free block, 0 = none (else span record offset). */
export const H_CLASS_HEADS = 256;

/** u32: 1 = a CPU is changing the tables. In a cache line of its own. */
export const LOCK = 448;

// ---- CPU lines ----
export const CPU_LINES = 0x1000;
export const CPU_LINE_SIZE = 128;
export const CPU_MAX = 32;
export const CPU_INTERRUPT = 0;
export const CPU_SEQUENCE = 4;
export const CPU_DEPTH = 8;
export const CPU_WATCHDOG = 12;
/** Sequence number of a call that overran its budget, 0 = none; written by the watchdog. */
export const CPU_EXPIRED = 20;

// ---- continuation stacks ----
export const FRAMES = 0x10000;
export const FRAME_SIZE = 64;
export const FRAMES_PER_CPU = 256;

// ---- links of retired rows ----
/** Of row r at ROW_LINKS + r / 2: the next retired row, and the first node that is kept for guards that know the row still. */
export const ROW_LINKS = 0x90000;
export const ROW_LINK_SIZE = 8;
export const ROW_LINK_NEXT = 0;
export const ROW_LINK_NODES = 4;

// ---- usage ----
/** Of slot s at USAGE + s * USAGE_SIZE, below the link of the first row: counted modulo 2^32, for those who look on. */
export const USAGE = 0x90000;
export const USAGE_SIZE = 8;
export const USAGE_MICROS = 0;
export const USAGE_CALLS = 4;
/**
 * Of slot s, a u32 at FAILURES + s * 4: calls that failed. Behind the link of the last row: the kernel's slot 0 has none, and the last
 * slot, which is no domain's, has none either.
 */
export const FAILURES = 0xf0004;

// ---- domain records ----
export const DOMAINS = 0x100000;
export const DOMAIN_SIZE = 128;
export const DOMAIN_SLOTS = 16384;
export const DOMAIN_SLOT_BITS = 14;
export const DOMAIN_SLOT_MASK = 0x3fff;
export const DOMAIN_ID = 0;
export const DOMAIN_STATE = 4;
export const DOMAIN_BYTES_USED = 8;
export const DOMAIN_OBJECTS_USED = 12;
export const DOMAIN_MAX_BYTES = 16;
export const DOMAIN_MAX_OBJECTS = 20;
export const DOMAIN_STATUS = 24;
export const DOMAIN_STATUS_DIED = 28;
export const DOMAIN_STATUS_GENERATION = 32;
export const DOMAIN_STATUS_DETAIL = 36;
export const DOMAIN_ENTERED = 40;
/** The deadline that the domain set for its next call, microseconds, 0 = none. */
export const DOMAIN_LIMIT = 44;
/** Spans of blocks that the domain opened and that have a free block. */
export const DOMAIN_OPEN_SPANS = 48;
/** What the guard refused the domain, which is why it traps: address, the owner word found there, and a REFUSED_ kind, 0 = nothing. */
export const DOMAIN_REFUSED_ADDRESS = 52;
export const DOMAIN_REFUSED_OWNER = 56;
export const DOMAIN_REFUSED_KIND = 60;
export const DOMAIN_RESULTS = 64;
/** Number of 32-bit words in a domain's return area. */
export const RESULT_WORDS = 16;
/** Number of status words that a domain may read. */
export const STATUS_WORDS = 4;

/** No right to the object at the address. */
export const REFUSED_RIGHT = 1;
/** A range that begins at the address and leaves the object. */
export const REFUSED_RANGE = 2;
/** An address that is no multiple of the access's width. */
export const REFUSED_ALIGNMENT = 3;

export const STATE_FREE = 0;
export const STATE_STARTING = 1;
export const STATE_RUNNING = 2;
export const STATE_DYING = 3;
export const STATE_DEAD = 4;
/** Alive, and its present call is to end as one that gave up. */
export const STATE_RELAYING = 5;

/** Owner word of the kernel: slot 0, first use. */
export const KERNEL_ID = 0x4000;

// ---- borrow nodes ----
//
// Who may read a lent object, found by the guard without a loop: the node at (row of the object + slot of the domain) holds
// the domain's id. Rows overlap: a row is only a displacement, and every lent object has another one, so for one domain two
// objects never share a node; when two domains would, one of the objects gets another row.
//
//   node index   0 …… 16383   16384 ………………………………………………… 65535
//                null row     object X, row 16384:  ·  A  B  ·  ·
//                always zero  object Y, row 16386:        ·  C  ·  D        (A C slot 1, B slot 2, D slot 3)
//
// The nodes of one object also form a list, for whoever wants all readers.
//
export const BORROWS = 0x300000;
export const BORROW_SIZE = 16;
export const BORROW_END = 0x400000;
/** u32: the domain's id, 0 = free node. The owner of a lent object has a node too. */
export const BORROW_READER = 0;
/** u32: byte offset of the next node of the same object, 0 = last. */
export const BORROW_NEXT = 4;
/** u32: byte offset of the object's entry. */
export const BORROW_ENTRY = 8;
/** u16: borrows of this reader, plus 1 in the owner's node. */
export const BORROW_COUNT = 12;
/** u16, has nothing to do with the node: borrows of the object whose row starts here, 0 = no row starts here. */
export const BORROW_ROW = 14;
/** Rows are byte displacements; row 0 is the null row of everything that is not lent. */
export const FIRST_ROW = 0x40000;
export const LAST_ROW = 0xc0000;
/** On a shared heap, objects that must change their row go to this one or above, and no others. */
export const MOVED_ROW = 0x80000;
/** Displacements that a borrow tries before it is refused. */
export const ROW_TRIES = 1024;
/** Borrows that one object can have at a time. */
export const MAX_BORROWS = 65534;
/** In BORROW_ROW: no object has the row, and none may have it yet. */
export const RETIRED_ROW = 65535;

// ---- granule table ----
export const GRANULES = 0x400000;
export const GRANULE_SIZE = 64;
export const GRANULE_SHIFT = 6;

// ---- object entries ----
//
// A cache line each. Objects own objects: the words from +32 on are the tree. All objects of a tree have the same owner word
// but for LENT, so access costs the same at any depth. Slot words inside a parent's payload name its children for those who
// use them; nobody here believes them.
//
//   +0     +4    +8     +12   +16      +20   +24         +28  +32     +36    +40   +44   +48    +56   +60
//   owner  base  bytes  type  readers  pins  generation  row  parent  first  next  prev  birth  last  unused
//
export const ENTRY_SIZE = 64;
/** Owner's id, bit 31 = LENT, 0 = free. One store moves an object. */
export const ENTRY_OWNER = 0;
export const ENTRY_BASE = 4;
/** In bytes, as requested. */
export const ENTRY_BYTES = 8;
/** Live: the type id. Free: the next free entry of the same list, 0 = last. */
export const ENTRY_TYPE = 12;
/** The first borrow node, 0 = not lent. */
export const ENTRY_READERS = 16;
/** Devices that need the object; bit 31 = ORPHAN. */
export const ENTRY_PINS = 20;
/** Counts up when the object is freed. */
export const ENTRY_GENERATION = 24;
/** Byte displacement of the object's row of borrow nodes, 0 = not lent. The guard reads this word of any entry. */
export const ENTRY_ROW = 28;
/** Entry of the object that owns this one, 0 = a root. */
export const ENTRY_PARENT = 32;
/** Entry of the first child, 0 = none. */
export const ENTRY_FIRST = 36;
/** Neighbours among the children of the same parent, 0 = none. */
export const ENTRY_NEXT = 40;
export const ENTRY_PREV = 44;
/** u64: how many objects had been born on this heap when this one was, itself included. */
export const ENTRY_BIRTH = 48;
/** Entry of the last child, 0 = none. */
export const ENTRY_LAST = 56;
export const ENTRY_UNUSED = 60;
/** In ENTRY_PINS: the owner died while the object was lent or pinned. */
export const ORPHAN = 0x80000000;
export const LENT = 0x80000000;
export const OWNER_MASK = 0x7fffffff;

// ---- spans ----
export const SPAN_BYTES = 65536;
export const SPAN_SHIFT = 16;
export const SPAN_RECORD_SIZE = 32;
/** SPAN_FREE, SPAN_LARGE (first span of a large object), SPAN_TAIL (its other spans), or SPAN_SMALL + size class. */
export const SPAN_KIND = 0;
/** Entry of the first free block, 0 = none. */
export const SPAN_BLOCKS = 4;
export const SPAN_LIVE = 8;
/** Blocks that have an entry so far; further ones are cut when the free list is empty. */
export const SPAN_CUT = 12;
/** Neighbours in the list of the class's spans that have a free block (span record offsets, 0 = none). */
export const SPAN_NEXT = 16;
export const SPAN_PREV = 20;
/** SPAN_SMALL: id of the domain that opened the span, which may be dead by now. */
export const SPAN_OPENER = 24;
/** SPAN_SMALL: blocks that fit. SPAN_LARGE: number of spans of the object. */
export const SPAN_CAPACITY = 28;

export const SPAN_FREE = 0;
export const SPAN_LARGE = 1;
export const SPAN_TAIL = 2;
export const SPAN_SMALL = 16;

export const MAX_OBJECT_BYTES = 0x1000000;
/** One object entry is provided per this many bytes of memory. */
export const BYTES_PER_ENTRY = 256;
/** Added between neighbours whose size is a multiple of 4096, so that they do not fall into the same cache sets. */
export const STAGGER_BYTES = 320;
/** A large object starts 1 to this many times STAGGER_BYTES after its first span's start. */
export const STAGGER_STEPS = 12;
export const SIZE_CLASSES = 31;
/** Above this many granules an object gets spans of its own. */
export const MAX_SMALL_GRANULES = 448;
/** Smallest and largest memory that `init` accepts; below 2 GiB, so that a base is never a negative i32. */
export const MIN_HEAP_BYTES = 0x800000;
export const MAX_HEAP_BYTES = 0x7fff0000;

// ---- codes ----
export const STATUS_OK = 0;
export const STATUS_TRAP = 1;
export const STATUS_DEADLINE = 2;
export const STATUS_KILLED = 3;
export const STATUS_QUOTA = 4;
export const STATUS_STACK = 5;
export const STATUS_REFUSED = 6;
export const STATUS_DEAD = 7;
export const STATUS_LATE = 8;
export const STATUS_INIT = 9;
export const STATUS_DEPTH = 10;
export const STATUS_HOST = 11;
export const STATUS_REENTRANT = 12;
export const STATUS_GAVE_UP = 13;
export const STATUS_BLOCKED = 14;
export const STATUS_THROTTLED = 15;

/** `lastError()` after an `alloc` that found no room in the heap itself. */
export const ERROR_NO_MEMORY = 100;
/** `lastError()` after an `alloc` with a size of 0 or above MAX_OBJECT_BYTES. */
export const ERROR_SIZE = 101;
/** `lastError()` after a `take` from a slot that names no child of the wanted type. */
export const ERROR_EMPTY = 102;
