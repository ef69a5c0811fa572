(module
  (type (;0;) (func (param i32) (result i32)))
  (type (;1;) (func (param i32 i32) (result i32)))
  (type (;2;) (func (result i32)))
  (type (;3;) (func (param i32 i32 i32) (result i32)))
  (type (;4;) (func (param i32 i32 i32 i32) (result i32)))
  (import "env" "memory" (memory (;0;) 1 65536 shared))
  (global (;0;) (mut i32) i32.const 0)
  (global (;1;) (mut i32) i32.const 0)
  (export "init" (func 22))
  (export "domainClose" (func 25))
  (export "domainOpen" (func 24))
  (export "alloc" (func 23))
  (export "borrow" (func 21))
  (export "endAllBorrows" (func 20))
  (export "endBorrow" (func 19))
  (export "cpuEnter" (func 18))
  (export "cpuLeave" (func 17))
  (export "share" (func 16))
  (export "canRead" (func 15))
  (export "objectAt" (func 14))
  (export "ownerOf" (func 13))
  (export "sizeOf" (func 12))
  (export "typeOf" (func 11))
  (export "drop" (func 10))
  (export "dropAll" (func 9))
  (export "free" (func 8))
  (export "move" (func 7))
  (export "nextOwned" (func 6))
  (export "pin" (func 5))
  (export "unpin" (func 4))
  (export "lastError" (func 3))
  (export "trim" (func 2))
  (export "put" (func 1))
  (export "take" (func 0))
  (func (;0;) (type 3) (param i32 i32 i32) (result i32)
    (local i32 i32)
    local.get 0
    local.set 3
    i32.const 0
    local.set 0
    block ;; label = @1
      local.get 3
      i32.const 3
      i32.and
      local.get 3
      i32.const 76
      i32.load
      i32.ge_u
      i32.or
      br_if 0 (;@1;)
      local.get 3
      i32.const 6
      i32.shr_u
      i32.const 2
      i32.shl
      i32.const 4194304
      i32.add
      i32.load
      local.set 4
      local.get 2
      if (result i32) ;; label = @2
        local.get 2
        local.get 4
        i32.load
        i32.ne
      else
        i32.const 1
      end
      if (result i32) ;; label = @2
        i32.const 1
      else
        local.get 4
        i32.load offset=20
      end
      if (result i32) ;; label = @2
        i32.const 1
      else
        local.get 4
        i32.load offset=8
        local.get 3
        local.get 4
        i32.load offset=4
        i32.sub
        i32.const 4
        i32.add
        i32.lt_u
      end
      br_if 0 (;@1;)
      local.get 4
      local.set 0
    end
    block (result i32) ;; label = @1
      local.get 0
      i32.eqz
      if ;; label = @2
        i32.const 6
        global.set 1
        i32.const 0
        br 1 (;@1;)
      end
      local.get 3
      i32.load
      local.tee 2
      i32.const 76
      i32.load
      i32.ge_u
      if (result i32) ;; label = @2
        i32.const 0
      else
        local.get 2
        i32.const 6
        i32.shr_u
        i32.const 2
        i32.shl
        i32.const 4194304
        i32.add
        i32.load
        local.tee 4
        i32.const 0
        local.get 2
        local.get 4
        i32.load offset=4
        i32.eq
        if (result i32) ;; label = @3
          local.get 4
          i32.load
        else
          i32.const 0
        end
        select
      end
      local.tee 2
      i32.const 0
      local.get 0
      local.get 2
      i32.load offset=32
      i32.eq
      select
      local.tee 0
      if (result i32) ;; label = @2
        local.get 1
        if (result i32) ;; label = @3
          local.get 1
          local.get 0
          i32.load offset=12
          i32.ne
        else
          i32.const 0
        end
      else
        i32.const 1
      end
      if ;; label = @2
        i32.const 102
        global.set 1
        i32.const 0
        br 1 (;@1;)
      end
      local.get 0
      i32.load offset=32
      local.set 1
      local.get 0
      i32.load offset=40
      local.set 2
      local.get 0
      i32.load offset=44
      local.tee 4
      if ;; label = @2
        local.get 4
        local.get 2
        i32.store offset=40
      else
        local.get 1
        local.get 2
        i32.store offset=36
      end
      local.get 2
      if ;; label = @2
        local.get 2
        local.get 4
        i32.store offset=44
      else
        local.get 1
        local.get 4
        i32.store offset=56
      end
      local.get 0
      i32.const 0
      i32.store offset=32
      local.get 0
      i32.const 0
      i32.store offset=40
      local.get 0
      i32.const 0
      i32.store offset=44
      local.get 3
      i32.const 0
      i32.store
      local.get 0
      i32.load offset=4
    end
  )
  (func (;1;) (type 3) (param i32 i32 i32) (result i32)
    (local i32 i32 i32 i32)
    local.get 1
    local.set 5
    local.get 0
    local.set 4
    i32.const 0
    local.set 0
    block ;; label = @1
      local.get 4
      i32.const 3
      i32.and
      local.get 4
      i32.const 76
      i32.load
      i32.ge_u
      i32.or
      br_if 0 (;@1;)
      local.get 4
      i32.const 6
      i32.shr_u
      i32.const 2
      i32.shl
      i32.const 4194304
      i32.add
      i32.load
      local.set 1
      local.get 2
      if (result i32) ;; label = @2
        local.get 2
        local.get 1
        i32.load
        i32.ne
      else
        i32.const 1
      end
      if (result i32) ;; label = @2
        i32.const 1
      else
        local.get 1
        i32.load offset=20
      end
      if (result i32) ;; label = @2
        i32.const 1
      else
        local.get 1
        i32.load offset=8
        local.get 4
        local.get 1
        i32.load offset=4
        i32.sub
        i32.const 4
        i32.add
        i32.lt_u
      end
      br_if 0 (;@1;)
      local.get 1
      local.set 0
    end
    i32.const 6
    local.set 1
    block ;; label = @1
      local.get 5
      i32.const 76
      i32.load
      i32.ge_u
      if (result i32) ;; label = @2
        i32.const 0
      else
        local.get 5
        i32.const 6
        i32.shr_u
        i32.const 2
        i32.shl
        i32.const 4194304
        i32.add
        i32.load
        local.tee 3
        i32.const 0
        local.get 5
        local.get 3
        i32.load offset=4
        i32.eq
        if (result i32) ;; label = @3
          local.get 3
          i32.load
        else
          i32.const 0
        end
        select
      end
      local.tee 6
      i32.const 0
      i32.ne
      i32.const 0
      local.get 0
      select
      i32.eqz
      br_if 0 (;@1;)
      local.get 2
      local.get 6
      i32.load
      i32.ne
      if (result i32) ;; label = @2
        i32.const 1
      else
        local.get 6
        i32.load offset=20
      end
      if (result i32) ;; label = @2
        i32.const 1
      else
        local.get 6
        i32.load offset=32
      end
      br_if 0 (;@1;)
      local.get 4
      i32.load
      local.tee 2
      i32.const 76
      i32.load
      i32.ge_u
      if (result i32) ;; label = @2
        i32.const 0
      else
        local.get 2
        i32.const 6
        i32.shr_u
        i32.const 2
        i32.shl
        i32.const 4194304
        i32.add
        i32.load
        local.tee 3
        i32.const 0
        local.get 2
        local.get 3
        i32.load offset=4
        i32.eq
        if (result i32) ;; label = @3
          local.get 3
          i32.load
        else
          i32.const 0
        end
        select
      end
      local.tee 2
      i32.const 0
      local.get 0
      local.get 2
      i32.load offset=32
      i32.eq
      select
      if (result i32) ;; label = @2
        i32.const 1
      else
        local.get 0
        local.set 2
        local.get 6
        i32.load offset=36
        if ;; label = @3
          loop ;; label = @4
            local.get 2
            i32.load offset=32
            local.tee 3
            if ;; label = @5
              local.get 3
              local.set 2
              br 1 (;@4;)
            end
          end
        end
        local.get 2
        local.get 6
        i32.eq
      end
      br_if 0 (;@1;)
      local.get 0
      i32.load offset=36
      local.set 1
      local.get 6
      local.get 0
      i32.store offset=32
      local.get 6
      local.get 1
      i32.store offset=40
      local.get 1
      if ;; label = @2
        local.get 1
        local.get 6
        i32.store offset=44
      else
        local.get 0
        local.get 6
        i32.store offset=56
      end
      local.get 0
      local.get 6
      i32.store offset=36
      local.get 4
      local.get 5
      i32.store
      i32.const 0
      local.set 1
    end
    local.get 1
  )
  (func (;2;) (type 2) (result i32)
    (local i32 i32 i32 i32 i32 i32)
    i32.const 156
    i32.load
    if ;; label = @1
      loop ;; label = @2
        i32.const 448
        i32.const 0
        i32.const 1
        i32.atomic.rmw.cmpxchg
        if ;; label = @3
          loop ;; label = @4
            i32.const 448
            i32.atomic.load
            br_if 0 (;@4;)
          end
          br 1 (;@2;)
        end
      end
      global.get 0
      i32.const 164
      i32.load
      local.tee 1
      global.get 0
      i32.and
      i32.ne
      if ;; label = @2
        i32.const 164
        global.get 0
        local.get 1
        i32.or
        i32.store
      end
    end
    loop ;; label = @1
      local.get 5
      i32.const 31
      i32.lt_u
      if ;; label = @2
        local.get 5
        i32.const 2
        i32.shl
        i32.load offset=256
        local.set 4
        loop ;; label = @3
          local.get 4
          if ;; label = @4
            local.get 4
            local.tee 3
            i32.load offset=16
            local.set 4
            local.get 3
            i32.load offset=8
            i32.eqz
            if ;; label = @5
              local.get 3
              i32.load offset=4
              local.set 2
              loop ;; label = @6
                local.get 2
                if ;; label = @7
                  local.get 2
                  i32.load offset=12
                  local.get 2
                  i32.const 0
                  i32.store offset=4
                  local.get 2
                  i32.const 100
                  i32.load
                  i32.store offset=12
                  i32.const 100
                  local.get 2
                  i32.store
                  local.set 2
                  br 1 (;@6;)
                end
              end
              i32.const 72
              i32.load
              local.get 3
              i32.const 108
              i32.load
              i32.sub
              i32.const 5
              i32.shr_u
              i32.const 16
              i32.shl
              i32.add
              i32.const 6
              i32.shr_u
              i32.const 2
              i32.shl
              i32.const 4194304
              i32.add
              i32.const 0
              i32.const 4096
              memory.fill
              local.get 3
              i32.load offset=20
              local.tee 1
              if ;; label = @6
                local.get 1
                local.get 3
                i32.load offset=16
                i32.store offset=16
              else
                local.get 3
                i32.load
                i32.const 2
                i32.shl
                local.get 3
                i32.load offset=16
                i32.store offset=192
              end
              local.get 3
              i32.load offset=16
              local.tee 1
              if ;; label = @6
                local.get 1
                local.get 3
                i32.load offset=20
                i32.store offset=20
              end
              local.get 3
              i32.const 0
              i32.store offset=16
              local.get 3
              i32.const 0
              i32.store offset=20
              local.get 3
              i32.load offset=24
              local.tee 2
              i32.const 16383
              i32.and
              i32.const 7
              i32.shl
              i32.const -1048576
              i32.sub
              local.tee 1
              i32.load
              local.get 2
              i32.eq
              if ;; label = @6
                local.get 1
                local.get 1
                i32.load offset=48
                i32.const 1
                i32.sub
                i32.store offset=48
              end
              i32.const 0
              local.set 2
              loop ;; label = @6
                local.get 2
                i32.eqz
                if ;; label = @7
                  local.get 3
                  local.get 2
                  i32.const 5
                  i32.shl
                  i32.add
                  i32.const 0
                  i32.store
                  local.get 2
                  i32.const 1
                  i32.add
                  local.set 2
                  br 1 (;@6;)
                end
              end
              local.get 3
              i32.const 108
              i32.load
              i32.sub
              i32.const 5
              i32.shr_u
              local.tee 1
              i32.const 116
              i32.load
              i32.lt_u
              if ;; label = @6
                i32.const 116
                local.get 1
                i32.store
              end
              i32.const 120
              i32.const 120
              i32.load
              i32.const 1
              i32.sub
              i32.store
              i32.const 124
              i32.const 124
              i32.load
              i32.const 1
              i32.sub
              i32.store
              local.get 0
              i32.const 1
              i32.add
              local.set 0
            end
            br 1 (;@3;)
          end
        end
        local.get 5
        i32.const 1
        i32.add
        local.set 5
        br 1 (;@1;)
      end
    end
    i32.const 156
    i32.load
    if ;; label = @1
      i32.const 448
      i32.const 0
      i32.atomic.store
    end
    local.get 0
  )
  (func (;3;) (type 2) (result i32)
    global.get 1
  )
  (func (;4;) (type 0) (param i32) (result i32)
    (local i32 i32 i32 i32)
    i32.const 156
    i32.load
    if ;; label = @1
      loop ;; label = @2
        i32.const 448
        i32.const 0
        i32.const 1
        i32.atomic.rmw.cmpxchg
        if ;; label = @3
          loop ;; label = @4
            i32.const 448
            i32.atomic.load
            br_if 0 (;@4;)
          end
          br 1 (;@2;)
        end
      end
      global.get 0
      i32.const 164
      i32.load
      local.tee 1
      global.get 0
      i32.and
      i32.ne
      if ;; label = @2
        i32.const 164
        global.get 0
        local.get 1
        i32.or
        i32.store
      end
    end
    local.get 0
    i32.const 76
    i32.load
    i32.ge_u
    if (result i32) ;; label = @1
      i32.const 0
    else
      local.get 0
      i32.const 6
      i32.shr_u
      i32.const 2
      i32.shl
      i32.const 4194304
      i32.add
      i32.load
      local.tee 1
      i32.const 0
      local.get 0
      local.get 1
      i32.load offset=4
      i32.eq
      if (result i32) ;; label = @2
        local.get 1
        i32.load
      else
        i32.const 0
      end
      select
    end
    local.tee 2
    if (result i32) ;; label = @1
      local.get 2
      i32.load offset=20
      i32.const 2147483647
      i32.and
    else
      i32.const 0
    end
    if (result i32) ;; label = @1
      local.get 2
      local.get 2
      i32.load offset=20
      i32.const 1
      i32.sub
      i32.store offset=20
      local.get 2
      i32.load offset=20
      i32.const -2147483648
      i32.eq
      if (result i32) ;; label = @2
        local.get 2
        i32.load offset=28
      else
        i32.const 1
      end
      i32.eqz
      if ;; label = @2
        local.get 2
        i32.load offset=32
        local.tee 0
        local.get 2
        i32.load offset=36
        i32.or
        if ;; label = @3
          local.get 0
          if ;; label = @4
            local.get 2
            i32.load offset=40
            local.set 1
            local.get 2
            i32.load offset=44
            local.tee 3
            if ;; label = @5
              local.get 3
              local.get 1
              i32.store offset=40
            else
              local.get 0
              local.get 1
              i32.store offset=36
            end
            local.get 1
            if ;; label = @5
              local.get 1
              local.get 3
              i32.store offset=44
            else
              local.get 0
              local.get 3
              i32.store offset=56
            end
            local.get 2
            i32.const 0
            i32.store offset=32
            local.get 2
            i32.const 0
            i32.store offset=40
            local.get 2
            i32.const 0
            i32.store offset=44
          end
          local.get 2
          i32.load offset=36
          local.set 0
          local.get 2
          i32.const 0
          i32.store offset=36
          local.get 2
          i32.const 0
          i32.store offset=56
          loop ;; label = @4
            local.get 0
            if ;; label = @5
              local.get 0
              local.tee 1
              i32.load offset=40
              local.set 0
              local.get 1
              i32.const 0
              i32.store offset=32
              local.get 1
              i32.const 0
              i32.store offset=40
              local.get 1
              i32.const 0
              i32.store offset=44
              br 1 (;@4;)
            end
          end
        end
        local.get 2
        i32.load
        i32.const 16383
        i32.and
        i32.const 7
        i32.shl
        i32.const -1048576
        i32.sub
        local.set 0
        local.get 2
        i32.const 0
        i32.store
        local.get 0
        local.get 0
        i32.load offset=8
        local.get 2
        i32.load offset=8
        i32.const 63
        i32.add
        i32.const -64
        i32.and
        local.tee 1
        i32.sub
        i32.store offset=8
        local.get 0
        local.get 0
        i32.load offset=12
        i32.const 1
        i32.sub
        i32.store offset=12
        i32.const 128
        i32.const 128
        i32.load
        i32.const 1
        i32.sub
        i32.store
        i32.const 132
        i32.const 132
        i32.load
        local.get 1
        i32.sub
        i32.store
        local.get 2
        i32.load offset=20
        if ;; label = @3
          i32.const 136
          i32.const 136
          i32.load
          i32.const 1
          i32.sub
          i32.store
        end
        local.get 2
        i32.const 0
        i32.store offset=20
        local.get 2
        local.get 2
        i32.load offset=24
        i32.const 1
        i32.add
        i32.store offset=24
        block ;; label = @3
          i32.const 108
          i32.load
          local.get 2
          i32.load offset=4
          local.tee 0
          i32.const 72
          i32.load
          i32.sub
          i32.const 16
          i32.shr_u
          i32.const 5
          i32.shl
          i32.add
          local.tee 3
          i32.load
          i32.const 1
          i32.eq
          if ;; label = @4
            local.get 0
            i32.const 6
            i32.shr_u
            i32.const 2
            i32.shl
            i32.const 4194304
            i32.add
            local.tee 0
            local.get 1
            i32.const 6
            i32.shr_u
            i32.const 2
            i32.shl
            i32.add
            local.set 4
            loop ;; label = @5
              local.get 0
              i32.const 16
              i32.add
              local.tee 1
              local.get 4
              i32.le_u
              if ;; label = @6
                local.get 0
                v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
                v128.store
                local.get 1
                local.set 0
                br 1 (;@5;)
              end
            end
            loop ;; label = @5
              local.get 0
              local.get 4
              i32.lt_u
              if ;; label = @6
                local.get 0
                i32.const 0
                i32.store
                local.get 0
                i32.const 4
                i32.add
                local.set 0
                br 1 (;@5;)
              end
            end
            local.get 2
            i32.const 0
            i32.store offset=4
            local.get 2
            i32.const 100
            i32.load
            i32.store offset=12
            i32.const 100
            local.get 2
            i32.store
            local.get 3
            i32.load offset=28
            local.set 1
            i32.const 0
            local.set 0
            loop ;; label = @5
              local.get 0
              local.get 1
              i32.lt_u
              if ;; label = @6
                local.get 3
                local.get 0
                i32.const 5
                i32.shl
                i32.add
                i32.const 0
                i32.store
                local.get 0
                i32.const 1
                i32.add
                local.set 0
                br 1 (;@5;)
              end
            end
            local.get 3
            i32.const 108
            i32.load
            i32.sub
            i32.const 5
            i32.shr_u
            local.tee 0
            i32.const 116
            i32.load
            i32.lt_u
            if ;; label = @5
              i32.const 116
              local.get 0
              i32.store
            end
            i32.const 120
            i32.const 120
            i32.load
            local.get 1
            i32.sub
            i32.store
            br 1 (;@3;)
          end
          local.get 3
          i32.load offset=4
          if (result i32) ;; label = @4
            i32.const 0
          else
            local.get 3
            i32.load offset=12
            local.get 3
            i32.load offset=28
            i32.eq
          end
          if ;; label = @4
            local.get 3
            local.get 3
            i32.load
            i32.const 2
            i32.shl
            local.tee 0
            i32.load offset=192
            local.tee 1
            i32.store offset=16
            local.get 3
            i32.const 0
            i32.store offset=20
            local.get 1
            if ;; label = @5
              local.get 1
              local.get 3
              i32.store offset=20
            end
            local.get 0
            local.get 3
            i32.store offset=192
            local.get 3
            i32.load offset=24
            local.tee 0
            i32.const 16383
            i32.and
            i32.const 7
            i32.shl
            i32.const -1048576
            i32.sub
            local.tee 1
            i32.load
            local.get 0
            i32.eq
            if ;; label = @5
              local.get 1
              local.get 1
              i32.load offset=48
              i32.const 1
              i32.add
              i32.store offset=48
            end
          end
          local.get 2
          local.get 3
          i32.load offset=4
          i32.store offset=12
          local.get 3
          local.get 2
          i32.store offset=4
          local.get 3
          local.get 3
          i32.load offset=8
          i32.const 1
          i32.sub
          i32.store offset=8
          local.get 3
          i32.load offset=8
          i32.eqz
          if ;; label = @4
            local.get 3
            i32.load offset=16
            local.get 3
            i32.load offset=20
            i32.or
            if ;; label = @5
              local.get 3
              i32.load offset=4
              local.set 0
              loop ;; label = @6
                local.get 0
                if ;; label = @7
                  local.get 0
                  i32.load offset=12
                  local.get 0
                  i32.const 0
                  i32.store offset=4
                  local.get 0
                  i32.const 100
                  i32.load
                  i32.store offset=12
                  i32.const 100
                  local.get 0
                  i32.store
                  local.set 0
                  br 1 (;@6;)
                end
              end
              i32.const 72
              i32.load
              local.get 3
              i32.const 108
              i32.load
              i32.sub
              i32.const 5
              i32.shr_u
              i32.const 16
              i32.shl
              i32.add
              i32.const 6
              i32.shr_u
              i32.const 2
              i32.shl
              i32.const 4194304
              i32.add
              i32.const 0
              i32.const 4096
              memory.fill
              local.get 3
              i32.load offset=20
              local.tee 0
              if ;; label = @6
                local.get 0
                local.get 3
                i32.load offset=16
                i32.store offset=16
              else
                local.get 3
                i32.load
                i32.const 2
                i32.shl
                local.get 3
                i32.load offset=16
                i32.store offset=192
              end
              local.get 3
              i32.load offset=16
              local.tee 0
              if ;; label = @6
                local.get 0
                local.get 3
                i32.load offset=20
                i32.store offset=20
              end
              local.get 3
              i32.const 0
              i32.store offset=16
              local.get 3
              i32.const 0
              i32.store offset=20
              local.get 3
              i32.load offset=24
              local.tee 0
              i32.const 16383
              i32.and
              i32.const 7
              i32.shl
              i32.const -1048576
              i32.sub
              local.tee 1
              i32.load
              local.get 0
              i32.eq
              if ;; label = @6
                local.get 1
                local.get 1
                i32.load offset=48
                i32.const 1
                i32.sub
                i32.store offset=48
              end
              i32.const 0
              local.set 0
              loop ;; label = @6
                local.get 0
                i32.eqz
                if ;; label = @7
                  local.get 3
                  local.get 0
                  i32.const 5
                  i32.shl
                  i32.add
                  i32.const 0
                  i32.store
                  local.get 0
                  i32.const 1
                  i32.add
                  local.set 0
                  br 1 (;@6;)
                end
              end
              local.get 3
              i32.const 108
              i32.load
              i32.sub
              i32.const 5
              i32.shr_u
              local.tee 0
              i32.const 116
              i32.load
              i32.lt_u
              if ;; label = @6
                i32.const 116
                local.get 0
                i32.store
              end
              i32.const 120
              i32.const 120
              i32.load
              i32.const 1
              i32.sub
              i32.store
            else
              i32.const 124
              i32.const 124
              i32.load
              i32.const 1
              i32.add
              i32.store
            end
          end
        end
      end
      i32.const 0
    else
      i32.const 6
    end
    i32.const 156
    i32.load
    if ;; label = @1
      i32.const 448
      i32.const 0
      i32.atomic.store
    end
  )
  (func (;5;) (type 1) (param i32 i32) (result i32)
    (local i32)
    i32.const 156
    i32.load
    if ;; label = @1
      loop ;; label = @2
        i32.const 448
        i32.const 0
        i32.const 1
        i32.atomic.rmw.cmpxchg
        if ;; label = @3
          loop ;; label = @4
            i32.const 448
            i32.atomic.load
            br_if 0 (;@4;)
          end
          br 1 (;@2;)
        end
      end
      global.get 0
      i32.const 164
      i32.load
      local.tee 2
      global.get 0
      i32.and
      i32.ne
      if ;; label = @2
        i32.const 164
        global.get 0
        local.get 2
        i32.or
        i32.store
      end
    end
    local.get 0
    i32.const 76
    i32.load
    i32.ge_u
    if (result i32) ;; label = @1
      i32.const 0
    else
      local.get 0
      i32.const 6
      i32.shr_u
      i32.const 2
      i32.shl
      i32.const 4194304
      i32.add
      i32.load
      local.tee 2
      i32.const 0
      local.get 0
      local.get 2
      i32.load offset=4
      i32.eq
      if (result i32) ;; label = @2
        local.get 2
        i32.load
      else
        i32.const 0
      end
      select
    end
    local.tee 0
    if (result i32) ;; label = @1
      local.get 1
      if (result i32) ;; label = @2
        local.get 0
        i32.load
        i32.const 2147483647
        i32.and
        local.get 1
        i32.ne
      else
        i32.const 0
      end
    else
      i32.const 1
    end
    if (result i32) ;; label = @1
      i32.const 6
    else
      local.get 0
      local.get 0
      i32.load offset=20
      i32.const 1
      i32.add
      i32.store offset=20
      i32.const 0
    end
    i32.const 156
    i32.load
    if ;; label = @1
      i32.const 448
      i32.const 0
      i32.atomic.store
    end
  )
  (func (;6;) (type 1) (param i32 i32) (result i32)
    (local i32)
    local.get 0
    if (result i32) ;; label = @1
      local.get 0
      i32.const 16383
      i32.and
      i32.const 7
      i32.shl
      i32.const -1048576
      i32.sub
      i32.load offset=12
    else
      i32.const 0
    end
    i32.eqz
    if ;; label = @1
      i32.const 0
      return
    end
    i32.const 80
    i32.load
    local.set 2
    local.get 1
    if (result i32) ;; label = @1
      local.get 1
      i32.const 76
      i32.load
      i32.lt_u
    else
      i32.const 0
    end
    if ;; label = @1
      local.get 1
      i32.const 6
      i32.shr_u
      i32.const 2
      i32.shl
      i32.const 4194304
      i32.add
      i32.load
      local.tee 1
      if ;; label = @2
        local.get 1
        i32.const -64
        i32.sub
        local.set 2
      end
    end
    i32.const 104
    i32.load
    local.set 1
    loop ;; label = @1
      local.get 1
      local.get 2
      i32.gt_u
      if ;; label = @2
        local.get 2
        i32.load
        i32.const 2147483647
        i32.and
        local.get 0
        i32.eq
        if ;; label = @3
          local.get 2
          i32.load offset=4
          return
        end
        local.get 2
        i32.const -64
        i32.sub
        local.set 2
        br 1 (;@1;)
      end
    end
    i32.const 0
  )
  (func (;7;) (type 4) (param i32 i32 i32 i32) (result i32)
    (local i32 i32 i32 i32 i32)
    i32.const 156
    i32.load
    if ;; label = @1
      loop ;; label = @2
        i32.const 448
        i32.const 0
        i32.const 1
        i32.atomic.rmw.cmpxchg
        if ;; label = @3
          loop ;; label = @4
            i32.const 448
            i32.atomic.load
            br_if 0 (;@4;)
          end
          br 1 (;@2;)
        end
      end
      global.get 0
      i32.const 164
      i32.load
      local.tee 4
      global.get 0
      i32.and
      i32.ne
      if ;; label = @2
        i32.const 164
        global.get 0
        local.get 4
        i32.or
        i32.store
      end
    end
    i32.const 6
    local.set 6
    block ;; label = @1
      local.get 0
      i32.const 76
      i32.load
      i32.ge_u
      if (result i32) ;; label = @2
        i32.const 0
      else
        local.get 0
        i32.const 6
        i32.shr_u
        i32.const 2
        i32.shl
        i32.const 4194304
        i32.add
        i32.load
        local.tee 4
        i32.const 0
        local.get 0
        local.get 4
        i32.load offset=4
        i32.eq
        if (result i32) ;; label = @3
          local.get 4
          i32.load
        else
          i32.const 0
        end
        select
      end
      local.tee 0
      if (result i32) ;; label = @2
        local.get 2
        local.get 0
        i32.load
        i32.ne
      else
        i32.const 1
      end
      if (result i32) ;; label = @2
        i32.const 1
      else
        local.get 0
        i32.load offset=20
        local.get 0
        i32.load offset=32
        i32.or
      end
      br_if 0 (;@1;)
      local.get 1
      if (result i32) ;; label = @2
        local.get 1
        local.get 0
        i32.load offset=12
        i32.ne
      else
        i32.const 0
      end
      br_if 0 (;@1;)
      local.get 3
      i32.const 16383
      i32.and
      i32.const 7
      i32.shl
      i32.const -1048576
      i32.sub
      local.tee 1
      i32.const 0
      local.get 3
      if (result i32) ;; label = @2
        local.get 3
        local.get 1
        i32.load
        i32.eq
      else
        i32.const 0
      end
      select
      local.tee 1
      i32.eqz
      br_if 0 (;@1;)
      local.get 0
      i32.load offset=36
      local.tee 6
      if ;; label = @2
        local.get 2
        local.set 5
        local.get 0
        i32.load offset=8
        i32.const 63
        i32.add
        i32.const -64
        i32.and
        local.set 4
        i32.const 1
        local.set 1
        local.get 0
        i32.load offset=56
        local.set 2
        local.get 0
        local.get 3
        i32.store
        block (result i32) ;; label = @3
          i32.const 0
          block (result i32) ;; label = @4
            loop ;; label = @5
              block ;; label = @6
                local.get 2
                i32.load offset=36
                local.get 2
                i32.load offset=20
                local.get 6
                i32.load offset=20
                local.get 6
                i32.load offset=36
                i32.or
                local.get 5
                local.get 6
                i32.load
                i32.xor
                i32.or
                i32.or
                i32.or
                local.get 5
                local.get 2
                i32.load
                i32.xor
                i32.or
                if ;; label = @7
                  local.get 0
                  local.get 5
                  i32.store
                  local.get 0
                  i32.load offset=36
                  local.set 6
                  loop ;; label = @8
                    local.get 6
                    if ;; label = @9
                      local.get 3
                      local.get 6
                      i32.load
                      i32.eq
                      if ;; label = @10
                        local.get 6
                        local.get 5
                        i32.store
                      end
                      local.get 6
                      i32.load offset=40
                      local.set 6
                      br 1 (;@8;)
                    end
                  end
                  i32.const 6
                  br 3 (;@4;)
                end
                local.get 6
                local.get 3
                i32.store
                local.get 4
                local.get 6
                i32.load offset=8
                i32.const 63
                i32.add
                i32.const -64
                i32.and
                i32.add
                local.set 4
                local.get 1
                i32.const 1
                i32.add
                local.set 1
                local.get 2
                local.get 6
                i32.eq
                br_if 0 (;@6;)
                local.get 2
                local.get 3
                i32.store
                local.get 4
                local.get 2
                i32.load offset=8
                i32.const 63
                i32.add
                i32.const -64
                i32.and
                i32.add
                local.set 4
                local.get 1
                i32.const 1
                i32.add
                local.set 1
                local.get 6
                i32.load offset=40
                local.tee 6
                local.get 2
                i32.eq
                br_if 0 (;@6;)
                local.get 2
                i32.load offset=44
                local.set 2
                br 1 (;@5;)
              end
            end
            block (result i32) ;; label = @5
              i32.const 1
              local.get 3
              local.get 5
              i32.eq
              br_if 0 (;@5;)
              drop
              i32.const 0
              local.get 3
              i32.const 16383
              i32.and
              i32.const 7
              i32.shl
              i32.const -1048576
              i32.sub
              local.tee 2
              i32.load offset=8
              local.tee 6
              local.get 2
              i32.load offset=16
              local.tee 7
              i32.le_u
              local.get 4
              local.get 7
              local.get 6
              i32.sub
              i32.le_u
              i32.and
              local.get 2
              i32.load offset=12
              local.tee 7
              local.get 2
              i32.load offset=20
              local.tee 8
              i32.le_u
              i32.and
              local.get 1
              local.get 8
              local.get 7
              i32.sub
              i32.le_u
              i32.and
              i32.eqz
              br_if 0 (;@5;)
              drop
              local.get 2
              local.get 4
              local.get 6
              i32.add
              i32.store offset=8
              local.get 2
              local.get 1
              local.get 2
              i32.load offset=12
              i32.add
              i32.store offset=12
              local.get 5
              i32.const 16383
              i32.and
              i32.const 7
              i32.shl
              i32.const -1048576
              i32.sub
              local.tee 2
              local.get 2
              i32.load offset=8
              local.get 4
              i32.sub
              i32.store offset=8
              local.get 2
              local.get 2
              i32.load offset=12
              local.get 1
              i32.sub
              i32.store offset=12
              i32.const 1
            end
            if (result i32) ;; label = @5
              i32.const 0
            else
              local.get 0
              local.get 5
              i32.store
              local.get 0
              i32.load offset=36
              local.set 6
              loop ;; label = @6
                local.get 6
                if ;; label = @7
                  local.get 3
                  local.get 6
                  i32.load
                  i32.eq
                  if ;; label = @8
                    local.get 6
                    local.get 5
                    i32.store
                  end
                  local.get 6
                  i32.load offset=40
                  local.set 6
                  br 1 (;@6;)
                end
              end
              i32.const 6
            end
          end
          i32.eqz
          br_if 0 (;@3;)
          drop
          i32.const 0
          local.set 2
          i32.const 0
          local.set 6
          local.get 0
          local.set 1
          loop ;; label = @4
            local.get 5
            local.get 1
            i32.load
            i32.ne
            if (result i32) ;; label = @5
              i32.const 1
            else
              local.get 1
              i32.load offset=20
            end
            if ;; label = @5
              local.get 1
              local.set 3
              local.get 0
              local.set 1
              loop ;; label = @6
                local.get 1
                local.get 3
                i32.ne
                if ;; label = @7
                  local.get 1
                  local.get 5
                  i32.store
                  local.get 1
                  i32.load offset=36
                  local.set 2
                  loop ;; label = @8
                    local.get 2
                    i32.eqz
                    local.get 0
                    local.get 1
                    i32.ne
                    i32.and
                    if ;; label = @9
                      local.get 1
                      i32.load offset=40
                      local.tee 2
                      i32.eqz
                      if ;; label = @10
                        local.get 1
                        i32.load offset=32
                        local.set 1
                      end
                      br 1 (;@8;)
                    end
                  end
                  local.get 2
                  local.set 1
                  br 1 (;@6;)
                end
              end
              i32.const 6
              br 2 (;@3;)
            end
            local.get 1
            local.get 3
            i32.store
            local.get 2
            local.get 1
            i32.load offset=8
            i32.const 63
            i32.add
            i32.const -64
            i32.and
            i32.add
            local.set 2
            local.get 6
            i32.const 1
            i32.add
            local.set 6
            local.get 1
            i32.load offset=36
            local.set 4
            loop ;; label = @5
              local.get 4
              i32.eqz
              local.get 0
              local.get 1
              i32.ne
              i32.and
              if ;; label = @6
                local.get 1
                i32.load offset=40
                local.tee 4
                i32.eqz
                if ;; label = @7
                  local.get 1
                  i32.load offset=32
                  local.set 1
                end
                br 1 (;@5;)
              end
            end
            local.get 4
            local.tee 1
            br_if 0 (;@4;)
          end
          i32.const 0
          block (result i32) ;; label = @4
            i32.const 1
            local.get 3
            local.get 5
            i32.eq
            br_if 0 (;@4;)
            drop
            i32.const 0
            local.get 3
            i32.const 16383
            i32.and
            i32.const 7
            i32.shl
            i32.const -1048576
            i32.sub
            local.tee 3
            i32.load offset=8
            local.tee 4
            local.get 3
            i32.load offset=16
            local.tee 7
            i32.le_u
            local.get 2
            local.get 7
            local.get 4
            i32.sub
            i32.le_u
            i32.and
            local.get 3
            i32.load offset=12
            local.tee 7
            local.get 3
            i32.load offset=20
            local.tee 8
            i32.le_u
            i32.and
            local.get 6
            local.get 8
            local.get 7
            i32.sub
            i32.le_u
            i32.and
            i32.eqz
            br_if 0 (;@4;)
            drop
            local.get 3
            local.get 2
            local.get 4
            i32.add
            i32.store offset=8
            local.get 3
            local.get 6
            local.get 3
            i32.load offset=12
            i32.add
            i32.store offset=12
            local.get 5
            i32.const 16383
            i32.and
            i32.const 7
            i32.shl
            i32.const -1048576
            i32.sub
            local.tee 3
            local.get 3
            i32.load offset=8
            local.get 2
            i32.sub
            i32.store offset=8
            local.get 3
            local.get 3
            i32.load offset=12
            local.get 6
            i32.sub
            i32.store offset=12
            i32.const 1
          end
          br_if 0 (;@3;)
          drop
          local.get 1
          local.set 3
          local.get 0
          local.set 1
          loop ;; label = @4
            local.get 1
            local.get 3
            i32.ne
            if ;; label = @5
              local.get 1
              local.get 5
              i32.store
              local.get 1
              i32.load offset=36
              local.set 2
              loop ;; label = @6
                local.get 2
                i32.eqz
                local.get 0
                local.get 1
                i32.ne
                i32.and
                if ;; label = @7
                  local.get 1
                  i32.load offset=40
                  local.tee 2
                  i32.eqz
                  if ;; label = @8
                    local.get 1
                    i32.load offset=32
                    local.set 1
                  end
                  br 1 (;@6;)
                end
              end
              local.get 2
              local.set 1
              br 1 (;@4;)
            end
          end
          i32.const 6
        end
        local.set 6
        br 1 (;@1;)
      end
      i32.const 0
      local.set 6
      local.get 2
      local.get 3
      i32.eq
      br_if 0 (;@1;)
      i32.const 6
      local.set 6
      local.get 1
      i32.load offset=8
      local.tee 4
      local.get 1
      i32.load offset=16
      local.tee 5
      i32.le_u
      local.get 0
      i32.load offset=8
      i32.const 63
      i32.add
      i32.const -64
      i32.and
      local.tee 7
      local.get 5
      local.get 4
      i32.sub
      i32.le_u
      i32.and
      local.get 1
      i32.load offset=12
      local.tee 5
      local.get 1
      i32.load offset=20
      local.tee 8
      i32.le_u
      i32.and
      local.get 5
      local.get 8
      i32.ne
      i32.and
      i32.eqz
      br_if 0 (;@1;)
      local.get 1
      local.get 4
      local.get 7
      i32.add
      i32.store offset=8
      local.get 1
      local.get 1
      i32.load offset=12
      i32.const 1
      i32.add
      i32.store offset=12
      local.get 2
      i32.const 16383
      i32.and
      i32.const 7
      i32.shl
      i32.const -1048576
      i32.sub
      local.tee 1
      local.get 1
      i32.load offset=8
      local.get 7
      i32.sub
      i32.store offset=8
      local.get 1
      local.get 1
      i32.load offset=12
      i32.const 1
      i32.sub
      i32.store offset=12
      local.get 0
      local.get 3
      i32.store
      i32.const 0
      local.set 6
    end
    i32.const 156
    i32.load
    if ;; label = @1
      i32.const 448
      i32.const 0
      i32.atomic.store
    end
    local.get 6
  )
  (func (;8;) (type 0) (param i32) (result i32)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32)
    i32.const 156
    i32.load
    if ;; label = @1
      loop ;; label = @2
        i32.const 448
        i32.const 0
        i32.const 1
        i32.atomic.rmw.cmpxchg
        if ;; label = @3
          loop ;; label = @4
            i32.const 448
            i32.atomic.load
            br_if 0 (;@4;)
          end
          br 1 (;@2;)
        end
      end
      global.get 0
      i32.const 164
      i32.load
      local.tee 1
      global.get 0
      i32.and
      i32.ne
      if ;; label = @2
        i32.const 164
        global.get 0
        local.get 1
        i32.or
        i32.store
      end
    end
    local.get 0
    i32.const 76
    i32.load
    i32.ge_u
    if (result i32) ;; label = @1
      i32.const 0
    else
      local.get 0
      i32.const 6
      i32.shr_u
      i32.const 2
      i32.shl
      i32.const 4194304
      i32.add
      i32.load
      local.tee 1
      i32.const 0
      local.get 0
      local.get 1
      i32.load offset=4
      i32.eq
      if (result i32) ;; label = @2
        local.get 1
        i32.load
      else
        i32.const 0
      end
      select
    end
    local.tee 0
    if (result i32) ;; label = @1
      local.get 0
      i32.load offset=32
      local.get 0
      i32.load offset=28
      local.get 0
      i32.load offset=20
      i32.or
      i32.or
    else
      i32.const 1
    end
    if (result i32) ;; label = @1
      i32.const 6
    else
      local.get 0
      i32.load offset=36
      if ;; label = @2
        local.get 0
        local.set 5
        loop ;; label = @3
          local.get 0
          i32.load offset=36
          local.tee 1
          if ;; label = @4
            local.get 1
            local.set 0
            br 1 (;@3;)
          end
        end
        loop ;; label = @3
          local.get 7
          i32.eqz
          if ;; label = @4
            local.get 0
            local.get 5
            i32.eq
            local.set 7
            local.get 0
            i32.load offset=40
            local.set 2
            local.get 0
            i32.load offset=32
            local.set 3
            block ;; label = @5
              local.get 0
              i32.load offset=28
              if (result i32) ;; label = @6
                i32.const 1
              else
                local.get 0
                i32.load offset=20
              end
              i32.eqz
              if ;; label = @6
                local.get 0
                i32.load offset=32
                local.tee 1
                local.get 0
                i32.load offset=36
                i32.or
                if ;; label = @7
                  local.get 1
                  if ;; label = @8
                    local.get 0
                    i32.load offset=40
                    local.set 4
                    local.get 0
                    i32.load offset=44
                    local.tee 6
                    if ;; label = @9
                      local.get 6
                      local.get 4
                      i32.store offset=40
                    else
                      local.get 1
                      local.get 4
                      i32.store offset=36
                    end
                    local.get 4
                    if ;; label = @9
                      local.get 4
                      local.get 6
                      i32.store offset=44
                    else
                      local.get 1
                      local.get 6
                      i32.store offset=56
                    end
                    local.get 0
                    i32.const 0
                    i32.store offset=32
                    local.get 0
                    i32.const 0
                    i32.store offset=40
                    local.get 0
                    i32.const 0
                    i32.store offset=44
                  end
                  local.get 0
                  i32.load offset=36
                  local.set 1
                  local.get 0
                  i32.const 0
                  i32.store offset=36
                  local.get 0
                  i32.const 0
                  i32.store offset=56
                  loop ;; label = @8
                    local.get 1
                    if ;; label = @9
                      local.get 1
                      local.tee 4
                      i32.load offset=40
                      local.set 1
                      local.get 4
                      i32.const 0
                      i32.store offset=32
                      local.get 4
                      i32.const 0
                      i32.store offset=40
                      local.get 4
                      i32.const 0
                      i32.store offset=44
                      br 1 (;@8;)
                    end
                  end
                end
                local.get 0
                i32.load
                i32.const 16383
                i32.and
                i32.const 7
                i32.shl
                i32.const -1048576
                i32.sub
                local.set 1
                local.get 0
                i32.const 0
                i32.store
                local.get 1
                local.get 1
                i32.load offset=8
                local.get 0
                i32.load offset=8
                i32.const 63
                i32.add
                i32.const -64
                i32.and
                local.tee 4
                i32.sub
                i32.store offset=8
                local.get 1
                local.get 1
                i32.load offset=12
                i32.const 1
                i32.sub
                i32.store offset=12
                i32.const 128
                i32.const 128
                i32.load
                i32.const 1
                i32.sub
                i32.store
                i32.const 132
                i32.const 132
                i32.load
                local.get 4
                i32.sub
                i32.store
                local.get 0
                i32.load offset=20
                if ;; label = @7
                  i32.const 136
                  i32.const 136
                  i32.load
                  i32.const 1
                  i32.sub
                  i32.store
                end
                local.get 0
                local.tee 6
                i32.const 0
                i32.store offset=20
                local.get 0
                local.get 0
                i32.load offset=24
                i32.const 1
                i32.add
                i32.store offset=24
                block ;; label = @7
                  i32.const 108
                  i32.load
                  local.get 0
                  i32.load offset=4
                  local.tee 0
                  i32.const 72
                  i32.load
                  i32.sub
                  i32.const 16
                  i32.shr_u
                  i32.const 5
                  i32.shl
                  i32.add
                  local.tee 8
                  i32.load
                  i32.const 1
                  i32.eq
                  if ;; label = @8
                    local.get 0
                    i32.const 6
                    i32.shr_u
                    i32.const 2
                    i32.shl
                    i32.const 4194304
                    i32.add
                    local.tee 1
                    local.get 4
                    i32.const 6
                    i32.shr_u
                    i32.const 2
                    i32.shl
                    i32.add
                    local.set 9
                    i32.const 0
                    local.set 0
                    loop ;; label = @9
                      local.get 1
                      i32.const 16
                      i32.add
                      local.tee 4
                      local.get 9
                      i32.le_u
                      if ;; label = @10
                        local.get 1
                        v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
                        v128.store
                        local.get 4
                        local.set 1
                        br 1 (;@9;)
                      end
                    end
                    loop ;; label = @9
                      local.get 1
                      local.get 9
                      i32.lt_u
                      if ;; label = @10
                        local.get 1
                        i32.const 0
                        i32.store
                        local.get 1
                        i32.const 4
                        i32.add
                        local.set 1
                        br 1 (;@9;)
                      end
                    end
                    local.get 6
                    i32.const 0
                    i32.store offset=4
                    local.get 6
                    i32.const 100
                    i32.load
                    i32.store offset=12
                    i32.const 100
                    local.get 6
                    i32.store
                    local.get 8
                    i32.load offset=28
                    local.set 1
                    loop ;; label = @9
                      local.get 0
                      local.get 1
                      i32.lt_u
                      if ;; label = @10
                        local.get 8
                        local.get 0
                        i32.const 5
                        i32.shl
                        i32.add
                        i32.const 0
                        i32.store
                        local.get 0
                        i32.const 1
                        i32.add
                        local.set 0
                        br 1 (;@9;)
                      end
                    end
                    local.get 8
                    i32.const 108
                    i32.load
                    i32.sub
                    i32.const 5
                    i32.shr_u
                    local.tee 0
                    i32.const 116
                    i32.load
                    i32.lt_u
                    if ;; label = @9
                      i32.const 116
                      local.get 0
                      i32.store
                    end
                    i32.const 120
                    i32.const 120
                    i32.load
                    local.get 1
                    i32.sub
                    i32.store
                    br 1 (;@7;)
                  end
                  local.get 8
                  i32.load offset=4
                  if (result i32) ;; label = @8
                    i32.const 0
                  else
                    local.get 8
                    i32.load offset=12
                    local.get 8
                    i32.load offset=28
                    i32.eq
                  end
                  if ;; label = @8
                    local.get 8
                    local.get 8
                    i32.load
                    i32.const 2
                    i32.shl
                    local.tee 0
                    i32.load offset=192
                    local.tee 1
                    i32.store offset=16
                    local.get 8
                    i32.const 0
                    i32.store offset=20
                    local.get 1
                    if ;; label = @9
                      local.get 1
                      local.get 8
                      i32.store offset=20
                    end
                    local.get 0
                    local.get 8
                    i32.store offset=192
                    local.get 8
                    i32.load offset=24
                    local.tee 0
                    i32.const 16383
                    i32.and
                    i32.const 7
                    i32.shl
                    i32.const -1048576
                    i32.sub
                    local.tee 1
                    i32.load
                    local.get 0
                    i32.eq
                    if ;; label = @9
                      local.get 1
                      local.get 1
                      i32.load offset=48
                      i32.const 1
                      i32.add
                      i32.store offset=48
                    end
                  end
                  local.get 6
                  local.get 8
                  i32.load offset=4
                  i32.store offset=12
                  local.get 8
                  local.get 6
                  i32.store offset=4
                  local.get 8
                  local.get 8
                  i32.load offset=8
                  i32.const 1
                  i32.sub
                  i32.store offset=8
                  local.get 8
                  i32.load offset=8
                  i32.eqz
                  if ;; label = @8
                    local.get 8
                    i32.load offset=16
                    local.get 8
                    i32.load offset=20
                    i32.or
                    if ;; label = @9
                      local.get 8
                      i32.load offset=4
                      local.set 0
                      loop ;; label = @10
                        local.get 0
                        if ;; label = @11
                          local.get 0
                          i32.load offset=12
                          local.get 0
                          i32.const 0
                          i32.store offset=4
                          local.get 0
                          i32.const 100
                          i32.load
                          i32.store offset=12
                          i32.const 100
                          local.get 0
                          i32.store
                          local.set 0
                          br 1 (;@10;)
                        end
                      end
                      i32.const 72
                      i32.load
                      local.get 8
                      i32.const 108
                      i32.load
                      i32.sub
                      i32.const 5
                      i32.shr_u
                      i32.const 16
                      i32.shl
                      i32.add
                      i32.const 6
                      i32.shr_u
                      i32.const 2
                      i32.shl
                      i32.const 4194304
                      i32.add
                      i32.const 0
                      i32.const 4096
                      memory.fill
                      local.get 8
                      i32.load offset=20
                      local.tee 0
                      if ;; label = @10
                        local.get 0
                        local.get 8
                        i32.load offset=16
                        i32.store offset=16
                      else
                        local.get 8
                        i32.load
                        i32.const 2
                        i32.shl
                        local.get 8
                        i32.load offset=16
                        i32.store offset=192
                      end
                      local.get 8
                      i32.load offset=16
                      local.tee 0
                      if ;; label = @10
                        local.get 0
                        local.get 8
                        i32.load offset=20
                        i32.store offset=20
                      end
                      local.get 8
                      i32.const 0
                      i32.store offset=16
                      local.get 8
                      i32.const 0
                      i32.store offset=20
                      local.get 8
                      i32.load offset=24
                      local.tee 0
                      i32.const 16383
                      i32.and
                      i32.const 7
                      i32.shl
                      i32.const -1048576
                      i32.sub
                      local.tee 1
                      i32.load
                      local.get 0
                      i32.eq
                      if ;; label = @10
                        local.get 1
                        local.get 1
                        i32.load offset=48
                        i32.const 1
                        i32.sub
                        i32.store offset=48
                      end
                      i32.const 0
                      local.set 0
                      loop ;; label = @10
                        local.get 0
                        i32.eqz
                        if ;; label = @11
                          local.get 8
                          local.get 0
                          i32.const 5
                          i32.shl
                          i32.add
                          i32.const 0
                          i32.store
                          local.get 0
                          i32.const 1
                          i32.add
                          local.set 0
                          br 1 (;@10;)
                        end
                      end
                      local.get 8
                      i32.const 108
                      i32.load
                      i32.sub
                      i32.const 5
                      i32.shr_u
                      local.tee 0
                      i32.const 116
                      i32.load
                      i32.lt_u
                      if ;; label = @10
                        i32.const 116
                        local.get 0
                        i32.store
                      end
                      i32.const 120
                      i32.const 120
                      i32.load
                      i32.const 1
                      i32.sub
                      i32.store
                    else
                      i32.const 124
                      i32.const 124
                      i32.load
                      i32.const 1
                      i32.add
                      i32.store
                    end
                  end
                end
                br 1 (;@5;)
              end
              local.get 0
              i32.load
              i32.const 16383
              i32.and
              i32.const 7
              i32.shl
              i32.const -1048576
              i32.sub
              local.tee 1
              local.get 1
              i32.load offset=8
              local.get 0
              i32.load offset=8
              i32.const 63
              i32.add
              i32.const -64
              i32.and
              local.tee 4
              i32.sub
              i32.store offset=8
              local.get 1
              local.get 1
              i32.load offset=12
              i32.const 1
              i32.sub
              i32.store offset=12
              i32.const 1048584
              local.get 4
              i32.const 1048584
              i32.load
              i32.add
              i32.store
              i32.const 1048588
              i32.const 1048588
              i32.load
              i32.const 1
              i32.add
              i32.store
              local.get 0
              i32.load offset=20
              i32.const -2147483648
              i32.and
              i32.eqz
              if ;; label = @6
                i32.const 136
                i32.const 136
                i32.load
                i32.const 1
                i32.add
                i32.store
                local.get 0
                i32.load offset=28
                local.tee 1
                if ;; label = @7
                  block ;; label = @8
                    local.get 1
                    i32.const 3145728
                    i32.add
                    local.get 0
                    i32.load
                    i32.const 16383
                    i32.and
                    i32.const 4
                    i32.shl
                    i32.add
                    local.tee 6
                    i32.load16_u offset=12
                    local.tee 1
                    i32.const 1
                    i32.gt_u
                    if ;; label = @9
                      local.get 6
                      local.get 1
                      i32.const 1
                      i32.sub
                      i32.store16 offset=12
                      br 1 (;@8;)
                    end
                    local.get 6
                    i32.load offset=4
                    local.set 8
                    local.get 6
                    i32.const 0
                    i32.store
                    local.get 6
                    i32.const 0
                    i32.store offset=4
                    local.get 6
                    i32.const 0
                    i32.store offset=8
                    local.get 6
                    i32.const 0
                    i32.store16 offset=12
                    local.get 6
                    local.get 0
                    i32.load offset=16
                    i32.eq
                    if ;; label = @9
                      local.get 0
                      local.get 8
                      i32.store offset=16
                      br 1 (;@8;)
                    end
                    local.get 0
                    i32.load offset=16
                    local.set 1
                    loop ;; label = @9
                      local.get 1
                      i32.load offset=4
                      local.tee 4
                      local.get 6
                      i32.ne
                      if ;; label = @10
                        local.get 4
                        local.set 1
                        br 1 (;@9;)
                      end
                    end
                    local.get 1
                    local.get 8
                    i32.store offset=4
                  end
                end
              end
              local.get 0
              local.get 0
              i32.load offset=20
              i32.const -2147483648
              i32.or
              i32.store offset=20
              local.get 0
              local.get 0
              i32.load
              i32.const -2147483648
              i32.and
              i32.const 16384
              i32.or
              i32.store
            end
            local.get 7
            i32.const 1
            local.get 2
            select
            if (result i32) ;; label = @5
              local.get 3
            else
              loop ;; label = @6
                local.get 2
                i32.load offset=36
                local.tee 0
                if ;; label = @7
                  local.get 0
                  local.set 2
                  br 1 (;@6;)
                end
              end
              local.get 2
            end
            local.set 0
            br 1 (;@3;)
          end
        end
      else
        block ;; label = @3
          local.get 0
          i32.load
          i32.const 16383
          i32.and
          i32.const 7
          i32.shl
          i32.const -1048576
          i32.sub
          local.set 1
          local.get 0
          i32.const 0
          i32.store
          local.get 1
          local.get 1
          i32.load offset=8
          local.get 0
          i32.load offset=8
          i32.const 63
          i32.add
          i32.const -64
          i32.and
          local.tee 2
          i32.sub
          i32.store offset=8
          local.get 1
          local.get 1
          i32.load offset=12
          i32.const 1
          i32.sub
          i32.store offset=12
          i32.const 128
          i32.const 128
          i32.load
          i32.const 1
          i32.sub
          i32.store
          i32.const 132
          i32.const 132
          i32.load
          local.get 2
          i32.sub
          i32.store
          local.get 0
          i32.load offset=20
          if ;; label = @4
            i32.const 136
            i32.const 136
            i32.load
            i32.const 1
            i32.sub
            i32.store
          end
          local.get 0
          local.tee 3
          i32.const 0
          i32.store offset=20
          local.get 0
          local.get 0
          i32.load offset=24
          i32.const 1
          i32.add
          i32.store offset=24
          i32.const 108
          i32.load
          local.get 0
          i32.load offset=4
          local.tee 0
          i32.const 72
          i32.load
          i32.sub
          i32.const 16
          i32.shr_u
          i32.const 5
          i32.shl
          i32.add
          local.tee 4
          i32.load
          i32.const 1
          i32.eq
          if ;; label = @4
            local.get 0
            i32.const 6
            i32.shr_u
            i32.const 2
            i32.shl
            i32.const 4194304
            i32.add
            local.tee 1
            local.get 2
            i32.const 6
            i32.shr_u
            i32.const 2
            i32.shl
            i32.add
            local.set 5
            i32.const 0
            local.set 0
            loop ;; label = @5
              local.get 1
              i32.const 16
              i32.add
              local.tee 2
              local.get 5
              i32.le_u
              if ;; label = @6
                local.get 1
                v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
                v128.store
                local.get 2
                local.set 1
                br 1 (;@5;)
              end
            end
            loop ;; label = @5
              local.get 1
              local.get 5
              i32.lt_u
              if ;; label = @6
                local.get 1
                i32.const 0
                i32.store
                local.get 1
                i32.const 4
                i32.add
                local.set 1
                br 1 (;@5;)
              end
            end
            local.get 3
            i32.const 0
            i32.store offset=4
            local.get 3
            i32.const 100
            i32.load
            i32.store offset=12
            i32.const 100
            local.get 3
            i32.store
            local.get 4
            i32.load offset=28
            local.set 1
            loop ;; label = @5
              local.get 0
              local.get 1
              i32.lt_u
              if ;; label = @6
                local.get 4
                local.get 0
                i32.const 5
                i32.shl
                i32.add
                i32.const 0
                i32.store
                local.get 0
                i32.const 1
                i32.add
                local.set 0
                br 1 (;@5;)
              end
            end
            local.get 4
            i32.const 108
            i32.load
            i32.sub
            i32.const 5
            i32.shr_u
            local.tee 0
            i32.const 116
            i32.load
            i32.lt_u
            if ;; label = @5
              i32.const 116
              local.get 0
              i32.store
            end
            i32.const 120
            i32.const 120
            i32.load
            local.get 1
            i32.sub
            i32.store
            br 1 (;@3;)
          end
          local.get 4
          i32.load offset=4
          if (result i32) ;; label = @4
            i32.const 0
          else
            local.get 4
            i32.load offset=12
            local.get 4
            i32.load offset=28
            i32.eq
          end
          if ;; label = @4
            local.get 4
            local.get 4
            i32.load
            i32.const 2
            i32.shl
            local.tee 0
            i32.load offset=192
            local.tee 1
            i32.store offset=16
            local.get 4
            i32.const 0
            i32.store offset=20
            local.get 1
            if ;; label = @5
              local.get 1
              local.get 4
              i32.store offset=20
            end
            local.get 0
            local.get 4
            i32.store offset=192
            local.get 4
            i32.load offset=24
            local.tee 0
            i32.const 16383
            i32.and
            i32.const 7
            i32.shl
            i32.const -1048576
            i32.sub
            local.tee 1
            i32.load
            local.get 0
            i32.eq
            if ;; label = @5
              local.get 1
              local.get 1
              i32.load offset=48
              i32.const 1
              i32.add
              i32.store offset=48
            end
          end
          local.get 3
          local.get 4
          i32.load offset=4
          i32.store offset=12
          local.get 4
          local.get 3
          i32.store offset=4
          local.get 4
          local.get 4
          i32.load offset=8
          i32.const 1
          i32.sub
          i32.store offset=8
          local.get 4
          i32.load offset=8
          i32.eqz
          if ;; label = @4
            local.get 4
            i32.load offset=16
            local.get 4
            i32.load offset=20
            i32.or
            if ;; label = @5
              local.get 4
              i32.load offset=4
              local.set 0
              loop ;; label = @6
                local.get 0
                if ;; label = @7
                  local.get 0
                  i32.load offset=12
                  local.get 0
                  i32.const 0
                  i32.store offset=4
                  local.get 0
                  i32.const 100
                  i32.load
                  i32.store offset=12
                  i32.const 100
                  local.get 0
                  i32.store
                  local.set 0
                  br 1 (;@6;)
                end
              end
              i32.const 72
              i32.load
              local.get 4
              i32.const 108
              i32.load
              i32.sub
              i32.const 5
              i32.shr_u
              i32.const 16
              i32.shl
              i32.add
              i32.const 6
              i32.shr_u
              i32.const 2
              i32.shl
              i32.const 4194304
              i32.add
              i32.const 0
              i32.const 4096
              memory.fill
              local.get 4
              i32.load offset=20
              local.tee 0
              if ;; label = @6
                local.get 0
                local.get 4
                i32.load offset=16
                i32.store offset=16
              else
                local.get 4
                i32.load
                i32.const 2
                i32.shl
                local.get 4
                i32.load offset=16
                i32.store offset=192
              end
              local.get 4
              i32.load offset=16
              local.tee 0
              if ;; label = @6
                local.get 0
                local.get 4
                i32.load offset=20
                i32.store offset=20
              end
              local.get 4
              i32.const 0
              i32.store offset=16
              local.get 4
              i32.const 0
              i32.store offset=20
              local.get 4
              i32.load offset=24
              local.tee 0
              i32.const 16383
              i32.and
              i32.const 7
              i32.shl
              i32.const -1048576
              i32.sub
              local.tee 1
              i32.load
              local.get 0
              i32.eq
              if ;; label = @6
                local.get 1
                local.get 1
                i32.load offset=48
                i32.const 1
                i32.sub
                i32.store offset=48
              end
              i32.const 0
              local.set 0
              loop ;; label = @6
                local.get 0
                i32.eqz
                if ;; label = @7
                  local.get 4
                  local.get 0
                  i32.const 5
                  i32.shl
                  i32.add
                  i32.const 0
                  i32.store
                  local.get 0
                  i32.const 1
                  i32.add
                  local.set 0
                  br 1 (;@6;)
                end
              end
              local.get 4
              i32.const 108
              i32.load
              i32.sub
              i32.const 5
              i32.shr_u
              local.tee 0
              i32.const 116
              i32.load
              i32.lt_u
              if ;; label = @6
                i32.const 116
                local.get 0
                i32.store
              end
              i32.const 120
              i32.const 120
              i32.load
              i32.const 1
              i32.sub
              i32.store
            else
              i32.const 124
              i32.const 124
              i32.load
              i32.const 1
              i32.add
              i32.store
            end
          end
        end
      end
      i32.const 0
    end
    i32.const 156
    i32.load
    if ;; label = @1
      i32.const 448
      i32.const 0
      i32.atomic.store
    end
  )
  (func (;9;) (type 0) (param i32) (result i32)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32)
    i32.const 156
    i32.load
    if ;; label = @1
      loop ;; label = @2
        i32.const 448
        i32.const 0
        i32.const 1
        i32.atomic.rmw.cmpxchg
        if ;; label = @3
          loop ;; label = @4
            i32.const 448
            i32.atomic.load
            br_if 0 (;@4;)
          end
          br 1 (;@2;)
        end
      end
      global.get 0
      i32.const 164
      i32.load
      local.tee 2
      global.get 0
      i32.and
      i32.ne
      if ;; label = @2
        i32.const 164
        global.get 0
        local.get 2
        i32.or
        i32.store
      end
    end
    local.get 0
    local.tee 4
    i32.const 16383
    i32.and
    i32.const 7
    i32.shl
    i32.const -1048576
    i32.sub
    local.tee 2
    i32.const 0
    local.get 0
    if (result i32) ;; label = @1
      local.get 0
      local.get 2
      i32.load
      i32.eq
    else
      i32.const 0
    end
    select
    local.tee 6
    if (result i32) ;; label = @1
      i32.const 104
      i32.load
      local.set 7
      i32.const 80
      i32.load
      local.set 5
      loop ;; label = @2
        local.get 5
        local.get 7
        i32.lt_u
        if (result i32) ;; label = @3
          local.get 6
          i32.load offset=12
        else
          i32.const 0
        end
        if ;; label = @3
          local.get 4
          local.get 5
          i32.load
          i32.const 2147483647
          i32.and
          i32.eq
          if ;; label = @4
            block ;; label = @5
              local.get 5
              i32.load offset=28
              if (result i32) ;; label = @6
                i32.const 1
              else
                local.get 5
                i32.load offset=20
              end
              i32.eqz
              if ;; label = @6
                local.get 5
                i32.load offset=32
                local.tee 0
                local.get 5
                i32.load offset=36
                i32.or
                if ;; label = @7
                  local.get 0
                  if ;; label = @8
                    local.get 5
                    i32.load offset=40
                    local.set 2
                    local.get 5
                    i32.load offset=44
                    local.tee 3
                    if ;; label = @9
                      local.get 3
                      local.get 2
                      i32.store offset=40
                    else
                      local.get 0
                      local.get 2
                      i32.store offset=36
                    end
                    local.get 2
                    if ;; label = @9
                      local.get 2
                      local.get 3
                      i32.store offset=44
                    else
                      local.get 0
                      local.get 3
                      i32.store offset=56
                    end
                    local.get 5
                    i32.const 0
                    i32.store offset=32
                    local.get 5
                    i32.const 0
                    i32.store offset=40
                    local.get 5
                    i32.const 0
                    i32.store offset=44
                  end
                  local.get 5
                  i32.load offset=36
                  local.set 0
                  local.get 5
                  i32.const 0
                  i32.store offset=36
                  local.get 5
                  i32.const 0
                  i32.store offset=56
                  loop ;; label = @8
                    local.get 0
                    if ;; label = @9
                      local.get 0
                      local.tee 2
                      i32.load offset=40
                      local.set 0
                      local.get 2
                      i32.const 0
                      i32.store offset=32
                      local.get 2
                      i32.const 0
                      i32.store offset=40
                      local.get 2
                      i32.const 0
                      i32.store offset=44
                      br 1 (;@8;)
                    end
                  end
                end
                local.get 5
                i32.load
                i32.const 16383
                i32.and
                i32.const 7
                i32.shl
                i32.const -1048576
                i32.sub
                local.set 0
                local.get 5
                i32.const 0
                i32.store
                local.get 0
                local.get 0
                i32.load offset=8
                local.get 5
                i32.load offset=8
                i32.const 63
                i32.add
                i32.const -64
                i32.and
                local.tee 3
                i32.sub
                i32.store offset=8
                local.get 0
                local.get 0
                i32.load offset=12
                i32.const 1
                i32.sub
                i32.store offset=12
                i32.const 128
                i32.const 128
                i32.load
                i32.const 1
                i32.sub
                i32.store
                i32.const 132
                i32.const 132
                i32.load
                local.get 3
                i32.sub
                i32.store
                local.get 5
                i32.load offset=20
                if ;; label = @7
                  i32.const 136
                  i32.const 136
                  i32.load
                  i32.const 1
                  i32.sub
                  i32.store
                end
                local.get 5
                i32.const 0
                i32.store offset=20
                local.get 5
                local.get 5
                i32.load offset=24
                i32.const 1
                i32.add
                i32.store offset=24
                block ;; label = @7
                  i32.const 108
                  i32.load
                  local.get 5
                  i32.load offset=4
                  local.tee 0
                  i32.const 72
                  i32.load
                  i32.sub
                  i32.const 16
                  i32.shr_u
                  i32.const 5
                  i32.shl
                  i32.add
                  local.tee 8
                  i32.load
                  i32.const 1
                  i32.eq
                  if ;; label = @8
                    local.get 0
                    i32.const 6
                    i32.shr_u
                    i32.const 2
                    i32.shl
                    i32.const 4194304
                    i32.add
                    local.tee 2
                    local.get 3
                    i32.const 6
                    i32.shr_u
                    i32.const 2
                    i32.shl
                    i32.add
                    local.set 9
                    i32.const 0
                    local.set 0
                    loop ;; label = @9
                      local.get 2
                      i32.const 16
                      i32.add
                      local.tee 3
                      local.get 9
                      i32.le_u
                      if ;; label = @10
                        local.get 2
                        v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
                        v128.store
                        local.get 3
                        local.set 2
                        br 1 (;@9;)
                      end
                    end
                    loop ;; label = @9
                      local.get 2
                      local.get 9
                      i32.lt_u
                      if ;; label = @10
                        local.get 2
                        i32.const 0
                        i32.store
                        local.get 2
                        i32.const 4
                        i32.add
                        local.set 2
                        br 1 (;@9;)
                      end
                    end
                    local.get 5
                    i32.const 0
                    i32.store offset=4
                    local.get 5
                    i32.const 100
                    i32.load
                    i32.store offset=12
                    i32.const 100
                    local.get 5
                    i32.store
                    local.get 8
                    i32.load offset=28
                    local.set 2
                    loop ;; label = @9
                      local.get 0
                      local.get 2
                      i32.lt_u
                      if ;; label = @10
                        local.get 8
                        local.get 0
                        i32.const 5
                        i32.shl
                        i32.add
                        i32.const 0
                        i32.store
                        local.get 0
                        i32.const 1
                        i32.add
                        local.set 0
                        br 1 (;@9;)
                      end
                    end
                    local.get 8
                    i32.const 108
                    i32.load
                    i32.sub
                    i32.const 5
                    i32.shr_u
                    local.tee 0
                    i32.const 116
                    i32.load
                    i32.lt_u
                    if ;; label = @9
                      i32.const 116
                      local.get 0
                      i32.store
                    end
                    i32.const 120
                    i32.const 120
                    i32.load
                    local.get 2
                    i32.sub
                    i32.store
                    br 1 (;@7;)
                  end
                  local.get 8
                  i32.load offset=4
                  if (result i32) ;; label = @8
                    i32.const 0
                  else
                    local.get 8
                    i32.load offset=12
                    local.get 8
                    i32.load offset=28
                    i32.eq
                  end
                  if ;; label = @8
                    local.get 8
                    local.get 8
                    i32.load
                    i32.const 2
                    i32.shl
                    local.tee 0
                    i32.load offset=192
                    local.tee 2
                    i32.store offset=16
                    local.get 8
                    i32.const 0
                    i32.store offset=20
                    local.get 2
                    if ;; label = @9
                      local.get 2
                      local.get 8
                      i32.store offset=20
                    end
                    local.get 0
                    local.get 8
                    i32.store offset=192
                    local.get 8
                    i32.load offset=24
                    local.tee 0
                    i32.const 16383
                    i32.and
                    i32.const 7
                    i32.shl
                    i32.const -1048576
                    i32.sub
                    local.tee 2
                    i32.load
                    local.get 0
                    i32.eq
                    if ;; label = @9
                      local.get 2
                      local.get 2
                      i32.load offset=48
                      i32.const 1
                      i32.add
                      i32.store offset=48
                    end
                  end
                  local.get 5
                  local.get 8
                  i32.load offset=4
                  i32.store offset=12
                  local.get 8
                  local.get 5
                  i32.store offset=4
                  local.get 8
                  local.get 8
                  i32.load offset=8
                  i32.const 1
                  i32.sub
                  i32.store offset=8
                  local.get 8
                  i32.load offset=8
                  i32.eqz
                  if ;; label = @8
                    local.get 8
                    i32.load offset=16
                    local.get 8
                    i32.load offset=20
                    i32.or
                    if ;; label = @9
                      local.get 8
                      i32.load offset=4
                      local.set 0
                      loop ;; label = @10
                        local.get 0
                        if ;; label = @11
                          local.get 0
                          i32.load offset=12
                          local.get 0
                          i32.const 0
                          i32.store offset=4
                          local.get 0
                          i32.const 100
                          i32.load
                          i32.store offset=12
                          i32.const 100
                          local.get 0
                          i32.store
                          local.set 0
                          br 1 (;@10;)
                        end
                      end
                      i32.const 72
                      i32.load
                      local.get 8
                      i32.const 108
                      i32.load
                      i32.sub
                      i32.const 5
                      i32.shr_u
                      i32.const 16
                      i32.shl
                      i32.add
                      i32.const 6
                      i32.shr_u
                      i32.const 2
                      i32.shl
                      i32.const 4194304
                      i32.add
                      i32.const 0
                      i32.const 4096
                      memory.fill
                      local.get 8
                      i32.load offset=20
                      local.tee 0
                      if ;; label = @10
                        local.get 0
                        local.get 8
                        i32.load offset=16
                        i32.store offset=16
                      else
                        local.get 8
                        i32.load
                        i32.const 2
                        i32.shl
                        local.get 8
                        i32.load offset=16
                        i32.store offset=192
                      end
                      local.get 8
                      i32.load offset=16
                      local.tee 0
                      if ;; label = @10
                        local.get 0
                        local.get 8
                        i32.load offset=20
                        i32.store offset=20
                      end
                      local.get 8
                      i32.const 0
                      i32.store offset=16
                      local.get 8
                      i32.const 0
                      i32.store offset=20
                      local.get 8
                      i32.load offset=24
                      local.tee 0
                      i32.const 16383
                      i32.and
                      i32.const 7
                      i32.shl
                      i32.const -1048576
                      i32.sub
                      local.tee 2
                      i32.load
                      local.get 0
                      i32.eq
                      if ;; label = @10
                        local.get 2
                        local.get 2
                        i32.load offset=48
                        i32.const 1
                        i32.sub
                        i32.store offset=48
                      end
                      i32.const 0
                      local.set 0
                      loop ;; label = @10
                        local.get 0
                        i32.eqz
                        if ;; label = @11
                          local.get 8
                          local.get 0
                          i32.const 5
                          i32.shl
                          i32.add
                          i32.const 0
                          i32.store
                          local.get 0
                          i32.const 1
                          i32.add
                          local.set 0
                          br 1 (;@10;)
                        end
                      end
                      local.get 8
                      i32.const 108
                      i32.load
                      i32.sub
                      i32.const 5
                      i32.shr_u
                      local.tee 0
                      i32.const 116
                      i32.load
                      i32.lt_u
                      if ;; label = @10
                        i32.const 116
                        local.get 0
                        i32.store
                      end
                      i32.const 120
                      i32.const 120
                      i32.load
                      i32.const 1
                      i32.sub
                      i32.store
                    else
                      i32.const 124
                      i32.const 124
                      i32.load
                      i32.const 1
                      i32.add
                      i32.store
                    end
                  end
                end
                br 1 (;@5;)
              end
              local.get 5
              i32.load
              i32.const 16383
              i32.and
              i32.const 7
              i32.shl
              i32.const -1048576
              i32.sub
              local.tee 0
              local.get 0
              i32.load offset=8
              local.get 5
              i32.load offset=8
              i32.const 63
              i32.add
              i32.const -64
              i32.and
              local.tee 2
              i32.sub
              i32.store offset=8
              local.get 0
              local.get 0
              i32.load offset=12
              i32.const 1
              i32.sub
              i32.store offset=12
              i32.const 1048584
              local.get 2
              i32.const 1048584
              i32.load
              i32.add
              i32.store
              i32.const 1048588
              i32.const 1048588
              i32.load
              i32.const 1
              i32.add
              i32.store
              local.get 5
              i32.load offset=20
              i32.const -2147483648
              i32.and
              i32.eqz
              if ;; label = @6
                i32.const 136
                i32.const 136
                i32.load
                i32.const 1
                i32.add
                i32.store
                local.get 5
                i32.load offset=28
                local.tee 0
                if ;; label = @7
                  block ;; label = @8
                    local.get 0
                    i32.const 3145728
                    i32.add
                    local.get 5
                    i32.load
                    i32.const 16383
                    i32.and
                    i32.const 4
                    i32.shl
                    i32.add
                    local.tee 3
                    i32.load16_u offset=12
                    local.tee 0
                    i32.const 1
                    i32.gt_u
                    if ;; label = @9
                      local.get 3
                      local.get 0
                      i32.const 1
                      i32.sub
                      i32.store16 offset=12
                      br 1 (;@8;)
                    end
                    local.get 3
                    i32.load offset=4
                    local.set 8
                    local.get 3
                    i32.const 0
                    i32.store
                    local.get 3
                    i32.const 0
                    i32.store offset=4
                    local.get 3
                    i32.const 0
                    i32.store offset=8
                    local.get 3
                    i32.const 0
                    i32.store16 offset=12
                    local.get 3
                    local.get 5
                    i32.load offset=16
                    i32.eq
                    if ;; label = @9
                      local.get 5
                      local.get 8
                      i32.store offset=16
                      br 1 (;@8;)
                    end
                    local.get 5
                    i32.load offset=16
                    local.set 0
                    loop ;; label = @9
                      local.get 0
                      i32.load offset=4
                      local.tee 2
                      local.get 3
                      i32.ne
                      if ;; label = @10
                        local.get 2
                        local.set 0
                        br 1 (;@9;)
                      end
                    end
                    local.get 0
                    local.get 8
                    i32.store offset=4
                  end
                end
              end
              local.get 5
              local.get 5
              i32.load offset=20
              i32.const -2147483648
              i32.or
              i32.store offset=20
              local.get 5
              local.get 5
              i32.load
              i32.const -2147483648
              i32.and
              i32.const 16384
              i32.or
              i32.store
            end
            local.get 1
            i32.const 1
            i32.add
            local.set 1
          end
          local.get 5
          i32.const -64
          i32.sub
          local.set 5
          br 1 (;@2;)
        end
      end
      local.get 1
    else
      i32.const 0
    end
    i32.const 156
    i32.load
    if ;; label = @1
      i32.const 448
      i32.const 0
      i32.atomic.store
    end
  )
  (func (;10;) (type 1) (param i32 i32) (result i32)
    (local i32 i32 i32 i32 i32 i32 i32 i32)
    i32.const 156
    i32.load
    if ;; label = @1
      loop ;; label = @2
        i32.const 448
        i32.const 0
        i32.const 1
        i32.atomic.rmw.cmpxchg
        if ;; label = @3
          loop ;; label = @4
            i32.const 448
            i32.atomic.load
            br_if 0 (;@4;)
          end
          br 1 (;@2;)
        end
      end
      global.get 0
      i32.const 164
      i32.load
      local.tee 2
      global.get 0
      i32.and
      i32.ne
      if ;; label = @2
        i32.const 164
        global.get 0
        local.get 2
        i32.or
        i32.store
      end
    end
    local.get 0
    i32.const 76
    i32.load
    i32.ge_u
    if (result i32) ;; label = @1
      i32.const 0
    else
      local.get 0
      i32.const 6
      i32.shr_u
      i32.const 2
      i32.shl
      i32.const 4194304
      i32.add
      i32.load
      local.tee 2
      i32.const 0
      local.get 0
      local.get 2
      i32.load offset=4
      i32.eq
      if (result i32) ;; label = @2
        local.get 2
        i32.load
      else
        i32.const 0
      end
      select
    end
    local.tee 5
    if (result i32) ;; label = @1
      local.get 1
      local.get 5
      i32.load
      i32.ne
    else
      i32.const 1
    end
    if (result i32) ;; label = @1
      i32.const 1
    else
      local.get 5
      i32.load offset=32
    end
    if (result i32) ;; label = @1
      i32.const 6
    else
      local.get 5
      local.set 0
      loop ;; label = @2
        local.get 0
        i32.load offset=36
        local.tee 1
        if ;; label = @3
          local.get 1
          local.set 0
          br 1 (;@2;)
        end
      end
      loop ;; label = @2
        local.get 7
        i32.eqz
        if ;; label = @3
          local.get 0
          local.get 5
          i32.eq
          local.set 7
          local.get 0
          i32.load offset=40
          local.set 2
          local.get 0
          i32.load offset=32
          local.set 3
          block ;; label = @4
            local.get 0
            i32.load offset=28
            if (result i32) ;; label = @5
              i32.const 1
            else
              local.get 0
              i32.load offset=20
            end
            i32.eqz
            if ;; label = @5
              local.get 0
              i32.load offset=32
              local.tee 1
              local.get 0
              i32.load offset=36
              i32.or
              if ;; label = @6
                local.get 1
                if ;; label = @7
                  local.get 0
                  i32.load offset=40
                  local.set 4
                  local.get 0
                  i32.load offset=44
                  local.tee 6
                  if ;; label = @8
                    local.get 6
                    local.get 4
                    i32.store offset=40
                  else
                    local.get 1
                    local.get 4
                    i32.store offset=36
                  end
                  local.get 4
                  if ;; label = @8
                    local.get 4
                    local.get 6
                    i32.store offset=44
                  else
                    local.get 1
                    local.get 6
                    i32.store offset=56
                  end
                  local.get 0
                  i32.const 0
                  i32.store offset=32
                  local.get 0
                  i32.const 0
                  i32.store offset=40
                  local.get 0
                  i32.const 0
                  i32.store offset=44
                end
                local.get 0
                i32.load offset=36
                local.set 1
                local.get 0
                i32.const 0
                i32.store offset=36
                local.get 0
                i32.const 0
                i32.store offset=56
                loop ;; label = @7
                  local.get 1
                  if ;; label = @8
                    local.get 1
                    local.tee 4
                    i32.load offset=40
                    local.set 1
                    local.get 4
                    i32.const 0
                    i32.store offset=32
                    local.get 4
                    i32.const 0
                    i32.store offset=40
                    local.get 4
                    i32.const 0
                    i32.store offset=44
                    br 1 (;@7;)
                  end
                end
              end
              local.get 0
              i32.load
              i32.const 16383
              i32.and
              i32.const 7
              i32.shl
              i32.const -1048576
              i32.sub
              local.set 1
              local.get 0
              i32.const 0
              i32.store
              local.get 1
              local.get 1
              i32.load offset=8
              local.get 0
              i32.load offset=8
              i32.const 63
              i32.add
              i32.const -64
              i32.and
              local.tee 4
              i32.sub
              i32.store offset=8
              local.get 1
              local.get 1
              i32.load offset=12
              i32.const 1
              i32.sub
              i32.store offset=12
              i32.const 128
              i32.const 128
              i32.load
              i32.const 1
              i32.sub
              i32.store
              i32.const 132
              i32.const 132
              i32.load
              local.get 4
              i32.sub
              i32.store
              local.get 0
              i32.load offset=20
              if ;; label = @6
                i32.const 136
                i32.const 136
                i32.load
                i32.const 1
                i32.sub
                i32.store
              end
              local.get 0
              local.tee 6
              i32.const 0
              i32.store offset=20
              local.get 0
              local.get 0
              i32.load offset=24
              i32.const 1
              i32.add
              i32.store offset=24
              block ;; label = @6
                i32.const 108
                i32.load
                local.get 0
                i32.load offset=4
                local.tee 0
                i32.const 72
                i32.load
                i32.sub
                i32.const 16
                i32.shr_u
                i32.const 5
                i32.shl
                i32.add
                local.tee 8
                i32.load
                i32.const 1
                i32.eq
                if ;; label = @7
                  local.get 0
                  i32.const 6
                  i32.shr_u
                  i32.const 2
                  i32.shl
                  i32.const 4194304
                  i32.add
                  local.tee 1
                  local.get 4
                  i32.const 6
                  i32.shr_u
                  i32.const 2
                  i32.shl
                  i32.add
                  local.set 9
                  i32.const 0
                  local.set 0
                  loop ;; label = @8
                    local.get 1
                    i32.const 16
                    i32.add
                    local.tee 4
                    local.get 9
                    i32.le_u
                    if ;; label = @9
                      local.get 1
                      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
                      v128.store
                      local.get 4
                      local.set 1
                      br 1 (;@8;)
                    end
                  end
                  loop ;; label = @8
                    local.get 1
                    local.get 9
                    i32.lt_u
                    if ;; label = @9
                      local.get 1
                      i32.const 0
                      i32.store
                      local.get 1
                      i32.const 4
                      i32.add
                      local.set 1
                      br 1 (;@8;)
                    end
                  end
                  local.get 6
                  i32.const 0
                  i32.store offset=4
                  local.get 6
                  i32.const 100
                  i32.load
                  i32.store offset=12
                  i32.const 100
                  local.get 6
                  i32.store
                  local.get 8
                  i32.load offset=28
                  local.set 1
                  loop ;; label = @8
                    local.get 0
                    local.get 1
                    i32.lt_u
                    if ;; label = @9
                      local.get 8
                      local.get 0
                      i32.const 5
                      i32.shl
                      i32.add
                      i32.const 0
                      i32.store
                      local.get 0
                      i32.const 1
                      i32.add
                      local.set 0
                      br 1 (;@8;)
                    end
                  end
                  local.get 8
                  i32.const 108
                  i32.load
                  i32.sub
                  i32.const 5
                  i32.shr_u
                  local.tee 0
                  i32.const 116
                  i32.load
                  i32.lt_u
                  if ;; label = @8
                    i32.const 116
                    local.get 0
                    i32.store
                  end
                  i32.const 120
                  i32.const 120
                  i32.load
                  local.get 1
                  i32.sub
                  i32.store
                  br 1 (;@6;)
                end
                local.get 8
                i32.load offset=4
                if (result i32) ;; label = @7
                  i32.const 0
                else
                  local.get 8
                  i32.load offset=12
                  local.get 8
                  i32.load offset=28
                  i32.eq
                end
                if ;; label = @7
                  local.get 8
                  local.get 8
                  i32.load
                  i32.const 2
                  i32.shl
                  local.tee 0
                  i32.load offset=192
                  local.tee 1
                  i32.store offset=16
                  local.get 8
                  i32.const 0
                  i32.store offset=20
                  local.get 1
                  if ;; label = @8
                    local.get 1
                    local.get 8
                    i32.store offset=20
                  end
                  local.get 0
                  local.get 8
                  i32.store offset=192
                  local.get 8
                  i32.load offset=24
                  local.tee 0
                  i32.const 16383
                  i32.and
                  i32.const 7
                  i32.shl
                  i32.const -1048576
                  i32.sub
                  local.tee 1
                  i32.load
                  local.get 0
                  i32.eq
                  if ;; label = @8
                    local.get 1
                    local.get 1
                    i32.load offset=48
                    i32.const 1
                    i32.add
                    i32.store offset=48
                  end
                end
                local.get 6
                local.get 8
                i32.load offset=4
                i32.store offset=12
                local.get 8
                local.get 6
                i32.store offset=4
                local.get 8
                local.get 8
                i32.load offset=8
                i32.const 1
                i32.sub
                i32.store offset=8
                local.get 8
                i32.load offset=8
                i32.eqz
                if ;; label = @7
                  local.get 8
                  i32.load offset=16
                  local.get 8
                  i32.load offset=20
                  i32.or
                  if ;; label = @8
                    local.get 8
                    i32.load offset=4
                    local.set 0
                    loop ;; label = @9
                      local.get 0
                      if ;; label = @10
                        local.get 0
                        i32.load offset=12
                        local.get 0
                        i32.const 0
                        i32.store offset=4
                        local.get 0
                        i32.const 100
                        i32.load
                        i32.store offset=12
                        i32.const 100
                        local.get 0
                        i32.store
                        local.set 0
                        br 1 (;@9;)
                      end
                    end
                    i32.const 72
                    i32.load
                    local.get 8
                    i32.const 108
                    i32.load
                    i32.sub
                    i32.const 5
                    i32.shr_u
                    i32.const 16
                    i32.shl
                    i32.add
                    i32.const 6
                    i32.shr_u
                    i32.const 2
                    i32.shl
                    i32.const 4194304
                    i32.add
                    i32.const 0
                    i32.const 4096
                    memory.fill
                    local.get 8
                    i32.load offset=20
                    local.tee 0
                    if ;; label = @9
                      local.get 0
                      local.get 8
                      i32.load offset=16
                      i32.store offset=16
                    else
                      local.get 8
                      i32.load
                      i32.const 2
                      i32.shl
                      local.get 8
                      i32.load offset=16
                      i32.store offset=192
                    end
                    local.get 8
                    i32.load offset=16
                    local.tee 0
                    if ;; label = @9
                      local.get 0
                      local.get 8
                      i32.load offset=20
                      i32.store offset=20
                    end
                    local.get 8
                    i32.const 0
                    i32.store offset=16
                    local.get 8
                    i32.const 0
                    i32.store offset=20
                    local.get 8
                    i32.load offset=24
                    local.tee 0
                    i32.const 16383
                    i32.and
                    i32.const 7
                    i32.shl
                    i32.const -1048576
                    i32.sub
                    local.tee 1
                    i32.load
                    local.get 0
                    i32.eq
                    if ;; label = @9
                      local.get 1
                      local.get 1
                      i32.load offset=48
                      i32.const 1
                      i32.sub
                      i32.store offset=48
                    end
                    i32.const 0
                    local.set 0
                    loop ;; label = @9
                      local.get 0
                      i32.eqz
                      if ;; label = @10
                        local.get 8
                        local.get 0
                        i32.const 5
                        i32.shl
                        i32.add
                        i32.const 0
                        i32.store
                        local.get 0
                        i32.const 1
                        i32.add
                        local.set 0
                        br 1 (;@9;)
                      end
                    end
                    local.get 8
                    i32.const 108
                    i32.load
                    i32.sub
                    i32.const 5
                    i32.shr_u
                    local.tee 0
                    i32.const 116
                    i32.load
                    i32.lt_u
                    if ;; label = @9
                      i32.const 116
                      local.get 0
                      i32.store
                    end
                    i32.const 120
                    i32.const 120
                    i32.load
                    i32.const 1
                    i32.sub
                    i32.store
                  else
                    i32.const 124
                    i32.const 124
                    i32.load
                    i32.const 1
                    i32.add
                    i32.store
                  end
                end
              end
              br 1 (;@4;)
            end
            local.get 0
            i32.load
            i32.const 16383
            i32.and
            i32.const 7
            i32.shl
            i32.const -1048576
            i32.sub
            local.tee 1
            local.get 1
            i32.load offset=8
            local.get 0
            i32.load offset=8
            i32.const 63
            i32.add
            i32.const -64
            i32.and
            local.tee 4
            i32.sub
            i32.store offset=8
            local.get 1
            local.get 1
            i32.load offset=12
            i32.const 1
            i32.sub
            i32.store offset=12
            i32.const 1048584
            local.get 4
            i32.const 1048584
            i32.load
            i32.add
            i32.store
            i32.const 1048588
            i32.const 1048588
            i32.load
            i32.const 1
            i32.add
            i32.store
            local.get 0
            i32.load offset=20
            i32.const -2147483648
            i32.and
            i32.eqz
            if ;; label = @5
              i32.const 136
              i32.const 136
              i32.load
              i32.const 1
              i32.add
              i32.store
              local.get 0
              i32.load offset=28
              local.tee 1
              if ;; label = @6
                block ;; label = @7
                  local.get 1
                  i32.const 3145728
                  i32.add
                  local.get 0
                  i32.load
                  i32.const 16383
                  i32.and
                  i32.const 4
                  i32.shl
                  i32.add
                  local.tee 6
                  i32.load16_u offset=12
                  local.tee 1
                  i32.const 1
                  i32.gt_u
                  if ;; label = @8
                    local.get 6
                    local.get 1
                    i32.const 1
                    i32.sub
                    i32.store16 offset=12
                    br 1 (;@7;)
                  end
                  local.get 6
                  i32.load offset=4
                  local.set 8
                  local.get 6
                  i32.const 0
                  i32.store
                  local.get 6
                  i32.const 0
                  i32.store offset=4
                  local.get 6
                  i32.const 0
                  i32.store offset=8
                  local.get 6
                  i32.const 0
                  i32.store16 offset=12
                  local.get 6
                  local.get 0
                  i32.load offset=16
                  i32.eq
                  if ;; label = @8
                    local.get 0
                    local.get 8
                    i32.store offset=16
                    br 1 (;@7;)
                  end
                  local.get 0
                  i32.load offset=16
                  local.set 1
                  loop ;; label = @8
                    local.get 1
                    i32.load offset=4
                    local.tee 4
                    local.get 6
                    i32.ne
                    if ;; label = @9
                      local.get 4
                      local.set 1
                      br 1 (;@8;)
                    end
                  end
                  local.get 1
                  local.get 8
                  i32.store offset=4
                end
              end
            end
            local.get 0
            local.get 0
            i32.load offset=20
            i32.const -2147483648
            i32.or
            i32.store offset=20
            local.get 0
            local.get 0
            i32.load
            i32.const -2147483648
            i32.and
            i32.const 16384
            i32.or
            i32.store
          end
          local.get 7
          i32.const 1
          local.get 2
          select
          if (result i32) ;; label = @4
            local.get 3
          else
            loop ;; label = @5
              local.get 2
              i32.load offset=36
              local.tee 0
              if ;; label = @6
                local.get 0
                local.set 2
                br 1 (;@5;)
              end
            end
            local.get 2
          end
          local.set 0
          br 1 (;@2;)
        end
      end
      i32.const 0
    end
    i32.const 156
    i32.load
    if ;; label = @1
      i32.const 448
      i32.const 0
      i32.atomic.store
    end
  )
  (func (;11;) (type 0) (param i32) (result i32)
    (local i32)
    local.get 0
    i32.const 76
    i32.load
    i32.ge_u
    if (result i32) ;; label = @1
      i32.const 0
    else
      local.get 0
      i32.const 6
      i32.shr_u
      i32.const 2
      i32.shl
      i32.const 4194304
      i32.add
      i32.load
      local.tee 1
      i32.const 0
      local.get 0
      local.get 1
      i32.load offset=4
      i32.eq
      if (result i32) ;; label = @2
        local.get 1
        i32.load
      else
        i32.const 0
      end
      select
    end
    i32.load offset=12
  )
  (func (;12;) (type 0) (param i32) (result i32)
    (local i32)
    local.get 0
    i32.const 76
    i32.load
    i32.ge_u
    if (result i32) ;; label = @1
      i32.const 0
    else
      local.get 0
      i32.const 6
      i32.shr_u
      i32.const 2
      i32.shl
      i32.const 4194304
      i32.add
      i32.load
      local.tee 1
      i32.const 0
      local.get 0
      local.get 1
      i32.load offset=4
      i32.eq
      if (result i32) ;; label = @2
        local.get 1
        i32.load
      else
        i32.const 0
      end
      select
    end
    i32.load offset=8
  )
  (func (;13;) (type 0) (param i32) (result i32)
    (local i32)
    local.get 0
    i32.const 76
    i32.load
    i32.ge_u
    if (result i32) ;; label = @1
      i32.const 0
    else
      local.get 0
      i32.const 6
      i32.shr_u
      i32.const 2
      i32.shl
      i32.const 4194304
      i32.add
      i32.load
      local.tee 1
      i32.const 0
      local.get 0
      local.get 1
      i32.load offset=4
      i32.eq
      if (result i32) ;; label = @2
        local.get 1
        i32.load
      else
        i32.const 0
      end
      select
    end
    i32.load
    i32.const 2147483647
    i32.and
  )
  (func (;14;) (type 0) (param i32) (result i32)
    local.get 0
    i32.const 76
    i32.load
    i32.ge_u
    if ;; label = @1
      i32.const 0
      return
    end
    local.get 0
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.const 4194304
    i32.add
    i32.load
    local.tee 0
    i32.load
    if (result i32) ;; label = @1
      local.get 0
      i32.load offset=4
    else
      i32.const 0
    end
  )
  (func (;15;) (type 1) (param i32 i32) (result i32)
    (local i32)
    local.get 1
    i32.const 0
    local.get 0
    i32.const 76
    i32.load
    i32.ge_u
    if (result i32) ;; label = @1
      i32.const 0
    else
      local.get 0
      i32.const 6
      i32.shr_u
      i32.const 2
      i32.shl
      i32.const 4194304
      i32.add
      i32.load
      local.tee 2
      i32.const 0
      local.get 0
      local.get 2
      i32.load offset=4
      i32.eq
      if (result i32) ;; label = @2
        local.get 2
        i32.load
      else
        i32.const 0
      end
      select
    end
    local.tee 0
    select
    if (result i32) ;; label = @1
      local.get 0
      i32.load
      i32.const 2147483647
      i32.and
      local.get 1
      i32.eq
      if (result i32) ;; label = @2
        i32.const 1
      else
        local.get 1
        local.get 0
        i32.load offset=28
        i32.const 3145728
        i32.add
        local.get 1
        i32.const 16383
        i32.and
        i32.const 4
        i32.shl
        i32.add
        i32.load
        i32.eq
      end
    else
      i32.const 0
    end
  )
  (func (;16;) (type 2) (result i32)
    i32.const 156
    i32.const 1
    i32.store
    i32.const 0
  )
  (func (;17;) (type 2) (result i32)
    (local i32)
    global.get 0
    i32.eqz
    if ;; label = @1
      i32.const 6
      return
    end
    i32.const 156
    i32.load
    if ;; label = @1
      loop ;; label = @2
        i32.const 448
        i32.const 0
        i32.const 1
        i32.atomic.rmw.cmpxchg
        if ;; label = @3
          loop ;; label = @4
            i32.const 448
            i32.atomic.load
            br_if 0 (;@4;)
          end
          br 1 (;@2;)
        end
      end
      global.get 0
      i32.const 164
      i32.load
      local.tee 0
      global.get 0
      i32.and
      i32.ne
      if ;; label = @2
        i32.const 164
        global.get 0
        local.get 0
        i32.or
        i32.store
      end
    end
    i32.const 160
    i32.const 160
    i32.load
    global.get 0
    i32.const -1
    i32.xor
    i32.and
    i32.store
    i32.const 0
    global.set 0
    i32.const 156
    i32.load
    if ;; label = @1
      i32.const 448
      i32.const 0
      i32.atomic.store
    end
    i32.const 0
  )
  (func (;18;) (type 0) (param i32) (result i32)
    (local i32)
    global.get 0
    i32.const 156
    i32.load
    i32.eqz
    local.get 0
    i32.const 32
    i32.ge_u
    i32.or
    i32.or
    if ;; label = @1
      i32.const 6
      return
    end
    i32.const 156
    i32.load
    if ;; label = @1
      loop ;; label = @2
        i32.const 448
        i32.const 0
        i32.const 1
        i32.atomic.rmw.cmpxchg
        if ;; label = @3
          loop ;; label = @4
            i32.const 448
            i32.atomic.load
            br_if 0 (;@4;)
          end
          br 1 (;@2;)
        end
      end
      global.get 0
      i32.const 164
      i32.load
      local.tee 1
      global.get 0
      i32.and
      i32.ne
      if ;; label = @2
        i32.const 164
        global.get 0
        local.get 1
        i32.or
        i32.store
      end
    end
    i32.const 160
    i32.load
    local.tee 1
    i32.const 1
    local.get 0
    i32.shl
    local.tee 0
    i32.and
    if (result i32) ;; label = @1
      i32.const 6
    else
      local.get 0
      global.set 0
      i32.const 160
      global.get 0
      local.get 1
      i32.or
      i32.store
      i32.const 164
      global.get 0
      i32.const 164
      i32.load
      i32.or
      i32.store
      i32.const 0
    end
    i32.const 156
    i32.load
    if ;; label = @1
      i32.const 448
      i32.const 0
      i32.atomic.store
    end
  )
  (func (;19;) (type 1) (param i32 i32) (result i32)
    (local i32 i32 i32 i32 i32 i32 i32 i32)
    i32.const 156
    i32.load
    if ;; label = @1
      loop ;; label = @2
        i32.const 448
        i32.const 0
        i32.const 1
        i32.atomic.rmw.cmpxchg
        if ;; label = @3
          loop ;; label = @4
            i32.const 448
            i32.atomic.load
            br_if 0 (;@4;)
          end
          br 1 (;@2;)
        end
      end
      global.get 0
      i32.const 164
      i32.load
      local.tee 2
      global.get 0
      i32.and
      i32.ne
      if ;; label = @2
        i32.const 164
        global.get 0
        local.get 2
        i32.or
        i32.store
      end
    end
    local.get 1
    local.tee 3
    i32.eqz
    local.get 0
    i32.const 76
    i32.load
    i32.ge_u
    if (result i32) ;; label = @1
      i32.const 0
    else
      local.get 0
      i32.const 6
      i32.shr_u
      i32.const 2
      i32.shl
      i32.const 4194304
      i32.add
      i32.load
      local.tee 1
      i32.const 0
      local.get 0
      local.get 1
      i32.load offset=4
      i32.eq
      if (result i32) ;; label = @2
        local.get 1
        i32.load
      else
        i32.const 0
      end
      select
    end
    local.tee 6
    i32.eqz
    i32.or
    if (result i32) ;; label = @1
      i32.const 0
    else
      local.get 3
      local.get 6
      i32.load offset=28
      i32.const 3145728
      i32.add
      local.get 3
      i32.const 16383
      i32.and
      i32.const 4
      i32.shl
      i32.add
      local.tee 0
      i32.load
      i32.ne
      if (result i32) ;; label = @2
        i32.const 0
      else
        local.get 0
        i32.load16_u offset=12
        local.get 6
        i32.load
        i32.const 2147483647
        i32.and
        local.get 3
        i32.eq
        local.tee 0
        if (result i32) ;; label = @3
          local.get 6
          i32.load offset=20
          i32.const -2147483648
          i32.and
          i32.eqz
        else
          local.get 0
        end
        i32.const 0
        i32.ne
        i32.sub
      end
    end
    if (result i32) ;; label = @1
      local.get 6
      local.set 0
      loop ;; label = @2
        local.get 0
        i32.load offset=36
        local.tee 1
        if ;; label = @3
          local.get 1
          local.set 0
          br 1 (;@2;)
        end
      end
      loop ;; label = @2
        local.get 7
        i32.eqz
        if ;; label = @3
          local.get 0
          local.get 6
          i32.eq
          local.set 7
          local.get 0
          i32.load offset=40
          local.set 4
          local.get 0
          i32.load offset=32
          local.set 5
          local.get 3
          local.get 0
          i32.load offset=28
          i32.const 3145728
          i32.add
          local.get 3
          i32.const 16383
          i32.and
          i32.const 4
          i32.shl
          i32.add
          local.tee 1
          i32.load
          i32.ne
          if (result i32) ;; label = @4
            i32.const 0
          else
            local.get 1
            i32.load16_u offset=12
            local.get 0
            i32.load
            i32.const 2147483647
            i32.and
            local.get 3
            i32.eq
            local.tee 1
            if (result i32) ;; label = @5
              local.get 0
              i32.load offset=20
              i32.const -2147483648
              i32.and
              i32.eqz
            else
              local.get 1
            end
            i32.const 0
            i32.ne
            i32.sub
          end
          if ;; label = @4
            block ;; label = @5
              block ;; label = @6
                local.get 0
                i32.load offset=28
                i32.const 3145728
                i32.add
                local.get 3
                i32.const 16383
                i32.and
                i32.const 4
                i32.shl
                i32.add
                local.tee 8
                i32.load16_u offset=12
                local.tee 1
                i32.const 1
                i32.gt_u
                if ;; label = @7
                  local.get 8
                  local.get 1
                  i32.const 1
                  i32.sub
                  i32.store16 offset=12
                  br 1 (;@6;)
                end
                local.get 8
                i32.load offset=4
                local.set 9
                local.get 8
                i32.const 0
                i32.store
                local.get 8
                i32.const 0
                i32.store offset=4
                local.get 8
                i32.const 0
                i32.store offset=8
                local.get 8
                i32.const 0
                i32.store16 offset=12
                local.get 8
                local.get 0
                i32.load offset=16
                i32.eq
                if ;; label = @7
                  local.get 0
                  local.get 9
                  i32.store offset=16
                  br 1 (;@6;)
                end
                local.get 0
                i32.load offset=16
                local.set 1
                loop ;; label = @7
                  local.get 1
                  i32.load offset=4
                  local.tee 2
                  local.get 8
                  i32.ne
                  if ;; label = @8
                    local.get 2
                    local.set 1
                    br 1 (;@7;)
                  end
                end
                local.get 1
                local.get 9
                i32.store offset=4
              end
              local.get 0
              i32.load offset=28
              i32.const 3145728
              i32.add
              local.tee 1
              local.get 1
              i32.load16_u offset=14
              i32.const 1
              i32.sub
              i32.store16 offset=14
              i32.const 96
              i32.const 96
              i32.load
              i32.const 1
              i32.sub
              i32.store
              local.get 1
              i32.load16_u offset=14
              br_if 0 (;@5;)
              local.get 0
              local.get 0
              i32.load
              i32.const 2147483647
              i32.and
              local.tee 1
              i32.store
              local.get 0
              i32.load offset=20
              i32.const -2147483648
              i32.and
              i32.eqz
              if ;; label = @6
                block ;; label = @7
                  local.get 0
                  i32.load offset=28
                  i32.const 3145728
                  i32.add
                  local.get 1
                  i32.const 16383
                  i32.and
                  i32.const 4
                  i32.shl
                  i32.add
                  local.tee 8
                  i32.load16_u offset=12
                  local.tee 1
                  i32.const 1
                  i32.gt_u
                  if ;; label = @8
                    local.get 8
                    local.get 1
                    i32.const 1
                    i32.sub
                    i32.store16 offset=12
                    br 1 (;@7;)
                  end
                  local.get 8
                  i32.load offset=4
                  local.set 9
                  local.get 8
                  i32.const 0
                  i32.store
                  local.get 8
                  i32.const 0
                  i32.store offset=4
                  local.get 8
                  i32.const 0
                  i32.store offset=8
                  local.get 8
                  i32.const 0
                  i32.store16 offset=12
                  local.get 8
                  local.get 0
                  i32.load offset=16
                  i32.eq
                  if ;; label = @8
                    local.get 0
                    local.get 9
                    i32.store offset=16
                    br 1 (;@7;)
                  end
                  local.get 0
                  i32.load offset=16
                  local.set 1
                  loop ;; label = @8
                    local.get 1
                    i32.load offset=4
                    local.tee 2
                    local.get 8
                    i32.ne
                    if ;; label = @9
                      local.get 2
                      local.set 1
                      br 1 (;@8;)
                    end
                  end
                  local.get 1
                  local.get 9
                  i32.store offset=4
                end
              end
              local.get 0
              i32.load offset=28
              local.set 1
              local.get 0
              i32.const 0
              i32.store offset=28
              local.get 1
              i32.const 524288
              i32.ge_u
              i32.const 0
              i32.const 156
              i32.load
              select
              if ;; label = @6
                local.get 1
                i32.const 1
                i32.shr_u
                i32.const 589824
                i32.add
                local.tee 2
                i32.const 168
                i32.load
                i32.store
                local.get 2
                i32.const 0
                i32.store offset=4
                local.get 1
                i32.const 3145728
                i32.add
                i32.const 65535
                i32.store16 offset=14
                i32.const 168
                local.get 1
                i32.store
              else
                i32.const 88
                local.get 1
                i32.store
              end
              local.get 0
              i32.load offset=20
              i32.const -2147483648
              i32.eq
              if (result i32) ;; label = @6
                local.get 0
                i32.load offset=28
              else
                i32.const 1
              end
              i32.eqz
              if ;; label = @6
                local.get 0
                i32.load offset=32
                local.tee 1
                local.get 0
                i32.load offset=36
                i32.or
                if ;; label = @7
                  local.get 1
                  if ;; label = @8
                    local.get 0
                    i32.load offset=40
                    local.set 2
                    local.get 0
                    i32.load offset=44
                    local.tee 8
                    if ;; label = @9
                      local.get 8
                      local.get 2
                      i32.store offset=40
                    else
                      local.get 1
                      local.get 2
                      i32.store offset=36
                    end
                    local.get 2
                    if ;; label = @9
                      local.get 2
                      local.get 8
                      i32.store offset=44
                    else
                      local.get 1
                      local.get 8
                      i32.store offset=56
                    end
                    local.get 0
                    i32.const 0
                    i32.store offset=32
                    local.get 0
                    i32.const 0
                    i32.store offset=40
                    local.get 0
                    i32.const 0
                    i32.store offset=44
                  end
                  local.get 0
                  i32.load offset=36
                  local.set 1
                  local.get 0
                  i32.const 0
                  i32.store offset=36
                  local.get 0
                  i32.const 0
                  i32.store offset=56
                  loop ;; label = @8
                    local.get 1
                    if ;; label = @9
                      local.get 1
                      local.tee 2
                      i32.load offset=40
                      local.set 1
                      local.get 2
                      i32.const 0
                      i32.store offset=32
                      local.get 2
                      i32.const 0
                      i32.store offset=40
                      local.get 2
                      i32.const 0
                      i32.store offset=44
                      br 1 (;@8;)
                    end
                  end
                end
                local.get 0
                i32.load
                i32.const 16383
                i32.and
                i32.const 7
                i32.shl
                i32.const -1048576
                i32.sub
                local.set 1
                local.get 0
                i32.const 0
                i32.store
                local.get 1
                local.get 1
                i32.load offset=8
                local.get 0
                i32.load offset=8
                i32.const 63
                i32.add
                i32.const -64
                i32.and
                local.tee 8
                i32.sub
                i32.store offset=8
                local.get 1
                local.get 1
                i32.load offset=12
                i32.const 1
                i32.sub
                i32.store offset=12
                i32.const 128
                i32.const 128
                i32.load
                i32.const 1
                i32.sub
                i32.store
                i32.const 132
                i32.const 132
                i32.load
                local.get 8
                i32.sub
                i32.store
                local.get 0
                i32.load offset=20
                if ;; label = @7
                  i32.const 136
                  i32.const 136
                  i32.load
                  i32.const 1
                  i32.sub
                  i32.store
                end
                local.get 0
                local.tee 2
                i32.const 0
                i32.store offset=20
                local.get 0
                local.get 0
                i32.load offset=24
                i32.const 1
                i32.add
                i32.store offset=24
                block ;; label = @7
                  i32.const 108
                  i32.load
                  local.get 0
                  i32.load offset=4
                  local.tee 0
                  i32.const 72
                  i32.load
                  i32.sub
                  i32.const 16
                  i32.shr_u
                  i32.const 5
                  i32.shl
                  i32.add
                  local.tee 9
                  i32.load
                  i32.const 1
                  i32.eq
                  if ;; label = @8
                    local.get 0
                    i32.const 6
                    i32.shr_u
                    i32.const 2
                    i32.shl
                    i32.const 4194304
                    i32.add
                    local.tee 0
                    local.get 8
                    i32.const 6
                    i32.shr_u
                    i32.const 2
                    i32.shl
                    i32.add
                    local.set 8
                    loop ;; label = @9
                      local.get 0
                      i32.const 16
                      i32.add
                      local.tee 1
                      local.get 8
                      i32.le_u
                      if ;; label = @10
                        local.get 0
                        v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
                        v128.store
                        local.get 1
                        local.set 0
                        br 1 (;@9;)
                      end
                    end
                    loop ;; label = @9
                      local.get 0
                      local.get 8
                      i32.lt_u
                      if ;; label = @10
                        local.get 0
                        i32.const 0
                        i32.store
                        local.get 0
                        i32.const 4
                        i32.add
                        local.set 0
                        br 1 (;@9;)
                      end
                    end
                    local.get 2
                    i32.const 0
                    i32.store offset=4
                    local.get 2
                    i32.const 100
                    i32.load
                    i32.store offset=12
                    i32.const 100
                    local.get 2
                    i32.store
                    local.get 9
                    i32.load offset=28
                    local.set 0
                    i32.const 0
                    local.set 1
                    loop ;; label = @9
                      local.get 0
                      local.get 1
                      i32.gt_u
                      if ;; label = @10
                        local.get 9
                        local.get 1
                        i32.const 5
                        i32.shl
                        i32.add
                        i32.const 0
                        i32.store
                        local.get 1
                        i32.const 1
                        i32.add
                        local.set 1
                        br 1 (;@9;)
                      end
                    end
                    local.get 9
                    i32.const 108
                    i32.load
                    i32.sub
                    i32.const 5
                    i32.shr_u
                    local.tee 1
                    i32.const 116
                    i32.load
                    i32.lt_u
                    if ;; label = @9
                      i32.const 116
                      local.get 1
                      i32.store
                    end
                    i32.const 120
                    i32.const 120
                    i32.load
                    local.get 0
                    i32.sub
                    i32.store
                    br 1 (;@7;)
                  end
                  local.get 9
                  i32.load offset=4
                  if (result i32) ;; label = @8
                    i32.const 0
                  else
                    local.get 9
                    i32.load offset=12
                    local.get 9
                    i32.load offset=28
                    i32.eq
                  end
                  if ;; label = @8
                    local.get 9
                    local.get 9
                    i32.load
                    i32.const 2
                    i32.shl
                    local.tee 0
                    i32.load offset=192
                    local.tee 1
                    i32.store offset=16
                    local.get 9
                    i32.const 0
                    i32.store offset=20
                    local.get 1
                    if ;; label = @9
                      local.get 1
                      local.get 9
                      i32.store offset=20
                    end
                    local.get 0
                    local.get 9
                    i32.store offset=192
                    local.get 9
                    i32.load offset=24
                    local.tee 0
                    i32.const 16383
                    i32.and
                    i32.const 7
                    i32.shl
                    i32.const -1048576
                    i32.sub
                    local.tee 1
                    i32.load
                    local.get 0
                    i32.eq
                    if ;; label = @9
                      local.get 1
                      local.get 1
                      i32.load offset=48
                      i32.const 1
                      i32.add
                      i32.store offset=48
                    end
                  end
                  local.get 2
                  local.get 9
                  i32.load offset=4
                  i32.store offset=12
                  local.get 9
                  local.get 2
                  i32.store offset=4
                  local.get 9
                  local.get 9
                  i32.load offset=8
                  i32.const 1
                  i32.sub
                  i32.store offset=8
                  local.get 9
                  i32.load offset=8
                  i32.eqz
                  if ;; label = @8
                    local.get 9
                    i32.load offset=16
                    local.get 9
                    i32.load offset=20
                    i32.or
                    if ;; label = @9
                      local.get 9
                      i32.load offset=4
                      local.set 1
                      loop ;; label = @10
                        local.get 1
                        if ;; label = @11
                          local.get 1
                          i32.load offset=12
                          local.get 1
                          i32.const 0
                          i32.store offset=4
                          local.get 1
                          i32.const 100
                          i32.load
                          i32.store offset=12
                          i32.const 100
                          local.get 1
                          i32.store
                          local.set 1
                          br 1 (;@10;)
                        end
                      end
                      i32.const 72
                      i32.load
                      local.get 9
                      i32.const 108
                      i32.load
                      i32.sub
                      i32.const 5
                      i32.shr_u
                      i32.const 16
                      i32.shl
                      i32.add
                      i32.const 6
                      i32.shr_u
                      i32.const 2
                      i32.shl
                      i32.const 4194304
                      i32.add
                      i32.const 0
                      i32.const 4096
                      memory.fill
                      local.get 9
                      i32.load offset=20
                      local.tee 0
                      if ;; label = @10
                        local.get 0
                        local.get 9
                        i32.load offset=16
                        i32.store offset=16
                      else
                        local.get 9
                        i32.load
                        i32.const 2
                        i32.shl
                        local.get 9
                        i32.load offset=16
                        i32.store offset=192
                      end
                      local.get 9
                      i32.load offset=16
                      local.tee 0
                      if ;; label = @10
                        local.get 0
                        local.get 9
                        i32.load offset=20
                        i32.store offset=20
                      end
                      local.get 9
                      i32.const 0
                      i32.store offset=16
                      local.get 9
                      i32.const 0
                      i32.store offset=20
                      local.get 9
                      i32.load offset=24
                      local.tee 0
                      i32.const 16383
                      i32.and
                      i32.const 7
                      i32.shl
                      i32.const -1048576
                      i32.sub
                      local.tee 1
                      i32.load
                      local.get 0
                      i32.eq
                      if ;; label = @10
                        local.get 1
                        local.get 1
                        i32.load offset=48
                        i32.const 1
                        i32.sub
                        i32.store offset=48
                      end
                      i32.const 0
                      local.set 1
                      loop ;; label = @10
                        local.get 1
                        i32.eqz
                        if ;; label = @11
                          local.get 9
                          local.get 1
                          i32.const 5
                          i32.shl
                          i32.add
                          i32.const 0
                          i32.store
                          local.get 1
                          i32.const 1
                          i32.add
                          local.set 1
                          br 1 (;@10;)
                        end
                      end
                      local.get 9
                      i32.const 108
                      i32.load
                      i32.sub
                      i32.const 5
                      i32.shr_u
                      local.tee 0
                      i32.const 116
                      i32.load
                      i32.lt_u
                      if ;; label = @10
                        i32.const 116
                        local.get 0
                        i32.store
                      end
                      i32.const 120
                      i32.const 120
                      i32.load
                      i32.const 1
                      i32.sub
                      i32.store
                    else
                      i32.const 124
                      i32.const 124
                      i32.load
                      i32.const 1
                      i32.add
                      i32.store
                    end
                  end
                end
              end
            end
          end
          local.get 7
          i32.const 1
          local.get 4
          select
          if ;; label = @4
            local.get 5
            local.set 0
          else
            local.get 4
            local.set 0
            loop ;; label = @5
              local.get 0
              i32.load offset=36
              local.tee 1
              if ;; label = @6
                local.get 1
                local.set 0
                br 1 (;@5;)
              end
            end
          end
          br 1 (;@2;)
        end
      end
      i32.const 0
    else
      i32.const 6
    end
    i32.const 156
    i32.load
    if ;; label = @1
      i32.const 448
      i32.const 0
      i32.atomic.store
    end
  )
  (func (;20;) (type 0) (param i32) (result i32)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32)
    i32.const 156
    i32.load
    if ;; label = @1
      loop ;; label = @2
        i32.const 448
        i32.const 0
        i32.const 1
        i32.atomic.rmw.cmpxchg
        if ;; label = @3
          loop ;; label = @4
            i32.const 448
            i32.atomic.load
            br_if 0 (;@4;)
          end
          br 1 (;@2;)
        end
      end
      global.get 0
      i32.const 164
      i32.load
      local.tee 1
      global.get 0
      i32.and
      i32.ne
      if ;; label = @2
        i32.const 164
        global.get 0
        local.get 1
        i32.or
        i32.store
      end
    end
    local.get 0
    local.tee 2
    if (result i32) ;; label = @1
      i32.const 96
      i32.load
    else
      i32.const 0
    end
    if (result i32) ;; label = @1
      i32.const 92
      i32.load
      local.set 7
      i32.const 3407872
      local.set 4
      loop ;; label = @2
        local.get 4
        local.get 7
        i32.lt_u
        if ;; label = @3
          local.get 4
          i32.load
          local.get 2
          i32.eq
          if ;; label = @4
            local.get 2
            local.get 4
            i32.load offset=8
            local.tee 3
            i32.load offset=28
            i32.const 3145728
            i32.add
            local.get 2
            i32.const 16383
            i32.and
            i32.const 4
            i32.shl
            i32.add
            local.tee 0
            i32.load
            i32.ne
            if (result i32) ;; label = @5
              i32.const 0
            else
              local.get 0
              i32.load16_u offset=12
              local.get 3
              i32.load
              i32.const 2147483647
              i32.and
              local.get 2
              i32.eq
              local.tee 0
              if (result i32) ;; label = @6
                local.get 3
                i32.load offset=20
                i32.const -2147483648
                i32.and
                i32.eqz
              else
                local.get 0
              end
              i32.const 0
              i32.ne
              i32.sub
            end
            local.set 5
            loop ;; label = @5
              local.get 5
              if ;; label = @6
                block ;; label = @7
                  local.get 3
                  i32.load offset=28
                  i32.const 3145728
                  i32.add
                  local.get 2
                  i32.const 16383
                  i32.and
                  i32.const 4
                  i32.shl
                  i32.add
                  local.tee 8
                  i32.load16_u offset=12
                  local.tee 0
                  i32.const 1
                  i32.gt_u
                  if ;; label = @8
                    local.get 8
                    local.get 0
                    i32.const 1
                    i32.sub
                    i32.store16 offset=12
                    br 1 (;@7;)
                  end
                  local.get 8
                  i32.load offset=4
                  local.set 9
                  local.get 8
                  i32.const 0
                  i32.store
                  local.get 8
                  i32.const 0
                  i32.store offset=4
                  local.get 8
                  i32.const 0
                  i32.store offset=8
                  local.get 8
                  i32.const 0
                  i32.store16 offset=12
                  local.get 8
                  local.get 3
                  i32.load offset=16
                  i32.eq
                  if ;; label = @8
                    local.get 3
                    local.get 9
                    i32.store offset=16
                    br 1 (;@7;)
                  end
                  local.get 3
                  i32.load offset=16
                  local.set 0
                  loop ;; label = @8
                    local.get 0
                    i32.load offset=4
                    local.tee 1
                    local.get 8
                    i32.ne
                    if ;; label = @9
                      local.get 1
                      local.set 0
                      br 1 (;@8;)
                    end
                  end
                  local.get 0
                  local.get 9
                  i32.store offset=4
                end
                local.get 3
                i32.load offset=28
                i32.const 3145728
                i32.add
                local.tee 0
                local.get 0
                i32.load16_u offset=14
                i32.const 1
                i32.sub
                i32.store16 offset=14
                i32.const 96
                i32.const 96
                i32.load
                i32.const 1
                i32.sub
                i32.store
                local.get 0
                i32.load16_u offset=14
                i32.eqz
                if ;; label = @7
                  local.get 3
                  local.get 3
                  i32.load
                  i32.const 2147483647
                  i32.and
                  local.tee 0
                  i32.store
                  local.get 3
                  i32.load offset=20
                  i32.const -2147483648
                  i32.and
                  i32.eqz
                  if ;; label = @8
                    block ;; label = @9
                      local.get 3
                      i32.load offset=28
                      i32.const 3145728
                      i32.add
                      local.get 0
                      i32.const 16383
                      i32.and
                      i32.const 4
                      i32.shl
                      i32.add
                      local.tee 8
                      i32.load16_u offset=12
                      local.tee 0
                      i32.const 1
                      i32.gt_u
                      if ;; label = @10
                        local.get 8
                        local.get 0
                        i32.const 1
                        i32.sub
                        i32.store16 offset=12
                        br 1 (;@9;)
                      end
                      local.get 8
                      i32.load offset=4
                      local.set 9
                      local.get 8
                      i32.const 0
                      i32.store
                      local.get 8
                      i32.const 0
                      i32.store offset=4
                      local.get 8
                      i32.const 0
                      i32.store offset=8
                      local.get 8
                      i32.const 0
                      i32.store16 offset=12
                      local.get 8
                      local.get 3
                      i32.load offset=16
                      i32.eq
                      if ;; label = @10
                        local.get 3
                        local.get 9
                        i32.store offset=16
                        br 1 (;@9;)
                      end
                      local.get 3
                      i32.load offset=16
                      local.set 0
                      loop ;; label = @10
                        local.get 0
                        i32.load offset=4
                        local.tee 1
                        local.get 8
                        i32.ne
                        if ;; label = @11
                          local.get 1
                          local.set 0
                          br 1 (;@10;)
                        end
                      end
                      local.get 0
                      local.get 9
                      i32.store offset=4
                    end
                  end
                  local.get 3
                  i32.load offset=28
                  local.set 0
                  local.get 3
                  i32.const 0
                  i32.store offset=28
                  local.get 0
                  i32.const 524288
                  i32.ge_u
                  i32.const 0
                  i32.const 156
                  i32.load
                  select
                  if ;; label = @8
                    local.get 0
                    i32.const 1
                    i32.shr_u
                    i32.const 589824
                    i32.add
                    local.tee 1
                    i32.const 168
                    i32.load
                    i32.store
                    local.get 1
                    i32.const 0
                    i32.store offset=4
                    local.get 0
                    i32.const 3145728
                    i32.add
                    i32.const 65535
                    i32.store16 offset=14
                    i32.const 168
                    local.get 0
                    i32.store
                  else
                    i32.const 88
                    local.get 0
                    i32.store
                  end
                  local.get 3
                  i32.load offset=20
                  i32.const -2147483648
                  i32.eq
                  if (result i32) ;; label = @8
                    local.get 3
                    i32.load offset=28
                  else
                    i32.const 1
                  end
                  i32.eqz
                  if ;; label = @8
                    local.get 3
                    i32.load offset=32
                    local.tee 0
                    local.get 3
                    i32.load offset=36
                    i32.or
                    if ;; label = @9
                      local.get 0
                      if ;; label = @10
                        local.get 3
                        i32.load offset=40
                        local.set 1
                        local.get 3
                        i32.load offset=44
                        local.tee 8
                        if ;; label = @11
                          local.get 8
                          local.get 1
                          i32.store offset=40
                        else
                          local.get 0
                          local.get 1
                          i32.store offset=36
                        end
                        local.get 1
                        if ;; label = @11
                          local.get 1
                          local.get 8
                          i32.store offset=44
                        else
                          local.get 0
                          local.get 8
                          i32.store offset=56
                        end
                        local.get 3
                        i32.const 0
                        i32.store offset=32
                        local.get 3
                        i32.const 0
                        i32.store offset=40
                        local.get 3
                        i32.const 0
                        i32.store offset=44
                      end
                      local.get 3
                      i32.load offset=36
                      local.set 0
                      local.get 3
                      i32.const 0
                      i32.store offset=36
                      local.get 3
                      i32.const 0
                      i32.store offset=56
                      loop ;; label = @10
                        local.get 0
                        if ;; label = @11
                          local.get 0
                          local.tee 1
                          i32.load offset=40
                          local.set 0
                          local.get 1
                          i32.const 0
                          i32.store offset=32
                          local.get 1
                          i32.const 0
                          i32.store offset=40
                          local.get 1
                          i32.const 0
                          i32.store offset=44
                          br 1 (;@10;)
                        end
                      end
                    end
                    local.get 3
                    i32.load
                    i32.const 16383
                    i32.and
                    i32.const 7
                    i32.shl
                    i32.const -1048576
                    i32.sub
                    local.set 0
                    local.get 3
                    i32.const 0
                    i32.store
                    local.get 0
                    local.get 0
                    i32.load offset=8
                    local.get 3
                    i32.load offset=8
                    i32.const 63
                    i32.add
                    i32.const -64
                    i32.and
                    local.tee 1
                    i32.sub
                    i32.store offset=8
                    local.get 0
                    local.get 0
                    i32.load offset=12
                    i32.const 1
                    i32.sub
                    i32.store offset=12
                    i32.const 128
                    i32.const 128
                    i32.load
                    i32.const 1
                    i32.sub
                    i32.store
                    i32.const 132
                    i32.const 132
                    i32.load
                    local.get 1
                    i32.sub
                    i32.store
                    local.get 3
                    i32.load offset=20
                    if ;; label = @9
                      i32.const 136
                      i32.const 136
                      i32.load
                      i32.const 1
                      i32.sub
                      i32.store
                    end
                    local.get 3
                    i32.const 0
                    i32.store offset=20
                    local.get 3
                    local.get 3
                    i32.load offset=24
                    i32.const 1
                    i32.add
                    i32.store offset=24
                    block ;; label = @9
                      i32.const 108
                      i32.load
                      local.get 3
                      i32.load offset=4
                      local.tee 0
                      i32.const 72
                      i32.load
                      i32.sub
                      i32.const 16
                      i32.shr_u
                      i32.const 5
                      i32.shl
                      i32.add
                      local.tee 8
                      i32.load
                      i32.const 1
                      i32.eq
                      if ;; label = @10
                        local.get 0
                        i32.const 6
                        i32.shr_u
                        i32.const 2
                        i32.shl
                        i32.const 4194304
                        i32.add
                        local.tee 0
                        local.get 1
                        i32.const 6
                        i32.shr_u
                        i32.const 2
                        i32.shl
                        i32.add
                        local.set 9
                        loop ;; label = @11
                          local.get 0
                          i32.const 16
                          i32.add
                          local.tee 1
                          local.get 9
                          i32.le_u
                          if ;; label = @12
                            local.get 0
                            v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
                            v128.store
                            local.get 1
                            local.set 0
                            br 1 (;@11;)
                          end
                        end
                        loop ;; label = @11
                          local.get 0
                          local.get 9
                          i32.lt_u
                          if ;; label = @12
                            local.get 0
                            i32.const 0
                            i32.store
                            local.get 0
                            i32.const 4
                            i32.add
                            local.set 0
                            br 1 (;@11;)
                          end
                        end
                        local.get 3
                        i32.const 0
                        i32.store offset=4
                        local.get 3
                        i32.const 100
                        i32.load
                        i32.store offset=12
                        i32.const 100
                        local.get 3
                        i32.store
                        local.get 8
                        i32.load offset=28
                        local.set 1
                        i32.const 0
                        local.set 0
                        loop ;; label = @11
                          local.get 0
                          local.get 1
                          i32.lt_u
                          if ;; label = @12
                            local.get 8
                            local.get 0
                            i32.const 5
                            i32.shl
                            i32.add
                            i32.const 0
                            i32.store
                            local.get 0
                            i32.const 1
                            i32.add
                            local.set 0
                            br 1 (;@11;)
                          end
                        end
                        local.get 8
                        i32.const 108
                        i32.load
                        i32.sub
                        i32.const 5
                        i32.shr_u
                        local.tee 0
                        i32.const 116
                        i32.load
                        i32.lt_u
                        if ;; label = @11
                          i32.const 116
                          local.get 0
                          i32.store
                        end
                        i32.const 120
                        i32.const 120
                        i32.load
                        local.get 1
                        i32.sub
                        i32.store
                        br 1 (;@9;)
                      end
                      local.get 8
                      i32.load offset=4
                      if (result i32) ;; label = @10
                        i32.const 0
                      else
                        local.get 8
                        i32.load offset=12
                        local.get 8
                        i32.load offset=28
                        i32.eq
                      end
                      if ;; label = @10
                        local.get 8
                        local.get 8
                        i32.load
                        i32.const 2
                        i32.shl
                        local.tee 0
                        i32.load offset=192
                        local.tee 1
                        i32.store offset=16
                        local.get 8
                        i32.const 0
                        i32.store offset=20
                        local.get 1
                        if ;; label = @11
                          local.get 1
                          local.get 8
                          i32.store offset=20
                        end
                        local.get 0
                        local.get 8
                        i32.store offset=192
                        local.get 8
                        i32.load offset=24
                        local.tee 0
                        i32.const 16383
                        i32.and
                        i32.const 7
                        i32.shl
                        i32.const -1048576
                        i32.sub
                        local.tee 1
                        i32.load
                        local.get 0
                        i32.eq
                        if ;; label = @11
                          local.get 1
                          local.get 1
                          i32.load offset=48
                          i32.const 1
                          i32.add
                          i32.store offset=48
                        end
                      end
                      local.get 3
                      local.get 8
                      i32.load offset=4
                      i32.store offset=12
                      local.get 8
                      local.get 3
                      i32.store offset=4
                      local.get 8
                      local.get 8
                      i32.load offset=8
                      i32.const 1
                      i32.sub
                      i32.store offset=8
                      local.get 8
                      i32.load offset=8
                      i32.eqz
                      if ;; label = @10
                        local.get 8
                        i32.load offset=16
                        local.get 8
                        i32.load offset=20
                        i32.or
                        if ;; label = @11
                          local.get 8
                          i32.load offset=4
                          local.set 0
                          loop ;; label = @12
                            local.get 0
                            if ;; label = @13
                              local.get 0
                              i32.load offset=12
                              local.get 0
                              i32.const 0
                              i32.store offset=4
                              local.get 0
                              i32.const 100
                              i32.load
                              i32.store offset=12
                              i32.const 100
                              local.get 0
                              i32.store
                              local.set 0
                              br 1 (;@12;)
                            end
                          end
                          i32.const 72
                          i32.load
                          local.get 8
                          i32.const 108
                          i32.load
                          i32.sub
                          i32.const 5
                          i32.shr_u
                          i32.const 16
                          i32.shl
                          i32.add
                          i32.const 6
                          i32.shr_u
                          i32.const 2
                          i32.shl
                          i32.const 4194304
                          i32.add
                          i32.const 0
                          i32.const 4096
                          memory.fill
                          local.get 8
                          i32.load offset=20
                          local.tee 0
                          if ;; label = @12
                            local.get 0
                            local.get 8
                            i32.load offset=16
                            i32.store offset=16
                          else
                            local.get 8
                            i32.load
                            i32.const 2
                            i32.shl
                            local.get 8
                            i32.load offset=16
                            i32.store offset=192
                          end
                          local.get 8
                          i32.load offset=16
                          local.tee 0
                          if ;; label = @12
                            local.get 0
                            local.get 8
                            i32.load offset=20
                            i32.store offset=20
                          end
                          local.get 8
                          i32.const 0
                          i32.store offset=16
                          local.get 8
                          i32.const 0
                          i32.store offset=20
                          local.get 8
                          i32.load offset=24
                          local.tee 0
                          i32.const 16383
                          i32.and
                          i32.const 7
                          i32.shl
                          i32.const -1048576
                          i32.sub
                          local.tee 1
                          i32.load
                          local.get 0
                          i32.eq
                          if ;; label = @12
                            local.get 1
                            local.get 1
                            i32.load offset=48
                            i32.const 1
                            i32.sub
                            i32.store offset=48
                          end
                          i32.const 0
                          local.set 0
                          loop ;; label = @12
                            local.get 0
                            i32.eqz
                            if ;; label = @13
                              local.get 8
                              local.get 0
                              i32.const 5
                              i32.shl
                              i32.add
                              i32.const 0
                              i32.store
                              local.get 0
                              i32.const 1
                              i32.add
                              local.set 0
                              br 1 (;@12;)
                            end
                          end
                          local.get 8
                          i32.const 108
                          i32.load
                          i32.sub
                          i32.const 5
                          i32.shr_u
                          local.tee 0
                          i32.const 116
                          i32.load
                          i32.lt_u
                          if ;; label = @12
                            i32.const 116
                            local.get 0
                            i32.store
                          end
                          i32.const 120
                          i32.const 120
                          i32.load
                          i32.const 1
                          i32.sub
                          i32.store
                        else
                          i32.const 124
                          i32.const 124
                          i32.load
                          i32.const 1
                          i32.add
                          i32.store
                        end
                      end
                    end
                  end
                end
                local.get 6
                i32.const 1
                i32.add
                local.set 6
                local.get 5
                i32.const 1
                i32.sub
                local.set 5
                br 1 (;@5;)
              end
            end
          end
          local.get 4
          i32.const 16
          i32.add
          local.set 4
          br 1 (;@2;)
        end
      end
      local.get 6
    else
      i32.const 0
    end
    i32.const 156
    i32.load
    if ;; label = @1
      i32.const 448
      i32.const 0
      i32.atomic.store
    end
  )
  (func (;21;) (type 4) (param i32 i32 i32 i32) (result i32)
    (local i32 i32 i32 i32 i32 i32 i32)
    i32.const 156
    i32.load
    if ;; label = @1
      loop ;; label = @2
        i32.const 448
        i32.const 0
        i32.const 1
        i32.atomic.rmw.cmpxchg
        if ;; label = @3
          loop ;; label = @4
            i32.const 448
            i32.atomic.load
            br_if 0 (;@4;)
          end
          br 1 (;@2;)
        end
      end
      global.get 0
      i32.const 164
      i32.load
      local.tee 4
      global.get 0
      i32.and
      i32.ne
      if ;; label = @2
        i32.const 164
        global.get 0
        local.get 4
        i32.or
        i32.store
      end
    end
    local.get 2
    local.tee 6
    i32.eqz
    local.get 0
    i32.const 76
    i32.load
    i32.ge_u
    if (result i32) ;; label = @1
      i32.const 0
    else
      local.get 0
      i32.const 6
      i32.shr_u
      i32.const 2
      i32.shl
      i32.const 4194304
      i32.add
      i32.load
      local.tee 2
      i32.const 0
      local.get 0
      local.get 2
      i32.load offset=4
      i32.eq
      if (result i32) ;; label = @2
        local.get 2
        i32.load
      else
        i32.const 0
      end
      select
    end
    local.tee 4
    i32.eqz
    i32.or
    if (result i32) ;; label = @1
      i32.const 0
    else
      local.get 3
      i32.const 16383
      i32.and
      i32.const 7
      i32.shl
      i32.const -1048576
      i32.sub
      local.tee 0
      i32.const 0
      local.get 3
      if (result i32) ;; label = @2
        local.get 3
        local.get 0
        i32.load
        i32.eq
      else
        i32.const 0
      end
      select
    end
    local.set 2
    i32.const 6
    local.set 0
    block ;; label = @1
      local.get 2
      i32.eqz
      br_if 0 (;@1;)
      local.get 1
      if (result i32) ;; label = @2
        local.get 1
        local.get 4
        i32.load offset=12
        i32.ne
      else
        i32.const 0
      end
      br_if 0 (;@1;)
      local.get 4
      local.set 1
      loop ;; label = @2
        local.get 1
        i32.load
        i32.const 2147483647
        i32.and
        local.get 6
        i32.ne
        if (result i32) ;; label = @3
          local.get 6
          local.get 1
          i32.load offset=28
          i32.const 3145728
          i32.add
          local.get 6
          i32.const 16383
          i32.and
          i32.const 4
          i32.shl
          i32.add
          i32.load
          i32.eq
        else
          i32.const 1
        end
        if ;; label = @3
          i32.const 0
          local.set 2
          block ;; label = @4
            local.get 1
            i32.load offset=28
            local.tee 0
            if (result i32) ;; label = @5
              local.get 0
              i32.const 3145728
              i32.add
              i32.load16_u offset=14
              i32.const 65534
              i32.ge_u
            else
              i32.const 0
            end
            br_if 0 (;@4;)
            local.get 0
            if ;; label = @5
              local.get 3
              i32.const 16383
              i32.and
              i32.const 4
              i32.shl
              local.tee 2
              local.get 0
              i32.const 3145728
              i32.add
              i32.add
              i32.load
              if (result i32) ;; label = @6
                local.get 3
                local.get 1
                i32.load offset=28
                i32.const 3145728
                i32.add
                local.get 2
                i32.add
                i32.load
                i32.eq
              else
                i32.const 1
              end
              i32.eqz
              if ;; label = @6
                local.get 1
                i32.load offset=16
                local.set 7
                i32.const 156
                i32.load
                local.tee 0
                i32.const 0
                i32.ne
                local.tee 9
                if ;; label = @7
                  block ;; label = @8
                    local.get 0
                    if (result i32) ;; label = @9
                      i32.const 160
                      i32.load
                      local.tee 0
                      i32.const 164
                      i32.load
                      i32.and
                      local.get 0
                      i32.ne
                    else
                      i32.const 1
                    end
                    br_if 0 (;@8;)
                    i32.const 172
                    i32.load
                    local.tee 0
                    i32.const 168
                    i32.load
                    i32.or
                    i32.eqz
                    br_if 0 (;@8;)
                    loop ;; label = @9
                      local.get 0
                      if ;; label = @10
                        local.get 0
                        i32.const 1
                        i32.shr_u
                        i32.const 589824
                        i32.add
                        local.tee 8
                        i32.load offset=4
                        local.set 2
                        loop ;; label = @11
                          local.get 2
                          if ;; label = @12
                            local.get 2
                            local.tee 5
                            i32.load offset=4
                            local.set 2
                            local.get 5
                            i32.const 0
                            i32.store
                            local.get 5
                            i32.const 0
                            i32.store offset=4
                            local.get 5
                            i32.const 0
                            i32.store offset=8
                            local.get 5
                            i32.const 0
                            i32.store16 offset=12
                            br 1 (;@11;)
                          end
                        end
                        local.get 0
                        i32.const 3145728
                        i32.add
                        i32.const 0
                        i32.store16 offset=14
                        local.get 8
                        i32.load
                        local.set 0
                        local.get 8
                        i32.const 0
                        i32.store
                        local.get 8
                        i32.const 0
                        i32.store offset=4
                        br 1 (;@9;)
                      end
                    end
                    i32.const 172
                    i32.const 168
                    i32.load
                    i32.store
                    i32.const 168
                    i32.const 0
                    i32.store
                    i32.const 164
                    global.get 0
                    i32.store
                  end
                end
                i32.const 524288
                i32.const 262144
                local.get 9
                select
                local.set 10
                i32.const 176
                i32.const 88
                local.get 9
                select
                i32.load
                local.set 2
                i32.const 0
                local.set 5
                block (result i32) ;; label = @7
                  loop ;; label = @8
                    local.get 5
                    i32.const 1024
                    i32.lt_u
                    if ;; label = @9
                      i32.const 0
                      local.set 8
                      block ;; label = @10
                        local.get 10
                        local.get 2
                        local.get 2
                        i32.const 786432
                        i32.gt_u
                        select
                        local.tee 2
                        i32.const 3145728
                        i32.add
                        i32.load16_u offset=14
                        if (result i32) ;; label = @11
                          i32.const 1
                        else
                          local.get 2
                          i32.const 3145728
                          i32.add
                          local.get 3
                          i32.const 16383
                          i32.and
                          i32.const 4
                          i32.shl
                          i32.add
                          i32.load
                        end
                        if (result i32) ;; label = @11
                          i32.const 1
                        else
                          local.get 2
                          i32.const 3145728
                          i32.add
                          local.get 3
                          i32.const 16383
                          i32.and
                          i32.const 4
                          i32.shl
                          i32.add
                          i32.load
                        end
                        br_if 0 (;@10;)
                        local.get 7
                        local.set 0
                        loop ;; label = @11
                          local.get 0
                          if ;; label = @12
                            local.get 2
                            i32.const 3145728
                            i32.add
                            local.get 0
                            i32.load
                            i32.const 16383
                            i32.and
                            i32.const 4
                            i32.shl
                            i32.add
                            i32.load
                            br_if 2 (;@10;)
                            local.get 0
                            i32.load offset=4
                            local.set 0
                            br 1 (;@11;)
                          end
                        end
                        i32.const 1
                        local.set 8
                      end
                      local.get 2
                      local.get 8
                      br_if 2 (;@7;)
                      drop
                      local.get 2
                      i32.const 16
                      i32.add
                      local.set 2
                      local.get 5
                      i32.const 1
                      i32.add
                      local.set 5
                      br 1 (;@8;)
                    end
                  end
                  i32.const 0
                end
                local.tee 0
                if ;; label = @7
                  local.get 9
                  if ;; label = @8
                    i32.const 176
                    local.get 0
                    i32.const 16
                    i32.add
                    i32.store
                  else
                    i32.const 88
                    local.get 0
                    i32.const 16
                    i32.add
                    i32.store
                  end
                else
                  i32.const 0
                  local.set 0
                end
                i32.const 0
                local.set 2
                local.get 0
                i32.eqz
                br_if 2 (;@4;)
                local.get 1
                i32.load offset=28
                local.set 7
                local.get 1
                i32.load offset=16
                local.set 2
                local.get 1
                i32.const 0
                i32.store offset=16
                local.get 2
                local.set 5
                loop ;; label = @7
                  local.get 5
                  if ;; label = @8
                    local.get 5
                    i32.load16_u offset=12
                    local.set 8
                    block ;; label = @9
                      local.get 0
                      i32.const 3145728
                      i32.add
                      local.get 5
                      i32.load
                      local.tee 9
                      i32.const 16383
                      i32.and
                      i32.const 4
                      i32.shl
                      i32.add
                      local.tee 10
                      i32.load
                      local.get 9
                      i32.eq
                      if ;; label = @10
                        local.get 10
                        local.get 8
                        local.get 10
                        i32.load16_u offset=12
                        i32.add
                        i32.store16 offset=12
                        br 1 (;@9;)
                      end
                      local.get 10
                      i32.const 92
                      i32.load
                      i32.ge_u
                      if ;; label = @10
                        i32.const 92
                        local.get 10
                        i32.const 16
                        i32.add
                        i32.store
                      end
                      local.get 10
                      local.get 1
                      i32.store offset=8
                      local.get 10
                      local.get 8
                      i32.store16 offset=12
                      local.get 10
                      local.get 1
                      i32.load offset=16
                      i32.store offset=4
                      local.get 10
                      local.get 9
                      i32.store
                      local.get 1
                      local.get 10
                      i32.store offset=16
                    end
                    local.get 5
                    i32.load offset=4
                    local.set 5
                    br 1 (;@7;)
                  end
                end
                local.get 0
                i32.const 3145728
                i32.add
                local.get 7
                i32.const 3145728
                i32.add
                local.tee 5
                i32.load16_u offset=14
                i32.store16 offset=14
                local.get 1
                local.get 0
                i32.atomic.store offset=28
                block ;; label = @7
                  i32.const 156
                  i32.load
                  if ;; label = @8
                    local.get 7
                    i32.const 1
                    i32.shr_u
                    i32.const 589824
                    i32.add
                    local.tee 8
                    i32.const 168
                    i32.load
                    i32.store
                    local.get 8
                    local.get 2
                    i32.store offset=4
                    local.get 5
                    i32.const 65535
                    i32.store16 offset=14
                    i32.const 168
                    local.get 7
                    i32.store
                    br 1 (;@7;)
                  end
                  local.get 7
                  i32.const 3145728
                  i32.add
                  i32.const 0
                  i32.store16 offset=14
                  loop ;; label = @8
                    local.get 2
                    if ;; label = @9
                      local.get 2
                      i32.load offset=4
                      local.get 2
                      i32.const 0
                      i32.store
                      local.get 2
                      i32.const 0
                      i32.store offset=4
                      local.get 2
                      i32.const 0
                      i32.store offset=8
                      local.get 2
                      i32.const 0
                      i32.store16 offset=12
                      local.set 2
                      br 1 (;@8;)
                    end
                  end
                end
              end
            else
              i32.const 524272
              i32.const 786432
              i32.const 156
              i32.load
              select
              local.set 8
              local.get 1
              i32.load
              i32.const 2147483647
              i32.and
              local.set 9
              i32.const 88
              i32.load
              local.set 2
              i32.const 0
              local.set 7
              block ;; label = @6
                loop ;; label = @7
                  local.get 7
                  i32.const 1024
                  i32.lt_u
                  if ;; label = @8
                    i32.const 262144
                    local.get 2
                    local.get 2
                    local.get 8
                    i32.gt_u
                    select
                    local.set 0
                    i32.const 0
                    local.set 2
                    i32.const 0
                    local.set 5
                    block ;; label = @9
                      local.get 0
                      i32.const 3145728
                      i32.add
                      i32.load16_u offset=14
                      if (result i32) ;; label = @10
                        i32.const 1
                      else
                        local.get 0
                        i32.const 3145728
                        i32.add
                        local.get 9
                        i32.const 16383
                        i32.and
                        i32.const 4
                        i32.shl
                        i32.add
                        i32.load
                      end
                      if (result i32) ;; label = @10
                        i32.const 1
                      else
                        local.get 0
                        i32.const 3145728
                        i32.add
                        local.get 3
                        i32.const 16383
                        i32.and
                        i32.const 4
                        i32.shl
                        i32.add
                        i32.load
                      end
                      br_if 0 (;@9;)
                      loop ;; label = @10
                        local.get 2
                        if ;; label = @11
                          local.get 0
                          i32.const 3145728
                          i32.add
                          local.get 2
                          i32.load
                          i32.const 16383
                          i32.and
                          i32.const 4
                          i32.shl
                          i32.add
                          i32.load
                          br_if 2 (;@9;)
                          local.get 2
                          i32.load offset=4
                          local.set 2
                          br 1 (;@10;)
                        end
                      end
                      i32.const 1
                      local.set 5
                    end
                    local.get 5
                    br_if 2 (;@6;)
                    local.get 0
                    i32.const 16
                    i32.add
                    local.set 2
                    local.get 7
                    i32.const 1
                    i32.add
                    local.set 7
                    br 1 (;@7;)
                  end
                end
                i32.const 0
                local.set 0
              end
              local.get 0
              if ;; label = @6
                i32.const 88
                local.get 0
                i32.const 16
                i32.add
                i32.store
              end
              i32.const 0
              local.set 2
              local.get 0
              i32.eqz
              br_if 1 (;@4;)
              local.get 1
              i32.load offset=20
              i32.const -2147483648
              i32.and
              i32.eqz
              if ;; label = @6
                block ;; label = @7
                  local.get 0
                  i32.const 3145728
                  i32.add
                  local.get 9
                  i32.const 16383
                  i32.and
                  i32.const 4
                  i32.shl
                  i32.add
                  local.tee 2
                  i32.load
                  local.get 9
                  i32.eq
                  if ;; label = @8
                    local.get 2
                    local.get 2
                    i32.load16_u offset=12
                    i32.const 1
                    i32.add
                    i32.store16 offset=12
                    br 1 (;@7;)
                  end
                  local.get 2
                  i32.const 92
                  i32.load
                  i32.ge_u
                  if ;; label = @8
                    i32.const 92
                    local.get 2
                    i32.const 16
                    i32.add
                    i32.store
                  end
                  local.get 2
                  local.get 1
                  i32.store offset=8
                  local.get 2
                  i32.const 1
                  i32.store16 offset=12
                  local.get 2
                  local.get 1
                  i32.load offset=16
                  i32.store offset=4
                  local.get 2
                  local.get 9
                  i32.store
                  local.get 1
                  local.get 2
                  i32.store offset=16
                end
              end
            end
            block ;; label = @5
              local.get 3
              local.get 0
              i32.const 3145728
              i32.add
              local.get 3
              i32.const 16383
              i32.and
              i32.const 4
              i32.shl
              i32.add
              local.tee 2
              i32.load
              i32.eq
              if ;; label = @6
                local.get 2
                local.get 2
                i32.load16_u offset=12
                i32.const 1
                i32.add
                i32.store16 offset=12
                br 1 (;@5;)
              end
              local.get 2
              i32.const 92
              i32.load
              i32.ge_u
              if ;; label = @6
                i32.const 92
                local.get 2
                i32.const 16
                i32.add
                i32.store
              end
              local.get 2
              local.get 1
              i32.store offset=8
              local.get 2
              i32.const 1
              i32.store16 offset=12
              local.get 2
              local.get 1
              i32.load offset=16
              i32.store offset=4
              local.get 2
              local.get 3
              i32.store
              local.get 1
              local.get 2
              i32.store offset=16
            end
            local.get 0
            i32.const 3145728
            i32.add
            local.tee 2
            local.get 2
            i32.load16_u offset=14
            i32.const 1
            i32.add
            i32.store16 offset=14
            i32.const 96
            i32.const 96
            i32.load
            i32.const 1
            i32.add
            i32.store
            local.get 1
            local.get 0
            i32.store offset=28
            i32.const 1
            local.set 2
          end
        else
          i32.const 0
          local.set 2
        end
        local.get 2
        i32.eqz
        if ;; label = @3
          local.get 4
          local.set 0
          loop ;; label = @4
            local.get 0
            local.get 1
            i32.ne
            if ;; label = @5
              block ;; label = @6
                local.get 0
                i32.load offset=28
                i32.const 3145728
                i32.add
                local.get 3
                i32.const 16383
                i32.and
                i32.const 4
                i32.shl
                i32.add
                local.tee 6
                i32.load16_u offset=12
                local.tee 2
                i32.const 1
                i32.gt_u
                if ;; label = @7
                  local.get 6
                  local.get 2
                  i32.const 1
                  i32.sub
                  i32.store16 offset=12
                  br 1 (;@6;)
                end
                local.get 6
                i32.load offset=4
                local.set 7
                local.get 6
                i32.const 0
                i32.store
                local.get 6
                i32.const 0
                i32.store offset=4
                local.get 6
                i32.const 0
                i32.store offset=8
                local.get 6
                i32.const 0
                i32.store16 offset=12
                local.get 6
                local.get 0
                i32.load offset=16
                i32.eq
                if ;; label = @7
                  local.get 0
                  local.get 7
                  i32.store offset=16
                  br 1 (;@6;)
                end
                local.get 0
                i32.load offset=16
                local.set 2
                loop ;; label = @7
                  local.get 2
                  i32.load offset=4
                  local.tee 5
                  local.get 6
                  i32.ne
                  if ;; label = @8
                    local.get 5
                    local.set 2
                    br 1 (;@7;)
                  end
                end
                local.get 2
                local.get 7
                i32.store offset=4
              end
              local.get 0
              i32.load offset=28
              i32.const 3145728
              i32.add
              local.tee 2
              local.get 2
              i32.load16_u offset=14
              i32.const 1
              i32.sub
              i32.store16 offset=14
              i32.const 96
              i32.const 96
              i32.load
              i32.const 1
              i32.sub
              i32.store
              local.get 2
              i32.load16_u offset=14
              i32.eqz
              if ;; label = @6
                local.get 0
                local.get 0
                i32.load
                i32.const 2147483647
                i32.and
                local.tee 2
                i32.store
                local.get 0
                i32.load offset=20
                i32.const -2147483648
                i32.and
                i32.eqz
                if ;; label = @7
                  block ;; label = @8
                    local.get 0
                    i32.load offset=28
                    i32.const 3145728
                    i32.add
                    local.get 2
                    i32.const 16383
                    i32.and
                    i32.const 4
                    i32.shl
                    i32.add
                    local.tee 6
                    i32.load16_u offset=12
                    local.tee 2
                    i32.const 1
                    i32.gt_u
                    if ;; label = @9
                      local.get 6
                      local.get 2
                      i32.const 1
                      i32.sub
                      i32.store16 offset=12
                      br 1 (;@8;)
                    end
                    local.get 6
                    i32.load offset=4
                    local.set 7
                    local.get 6
                    i32.const 0
                    i32.store
                    local.get 6
                    i32.const 0
                    i32.store offset=4
                    local.get 6
                    i32.const 0
                    i32.store offset=8
                    local.get 6
                    i32.const 0
                    i32.store16 offset=12
                    local.get 6
                    local.get 0
                    i32.load offset=16
                    i32.eq
                    if ;; label = @9
                      local.get 0
                      local.get 7
                      i32.store offset=16
                      br 1 (;@8;)
                    end
                    local.get 0
                    i32.load offset=16
                    local.set 2
                    loop ;; label = @9
                      local.get 2
                      i32.load offset=4
                      local.tee 5
                      local.get 6
                      i32.ne
                      if ;; label = @10
                        local.get 5
                        local.set 2
                        br 1 (;@9;)
                      end
                    end
                    local.get 2
                    local.get 7
                    i32.store offset=4
                  end
                end
                local.get 0
                i32.load offset=28
                local.set 2
                local.get 0
                i32.const 0
                i32.store offset=28
                local.get 2
                i32.const 524288
                i32.ge_u
                i32.const 0
                i32.const 156
                i32.load
                select
                if ;; label = @7
                  local.get 2
                  i32.const 1
                  i32.shr_u
                  i32.const 589824
                  i32.add
                  local.tee 5
                  i32.const 168
                  i32.load
                  i32.store
                  local.get 5
                  i32.const 0
                  i32.store offset=4
                  local.get 2
                  i32.const 3145728
                  i32.add
                  i32.const 65535
                  i32.store16 offset=14
                  i32.const 168
                  local.get 2
                  i32.store
                else
                  i32.const 88
                  local.get 2
                  i32.store
                end
              end
              local.get 0
              i32.load offset=36
              local.set 2
              loop ;; label = @6
                local.get 2
                i32.eqz
                local.get 0
                local.get 4
                i32.ne
                i32.and
                if ;; label = @7
                  local.get 0
                  i32.load offset=40
                  local.tee 2
                  i32.eqz
                  if ;; label = @8
                    local.get 0
                    i32.load offset=32
                    local.set 0
                  end
                  br 1 (;@6;)
                end
              end
              local.get 2
              local.set 0
              br 1 (;@4;)
            end
          end
          i32.const 6
          local.set 0
          br 2 (;@1;)
        end
        local.get 1
        local.get 1
        i32.load
        i32.const -2147483648
        i32.or
        i32.store
        local.get 1
        i32.load offset=36
        local.set 0
        loop ;; label = @3
          local.get 0
          i32.eqz
          local.get 1
          local.get 4
          i32.ne
          i32.and
          if ;; label = @4
            local.get 1
            i32.load offset=40
            local.tee 0
            i32.eqz
            if ;; label = @5
              local.get 1
              i32.load offset=32
              local.set 1
            end
            br 1 (;@3;)
          end
        end
        local.get 0
        local.tee 1
        br_if 0 (;@2;)
      end
      i32.const 0
      local.set 0
    end
    i32.const 156
    i32.load
    if ;; label = @1
      i32.const 448
      i32.const 0
      i32.atomic.store
    end
    local.get 0
  )
  (func (;22;) (type 0) (param i32) (result i32)
    (local i32 i32 i32 i32)
    i32.const 1
    local.get 0
    i32.const 65535
    i32.and
    local.get 0
    i32.const 8388608
    i32.lt_u
    local.get 0
    i32.const 2147418112
    i32.gt_u
    i32.or
    select
    if ;; label = @1
      i32.const 6
      return
    end
    local.get 0
    i32.const 16
    i32.shr_u
    memory.size
    i32.ne
    if (result i32) ;; label = @1
      i32.const 1
    else
      i32.const 64
      i32.load
    end
    if ;; label = @1
      i32.const 6
      return
    end
    i32.const 68
    i32.const 2
    i32.store
    i32.const 72
    local.get 0
    i32.const 6
    i32.shr_u
    i32.const 2
    i32.shl
    i32.const 4194304
    i32.add
    local.tee 1
    local.get 0
    i32.const 8
    i32.shr_u
    local.tee 2
    i32.const 6
    i32.shl
    i32.add
    local.tee 3
    local.get 0
    i32.const 16
    i32.shr_u
    i32.const 5
    i32.shl
    i32.add
    i32.const 65535
    i32.add
    i32.const -65536
    i32.and
    local.tee 4
    i32.store
    i32.const 76
    local.get 0
    i32.store
    i32.const 80
    local.get 1
    i32.store
    i32.const 84
    local.get 2
    i32.store
    i32.const 88
    i32.const 262144
    i32.store
    i32.const 176
    i32.const 524288
    i32.store
    i32.const 92
    i32.const 3407872
    i32.store
    i32.const 104
    local.get 1
    i32.store
    i32.const 152
    i32.const 1
    i32.store
    i32.const 108
    local.get 3
    i32.store
    i32.const 112
    local.get 0
    local.get 4
    i32.sub
    i32.const 16
    i32.shr_u
    i32.store
    i32.const 1048580
    i32.const 2
    i32.store
    i32.const 1048592
    i32.const -1
    i32.store
    i32.const 1048596
    i32.const -1
    i32.store
    i32.const 1048576
    i32.const 16384
    i32.store
    i32.const 64
    i32.const 1398099267
    i32.store
    i32.const 0
  )
  (func (;23;) (type 3) (param i32 i32 i32) (result i32)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 v128)
    i32.const 156
    i32.load
    if ;; label = @1
      loop ;; label = @2
        i32.const 448
        i32.const 0
        i32.const 1
        i32.atomic.rmw.cmpxchg
        if ;; label = @3
          loop ;; label = @4
            i32.const 448
            i32.atomic.load
            br_if 0 (;@4;)
          end
          br 1 (;@2;)
        end
      end
      global.get 0
      i32.const 164
      i32.load
      local.tee 4
      global.get 0
      i32.and
      i32.ne
      if ;; label = @2
        i32.const 164
        global.get 0
        local.get 4
        i32.or
        i32.store
      end
    end
    local.get 1
    local.set 8
    block (result i32) ;; label = @1
      local.get 0
      i32.const 16383
      i32.and
      i32.const 7
      i32.shl
      i32.const -1048576
      i32.sub
      local.tee 1
      i32.const 0
      local.get 0
      if (result i32) ;; label = @2
        local.get 0
        local.get 1
        i32.load
        i32.eq
      else
        i32.const 0
      end
      select
      local.tee 15
      i32.eqz
      if ;; label = @2
        i32.const 6
        global.set 1
        i32.const 0
        br 1 (;@1;)
      end
      local.get 2
      i32.const 1
      i32.sub
      i32.const 16777216
      i32.ge_u
      if ;; label = @2
        i32.const 101
        global.set 1
        i32.const 0
        br 1 (;@1;)
      end
      local.get 15
      i32.load offset=8
      local.tee 4
      local.get 15
      i32.load offset=16
      local.tee 1
      i32.le_u
      local.get 1
      local.get 4
      i32.sub
      local.get 2
      i32.const 63
      i32.add
      i32.const 6
      i32.shr_u
      local.tee 13
      i32.const 6
      i32.shl
      i32.ge_u
      i32.and
      local.get 15
      i32.load offset=12
      local.tee 4
      local.get 15
      i32.load offset=20
      local.tee 1
      i32.le_u
      i32.and
      local.get 1
      local.get 4
      i32.ne
      i32.and
      i32.eqz
      if ;; label = @2
        i32.const 4
        global.set 1
        i32.const 0
        br 1 (;@1;)
      end
      local.get 13
      i32.const 1
      i32.sub
      local.tee 6
      i32.const 8
      i32.ge_u
      if ;; label = @2
        i32.const 29
        local.get 6
        i32.clz
        i32.sub
        local.tee 1
        i32.const 2
        i32.shl
        local.get 6
        local.get 1
        i32.shr_u
        i32.add
        local.set 6
      end
      block ;; label = @2
        local.get 13
        i32.const 448
        i32.le_u
        local.tee 11
        if (result i32) ;; label = @3
          local.get 6
          i32.const 2
          i32.shl
          i32.load offset=256
        else
          i32.const 0
        end
        local.tee 1
        i32.eqz
        if ;; label = @3
          local.get 11
          local.get 15
          i32.load offset=48
          i32.add
          local.get 15
          i32.load offset=8
          local.get 13
          i32.const 6
          i32.shl
          i32.add
          i32.const 1
          i32.sub
          i32.const 16
          i32.shr_u
          i32.add
          local.get 15
          i32.load offset=16
          i32.const 1
          i32.sub
          i32.const 16
          i32.shr_u
          i32.const 31
          i32.add
          i32.gt_u
          if ;; label = @4
            i32.const 4
            global.set 1
            i32.const 0
            local.set 1
            br 2 (;@2;)
          end
          local.get 11
          if (result i32) ;; label = @4
            i32.const 1
          else
            i32.const 140
            i32.load
            i32.const 12
            i32.rem_u
            i32.const 320
            i32.mul
            local.get 13
            i32.const 6
            i32.shl
            i32.add
            i32.const 65855
            i32.add
            i32.const 16
            i32.shr_u
          end
          local.set 14
          loop ;; label = @4
            local.get 10
            i32.const 2
            i32.lt_s
            if ;; label = @5
              i32.const 108
              i32.load
              local.tee 3
              i32.const 112
              i32.load
              i32.const 5
              i32.shl
              i32.add
              local.set 1
              i32.const 0
              local.set 4
              local.get 3
              i32.const 116
              i32.load
              i32.const 5
              i32.shl
              i32.add
              local.set 3
              block (result i32) ;; label = @6
                loop ;; label = @7
                  local.get 1
                  local.get 3
                  i32.gt_u
                  if ;; label = @8
                    local.get 3
                    local.get 14
                    i32.const 1
                    i32.sub
                    i32.const 5
                    i32.shl
                    i32.sub
                    local.get 14
                    i32.const 0
                    local.get 4
                    i32.const 1
                    i32.add
                    local.get 3
                    i32.load
                    select
                    local.tee 4
                    i32.eq
                    br_if 2 (;@6;)
                    drop
                    local.get 3
                    i32.const 32
                    i32.add
                    local.set 3
                    br 1 (;@7;)
                  end
                end
                i32.const 0
              end
              local.tee 3
              if (result i32) ;; label = @6
                i32.const 0
              else
                i32.const 124
                i32.load
              end
              if ;; label = @6
                local.get 10
                i32.eqz
                if ;; label = @7
                  i32.const 0
                  local.set 1
                  i32.const 0
                  local.set 12
                  loop ;; label = @8
                    local.get 12
                    i32.const 31
                    i32.lt_u
                    if ;; label = @9
                      local.get 12
                      i32.const 2
                      i32.shl
                      i32.load offset=256
                      local.set 9
                      loop ;; label = @10
                        local.get 9
                        if ;; label = @11
                          local.get 9
                          local.tee 7
                          i32.load offset=16
                          local.set 9
                          local.get 7
                          i32.load offset=8
                          i32.eqz
                          if ;; label = @12
                            local.get 7
                            i32.load offset=4
                            local.set 4
                            loop ;; label = @13
                              local.get 4
                              if ;; label = @14
                                local.get 4
                                i32.load offset=12
                                local.get 4
                                i32.const 0
                                i32.store offset=4
                                local.get 4
                                i32.const 100
                                i32.load
                                i32.store offset=12
                                i32.const 100
                                local.get 4
                                i32.store
                                local.set 4
                                br 1 (;@13;)
                              end
                            end
                            i32.const 72
                            i32.load
                            local.get 7
                            i32.const 108
                            i32.load
                            i32.sub
                            i32.const 5
                            i32.shr_u
                            i32.const 16
                            i32.shl
                            i32.add
                            i32.const 6
                            i32.shr_u
                            i32.const 2
                            i32.shl
                            i32.const 4194304
                            i32.add
                            i32.const 0
                            i32.const 4096
                            memory.fill
                            local.get 7
                            i32.load offset=20
                            local.tee 4
                            if ;; label = @13
                              local.get 4
                              local.get 7
                              i32.load offset=16
                              i32.store offset=16
                            else
                              local.get 7
                              i32.load
                              i32.const 2
                              i32.shl
                              local.get 7
                              i32.load offset=16
                              i32.store offset=192
                            end
                            local.get 7
                            i32.load offset=16
                            local.tee 4
                            if ;; label = @13
                              local.get 4
                              local.get 7
                              i32.load offset=20
                              i32.store offset=20
                            end
                            local.get 7
                            i32.const 0
                            i32.store offset=16
                            local.get 7
                            i32.const 0
                            i32.store offset=20
                            local.get 7
                            i32.load offset=24
                            local.tee 5
                            i32.const 16383
                            i32.and
                            i32.const 7
                            i32.shl
                            i32.const -1048576
                            i32.sub
                            local.tee 4
                            i32.load
                            local.get 5
                            i32.eq
                            if ;; label = @13
                              local.get 4
                              local.get 4
                              i32.load offset=48
                              i32.const 1
                              i32.sub
                              i32.store offset=48
                            end
                            i32.const 0
                            local.set 4
                            loop ;; label = @13
                              local.get 4
                              i32.eqz
                              if ;; label = @14
                                local.get 7
                                local.get 4
                                i32.const 5
                                i32.shl
                                i32.add
                                i32.const 0
                                i32.store
                                local.get 4
                                i32.const 1
                                i32.add
                                local.set 4
                                br 1 (;@13;)
                              end
                            end
                            local.get 7
                            i32.const 108
                            i32.load
                            i32.sub
                            i32.const 5
                            i32.shr_u
                            local.tee 4
                            i32.const 116
                            i32.load
                            i32.lt_u
                            if ;; label = @13
                              i32.const 116
                              local.get 4
                              i32.store
                            end
                            i32.const 120
                            i32.const 120
                            i32.load
                            i32.const 1
                            i32.sub
                            i32.store
                            i32.const 124
                            i32.const 124
                            i32.load
                            i32.const 1
                            i32.sub
                            i32.store
                            local.get 1
                            i32.const 1
                            i32.add
                            local.set 1
                          end
                          br 1 (;@10;)
                        end
                      end
                      local.get 12
                      i32.const 1
                      i32.add
                      local.set 12
                      br 1 (;@8;)
                    end
                  end
                end
                local.get 10
                i32.const 1
                i32.add
                local.set 10
                br 2 (;@4;)
              end
            end
          end
          local.get 3
          local.tee 1
          if ;; label = @4
            local.get 14
            i32.const 1
            i32.eq
            if ;; label = @5
              i32.const 116
              local.get 1
              i32.const 108
              i32.load
              i32.sub
              i32.const 5
              i32.shr_u
              i32.const 1
              i32.add
              i32.store
            end
            i32.const 120
            local.get 14
            i32.const 120
            i32.load
            i32.add
            i32.store
          end
          local.get 1
          i32.eqz
          if ;; label = @4
            i32.const 100
            global.set 1
            i32.const 0
            local.set 1
            br 2 (;@2;)
          end
          local.get 11
          i32.eqz
          if ;; label = @4
            block ;; label = @5
              i32.const 100
              i32.load
              local.tee 3
              if ;; label = @6
                i32.const 100
                local.get 3
                i32.load offset=12
                i32.store
                br 1 (;@5;)
              end
              i32.const 0
              local.set 3
              i32.const 104
              i32.load
              local.tee 4
              i32.const 108
              i32.load
              i32.eq
              br_if 0 (;@5;)
              i32.const 104
              local.get 4
              i32.const -64
              i32.sub
              i32.store
              local.get 4
              local.set 3
            end
            local.get 3
            if ;; label = @5
              i32.const 72
              i32.load
              local.get 1
              i32.const 108
              i32.load
              i32.sub
              i32.const 5
              i32.shr_u
              i32.const 16
              i32.shl
              i32.add
              i32.const 140
              i32.load
              local.tee 4
              i32.const 12
              i32.rem_u
              i32.const 1
              i32.add
              i32.const 320
              i32.mul
              i32.add
              local.set 5
              i32.const 140
              local.get 4
              i32.const 1
              i32.add
              i32.store
              local.get 1
              i32.const 1
              i32.store
              local.get 1
              local.get 3
              i32.store offset=4
              local.get 1
              i32.const 1
              i32.store offset=8
              local.get 1
              i32.const 1
              i32.store offset=12
              local.get 1
              i32.const 0
              i32.store offset=16
              local.get 1
              i32.const 0
              i32.store offset=20
              local.get 1
              i32.const 0
              i32.store offset=24
              local.get 1
              local.get 14
              i32.store offset=28
              i32.const 1
              local.set 4
              loop ;; label = @6
                local.get 4
                local.get 14
                i32.lt_u
                if ;; label = @7
                  local.get 1
                  local.get 4
                  i32.const 5
                  i32.shl
                  i32.add
                  i32.const 2
                  i32.store
                  local.get 4
                  i32.const 1
                  i32.add
                  local.set 4
                  br 1 (;@6;)
                end
              end
              local.get 3
              local.get 5
              i32.store offset=4
              local.get 5
              i32.const 6
              i32.shr_u
              i32.const 2
              i32.shl
              i32.const 4194304
              i32.add
              local.tee 1
              local.get 13
              i32.const 2
              i32.shl
              i32.add
              local.set 5
              local.get 3
              i32x4.splat
              local.set 16
              loop ;; label = @6
                local.get 1
                i32.const 16
                i32.add
                local.tee 4
                local.get 5
                i32.le_u
                if ;; label = @7
                  local.get 1
                  local.get 16
                  v128.store
                  local.get 4
                  local.set 1
                  br 1 (;@6;)
                end
              end
              loop ;; label = @6
                local.get 1
                local.get 5
                i32.lt_u
                if ;; label = @7
                  local.get 1
                  local.get 3
                  i32.store
                  local.get 1
                  i32.const 4
                  i32.add
                  local.set 1
                  br 1 (;@6;)
                end
              end
            else
              i32.const 0
              local.set 4
              loop ;; label = @6
                local.get 4
                local.get 14
                i32.lt_u
                if ;; label = @7
                  local.get 1
                  local.get 4
                  i32.const 5
                  i32.shl
                  i32.add
                  i32.const 0
                  i32.store
                  local.get 4
                  i32.const 1
                  i32.add
                  local.set 4
                  br 1 (;@6;)
                end
              end
              local.get 1
              i32.const 108
              i32.load
              i32.sub
              i32.const 5
              i32.shr_u
              local.tee 1
              i32.const 116
              i32.load
              i32.lt_u
              if ;; label = @6
                i32.const 116
                local.get 1
                i32.store
              end
              i32.const 120
              i32.const 120
              i32.load
              local.get 14
              i32.sub
              i32.store
              i32.const 100
              global.set 1
            end
            local.get 3
            local.set 1
            br 2 (;@2;)
          end
          local.get 1
          local.get 6
          i32.const 16
          i32.add
          i32.store
          local.get 1
          i32.const 0
          i32.store offset=4
          local.get 1
          i32.const 0
          i32.store offset=8
          local.get 1
          i32.const 0
          i32.store offset=12
          local.get 1
          local.get 0
          i32.store offset=24
          local.get 1
          i32.const 1024
          local.get 6
          i32.const 8
          i32.lt_u
          if (result i32) ;; label = @4
            local.get 6
            i32.const 1
            i32.add
          else
            local.get 6
            i32.const 8
            i32.sub
            local.tee 3
            i32.const 3
            i32.and
            i32.const 5
            i32.add
            local.get 3
            i32.const 2
            i32.shr_u
            i32.const 1
            i32.add
            i32.shl
          end
          local.tee 3
          local.get 3
          i32.const 5
          i32.add
          local.get 3
          i32.const 31
          i32.and
          select
          i32.div_u
          i32.store offset=28
          local.get 1
          local.get 1
          i32.load
          i32.const 2
          i32.shl
          local.tee 4
          i32.load offset=192
          local.tee 3
          i32.store offset=16
          local.get 1
          i32.const 0
          i32.store offset=20
          local.get 3
          if ;; label = @4
            local.get 3
            local.get 1
            i32.store offset=20
          end
          local.get 4
          local.get 1
          i32.store offset=192
          local.get 1
          i32.load offset=24
          local.tee 4
          i32.const 16383
          i32.and
          i32.const 7
          i32.shl
          i32.const -1048576
          i32.sub
          local.tee 3
          i32.load
          local.get 4
          i32.eq
          if ;; label = @4
            local.get 3
            local.get 3
            i32.load offset=48
            i32.const 1
            i32.add
            i32.store offset=48
          end
          i32.const 124
          i32.const 124
          i32.load
          i32.const 1
          i32.add
          i32.store
        end
        block (result i32) ;; label = @3
          local.get 1
          i32.load offset=4
          local.tee 3
          if ;; label = @4
            local.get 1
            local.get 3
            i32.load offset=12
            i32.store offset=4
          else
            block ;; label = @5
              i32.const 100
              i32.load
              local.tee 3
              if ;; label = @6
                i32.const 100
                local.get 3
                i32.load offset=12
                i32.store
                br 1 (;@5;)
              end
              i32.const 0
              local.set 3
              i32.const 104
              i32.load
              local.tee 4
              i32.const 108
              i32.load
              i32.eq
              br_if 0 (;@5;)
              i32.const 104
              local.get 4
              i32.const -64
              i32.sub
              i32.store
              local.get 4
              local.set 3
            end
            i32.const 0
            local.get 3
            i32.eqz
            br_if 1 (;@3;)
            drop
            local.get 3
            i32.const 72
            i32.load
            local.get 1
            i32.const 108
            i32.load
            i32.sub
            i32.const 5
            i32.shr_u
            i32.const 16
            i32.shl
            i32.add
            local.get 1
            i32.load offset=12
            local.get 6
            i32.const 8
            i32.lt_u
            if (result i32) ;; label = @5
              local.get 6
              i32.const 1
              i32.add
            else
              local.get 6
              i32.const 8
              i32.sub
              local.tee 4
              i32.const 3
              i32.and
              i32.const 5
              i32.add
              local.get 4
              i32.const 2
              i32.shr_u
              i32.const 1
              i32.add
              i32.shl
            end
            local.tee 4
            local.get 4
            i32.const 5
            i32.add
            local.get 4
            i32.const 31
            i32.and
            select
            i32.mul
            i32.const 6
            i32.shl
            i32.add
            local.tee 4
            i32.store offset=4
            local.get 4
            i32.const 6
            i32.shr_u
            i32.const 2
            i32.shl
            i32.const 4194304
            i32.add
            local.tee 4
            local.get 6
            i32.const 8
            i32.lt_u
            if (result i32) ;; label = @5
              local.get 6
              i32.const 1
              i32.add
            else
              local.get 6
              i32.const 8
              i32.sub
              local.tee 5
              i32.const 3
              i32.and
              i32.const 5
              i32.add
              local.get 5
              i32.const 2
              i32.shr_u
              i32.const 1
              i32.add
              i32.shl
            end
            i32.const 2
            i32.shl
            i32.add
            local.set 6
            local.get 3
            i32x4.splat
            local.set 16
            loop ;; label = @5
              local.get 4
              i32.const 16
              i32.add
              local.tee 5
              local.get 6
              i32.le_u
              if ;; label = @6
                local.get 4
                local.get 16
                v128.store
                local.get 5
                local.set 4
                br 1 (;@5;)
              end
            end
            loop ;; label = @5
              local.get 4
              local.get 6
              i32.lt_u
              if ;; label = @6
                local.get 4
                local.get 3
                i32.store
                local.get 4
                i32.const 4
                i32.add
                local.set 4
                br 1 (;@5;)
              end
            end
            local.get 1
            local.get 1
            i32.load offset=12
            i32.const 1
            i32.add
            i32.store offset=12
          end
          local.get 1
          i32.load offset=8
          i32.eqz
          if ;; label = @4
            i32.const 124
            i32.const 124
            i32.load
            i32.const 1
            i32.sub
            i32.store
          end
          local.get 1
          local.get 1
          i32.load offset=8
          i32.const 1
          i32.add
          i32.store offset=8
          local.get 1
          i32.load offset=4
          if (result i32) ;; label = @4
            i32.const 0
          else
            local.get 1
            i32.load offset=12
            local.get 1
            i32.load offset=28
            i32.eq
          end
          if ;; label = @4
            local.get 1
            i32.load offset=20
            local.tee 4
            if ;; label = @5
              local.get 4
              local.get 1
              i32.load offset=16
              i32.store offset=16
            else
              local.get 1
              i32.load
              i32.const 2
              i32.shl
              local.get 1
              i32.load offset=16
              i32.store offset=192
            end
            local.get 1
            i32.load offset=16
            local.tee 4
            if ;; label = @5
              local.get 4
              local.get 1
              i32.load offset=20
              i32.store offset=20
            end
            local.get 1
            i32.const 0
            i32.store offset=16
            local.get 1
            i32.const 0
            i32.store offset=20
            local.get 1
            i32.load offset=24
            local.tee 4
            i32.const 16383
            i32.and
            i32.const 7
            i32.shl
            i32.const -1048576
            i32.sub
            local.tee 1
            i32.load
            local.get 4
            i32.eq
            if ;; label = @5
              local.get 1
              local.get 1
              i32.load offset=48
              i32.const 1
              i32.sub
              i32.store offset=48
            end
          end
          local.get 3
        end
        local.tee 1
        i32.eqz
        if ;; label = @3
          i32.const 100
          global.set 1
        end
      end
      i32.const 0
      local.get 1
      i32.eqz
      br_if 0 (;@1;)
      drop
      local.get 1
      local.get 2
      i32.store offset=8
      local.get 1
      local.get 8
      i32.store offset=12
      local.get 1
      i32.const 0
      i32.store offset=20
      i32.const 144
      i32.const 144
      i64.load
      i64.const 1
      i64.add
      i64.store
      local.get 1
      i32.const 144
      i64.load
      i64.store offset=48
      local.get 15
      local.get 13
      i32.const 6
      i32.shl
      local.tee 3
      local.get 15
      i32.load offset=8
      i32.add
      i32.store offset=8
      local.get 15
      local.get 15
      i32.load offset=12
      i32.const 1
      i32.add
      i32.store offset=12
      i32.const 128
      i32.const 128
      i32.load
      i32.const 1
      i32.add
      i32.store
      i32.const 132
      i32.const 132
      i32.load
      local.get 3
      i32.add
      i32.store
      local.get 1
    end
    local.set 4
    i32.const 156
    i32.load
    if ;; label = @1
      i32.const 448
      i32.const 0
      i32.atomic.store
    end
    local.get 4
    i32.eqz
    if ;; label = @1
      i32.const 0
      return
    end
    local.get 4
    i32.load offset=4
    local.tee 3
    i32.const 0
    local.get 2
    i32.const 63
    i32.add
    i32.const 6
    i32.shr_u
    local.tee 1
    i32.const 448
    i32.le_u
    if (result i32) ;; label = @1
      local.get 1
      i32.const 1
      i32.sub
      local.tee 1
      i32.const 8
      i32.ge_u
      if ;; label = @2
        i32.const 29
        local.get 1
        i32.clz
        i32.sub
        local.tee 2
        i32.const 2
        i32.shl
        local.get 1
        local.get 2
        i32.shr_u
        i32.add
        local.set 1
      end
      local.get 1
      i32.const 8
      i32.lt_u
      if (result i32) ;; label = @2
        local.get 1
        i32.const 1
        i32.add
      else
        local.get 1
        i32.const 8
        i32.sub
        local.tee 1
        i32.const 3
        i32.and
        i32.const 5
        i32.add
        local.get 1
        i32.const 2
        i32.shr_u
        i32.const 1
        i32.add
        i32.shl
      end
    else
      local.get 1
    end
    i32.const 6
    i32.shl
    memory.fill
    local.get 4
    local.get 0
    i32.store
    local.get 3
  )
  (func (;24;) (type 4) (param i32 i32 i32 i32) (result i32)
    (local i32)
    i32.const 156
    i32.load
    if ;; label = @1
      loop ;; label = @2
        i32.const 448
        i32.const 0
        i32.const 1
        i32.atomic.rmw.cmpxchg
        if ;; label = @3
          loop ;; label = @4
            i32.const 448
            i32.atomic.load
            br_if 0 (;@4;)
          end
          br 1 (;@2;)
        end
      end
      global.get 0
      i32.const 164
      i32.load
      local.tee 4
      global.get 0
      i32.and
      i32.ne
      if ;; label = @2
        i32.const 164
        global.get 0
        local.get 4
        i32.or
        i32.store
      end
    end
    block (result i32) ;; label = @1
      i32.const 6
      local.get 1
      i32.const 14
      i32.shr_u
      i32.eqz
      local.get 1
      i32.const 16383
      i32.and
      local.get 0
      i32.ne
      local.get 0
      i32.const 16384
      i32.ge_u
      i32.or
      i32.or
      local.get 1
      i32.const 31
      i32.shr_u
      i32.or
      br_if 0 (;@1;)
      drop
      i32.const 6
      local.get 0
      i32.const 7
      i32.shl
      i32.const -1048576
      i32.sub
      local.tee 4
      i32.load
      br_if 0 (;@1;)
      drop
      local.get 4
      i32.const 0
      i32.const 128
      memory.fill
      local.get 4
      i32.const 1
      i32.store offset=4
      local.get 4
      local.get 2
      i32.store offset=16
      local.get 4
      local.get 3
      i32.store offset=20
      local.get 0
      i32.const 152
      i32.load
      i32.ge_u
      if ;; label = @2
        i32.const 152
        local.get 0
        i32.const 1
        i32.add
        i32.store
      end
      local.get 4
      local.get 1
      i32.store
      i32.const 0
    end
    i32.const 156
    i32.load
    if ;; label = @1
      i32.const 448
      i32.const 0
      i32.atomic.store
    end
  )
  (func (;25;) (type 0) (param i32) (result i32)
    (local i32 i32 i32 i32 i32)
    i32.const 156
    i32.load
    if ;; label = @1
      loop ;; label = @2
        i32.const 448
        i32.const 0
        i32.const 1
        i32.atomic.rmw.cmpxchg
        if ;; label = @3
          loop ;; label = @4
            i32.const 448
            i32.atomic.load
            br_if 0 (;@4;)
          end
          br 1 (;@2;)
        end
      end
      global.get 0
      i32.const 164
      i32.load
      local.tee 1
      global.get 0
      i32.and
      i32.ne
      if ;; label = @2
        i32.const 164
        global.get 0
        local.get 1
        i32.or
        i32.store
      end
    end
    block (result i32) ;; label = @1
      i32.const 6
      local.get 0
      i32.eqz
      local.get 0
      i32.const 16384
      i32.ge_u
      i32.or
      br_if 0 (;@1;)
      drop
      i32.const 6
      local.get 0
      i32.const 7
      i32.shl
      i32.const -1048576
      i32.sub
      local.tee 4
      i32.load
      local.tee 1
      if (result i32) ;; label = @2
        local.get 4
        i32.load offset=12
      else
        i32.const 1
      end
      if (result i32) ;; label = @2
        i32.const 1
      else
        block (result i32) ;; label = @3
          i32.const 0
          i32.const 96
          i32.load
          i32.eqz
          br_if 0 (;@3;)
          drop
          i32.const 92
          i32.load
          local.set 2
          i32.const 3407872
          local.set 0
          loop ;; label = @4
            local.get 0
            local.get 2
            i32.lt_u
            if ;; label = @5
              local.get 1
              local.get 0
              i32.load
              i32.eq
              if (result i32) ;; label = @6
                local.get 1
                local.get 0
                i32.load offset=8
                local.tee 3
                i32.load offset=28
                i32.const 3145728
                i32.add
                local.get 1
                i32.const 16383
                i32.and
                i32.const 4
                i32.shl
                i32.add
                local.tee 5
                i32.load
                i32.ne
                if (result i32) ;; label = @7
                  i32.const 0
                else
                  local.get 5
                  i32.load16_u offset=12
                  local.get 3
                  i32.load
                  i32.const 2147483647
                  i32.and
                  local.get 1
                  i32.eq
                  local.tee 5
                  if (result i32) ;; label = @8
                    local.get 3
                    i32.load offset=20
                    i32.const -2147483648
                    i32.and
                    i32.eqz
                  else
                    local.get 5
                  end
                  i32.const 0
                  i32.ne
                  i32.sub
                end
              else
                i32.const 0
              end
              if ;; label = @6
                local.get 0
                i32.load offset=8
                br 3 (;@3;)
              end
              local.get 0
              i32.const 16
              i32.add
              local.set 0
              br 1 (;@4;)
            end
          end
          i32.const 0
        end
      end
      br_if 0 (;@1;)
      drop
      local.get 4
      i32.const 0
      i32.store
      local.get 4
      i32.const 0
      i32.store offset=48
      local.get 4
      i32.const 0
      i32.store offset=4
      i32.const 0
    end
    i32.const 156
    i32.load
    if ;; label = @1
      i32.const 448
      i32.const 0
      i32.atomic.store
    end
  )
)
