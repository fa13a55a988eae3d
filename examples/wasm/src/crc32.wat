;; CRC-32 (the one of zip, gzip and PNG). Build crc32.wasm from this with `npm run build`.
(module
  ;; Page 0 is for the caller's bytes; the table of 256 words begins page 1.
  (memory (export "memory") 2)

  (func $make_table
    (local $n i32) (local $c i32) (local $k i32)
    (loop $each
      (local.set $c (local.get $n))
      (local.set $k (i32.const 8))
      (loop $bit
        (local.set $c
          (i32.xor
            (i32.shr_u (local.get $c) (i32.const 1))
            (i32.and (i32.sub (i32.const 0) (i32.and (local.get $c) (i32.const 1))) (i32.const 0xedb88320))))
        (br_if $bit (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
      (i32.store offset=65536 (i32.shl (local.get $n) (i32.const 2)) (local.get $c))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $each (i32.lt_u (local.get $n) (i32.const 256)))))

  ;; The checksum after `length` bytes at address 0, when it was `crc` before them (0 at the beginning).
  (func (export "update") (param $crc i32) (param $length i32) (result i32)
    (local $at i32)
    (local.set $crc (i32.xor (local.get $crc) (i32.const -1)))
    (block $end
      (loop $next
        (br_if $end (i32.ge_u (local.get $at) (local.get $length)))
        (local.set $crc
          (i32.xor
            (i32.shr_u (local.get $crc) (i32.const 8))
            (i32.load offset=65536
              (i32.shl
                (i32.and (i32.xor (local.get $crc) (i32.load8_u (local.get $at))) (i32.const 0xff))
                (i32.const 2)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (i32.xor (local.get $crc) (i32.const -1)))

  (start $make_table))
