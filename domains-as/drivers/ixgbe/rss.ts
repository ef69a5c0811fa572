/**
 * Spreading what is received over the queues that somebody serves. Frames of one connection stay in one queue; what is no IP goes to
 * queue 0. Used by card.ts and net.ts. Source: [82599] section 7.1.2.8.
 */
import { mmio } from "./gen/mmio";
import { Reg } from "./registers";

const BUCKETS: u32 = 128;
/** MRQC: RSS; over addresses and ports of TCP and UDP, and addresses of other IP. */
const MODE: u32 = 1 | (0xf3 << 16);

/** The key by which Toeplitz hashes are usually verified, so that anybody can compute them. Byte 0 is the lowest of word 0. */
const KEY: StaticArray<u32> = [
  0xda565a6d, 0xc20e5b25, 0x3d256741, 0xb08fa343, 0xcb2bcad0, 0xb4307bae, 0xa32dcb77, 0x0cf23080, 0x3bb7426a, 0xfa01acbe,
];

export function enableSpreading(): void {
  for (let i: u32 = 0; i < <u32>KEY.length; i++) mmio.write32(Reg.RSSRK + 4 * i, KEY[i]);
  mmio.write32(Reg.MRQC, MODE);
}

/** @param queues a bit for each that is served; none: all goes to queue 0 */
export function spreadOver(queues: u32): void {
  let queue: u32 = 31;
  for (let bucket: u32 = 0; bucket < BUCKETS; bucket += 4) {
    let word: u32 = 0;
    for (let i: u32 = 0; i < 4; i++) {
      queue = nextOf(queues, queue);
      word |= queue << (8 * i);
    }
    mmio.write32(Reg.RETA + bucket, word);
  }
}

/** The next queue after one, round and round; 0 when there is none. */
function nextOf(queues: u32, after: u32): u32 {
  if (queues == 0) return 0;
  let queue = (after + 1) & 31;
  while ((queues & (1 << queue)) == 0) queue = (queue + 1) & 31;
  return queue;
}
