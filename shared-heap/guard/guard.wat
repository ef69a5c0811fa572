;; The guard: the only code that touches shared objects on behalf of a domain.
;;
;; The loader appends these functions to every domain's module and redirects its imports from "guard" to them; a domain's
;; own code cannot name memory 1. Each function is safe for any argument, from any caller: it looks up
;;
;;     address p ──(p >> 6)──▶ granule table ──▶ object entry ──▶ owner word, compared with $me
;;
;; and traps by an inline `unreachable` when the domain has no right, after it noted in the domain's record what was refused.
;; What it must never do: call anything but $tick and its own functions, use a table, touch memory 1 before the check of the
;; whole range that it is about to touch (except the domain's own record), return something that depends on an object that
;; the domain may not read.
;;
;; Why one look-up is enough for a scalar: an access is aligned to its own width (the release guard clears the low address
;; bits, the debug guard traps on them: lines marked @align), and widths divide 64, so it stays in one granule.
;;
;; Who may read: the owner, by the owner word; while the object is lent, everybody whose borrow node holds his
;; id (the owner of a lent object too). The node is found by adding the object's row and the domain's slot: no list, so no
;; loop, and no call but those that never return.
;; Who may write: the owner, while the whole owner word is his id, that is while nobody borrows.
;;
;; Why a wild address is harmless: entry offset 0 (tables, header, free space) names 64 bytes that are always zero, so there
;; is no owner, and its row is the null row, where no node is ever taken. Beyond the memory's maximum the look-up may read
;; bytes that a domain wrote itself, and pass; the access then touches p itself, and traps because p is out of bounds.
;;
;; The shape of the scalars follows V8, and 0011 in docs/decisions says how it was measured. V8 unrolls an inner loop only
;; below 80 operations, so each counts: i32.sub where i32.ne would be three, i32.mul where i32.shl would be four, calls only
;; where nothing comes back. $denied takes the owner word because V8 loads a word twice that is compared and used nowhere
;; else. `ref.i31` makes no object and no code: V8 peels loops only in functions that use garbage collection, and without
;; peeling it reads the memory's base and $me again on every turn. The hardener marks each `if` that leads to a trap as unlikely.
;;
;; Numbers: 0x400000 granule table; 0x300000 borrow nodes (16 bytes, word 0 = id); 0x100000 domain records (128 bytes);
;; slot = low 14 bits of an id; header word 76 = end of the heap; entry words: 0 owner (bit 31 = lent), 4 base, 8 size,
;; 12 type, 28 row, 32 parent's entry; record words: 52 address, 56 owner, 60 kind of a refused access. All as in
;; shared-heap/layout.ts.
(module $guard
  (import "sumac" "memory" (memory $own 0))
  (import "sumac" "heap" (memory $heap 1 65536 shared))
  (import "sumac" "me" (global $me i32))
  (import "sumac" "line" (global $line i32))
  (import "sumac" "tick" (func $tick (result i32)))

  ;; ---- rights ----

  ;; Traps unless p .. p+n lies in one object that the domain may read; n > 0. The end is computed in 64 bits.
  (func $mayRead (param $p i32) (param $n i32)
    (local $entry i32) (local $owner i32) (local $id i32)
    (if (i32.sub
          (local.tee $owner (i32.load $heap (local.tee $entry (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $p) (i32.const 6)) (i32.const 4))))))
          (local.tee $id (global.get $me)))
      (then
        (if (i32.sub
              (i32.load $heap offset=0x300000 (i32.add
                (i32.load $heap offset=28 (local.get $entry))
                (i32.mul (i32.and (local.get $id) (i32.const 0x3fff)) (i32.const 16))))
              (local.get $id))
          (then (call $denied (local.get $p) (local.get $owner)) unreachable))))
    (if (i64.gt_u
          (i64.add (i64.extend_i32_u (local.get $p)) (i64.extend_i32_u (local.get $n)))
          (i64.add (i64.load32_u $heap offset=4 (local.get $entry)) (i64.load32_u $heap offset=8 (local.get $entry))))
      (then (call $outside (local.get $p)) unreachable)))

  ;; The same for writing: only the owner, and only while the object is not lent.
  (func $mayWrite (param $p i32) (param $n i32)
    (local $entry i32) (local $owner i32)
    (if (i32.sub
          (local.tee $owner (i32.load $heap (local.tee $entry (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $p) (i32.const 6)) (i32.const 4))))))
          (global.get $me))
      (then (call $denied (local.get $p) (local.get $owner)) unreachable))
    (if (i64.gt_u
          (i64.add (i64.extend_i32_u (local.get $p)) (i64.extend_i32_u (local.get $n)))
          (i64.add (i64.load32_u $heap offset=4 (local.get $entry)) (i64.load32_u $heap offset=8 (local.get $entry))))
      (then (call $outside (local.get $p)) unreachable)))

  ;; Traps unless p .. p+n lies in the domain's own memory.
  (func $mayUseOwn (param $p i32) (param $n i32)
    (if (i64.gt_u
          (i64.add (i64.extend_i32_u (local.get $p)) (i64.extend_i32_u (local.get $n)))
          (i64.shl (i64.extend_i32_u (memory.size $own)) (i64.const 16)))
      ;; Traps before it writes, and as what it is: out of bounds, like the one instruction that this stands for.
      (then (memory.fill $own (local.get $p) (i32.const 0) (local.get $n)) unreachable)))

  ;; A safepoint: when the kernel raised the interrupt word, ask for the verdict and die here if it says so.
  (func $poll
    (if (i32.atomic.load $heap (global.get $line))
      (then (if (call $tick) (then unreachable)))))

  ;; ---- what was refused, for whoever reads of the domain's death: never returns, safe for any argument ----

  ;; The domain has no such right to the object at p, whose owner word was `owner` (0 = there is none).
  (func $denied (param $p i32) (param $owner i32)
    (local $record i32)
    (local.set $record (i32.mul (i32.and (global.get $me) (i32.const 0x3fff)) (i32.const 128)))
    (i32.store $heap offset=0x100034 (local.get $record) (local.get $p))
    (i32.store $heap offset=0x100038 (local.get $record) (local.get $owner))
    (i32.store $heap offset=0x10003c (local.get $record) (i32.const 1))
    unreachable)

  ;; The range that begins at p leaves the object.
  (func $outside (param $p i32)
    (local $record i32)
    (local.set $record (i32.mul (i32.and (global.get $me) (i32.const 0x3fff)) (i32.const 128)))
    (i32.store $heap offset=0x100034 (local.get $record) (local.get $p))
    (i32.store $heap offset=0x10003c (local.get $record) (i32.const 2))
    unreachable)

  ;; p is no multiple of the access's width; only the debug guard asks.
  (func $misaligned (param $p i32)
    (local $record i32)
    (local.set $record (i32.mul (i32.and (global.get $me) (i32.const 0x3fff)) (i32.const 128)))
    (i32.store $heap offset=0x100034 (local.get $record) (local.get $p))
    (i32.store $heap offset=0x10003c (local.get $record) (i32.const 3))
    unreachable)

  ;; ---- scalars ----

  (func $load8 (export "load8") (param $p i32) (result i32)
    (local $entry i32) (local $owner i32) (local $id i32)
    (drop (ref.i31 (i32.const 0)))
    (if (i32.sub
          (local.tee $owner (i32.load $heap (local.tee $entry (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $p) (i32.const 6)) (i32.const 4))))))
          (local.tee $id (global.get $me)))
      (then
        (if (i32.sub
              (i32.load $heap offset=0x300000 (i32.add
                (i32.load $heap offset=28 (local.get $entry))
                (i32.mul (i32.and (local.get $id) (i32.const 0x3fff)) (i32.const 16))))
              (local.get $id))
          (then (call $denied (local.get $p) (local.get $owner)) unreachable))))
    (i32.load8_u $heap (local.get $p)))

  (func $load16 (export "load16") (param $p i32) (result i32)
    (local $entry i32) (local $owner i32) (local $id i32)
    (drop (ref.i31 (i32.const 0)))
    (local.set $p (i32.and (local.get $p) (i32.const -2))) ;; @align 2
    (if (i32.sub
          (local.tee $owner (i32.load $heap (local.tee $entry (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $p) (i32.const 6)) (i32.const 4))))))
          (local.tee $id (global.get $me)))
      (then
        (if (i32.sub
              (i32.load $heap offset=0x300000 (i32.add
                (i32.load $heap offset=28 (local.get $entry))
                (i32.mul (i32.and (local.get $id) (i32.const 0x3fff)) (i32.const 16))))
              (local.get $id))
          (then (call $denied (local.get $p) (local.get $owner)) unreachable))))
    (i32.load16_u $heap (local.get $p)))

  (func $load32 (export "load32") (param $p i32) (result i32)
    (local $entry i32) (local $owner i32) (local $id i32)
    (drop (ref.i31 (i32.const 0)))
    (local.set $p (i32.and (local.get $p) (i32.const -4))) ;; @align 4
    (if (i32.sub
          (local.tee $owner (i32.load $heap (local.tee $entry (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $p) (i32.const 6)) (i32.const 4))))))
          (local.tee $id (global.get $me)))
      (then
        (if (i32.sub
              (i32.load $heap offset=0x300000 (i32.add
                (i32.load $heap offset=28 (local.get $entry))
                (i32.mul (i32.and (local.get $id) (i32.const 0x3fff)) (i32.const 16))))
              (local.get $id))
          (then (call $denied (local.get $p) (local.get $owner)) unreachable))))
    (i32.load $heap (local.get $p)))

  (func $load64 (export "load64") (param $p i32) (result i64)
    (local $entry i32) (local $owner i32) (local $id i32)
    (drop (ref.i31 (i32.const 0)))
    (local.set $p (i32.and (local.get $p) (i32.const -8))) ;; @align 8
    (if (i32.sub
          (local.tee $owner (i32.load $heap (local.tee $entry (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $p) (i32.const 6)) (i32.const 4))))))
          (local.tee $id (global.get $me)))
      (then
        (if (i32.sub
              (i32.load $heap offset=0x300000 (i32.add
                (i32.load $heap offset=28 (local.get $entry))
                (i32.mul (i32.and (local.get $id) (i32.const 0x3fff)) (i32.const 16))))
              (local.get $id))
          (then (call $denied (local.get $p) (local.get $owner)) unreachable))))
    (i64.load $heap (local.get $p)))

  (func $loadv128 (export "loadv128") (param $p i32) (result v128)
    (local $entry i32) (local $owner i32) (local $id i32)
    (drop (ref.i31 (i32.const 0)))
    (local.set $p (i32.and (local.get $p) (i32.const -16))) ;; @align 16
    (if (i32.sub
          (local.tee $owner (i32.load $heap (local.tee $entry (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $p) (i32.const 6)) (i32.const 4))))))
          (local.tee $id (global.get $me)))
      (then
        (if (i32.sub
              (i32.load $heap offset=0x300000 (i32.add
                (i32.load $heap offset=28 (local.get $entry))
                (i32.mul (i32.and (local.get $id) (i32.const 0x3fff)) (i32.const 16))))
              (local.get $id))
          (then (call $denied (local.get $p) (local.get $owner)) unreachable))))
    (v128.load $heap (local.get $p)))

  (func $store8 (export "store8") (param $p i32) (param $value i32)
    (local $owner i32)
    (drop (ref.i31 (i32.const 0)))
    (if (i32.sub
          (local.tee $owner (i32.load $heap (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $p) (i32.const 6)) (i32.const 4)))))
          (global.get $me))
      (then (call $denied (local.get $p) (local.get $owner)) unreachable))
    (i32.store8 $heap (local.get $p) (local.get $value)))

  (func $store16 (export "store16") (param $p i32) (param $value i32)
    (local $owner i32)
    (drop (ref.i31 (i32.const 0)))
    (local.set $p (i32.and (local.get $p) (i32.const -2))) ;; @align 2
    (if (i32.sub
          (local.tee $owner (i32.load $heap (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $p) (i32.const 6)) (i32.const 4)))))
          (global.get $me))
      (then (call $denied (local.get $p) (local.get $owner)) unreachable))
    (i32.store16 $heap (local.get $p) (local.get $value)))

  (func $store32 (export "store32") (param $p i32) (param $value i32)
    (local $owner i32)
    (drop (ref.i31 (i32.const 0)))
    (local.set $p (i32.and (local.get $p) (i32.const -4))) ;; @align 4
    (if (i32.sub
          (local.tee $owner (i32.load $heap (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $p) (i32.const 6)) (i32.const 4)))))
          (global.get $me))
      (then (call $denied (local.get $p) (local.get $owner)) unreachable))
    (i32.store $heap (local.get $p) (local.get $value)))

  (func $store64 (export "store64") (param $p i32) (param $value i64)
    (local $owner i32)
    (drop (ref.i31 (i32.const 0)))
    (local.set $p (i32.and (local.get $p) (i32.const -8))) ;; @align 8
    (if (i32.sub
          (local.tee $owner (i32.load $heap (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $p) (i32.const 6)) (i32.const 4)))))
          (global.get $me))
      (then (call $denied (local.get $p) (local.get $owner)) unreachable))
    (i64.store $heap (local.get $p) (local.get $value)))

  (func $storev128 (export "storev128") (param $p i32) (param $value v128)
    (local $owner i32)
    (drop (ref.i31 (i32.const 0)))
    (local.set $p (i32.and (local.get $p) (i32.const -16))) ;; @align 16
    (if (i32.sub
          (local.tee $owner (i32.load $heap (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $p) (i32.const 6)) (i32.const 4)))))
          (global.get $me))
      (then (call $denied (local.get $p) (local.get $owner)) unreachable))
    (v128.store $heap (local.get $p) (local.get $value)))

  ;; ---- bulk: the whole range is checked once, then copied at full speed ----
  ;; Above 4096 bytes there is a safepoint first (a tick may take rights away, so it stands before the check); above 64 KiB
  ;; the work is done in chunks of 64 KiB through the same function, so that no copy delays a verdict for long.

  (func $copyIn (export "copyIn") (param $dst i32) (param $src i32) (param $n i32)
    (if (i32.eqz (local.get $n)) (then (return)))
    (if (i32.gt_u (local.get $n) (i32.const 4096))
      (then
        (if (i32.gt_u (local.get $n) (i32.const 65536))
          (then (call $copyInLong (local.get $dst) (local.get $src) (local.get $n)) (return)))
        (call $poll)))
    (call $mayRead (local.get $src) (local.get $n))
    (memory.copy $own $heap (local.get $dst) (local.get $src) (local.get $n)))

  (func $copyInLong (param $dst i32) (param $src i32) (param $n i32)
    (call $mayRead (local.get $src) (local.get $n))
    (call $mayUseOwn (local.get $dst) (local.get $n))
    (loop $chunk
      (call $copyIn (local.get $dst) (local.get $src) (i32.const 65536))
      (local.set $dst (i32.add (local.get $dst) (i32.const 65536)))
      (local.set $src (i32.add (local.get $src) (i32.const 65536)))
      (local.set $n (i32.sub (local.get $n) (i32.const 65536)))
      (br_if $chunk (i32.gt_u (local.get $n) (i32.const 65536))))
    (call $copyIn (local.get $dst) (local.get $src) (local.get $n)))

  (func $copyOut (export "copyOut") (param $dst i32) (param $src i32) (param $n i32)
    (if (i32.eqz (local.get $n)) (then (return)))
    (if (i32.gt_u (local.get $n) (i32.const 4096))
      (then
        (if (i32.gt_u (local.get $n) (i32.const 65536))
          (then (call $copyOutLong (local.get $dst) (local.get $src) (local.get $n)) (return)))
        (call $poll)))
    (call $mayWrite (local.get $dst) (local.get $n))
    (memory.copy $heap $own (local.get $dst) (local.get $src) (local.get $n)))

  (func $copyOutLong (param $dst i32) (param $src i32) (param $n i32)
    (call $mayWrite (local.get $dst) (local.get $n))
    (call $mayUseOwn (local.get $src) (local.get $n))
    (loop $chunk
      (call $copyOut (local.get $dst) (local.get $src) (i32.const 65536))
      (local.set $dst (i32.add (local.get $dst) (i32.const 65536)))
      (local.set $src (i32.add (local.get $src) (i32.const 65536)))
      (local.set $n (i32.sub (local.get $n) (i32.const 65536)))
      (br_if $chunk (i32.gt_u (local.get $n) (i32.const 65536))))
    (call $copyOut (local.get $dst) (local.get $src) (local.get $n)))

  (func $copyShared (export "copyShared") (param $dst i32) (param $src i32) (param $n i32)
    (if (i32.eqz (local.get $n)) (then (return)))
    (if (i32.gt_u (local.get $n) (i32.const 4096))
      (then
        (if (i32.gt_u (local.get $n) (i32.const 65536))
          (then (call $copySharedLong (local.get $dst) (local.get $src) (local.get $n)) (return)))
        (call $poll)))
    (call $mayWrite (local.get $dst) (local.get $n))
    (call $mayRead (local.get $src) (local.get $n))
    (memory.copy $heap $heap (local.get $dst) (local.get $src) (local.get $n)))

  ;; Overlapping ranges of one object: when dst lies inside src .. src+n the chunks go from the end to the start.
  (func $copySharedLong (param $dst i32) (param $src i32) (param $n i32)
    (call $mayWrite (local.get $dst) (local.get $n))
    (call $mayRead (local.get $src) (local.get $n))
    (if (i32.lt_u (i32.sub (local.get $dst) (local.get $src)) (local.get $n))
      (then
        (loop $chunk
          (local.set $n (i32.sub (local.get $n) (i32.const 65536)))
          (call $copyShared (i32.add (local.get $dst) (local.get $n)) (i32.add (local.get $src) (local.get $n)) (i32.const 65536))
          (br_if $chunk (i32.gt_u (local.get $n) (i32.const 65536)))))
      (else
        (loop $chunk
          (call $copyShared (local.get $dst) (local.get $src) (i32.const 65536))
          (local.set $dst (i32.add (local.get $dst) (i32.const 65536)))
          (local.set $src (i32.add (local.get $src) (i32.const 65536)))
          (local.set $n (i32.sub (local.get $n) (i32.const 65536)))
          (br_if $chunk (i32.gt_u (local.get $n) (i32.const 65536))))))
    (call $copyShared (local.get $dst) (local.get $src) (local.get $n)))

  (func $fill (export "fill") (param $dst i32) (param $value i32) (param $n i32)
    (if (i32.eqz (local.get $n)) (then (return)))
    (if (i32.gt_u (local.get $n) (i32.const 4096))
      (then
        (if (i32.gt_u (local.get $n) (i32.const 65536))
          (then (call $fillLong (local.get $dst) (local.get $value) (local.get $n)) (return)))
        (call $poll)))
    (call $mayWrite (local.get $dst) (local.get $n))
    (memory.fill $heap (local.get $dst) (local.get $value) (local.get $n)))

  (func $fillLong (param $dst i32) (param $value i32) (param $n i32)
    (call $mayWrite (local.get $dst) (local.get $n))
    (loop $chunk
      (call $fill (local.get $dst) (local.get $value) (i32.const 65536))
      (local.set $dst (i32.add (local.get $dst) (i32.const 65536)))
      (local.set $n (i32.sub (local.get $n) (i32.const 65536)))
      (br_if $chunk (i32.gt_u (local.get $n) (i32.const 65536))))
    (call $fill (local.get $dst) (local.get $value) (local.get $n)))

  ;; ---- what an object is; p may lie anywhere in it ----
  ;; These return words of the entry itself and touch no p, so they refuse addresses beyond the heap's end by themselves.

  (func $sizeOf (export "sizeOf") (param $p i32) (result i32)
    (local $entry i32) (local $owner i32) (local $id i32)
    (if (i32.ge_u (local.get $p) (i32.load $heap offset=76 (i32.const 0))) (then (call $denied (local.get $p) (i32.const 0)) unreachable))
    (if (i32.sub
          (local.tee $owner (i32.load $heap (local.tee $entry (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $p) (i32.const 6)) (i32.const 4))))))
          (local.tee $id (global.get $me)))
      (then
        (if (i32.sub
              (i32.load $heap offset=0x300000 (i32.add
                (i32.load $heap offset=28 (local.get $entry))
                (i32.mul (i32.and (local.get $id) (i32.const 0x3fff)) (i32.const 16))))
              (local.get $id))
          (then (call $denied (local.get $p) (local.get $owner)) unreachable))))
    (i32.load $heap offset=8 (local.get $entry)))

  (func $typeOf (export "typeOf") (param $p i32) (result i32)
    (local $entry i32) (local $owner i32) (local $id i32)
    (if (i32.ge_u (local.get $p) (i32.load $heap offset=76 (i32.const 0))) (then (call $denied (local.get $p) (i32.const 0)) unreachable))
    (if (i32.sub
          (local.tee $owner (i32.load $heap (local.tee $entry (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $p) (i32.const 6)) (i32.const 4))))))
          (local.tee $id (global.get $me)))
      (then
        (if (i32.sub
              (i32.load $heap offset=0x300000 (i32.add
                (i32.load $heap offset=28 (local.get $entry))
                (i32.mul (i32.and (local.get $id) (i32.const 0x3fff)) (i32.const 16))))
              (local.get $id))
          (then (call $denied (local.get $p) (local.get $owner)) unreachable))))
    (i32.load $heap offset=12 (local.get $entry)))

  ;; The base of the object that is a child of this one, has this type, and is named by the word at p; 0 if the word names
  ;; anything else. The word is whatever the owner wrote there; only what the heap wrote into the entry counts.
  (func $child (export "child") (param $p i32) (param $type i32) (result i32)
    (local $entry i32) (local $owner i32) (local $id i32) (local $base i32) (local $found i32)
    (local.set $p (i32.and (local.get $p) (i32.const -4))) ;; @align 4
    (if (i32.sub
          (local.tee $owner (i32.load $heap (local.tee $entry (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $p) (i32.const 6)) (i32.const 4))))))
          (local.tee $id (global.get $me)))
      (then
        (if (i32.sub
              (i32.load $heap offset=0x300000 (i32.add
                (i32.load $heap offset=28 (local.get $entry))
                (i32.mul (i32.and (local.get $id) (i32.const 0x3fff)) (i32.const 16))))
              (local.get $id))
          (then (call $denied (local.get $p) (local.get $owner)) unreachable))))
    (local.set $base (i32.load $heap (local.get $p)))
    (if (i32.ge_u (local.get $base) (i32.load $heap offset=76 (i32.const 0))) (then (return (i32.const 0))))
    (local.set $found (i32.load $heap offset=0x400000 (i32.mul (i32.shr_u (local.get $base) (i32.const 6)) (i32.const 4))))
    (select (local.get $base) (i32.const 0)
      (i32.and
        (i32.and
          (i32.eq (i32.load $heap offset=4 (local.get $found)) (local.get $base))
          (i32.eq (i32.load $heap offset=12 (local.get $found)) (local.get $type)))
        (i32.eq (i32.load $heap offset=32 (local.get $found)) (local.get $entry)))))

  ;; ---- the domain's own record ----

  ;; How the last call ended: 0 code, 1 domain that died, 2 its generation, 3 detail. Only the kernel writes these.
  (func $status (export "status") (param $i i32) (result i32)
    (if (i32.ge_u (local.get $i) (i32.const 4)) (then unreachable))
    (i32.load $heap offset=0x100018
      (i32.add
        (i32.mul (i32.and (global.get $me) (i32.const 0x3fff)) (i32.const 128))
        (i32.mul (local.get $i) (i32.const 4)))))

  ;; The return area: results that do not fit the one i32 of a call.
  (func $result (export "result") (param $i i32) (result i32)
    (if (i32.ge_u (local.get $i) (i32.const 16)) (then unreachable))
    (i32.load $heap offset=0x100040
      (i32.add
        (i32.mul (i32.and (global.get $me) (i32.const 0x3fff)) (i32.const 128))
        (i32.mul (local.get $i) (i32.const 4)))))

  (func $setResult (export "setResult") (param $i i32) (param $value i32)
    (if (i32.ge_u (local.get $i) (i32.const 16)) (then unreachable))
    (i32.store $heap offset=0x100040
      (i32.add
        (i32.mul (i32.and (global.get $me) (i32.const 0x3fff)) (i32.const 128))
        (i32.mul (local.get $i) (i32.const 4)))
      (local.get $value)))

  ;; ---- memory.copy and memory.fill of the domain's own memory, for the loader; a domain cannot import these ----
  ;; Up to 64 KiB they are the instruction itself, so an out-of-bounds range traps as the instruction does; above, the
  ;; ranges are checked first and the work goes in chunks with a safepoint each.

  (func $bulkCopy (export "bulkCopy") (param $dst i32) (param $src i32) (param $n i32)
    (if (i32.gt_u (local.get $n) (i32.const 4096))
      (then
        (if (i32.gt_u (local.get $n) (i32.const 65536))
          (then (call $bulkCopyLong (local.get $dst) (local.get $src) (local.get $n)) (return)))
        (call $poll)))
    (memory.copy $own $own (local.get $dst) (local.get $src) (local.get $n)))

  (func $bulkCopyLong (param $dst i32) (param $src i32) (param $n i32)
    (call $mayUseOwn (local.get $dst) (local.get $n))
    (call $mayUseOwn (local.get $src) (local.get $n))
    (if (i32.lt_u (i32.sub (local.get $dst) (local.get $src)) (local.get $n))
      (then
        (loop $chunk
          (local.set $n (i32.sub (local.get $n) (i32.const 65536)))
          (call $bulkCopy (i32.add (local.get $dst) (local.get $n)) (i32.add (local.get $src) (local.get $n)) (i32.const 65536))
          (br_if $chunk (i32.gt_u (local.get $n) (i32.const 65536)))))
      (else
        (loop $chunk
          (call $bulkCopy (local.get $dst) (local.get $src) (i32.const 65536))
          (local.set $dst (i32.add (local.get $dst) (i32.const 65536)))
          (local.set $src (i32.add (local.get $src) (i32.const 65536)))
          (local.set $n (i32.sub (local.get $n) (i32.const 65536)))
          (br_if $chunk (i32.gt_u (local.get $n) (i32.const 65536))))))
    (call $bulkCopy (local.get $dst) (local.get $src) (local.get $n)))

  (func $bulkFill (export "bulkFill") (param $dst i32) (param $value i32) (param $n i32)
    (if (i32.gt_u (local.get $n) (i32.const 4096))
      (then
        (if (i32.gt_u (local.get $n) (i32.const 65536))
          (then (call $bulkFillLong (local.get $dst) (local.get $value) (local.get $n)) (return)))
        (call $poll)))
    (memory.fill $own (local.get $dst) (local.get $value) (local.get $n)))

  (func $bulkFillLong (param $dst i32) (param $value i32) (param $n i32)
    (call $mayUseOwn (local.get $dst) (local.get $n))
    (loop $chunk
      (call $bulkFill (local.get $dst) (local.get $value) (i32.const 65536))
      (local.set $dst (i32.add (local.get $dst) (i32.const 65536)))
      (local.set $n (i32.sub (local.get $n) (i32.const 65536)))
      (br_if $chunk (i32.gt_u (local.get $n) (i32.const 65536))))
    (call $bulkFill (local.get $dst) (local.get $value) (local.get $n)))
)
