(module $guard
  (type (;0;) (func (result i32)))
  (type (;1;) (func (param i32 i32)))
  (type (;2;) (func))
  (type (;3;) (func (param i32)))
  (type (;4;) (func (param i32) (result i32)))
  (type (;5;) (func (param i32) (result i64)))
  (type (;6;) (func (param i32) (result v128)))
  (type (;7;) (func (param i32 i64)))
  (type (;8;) (func (param i32 v128)))
  (type (;9;) (func (param i32 i32 i32)))
  (type (;10;) (func (param i32 i32) (result i32)))
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
  (export "child" (func $child))
  (export "status" (func $status))
  (export "result" (func $result))
  (export "setResult" (func $setResult))
  (export "bulkCopy" (func $bulkCopy))
  (export "bulkFill" (func $bulkFill))
  (func $mayRead (;1;) (type 1) (param $p i32) (param $n i32)
    (local $entry i32) (local $owner i32) (local $id i32)
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    local.tee $owner
    global.get $me
    local.tee $id
    i32.sub
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 16
      i32.mul
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.sub
      if ;; label = @2
        local.get $p
        local.get $owner
        call $denied
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
      local.get $p
      call $outside
      unreachable
    end
  )
  (func $mayWrite (;2;) (type 1) (param $p i32) (param $n i32)
    (local $entry i32) (local $owner i32)
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    local.tee $owner
    global.get $me
    i32.sub
    if ;; label = @1
      local.get $p
      local.get $owner
      call $denied
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
      local.get $p
      call $outside
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
      local.get $p
      i32.const 0
      local.get $n
      memory.fill
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
  (func $denied (;5;) (type 1) (param $p i32) (param $owner i32)
    (local $record i32)
    global.get $me
    i32.const 16383
    i32.and
    i32.const 128
    i32.mul
    local.set $record
    local.get $record
    local.get $p
    i32.store $heap offset=1048628
    local.get $record
    local.get $owner
    i32.store $heap offset=1048632
    local.get $record
    i32.const 1
    i32.store $heap offset=1048636
    unreachable
  )
  (func $outside (;6;) (type 3) (param $p i32)
    (local $record i32)
    global.get $me
    i32.const 16383
    i32.and
    i32.const 128
    i32.mul
    local.set $record
    local.get $record
    local.get $p
    i32.store $heap offset=1048628
    local.get $record
    i32.const 2
    i32.store $heap offset=1048636
    unreachable
  )
  (func $misaligned (;7;) (type 3) (param $p i32)
    (local $record i32)
    global.get $me
    i32.const 16383
    i32.and
    i32.const 128
    i32.mul
    local.set $record
    local.get $record
    local.get $p
    i32.store $heap offset=1048628
    local.get $record
    i32.const 3
    i32.store $heap offset=1048636
    unreachable
  )
  (func $load8 (;8;) (type 4) (param $p i32) (result i32)
    (local $entry i32) (local $owner i32) (local $id i32)
    i32.const 0
    ref.i31
    drop
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    local.tee $owner
    global.get $me
    local.tee $id
    i32.sub
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 16
      i32.mul
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.sub
      if ;; label = @2
        local.get $p
        local.get $owner
        call $denied
        unreachable
      end
    end
    local.get $p
    i32.load8_u $heap
  )
  (func $load16 (;9;) (type 4) (param $p i32) (result i32)
    (local $entry i32) (local $owner i32) (local $id i32)
    i32.const 0
    ref.i31
    drop
    local.get $p
    i32.const -2
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    local.tee $owner
    global.get $me
    local.tee $id
    i32.sub
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 16
      i32.mul
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.sub
      if ;; label = @2
        local.get $p
        local.get $owner
        call $denied
        unreachable
      end
    end
    local.get $p
    i32.load16_u $heap
  )
  (func $load32 (;10;) (type 4) (param $p i32) (result i32)
    (local $entry i32) (local $owner i32) (local $id i32)
    i32.const 0
    ref.i31
    drop
    local.get $p
    i32.const -4
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    local.tee $owner
    global.get $me
    local.tee $id
    i32.sub
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 16
      i32.mul
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.sub
      if ;; label = @2
        local.get $p
        local.get $owner
        call $denied
        unreachable
      end
    end
    local.get $p
    i32.load $heap
  )
  (func $load64 (;11;) (type 5) (param $p i32) (result i64)
    (local $entry i32) (local $owner i32) (local $id i32)
    i32.const 0
    ref.i31
    drop
    local.get $p
    i32.const -8
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    local.tee $owner
    global.get $me
    local.tee $id
    i32.sub
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 16
      i32.mul
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.sub
      if ;; label = @2
        local.get $p
        local.get $owner
        call $denied
        unreachable
      end
    end
    local.get $p
    i64.load $heap
  )
  (func $loadv128 (;12;) (type 6) (param $p i32) (result v128)
    (local $entry i32) (local $owner i32) (local $id i32)
    i32.const 0
    ref.i31
    drop
    local.get $p
    i32.const -16
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    local.tee $owner
    global.get $me
    local.tee $id
    i32.sub
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 16
      i32.mul
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.sub
      if ;; label = @2
        local.get $p
        local.get $owner
        call $denied
        unreachable
      end
    end
    local.get $p
    v128.load $heap
  )
  (func $store8 (;13;) (type 1) (param $p i32) (param $value i32)
    (local $owner i32)
    i32.const 0
    ref.i31
    drop
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    i32.load $heap
    local.tee $owner
    global.get $me
    i32.sub
    if ;; label = @1
      local.get $p
      local.get $owner
      call $denied
      unreachable
    end
    local.get $p
    local.get $value
    i32.store8 $heap
  )
  (func $store16 (;14;) (type 1) (param $p i32) (param $value i32)
    (local $owner i32)
    i32.const 0
    ref.i31
    drop
    local.get $p
    i32.const -2
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    i32.load $heap
    local.tee $owner
    global.get $me
    i32.sub
    if ;; label = @1
      local.get $p
      local.get $owner
      call $denied
      unreachable
    end
    local.get $p
    local.get $value
    i32.store16 $heap
  )
  (func $store32 (;15;) (type 1) (param $p i32) (param $value i32)
    (local $owner i32)
    i32.const 0
    ref.i31
    drop
    local.get $p
    i32.const -4
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    i32.load $heap
    local.tee $owner
    global.get $me
    i32.sub
    if ;; label = @1
      local.get $p
      local.get $owner
      call $denied
      unreachable
    end
    local.get $p
    local.get $value
    i32.store $heap
  )
  (func $store64 (;16;) (type 7) (param $p i32) (param $value i64)
    (local $owner i32)
    i32.const 0
    ref.i31
    drop
    local.get $p
    i32.const -8
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    i32.load $heap
    local.tee $owner
    global.get $me
    i32.sub
    if ;; label = @1
      local.get $p
      local.get $owner
      call $denied
      unreachable
    end
    local.get $p
    local.get $value
    i64.store $heap
  )
  (func $storev128 (;17;) (type 8) (param $p i32) (param $value v128)
    (local $owner i32)
    i32.const 0
    ref.i31
    drop
    local.get $p
    i32.const -16
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    i32.load $heap
    local.tee $owner
    global.get $me
    i32.sub
    if ;; label = @1
      local.get $p
      local.get $owner
      call $denied
      unreachable
    end
    local.get $p
    local.get $value
    v128.store $heap
  )
  (func $copyIn (;18;) (type 9) (param $dst i32) (param $src i32) (param $n i32)
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
  (func $copyInLong (;19;) (type 9) (param $dst i32) (param $src i32) (param $n i32)
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
  (func $copyOut (;20;) (type 9) (param $dst i32) (param $src i32) (param $n i32)
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
  (func $copyOutLong (;21;) (type 9) (param $dst i32) (param $src i32) (param $n i32)
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
  (func $copyShared (;22;) (type 9) (param $dst i32) (param $src i32) (param $n i32)
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
  (func $copySharedLong (;23;) (type 9) (param $dst i32) (param $src i32) (param $n i32)
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
  (func $fill (;24;) (type 9) (param $dst i32) (param $value i32) (param $n i32)
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
  (func $fillLong (;25;) (type 9) (param $dst i32) (param $value i32) (param $n i32)
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
  (func $sizeOf (;26;) (type 4) (param $p i32) (result i32)
    (local $entry i32) (local $owner i32) (local $id i32)
    local.get $p
    i32.const 0
    i32.load $heap offset=76
    i32.ge_u
    if ;; label = @1
      local.get $p
      i32.const 0
      call $denied
      unreachable
    end
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    local.tee $owner
    global.get $me
    local.tee $id
    i32.sub
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 16
      i32.mul
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.sub
      if ;; label = @2
        local.get $p
        local.get $owner
        call $denied
        unreachable
      end
    end
    local.get $entry
    i32.load $heap offset=8
  )
  (func $typeOf (;27;) (type 4) (param $p i32) (result i32)
    (local $entry i32) (local $owner i32) (local $id i32)
    local.get $p
    i32.const 0
    i32.load $heap offset=76
    i32.ge_u
    if ;; label = @1
      local.get $p
      i32.const 0
      call $denied
      unreachable
    end
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    local.tee $owner
    global.get $me
    local.tee $id
    i32.sub
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 16
      i32.mul
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.sub
      if ;; label = @2
        local.get $p
        local.get $owner
        call $denied
        unreachable
      end
    end
    local.get $entry
    i32.load $heap offset=12
  )
  (func $child (;28;) (type 10) (param $p i32) (param $type i32) (result i32)
    (local $entry i32) (local $owner i32) (local $id i32) (local $base i32) (local $found i32)
    local.get $p
    i32.const -4
    i32.and
    local.set $p
    local.get $p
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    local.tee $entry
    i32.load $heap
    local.tee $owner
    global.get $me
    local.tee $id
    i32.sub
    if ;; label = @1
      local.get $entry
      i32.load $heap offset=28
      local.get $id
      i32.const 16383
      i32.and
      i32.const 16
      i32.mul
      i32.add
      i32.load $heap offset=3145728
      local.get $id
      i32.sub
      if ;; label = @2
        local.get $p
        local.get $owner
        call $denied
        unreachable
      end
    end
    local.get $p
    i32.load $heap
    local.set $base
    local.get $base
    i32.const 0
    i32.load $heap offset=76
    i32.ge_u
    if ;; label = @1
      i32.const 0
      return
    end
    local.get $base
    i32.const 6
    i32.shr_u
    i32.const 4
    i32.mul
    i32.load $heap offset=4194304
    local.set $found
    local.get $base
    i32.const 0
    local.get $found
    i32.load $heap offset=4
    local.get $base
    i32.eq
    local.get $found
    i32.load $heap offset=12
    local.get $type
    i32.eq
    i32.and
    local.get $found
    i32.load $heap offset=32
    local.get $entry
    i32.eq
    i32.and
    select
  )
  (func $status (;29;) (type 4) (param $i i32) (result i32)
    local.get $i
    i32.const 4
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $me
    i32.const 16383
    i32.and
    i32.const 128
    i32.mul
    local.get $i
    i32.const 4
    i32.mul
    i32.add
    i32.load $heap offset=1048600
  )
  (func $result (;30;) (type 4) (param $i i32) (result i32)
    local.get $i
    i32.const 16
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $me
    i32.const 16383
    i32.and
    i32.const 128
    i32.mul
    local.get $i
    i32.const 4
    i32.mul
    i32.add
    i32.load $heap offset=1048640
  )
  (func $setResult (;31;) (type 1) (param $i i32) (param $value i32)
    local.get $i
    i32.const 16
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $me
    i32.const 16383
    i32.and
    i32.const 128
    i32.mul
    local.get $i
    i32.const 4
    i32.mul
    i32.add
    local.get $value
    i32.store $heap offset=1048640
  )
  (func $bulkCopy (;32;) (type 9) (param $dst i32) (param $src i32) (param $n i32)
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
  (func $bulkCopyLong (;33;) (type 9) (param $dst i32) (param $src i32) (param $n i32)
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
  (func $bulkFill (;34;) (type 9) (param $dst i32) (param $value i32) (param $n i32)
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
  (func $bulkFillLong (;35;) (type 9) (param $dst i32) (param $value i32) (param $n i32)
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
