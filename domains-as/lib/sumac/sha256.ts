/**
 * Streaming SHA-256: `update` with bytes of the domain's own memory or `updateShared` with bytes of an object, then
 * `finish`. Called by domains that check what they moved. Allocates in the constructor only. Sources: [FIPS-180-4].
 *
 * Four 64-byte blocks at a time: the message schedule of all four runs in the lanes of SIMD registers, then the
 * rounds of each block run over its lane. A last group of fewer blocks uses fewer lanes; the others hold leftovers.
 *
 *   schedule:  word t of block 0 │ of block 1 │ of block 2 │ of block 3     16 bytes per t, 64 of them
 */

import { copyIn } from "./guard";

const BLOCK: u32 = 64;
const LANES: u32 = 4;
const GROUP: u32 = BLOCK * LANES;

/** Section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const constantsPtr: usize = memory.data<u32>(
  [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ],
  16,
);
/** One schedule for all instances: it holds nothing between two calls. */
const schedulePtr: usize = memory.data(1024, 16);
/** Where bytes of the shared heap are copied to, a page at a time: one check of the guard for all of them. */
const PAGE: u32 = 4096;
const pagePtr: usize = memory.data(4096, 16);

@final
export class Sha256 {
  private h0: u32 = 0;
  private h1: u32 = 0;
  private h2: u32 = 0;
  private h3: u32 = 0;
  private h4: u32 = 0;
  private h5: u32 = 0;
  private h6: u32 = 0;
  private h7: u32 = 0;
  private totalBytes: u64 = 0;
  /** Of these, the last `totalBytes % GROUP` wait here. */
  private readonly bufferPtr: usize = heap.alloc(GROUP);

  constructor() {
    this.init();
  }

  /** Starts a new message (section 5.3.3). */
  init(): void {
    this.h0 = 0x6a09e667;
    this.h1 = 0xbb67ae85;
    this.h2 = 0x3c6ef372;
    this.h3 = 0xa54ff53a;
    this.h4 = 0x510e527f;
    this.h5 = 0x9b05688c;
    this.h6 = 0x1f83d9ab;
    this.h7 = 0x5be0cd19;
    this.totalBytes = 0;
  }

  update(dataPtr: usize, bytes: u32): void {
    const waiting = <u32>this.totalBytes % GROUP;
    this.totalBytes += bytes;
    if (waiting > 0) {
      const taken = min(bytes, GROUP - waiting);
      memory.copy(this.bufferPtr + waiting, dataPtr, taken);
      if (waiting + taken < GROUP) return;
      this.compress(this.bufferPtr, LANES);
      dataPtr += taken;
      bytes -= taken;
    }
    for (; bytes >= GROUP; bytes -= GROUP, dataPtr += GROUP) this.compress(dataPtr, LANES);
    memory.copy(this.bufferPtr, dataPtr, bytes);
  }

  /** Bytes of a shared object that the domain may read. */
  updateShared(dataOff: u32, bytes: u32): void {
    while (bytes > 0) {
      const some = min(bytes, PAGE);
      copyIn(pagePtr, dataOff, some);
      this.update(pagePtr, some);
      dataOff += some;
      bytes -= some;
    }
  }

  /** The address of the digest, good until the next message; `init` before that. */
  digest(): usize {
    this.finish(this.bufferPtr);
    return this.bufferPtr;
  }

  /** Writes the digest; `init` before the next message. */
  finish(digestPtr: usize): void {
    const bits = this.totalBytes << 3;
    let filled = <u32>this.totalBytes % GROUP;
    store<u8>(this.bufferPtr + filled++, 0x80);
    // Section 5.1.1: zeroes up to 8 bytes before the end of a block, which may be one block further.
    let end = (filled + 8 + BLOCK - 1) & ~(BLOCK - 1);
    if (end > GROUP) {
      memory.fill(this.bufferPtr + filled, 0, GROUP - filled);
      this.compress(this.bufferPtr, LANES);
      filled = 0;
      end = BLOCK;
    }
    memory.fill(this.bufferPtr + filled, 0, end - filled);
    store<u64>(this.bufferPtr + end - 8, bswap(bits));
    this.compress(this.bufferPtr, end / BLOCK);
    store<u32>(digestPtr, bswap(this.h0), 0);
    store<u32>(digestPtr, bswap(this.h1), 4);
    store<u32>(digestPtr, bswap(this.h2), 8);
    store<u32>(digestPtr, bswap(this.h3), 12);
    store<u32>(digestPtr, bswap(this.h4), 16);
    store<u32>(digestPtr, bswap(this.h5), 20);
    store<u32>(digestPtr, bswap(this.h6), 24);
    store<u32>(digestPtr, bswap(this.h7), 28);
  }

  /** HOT: the first `lanes` blocks of the group at `groupPtr` (section 6.2.2). Reads the whole group. */
  private compress(groupPtr: usize, lanes: u32): void {
    transpose(groupPtr);
    expand();
    for (let lane: u32 = 0; lane < lanes; lane++) {
      let a = this.h0;
      let b = this.h1;
      let c = this.h2;
      let d = this.h3;
      let e = this.h4;
      let f = this.h5;
      let g = this.h6;
      let h = this.h7;
      // Eight rounds per turn, so that each variable is back in its place and nothing is moved.
      const endPtr = schedulePtr + 1024;
      for (let wPtr = schedulePtr + lane * 4; wPtr < endPtr; wPtr += 128) {
        h += sum1(e) + choose(e, f, g) + load<u32>(wPtr, 0);
        d += h;
        h += sum0(a) + majority(a, b, c);
        g += sum1(d) + choose(d, e, f) + load<u32>(wPtr, 16);
        c += g;
        g += sum0(h) + majority(h, a, b);
        f += sum1(c) + choose(c, d, e) + load<u32>(wPtr, 32);
        b += f;
        f += sum0(g) + majority(g, h, a);
        e += sum1(b) + choose(b, c, d) + load<u32>(wPtr, 48);
        a += e;
        e += sum0(f) + majority(f, g, h);
        d += sum1(a) + choose(a, b, c) + load<u32>(wPtr, 64);
        h += d;
        d += sum0(e) + majority(e, f, g);
        c += sum1(h) + choose(h, a, b) + load<u32>(wPtr, 80);
        g += c;
        c += sum0(d) + majority(d, e, f);
        b += sum1(g) + choose(g, h, a) + load<u32>(wPtr, 96);
        f += b;
        b += sum0(c) + majority(c, d, e);
        a += sum1(f) + choose(f, g, h) + load<u32>(wPtr, 112);
        e += a;
        a += sum0(b) + majority(b, c, d);
      }
      this.h0 += a;
      this.h1 += b;
      this.h2 += c;
      this.h3 += d;
      this.h4 += e;
      this.h5 += f;
      this.h6 += g;
      this.h7 += h;
    }
  }
}

/** Words 0..15 of the four blocks: from big-endian rows, one block each, to columns. */
function transpose(groupPtr: usize): void {
  for (let q: usize = 0; q < BLOCK; q += 16) {
    const r0 = bigEndian(v128.load(groupPtr + q, 0 * BLOCK));
    const r1 = bigEndian(v128.load(groupPtr + q, 1 * BLOCK));
    const r2 = bigEndian(v128.load(groupPtr + q, 2 * BLOCK));
    const r3 = bigEndian(v128.load(groupPtr + q, 3 * BLOCK));
    const low01 = v128.shuffle<u32>(r0, r1, 0, 4, 1, 5);
    const low23 = v128.shuffle<u32>(r2, r3, 0, 4, 1, 5);
    const high01 = v128.shuffle<u32>(r0, r1, 2, 6, 3, 7);
    const high23 = v128.shuffle<u32>(r2, r3, 2, 6, 3, 7);
    const wPtr = schedulePtr + q * LANES;
    v128.store(wPtr, v128.shuffle<u64>(low01, low23, 0, 2), 0);
    v128.store(wPtr, v128.shuffle<u64>(low01, low23, 1, 3), 16);
    v128.store(wPtr, v128.shuffle<u64>(high01, high23, 0, 2), 32);
    v128.store(wPtr, v128.shuffle<u64>(high01, high23, 1, 3), 48);
  }
}

/** Words 16..63, and the round's constant added to each word once nothing further is computed from it. */
function expand(): void {
  let kPtr = constantsPtr;
  let wPtr = schedulePtr;
  for (const endPtr = schedulePtr + 48 * 16; wPtr < endPtr; wPtr += 16, kPtr += 4) {
    const w = v128.load(wPtr);
    const recent = i32x4.add(v128.load(wPtr, 9 * 16), sigma1(v128.load(wPtr, 14 * 16)));
    v128.store(wPtr, i32x4.add(i32x4.add(w, sigma0(v128.load(wPtr, 1 * 16))), recent), 16 * 16);
    v128.store(wPtr, i32x4.add(w, v128.load32_splat(kPtr)));
  }
  for (const endPtr = schedulePtr + 64 * 16; wPtr < endPtr; wPtr += 16, kPtr += 4) {
    v128.store(wPtr, i32x4.add(v128.load(wPtr), v128.load32_splat(kPtr)));
  }
}

// Section 4.1.2. All small enough to be inlined by the optimiser.

function sum0(x: u32): u32 {
  return rotr(x, 2) ^ rotr(x, 13) ^ rotr(x, 22);
}

function sum1(x: u32): u32 {
  return rotr(x, 6) ^ rotr(x, 11) ^ rotr(x, 25);
}

function choose(x: u32, y: u32, z: u32): u32 {
  return z ^ (x & (y ^ z));
}

function majority(x: u32, y: u32, z: u32): u32 {
  return (x & y) | (z & (x | y));
}

function sigma0(x: v128): v128 {
  return v128.xor(v128.xor(rotate(x, 7), rotate(x, 18)), i32x4.shr_u(x, 3));
}

function sigma1(x: v128): v128 {
  return v128.xor(v128.xor(rotate(x, 17), rotate(x, 19)), i32x4.shr_u(x, 10));
}

function rotate(x: v128, right: i32): v128 {
  return v128.or(i32x4.shr_u(x, right), i32x4.shl(x, 32 - right));
}

function bigEndian(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}
