/** A card whose queues are on two CPUs, both of them driven by one thread: the model, and the window of the second CPU, each with a memory. */

import { QueueEngine } from "../../../../devices/ixgbe/queues/queue-engine.ts";
import { SharedCard } from "../../../../devices/ixgbe/queues/shared-card.ts";
import { REG } from "../../../../devices/ixgbe/registers.ts";
import { Card, type RxOptions } from "../card.ts";
import { addressBytes, be16, packet, referenceToeplitz } from "../packets.ts";

const KEY: readonly number[] = Array.from({ length: 40 }, (_, i) => (i * 73 + 29) & 0xff);
const BUCKETS = 128;

/** What a driver on the second CPU sees. */
export class SecondCard extends Card {
  readonly engine: QueueEngine;
  readonly raised: number[] = [];

  constructor(first: Card) {
    super({ start: false });
    const share = first.model.sharedQueues?.share;
    if (share === undefined) throw new Error("the card has no queues for other CPUs");
    this.engine = new QueueEngine(SharedCard.attach(share), 1, { nowMicros: () => this.now });
  }

  begin(): void {
    this.engine.start(this.dma, { set: (level) => this.pin.push(level) }, { raise: (vector) => this.raised.push(vector) });
  }

  override read(offset: number): number {
    return this.engine.read32(offset);
  }

  override write(offset: number, value: number): void {
    this.engine.write32(offset, value >>> 0);
  }

  /** A register with no effects, whose reading has the engine look at what came. */
  look(): void {
    this.read(REG.status);
  }
}

export interface TwoCpus {
  readonly first: Card;
  readonly second: SecondCard;
}

/** RSS over both, a queue pair open on each. */
export function twoCpus(options: RxOptions = { entries: 32 }): TwoCpus {
  const first = new Card({ cpus: 2 });
  const second = new SecondCard(first);
  second.begin();
  spread(first);
  for (const card of [first, second]) {
    card.openReceive(options);
    card.openTransmit(32);
  }
  return { first, second };
}

export function spread(first: Pick<Card, "write">): void {
  for (let i = 0; i < 10; i++) {
    const [a = 0, b = 0, c = 0, d = 0] = KEY.slice(4 * i, 4 * i + 4);
    first.write(REG.rssKey + 4 * i, a | (b << 8) | (c << 16) | (d << 24));
  }
  first.write(REG.mrqc, 1 | (0xf3 << 16));
}

const [SOURCE, DESTINATION, TO_PORT] = ["192.0.2.1", "192.0.2.2", 9] as const;

const known: Map<string, Uint8Array> = new Map();

/** A UDP datagram to the card, of a connection that goes to that CPU; `which` chooses among them. */
export function flow(cpu: number, which = 0): Uint8Array {
  const key = `${cpu}/${which}`;
  const found = known.get(key) ?? search(cpu, which);
  known.set(key, found);
  return found;
}

function search(cpu: number, which: number): Uint8Array {
  let left = which;
  for (let port = 1024; ; port++) {
    const hash = referenceToeplitz(KEY, [...addressBytes(SOURCE), ...addressBytes(DESTINATION), ...be16(port), ...be16(TO_PORT)]);
    if (Math.floor((2 * (hash & (BUCKETS - 1))) / BUCKETS) !== cpu || left-- > 0) continue;
    return packet({ source: SOURCE, destination: DESTINATION, sourcePort: port, destinationPort: TO_PORT, protocol: "udp" });
  }
}

/** Frames in, and what has become of them, on both CPUs. */
export function balance({ first }: TwoCpus): readonly [number, number] {
  const { ledger, waiting } = first.model.total;
  return [ledger.framesIn, ledger.accounted + waiting];
}
