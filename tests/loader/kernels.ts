/**
 * AssemblyScript programs that do real work, as a source text: every construct that a compiler makes of loops and calls.
 * Each export returns a checksum of what it did.
 */
export const KERNELS = `
const text = new StaticArray<u8>(1 << 16);
const words = new StaticArray<u32>(64);
const round = new StaticArray<u32>(64);
const state = new StaticArray<u32>(8);

function fillText(): void {
  let x: u32 = 0x2545f491;
  for (let i = 0; i < text.length; i++) {
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    text[i] = <u8>x;
  }
}

/** Fractional bits of cube roots, as SHA-256 wants them, computed once. */
function fillRound(): void {
  for (let i = 0, n = 2; i < 64; n++) {
    let isPrime = true;
    for (let d = 2; d * d <= n; d++) {
      if (n % d == 0) { isPrime = false; break; }
    }
    if (!isPrime) continue;
    const root = Math.cbrt(<f64>n);
    round[i++] = <u32><u64>((root - Math.floor(root)) * 4294967296.0);
  }
}

function compress(at: i32): void {
  for (let i = 0; i < 16; i++) {
    const p = at + i * 4;
    words[i] = (<u32>text[p] << 24) | (<u32>text[p + 1] << 16) | (<u32>text[p + 2] << 8) | <u32>text[p + 3];
  }
  for (let i = 16; i < 64; i++) {
    const s0 = rotr<u32>(words[i - 15], 7) ^ rotr<u32>(words[i - 15], 18) ^ (words[i - 15] >> 3);
    const s1 = rotr<u32>(words[i - 2], 17) ^ rotr<u32>(words[i - 2], 19) ^ (words[i - 2] >> 10);
    words[i] = words[i - 16] + s0 + words[i - 7] + s1;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i++) {
    const t1 = h + (rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25)) + (g ^ (e & (f ^ g))) + round[i] + words[i];
    const t2 = (rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)) + ((a & b) | (c & (a | b)));
    h = g; g = f; f = e; e = d + t1; d = c; c = b; b = a; a = t1 + t2;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

export function sha(): i32 {
  fillText();
  if (!round[0]) fillRound();
  for (let i = 0; i < 8; i++) state[i] = 0x6a09e667 + i;
  for (let at = 0; at < text.length; at += 64) compress(at);
  return state[0] ^ state[7];
}

export function sieve(): i32 {
  const limit = text.length;
  memory.fill(changetype<usize>(text), 1, limit);
  let count = 0;
  for (let n = 2; n < limit; n++) {
    if (!text[n]) continue;
    count++;
    for (let m = n + n; m < limit; m += n) text[m] = 0;
  }
  return count;
}

const left = new StaticArray<f64>(80 * 80);
const right = new StaticArray<f64>(80 * 80);
const product = new StaticArray<f64>(80 * 80);
export function matmul(): i32 {
  for (let i = 0; i < left.length; i++) { left[i] = i % 17; right[i] = i % 23; }
  for (let i = 0; i < 80; i++) {
    for (let j = 0; j < 80; j++) {
      let sum: f64 = 0;
      for (let k = 0; k < 80; k++) sum += left[i * 80 + k] * right[k * 80 + j];
      product[i * 80 + j] = sum;
    }
  }
  let trace: f64 = 0;
  for (let i = 0; i < 80; i++) trace += product[i * 81];
  return <i32>trace;
}

const numbers = new StaticArray<i32>(1 << 14);
function quick(low: i32, high: i32): void {
  while (low < high) {
    const pivot = numbers[(low + high) >>> 1];
    let i = low, j = high;
    while (i <= j) {
      while (numbers[i] < pivot) i++;
      while (numbers[j] > pivot) j--;
      if (i <= j) {
        const t = numbers[i]; numbers[i] = numbers[j]; numbers[j] = t;
        i++; j--;
      }
    }
    if (j - low < high - i) { quick(low, j); low = i; } else { quick(i, high); high = j; }
  }
}
export function sort(): i32 {
  let x: u32 = 99;
  for (let i = 0; i < numbers.length; i++) { x = x * 1664525 + 1013904223; numbers[i] = x; }
  quick(0, numbers.length - 1);
  let mixed = 0;
  for (let i = 0; i < numbers.length; i++) mixed = mixed * 31 + numbers[i];
  return mixed;
}

const crcTable = new StaticArray<u32>(256);
export function crc(): i32 {
  fillText();
  for (let n = 0; n < 256; n++) {
    let c: u32 = n;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >> 1) : c >> 1;
    crcTable[n] = c;
  }
  let sum: u32 = 0xffffffff;
  for (let i = 0; i < text.length; i++) sum = crcTable[(sum ^ text[i]) & 0xff] ^ (sum >> 8);
  return ~sum;
}

export function fib(): i32 { return fibOf(21); }
function fibOf(n: i32): i32 { return n < 2 ? n : fibOf(n - 1) + fibOf(n - 2); }

const next = new StaticArray<i32>(4096);
export function chase(): i32 {
  for (let i = 0; i < 4096; i++) next[i] = (i * 1277 + 311) & 4095;
  let at = 0, steps = 0;
  do { at = next[at]; steps++; } while (at != 0 && steps < 100000);
  return steps;
}

const operations: ((a: i32, b: i32) => i32)[] = [
  (a: i32, b: i32): i32 => a + b,
  (a: i32, b: i32): i32 => a ^ b,
  (a: i32, b: i32): i32 => rotl<i32>(a, b & 31),
  (a: i32, b: i32): i32 => a * 3 - b,
];
/** A small interpreter: a switch in a loop, and calls by table. */
export function interpret(): i32 {
  let a = 1, pc = 0;
  for (let steps = 0; steps < 20000; steps++) {
    switch (text[pc & 0xffff] & 7) {
      case 0: a = operations[a & 3](a, steps); break;
      case 1: a += pc; break;
      case 2: pc += a & 15; break;
      case 3: if (a & 1) continue; a >>= 1; break;
      default: a ^= steps; break;
    }
    pc++;
  }
  return a;
}
`;
export const KERNEL_NAMES = ["sha", "sieve", "matmul", "sort", "crc", "fib", "chase", "interpret"] as const;
