/** Which of the connections that `apps/traffic` makes go to which CPU: what the card's Toeplitz hash says of them, by the driver's key. */
import { Frame } from "../../devices/ixgbe/frame.ts";
import { REG, WORDS } from "../../devices/ixgbe/registers.ts";
import { Rss } from "../../devices/ixgbe/rss.ts";

/** As in domains-as/drivers/ixgbe/rss.ts. */
const KEY = [
  0xda565a6d, 0xc20e5b25, 0x3d256741, 0xb08fa343, 0xcb2bcad0, 0xb4307bae, 0xa32dcb77, 0x0cf23080, 0x3bb7426a, 0xfa01acbe,
] as const;
const MODE: number = 1 | (0xf3 << 16);
const BUCKETS = 128;
const VLAN = 0x8100;
const HEADERS = [0x08, 0x00, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0, 0, 0, 9, 0, 26, 0, 0] as const;

/** The first port whose frames go to that CPU, when all of so many have their share. */
export function portFor(cpu: number, cpus: number): number {
  const regs = new Uint32Array(WORDS);
  regs.set(KEY, REG.rssKey >>> 2);
  regs[REG.mrqc >>> 2] = MODE >>> 0;
  const rss = new Rss(regs);
  const frame = new Frame();
  const bytes = new Uint8Array(60);
  bytes.set(HEADERS, 12);
  for (let port = 1024; ; port++) {
    bytes[34] = port >>> 8;
    bytes[35] = port;
    frame.parse(bytes, bytes.length, VLAN, 0);
    rss.classify(bytes, frame);
    if (Math.floor(((rss.hash % BUCKETS) * cpus) / BUCKETS) === cpu) return port;
  }
}
