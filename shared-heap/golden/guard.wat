(module $guard
  (type (;0;) (func (result i32)))
  (type (;1;) (func (param i32 i32)))
  (type (;2;) (func))
  (type (;3;) (func (param i32) (result i32)))
  (type (;4;) (func (param i32) (result i64)))
  (type (;5;) (func (param i32) (result v128)))
  (type (;6;) (func (param i32 i64)))
  (type (;7;) (func (param i32 v128)))
  (type (;8;) (func (param i32 i32 i32)))
  (import "sumac" "memory" (memory $own (;0;) 0))
  (import "sumac" "heap" (memory $heap (;1;) 1 65536 shared))
  (import "sumac" "me" (global $me (;0;) i32))
  (import "sumac" "line" (global $line (;1;) i32))
  (import "sumac" "tick" (func $tick (;0;) (type 0)))
  (export "load8" (func $load8))
  (export "load16" (func $load16))
  (export "load32" (func $load32))
  (export "load64" (func $load64))
  (export "loadv128" (func $loadv128))
  (export "store8" (func $store8))
  (export "store16" (func $store16))
  (export "store32" (func $store32))
  (export "store64" (func $store64))
  (export "storev128" (func $storev128))
  (export "copyIn" (func $copyIn))
  (export "copyOut" (func $copyOut))
  (export "copyShared" (func $copyShared))
  (export "fill" (func $fill))
  (export "sizeOf" (func $sizeOf))
  (export "typeOf" (func $typeOf))
  (export "status" (func $status))
  (export "result" (func $result))
  (export "setResult" (func $setResult))
  (export "bulkCopy" (func $bulkCopy))
  (export "bulkFill" (func $bulkFill))
  (func $mayRead (;1;) (type 1) (param $p i32) (param $n i32)
    (local $entry i32) (local $id i32)
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    global.get $me
    local.tee $id
    i32.ne
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 4
      i32.shl
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.ne
      if ;; label = @2
        unreachable
      end
    end
    local.get $p
    i64.extend_i32_u
    local.get $n
    i64.extend_i32_u
    i64.add
    local.get $entry
    i64.load32_u $heap offset=4
    local.get $entry
    i64.load32_u $heap offset=8
    i64.add
    i64.gt_u
    if ;; label = @1
      unreachable
    end
  )
  (func $mayWrite (;2;) (type 1) (param $p i32) (param $n i32)
    (local $entry i32)
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.load $heap offset=4194304
    local.set $entry
    local.get $entry
    i32.load $heap
    global.get $me
    i32.ne
    if ;; label = @1
      unreachable
    end
    local.get $p
    i64.extend_i32_u
    local.get $n
    i64.extend_i32_u
    i64.add
    local.get $entry
    i64.load32_u $heap offset=4
    local.get $entry
    i64.load32_u $heap offset=8
    i64.add
    i64.gt_u
    if ;; label = @1
      unreachable
    end
  )
  (func $mayUseOwn (;3;) (type 1) (param $p i32) (param $n i32)
    local.get $p
    i64.extend_i32_u
    local.get $n
    i64.extend_i32_u
    i64.add
    memory.size
    i64.extend_i32_u
    i64.const 16
    i64.shl
    i64.gt_u
    if ;; label = @1
      unreachable
    end
  )
  (func $poll (;4;) (type 2)
    global.get $line
    i32.atomic.load $heap
    if ;; label = @1
      call $tick
      if ;; label = @2
        unreachable
      end
    end
  )
  (func $load8 (;5;) (type 3) (param $p i32) (result i32)
    (local $entry i32) (local $id i32)
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    global.get $me
    local.tee $id
    i32.ne
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 4
      i32.shl
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.ne
      if ;; label = @2
        unreachable
      end
    end
    local.get $p
    i32.load8_u $heap
  )
  (func $load16 (;6;) (type 3) (param $p i32) (result i32)
    (local $entry i32) (local $id i32)
    local.get $p
    i32.const -2
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    global.get $me
    local.tee $id
    i32.ne
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 4
      i32.shl
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.ne
      if ;; label = @2
        unreachable
      end
    end
    local.get $p
    i32.load16_u $heap
  )
  (func $load32 (;7;) (type 3) (param $p i32) (result i32)
    (local $entry i32) (local $id i32)
    local.get $p
    i32.const -4
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    global.get $me
    local.tee $id
    i32.ne
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 4
      i32.shl
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.ne
      if ;; label = @2
        unreachable
      end
    end
    local.get $p
    i32.load $heap
  )
  (func $load64 (;8;) (type 4) (param $p i32) (result i64)
    (local $entry i32) (local $id i32)
    local.get $p
    i32.const -8
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    global.get $me
    local.tee $id
    i32.ne
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 4
      i32.shl
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.ne
      if ;; label = @2
        unreachable
      end
    end
    local.get $p
    i64.load $heap
  )
  (func $loadv128 (;9;) (type 5) (param $p i32) (result v128)
    (local $entry i32) (local $id i32)
    local.get $p
    i32.const -16
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    global.get $me
    local.tee $id
    i32.ne
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 4
      i32.shl
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.ne
      if ;; label = @2
        unreachable
      end
    end
    local.get $p
    v128.load $heap
  )
  (func $store8 (;10;) (type 1) (param $p i32) (param $value i32)
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.load $heap offset=4194304
    i32.load $heap
    global.get $me
    i32.ne
    if ;; label = @1
      unreachable
    end
    local.get $p
    local.get $value
    i32.store8 $heap
  )
  (func $store16 (;11;) (type 1) (param $p i32) (param $value i32)
    local.get $p
    i32.const -2
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.load $heap offset=4194304
    i32.load $heap
    global.get $me
    i32.ne
    if ;; label = @1
      unreachable
    end
    local.get $p
    local.get $value
    i32.store16 $heap
  )
  (func $store32 (;12;) (type 1) (param $p i32) (param $value i32)
    local.get $p
    i32.const -4
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.load $heap offset=4194304
    i32.load $heap
    global.get $me
    i32.ne
    if ;; label = @1
      unreachable
    end
    local.get $p
    local.get $value
    i32.store $heap
  )
  (func $store64 (;13;) (type 6) (param $p i32) (param $value i64)
    local.get $p
    i32.const -8
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.load $heap offset=4194304
    i32.load $heap
    global.get $me
    i32.ne
    if ;; label = @1
      unreachable
    end
    local.get $p
    local.get $value
    i64.store $heap
  )
  (func $storev128 (;14;) (type 7) (param $p i32) (param $value v128)
    local.get $p
    i32.const -16
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.load $heap offset=4194304
    i32.load $heap
    global.get $me
    i32.ne
    if ;; label = @1
      unreachable
    end
    local.get $p
    local.get $value
    v128.store $heap
  )
  (func $copyIn (;15;) (type 8) (param $dst i32) (param $src i32) (param $n i32)
    local.get $n
    i32.eqz
    if ;; label = @1
      return
    end
    local.get $n
    i32.const 4096
    i32.gt_u
    if ;; label = @1
      local.get $n
      i32.const 65536
      i32.gt_u
      if ;; label = @2
        local.get $dst
        local.get $src
        local.get $n
        call $copyInLong
        return
      end
      call $poll
    end
    local.get $src
    local.get $n
    call $mayRead
    local.get $dst
    local.get $src
    local.get $n
    memory.copy $own $heap
  )
  (func $copyInLong (;16;) (type 8) (param $dst i32) (param $src i32) (param $n i32)
    local.get $src
    local.get $n
    call $mayRead
    local.get $dst
    local.get $n
    call $mayUseOwn
    loop $chunk
      local.get $dst
      local.get $src
      i32.const 65536
      call $copyIn
      local.get $dst
      i32.const 65536
      i32.add
      local.set $dst
      local.get $src
      i32.const 65536
      i32.add
      local.set $src
      local.get $n
      i32.const 65536
      i32.sub
      local.set $n
      local.get $n
      i32.const 65536
      i32.gt_u
      br_if $chunk
    end
    local.get $dst
    local.get $src
    local.get $n
    call $copyIn
  )
  (func $copyOut (;17;) (type 8) (param $dst i32) (param $src i32) (param $n i32)
    local.get $n
    i32.eqz
    if ;; label = @1
      return
    end
    local.get $n
    i32.const 4096
    i32.gt_u
    if ;; label = @1
      local.get $n
      i32.const 65536
      i32.gt_u
      if ;; label = @2
        local.get $dst
        local.get $src
        local.get $n
        call $copyOutLong
        return
      end
      call $poll
    end
    local.get $dst
    local.get $n
    call $mayWrite
    local.get $dst
    local.get $src
    local.get $n
    memory.copy $heap $own
  )
  (func $copyOutLong (;18;) (type 8) (param $dst i32) (param $src i32) (param $n i32)
    local.get $dst
    local.get $n
    call $mayWrite
    local.get $src
    local.get $n
    call $mayUseOwn
    loop $chunk
      local.get $dst
      local.get $src
      i32.const 65536
      call $copyOut
      local.get $dst
      i32.const 65536
      i32.add
      local.set $dst
      local.get $src
      i32.const 65536
      i32.add
      local.set $src
      local.get $n
      i32.const 65536
      i32.sub
      local.set $n
      local.get $n
      i32.const 65536
      i32.gt_u
      br_if $chunk
    end
    local.get $dst
    local.get $src
    local.get $n
    call $copyOut
  )
  (func $copyShared (;19;) (type 8) (param $dst i32) (param $src i32) (param $n i32)
    local.get $n
    i32.eqz
    if ;; label = @1
      return
    end
    local.get $n
    i32.const 4096
    i32.gt_u
    if ;; label = @1
      local.get $n
      i32.const 65536
      i32.gt_u
      if ;; label = @2
        local.get $dst
        local.get $src
        local.get $n
        call $copySharedLong
        return
      end
      call $poll
    end
    local.get $dst
    local.get $n
    call $mayWrite
    local.get $src
    local.get $n
    call $mayRead
    local.get $dst
    local.get $src
    local.get $n
    memory.copy $heap $heap
  )
  (func $copySharedLong (;20;) (type 8) (param $dst i32) (param $src i32) (param $n i32)
    local.get $dst
    local.get $n
    call $mayWrite
    local.get $src
    local.get $n
    call $mayRead
    local.get $dst
    local.get $src
    i32.sub
    local.get $n
    i32.lt_u
    if ;; label = @1
      loop $chunk
        local.get $n
        i32.const 65536
        i32.sub
        local.set $n
        local.get $dst
        local.get $n
        i32.add
        local.get $src
        local.get $n
        i32.add
        i32.const 65536
        call $copyShared
        local.get $n
        i32.const 65536
        i32.gt_u
        br_if $chunk
      end
    else
      loop $chunk
        local.get $dst
        local.get $src
        i32.const 65536
        call $copyShared
        local.get $dst
        i32.const 65536
        i32.add
        local.set $dst
        local.get $src
        i32.const 65536
        i32.add
        local.set $src
        local.get $n
        i32.const 65536
        i32.sub
        local.set $n
        local.get $n
        i32.const 65536
        i32.gt_u
        br_if $chunk
      end
    end
    local.get $dst
    local.get $src
    local.get $n
    call $copyShared
  )
  (func $fill (;21;) (type 8) (param $dst i32) (param $value i32) (param $n i32)
    local.get $n
    i32.eqz
    if ;; label = @1
      return
    end
    local.get $n
    i32.const 4096
    i32.gt_u
    if ;; label = @1
      local.get $n
      i32.const 65536
      i32.gt_u
      if ;; label = @2
        local.get $dst
        local.get $value
        local.get $n
        call $fillLong
        return
      end
      call $poll
    end
    local.get $dst
    local.get $n
    call $mayWrite
    local.get $dst
    local.get $value
    local.get $n
    memory.fill $heap
  )
  (func $fillLong (;22;) (type 8) (param $dst i32) (param $value i32) (param $n i32)
    local.get $dst
    local.get $n
    call $mayWrite
    loop $chunk
      local.get $dst
      local.get $value
      i32.const 65536
      call $fill
      local.get $dst
      i32.const 65536
      i32.add
      local.set $dst
      local.get $n
      i32.const 65536
      i32.sub
      local.set $n
      local.get $n
      i32.const 65536
      i32.gt_u
      br_if $chunk
    end
    local.get $dst
    local.get $value
    local.get $n
    call $fill
  )
  (func $sizeOf (;23;) (type 3) (param $p i32) (result i32)
    (local $entry i32) (local $id i32)
    local.get $p
    i32.const 0
    i32.load $heap offset=76
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    global.get $me
    local.tee $id
    i32.ne
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 4
      i32.shl
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.ne
      if ;; label = @2
        unreachable
      end
    end
    local.get $entry
    i32.load $heap offset=8
  )
  (func $typeOf (;24;) (type 3) (param $p i32) (result i32)
    (local $entry i32) (local $id i32)
    local.get $p
    i32.const 0
    i32.load $heap offset=76
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    global.get $me
    local.tee $id
    i32.ne
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 4
      i32.shl
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.ne
      if ;; label = @2
        unreachable
      end
    end
    local.get $entry
    i32.load $heap offset=12
  )
  (func $status (;25;) (type 3) (param $i i32) (result i32)
    local.get $i
    i32.const 4
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $me
    i32.const 16383
    i32.and
    i32.const 7
    i32.shl
    local.get $i
    i32.const 2
    i32.shl
    i32.add
    i32.load $heap offset=1048600
  )
  (func $result (;26;) (type 3) (param $i i32) (result i32)
    local.get $i
    i32.const 16
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $me
    i32.const 16383
    i32.and
    i32.const 7
    i32.shl
    local.get $i
    i32.const 2
    i32.shl
    i32.add
    i32.load $heap offset=1048640
  )
  (func $setResult (;27;) (type 1) (param $i i32) (param $value i32)
    local.get $i
    i32.const 16
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $me
    i32.const 16383
    i32.and
    i32.const 7
    i32.shl
    local.get $i
    i32.const 2
    i32.shl
    i32.add
    local.get $value
    i32.store $heap offset=1048640
  )
  (func $bulkCopy (;28;) (type 8) (param $dst i32) (param $src i32) (param $n i32)
    local.get $n
    i32.const 4096
    i32.gt_u
    if ;; label = @1
      local.get $n
      i32.const 65536
      i32.gt_u
      if ;; label = @2
        local.get $dst
        local.get $src
        local.get $n
        call $bulkCopyLong
        return
      end
      call $poll
    end
    local.get $dst
    local.get $src
    local.get $n
    memory.copy
  )
  (func $bulkCopyLong (;29;) (type 8) (param $dst i32) (param $src i32) (param $n i32)
    local.get $dst
    local.get $n
    call $mayUseOwn
    local.get $src
    local.get $n
    call $mayUseOwn
    local.get $dst
    local.get $src
    i32.sub
    local.get $n
    i32.lt_u
    if ;; label = @1
      loop $chunk
        local.get $n
        i32.const 65536
        i32.sub
        local.set $n
        local.get $dst
        local.get $n
        i32.add
        local.get $src
        local.get $n
        i32.add
        i32.const 65536
        call $bulkCopy
        local.get $n
        i32.const 65536
        i32.gt_u
        br_if $chunk
      end
    else
      loop $chunk
        local.get $dst
        local.get $src
        i32.const 65536
        call $bulkCopy
        local.get $dst
        i32.const 65536
        i32.add
        local.set $dst
        local.get $src
        i32.const 65536
        i32.add
        local.set $src
        local.get $n
        i32.const 65536
        i32.sub
        local.set $n
        local.get $n
        i32.const 65536
        i32.gt_u
        br_if $chunk
      end
    end
    local.get $dst
    local.get $src
    local.get $n
    call $bulkCopy
  )
  (func $bulkFill (;30;) (type 8) (param $dst i32) (param $value i32) (param $n i32)
    local.get $n
    i32.const 4096
    i32.gt_u
    if ;; label = @1
      local.get $n
      i32.const 65536
      i32.gt_u
      if ;; label = @2
        local.get $dst
        local.get $value
        local.get $n
        call $bulkFillLong
        return
      end
      call $poll
    end
    local.get $dst
    local.get $value
    local.get $n
    memory.fill
  )
  (func $bulkFillLong (;31;) (type 8) (param $dst i32) (param $value i32) (param $n i32)
    local.get $dst
    local.get $n
    call $mayUseOwn
    loop $chunk
      local.get $dst
      local.get $value
      i32.const 65536
      call $bulkFill
      local.get $dst
      i32.const 65536
      i32.add
      local.set $dst
      local.get $n
      i32.const 65536
      i32.sub
      local.set $n
      local.get $n
      i32.const 65536
      i32.gt_u
      br_if $chunk
    end
    local.get $dst
    local.get $value
    local.get $n
    call $bulkFill
  )
)
