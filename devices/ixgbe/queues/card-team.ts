/**
 * The first CPU's side of a card whose queues are on several: what the model asks about queues of others, frames that come from there and
 * go there, what is told to the engines, and what they counted. Called by the model; the other side is queue-engine.ts.
 * Never waits for another CPU but in `halt`, where each is at most inside one access.
 */

import type { SharedQueues } from "../../ports.ts";
import { WORD } from "../family.ts";
import { Ledger } from "../ledger.ts";
import { COMPILED_MAP } from "../map.ts";
import type { Receiver } from "../receive.ts";
import { REG, RX } from "../registers.ts";
import type { Statistics } from "../statistics.ts";
import type { Elsewhere } from "./elsewhere.ts";
import { CounterReader } from "./engine-statistics.ts";
import { FOR_WIRE, type FrameChannel } from "./frame-channel.ts";
import { marksOf, unmark } from "./marks.ts";
import { BUCKETS, COUNTER_WORDS, queueAt, type SharedCard } from "./shared-card.ts";

const FIRST = 0;

export class CardTeam implements Elsewhere, SharedQueues {
  /** The card itself says when it wants to be called. */
  readonly deadlineMicros: number = Number.POSITIVE_INFINITY;
  readonly card: SharedCard;
  readonly attend: () => void;
  ring: (cpu: number) => void = () => {};
  readonly #spread: Uint8Array = new Uint8Array(BUCKETS);
  /** By CPU; none from or to the first one itself. */
  readonly #from: readonly FrameChannel[];
  readonly #to: readonly (FrameChannel | undefined)[];
  readonly #counted: readonly CounterReader[];
  #version = -1;
  #draining = false;

  constructor(card: SharedCard, attend: () => void) {
    this.card = card;
    this.attend = attend;
    const others = Array.from({ length: card.cpus - 1 }, (_, i) => i + 1);
    this.#from = others.map((cpu) => card.channel(cpu, FIRST));
    this.#to = [undefined, ...others.map((cpu) => card.channel(FIRST, cpu))];
    this.#counted = others.map((cpu) => new CounterReader(card, cpu));
  }

  // HOT: each received frame.
  isMine(queue: number): boolean {
    return this.card.cpuOf(queue) === FIRST;
  }

  runs(queue: number): boolean {
    return this.card.runs(this.card.cpuOf(queue));
  }

  hand(queue: number, bytes: Uint8Array, length: number, isBad: boolean, match: number): boolean {
    const cpu = this.card.cpuOf(queue);
    const channel = this.#to[cpu];
    if (channel?.write(bytes, length, queue, marksOf(isBad, match)) !== true) return false;
    if (channel.isIdle) this.ring(cpu);
    return true;
  }

  get share(): SharedArrayBuffer {
    return this.card.buffer;
  }

  get hasArrivals(): boolean {
    return this.#from.some((channel) => !channel.isEmpty);
  }

  /** Whether a register belongs to a queue of another CPU: out of the first one's reach. */
  reserves(offset: number): boolean {
    const queue = queueAt(offset);
    return queue >= 0 && !this.isMine(queue);
  }

  /** The first CPU's driver wrote a register: engines are told of what they keep copies of. */
  written(offset: number): void {
    const { card } = this;
    if (offset >= REG.reta && offset < REG.reta + BUCKETS) {
      card.writeTable(FIRST, offset - REG.reta, card.regs[offset >>> 2] ?? 0);
    } else if (queueAt(offset) >= 0) {
      if ((offset & 0x3f) === RX.control) card.receiversSwitched(FIRST);
    } else if (isCopied(offset)) card.changed();
  }

  // HOT: before each access and frame.
  /** The receive path spreads as all CPUs' tables say now. */
  refresh({ rss }: Receiver): void {
    if (this.#version === this.card.version) return;
    this.#version = this.card.version;
    this.card.spread(this.#spread);
    rss.spread = this.#spread;
  }

  // HOT: after each access and frame.
  /** Frames that others sent, or received for queues of this CPU. */
  drain(receiver: Receiver, send: (frame: Uint8Array, length: number) => void): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (const channel of this.#from) {
        if (channel.isEmpty) continue;
        channel.drain((frame, length, what, marks) => {
          if (what < FOR_WIRE - 1) {
            const { isBad, match } = unmark(marks);
            receiver.deliver(frame, length, what, isBad, match);
          } else if (what === FOR_WIRE) send(frame, length);
          else receiver.receive(frame, length, false);
        });
      }
    } finally {
      this.#draining = false;
    }
    // Whoever wrote while a channel was read did not ring, and this thread may have nothing else that makes it look.
    if (this.hasArrivals) this.ring(FIRST);
  }

  // HOT: after each access and frame.
  /** Tells the engines, and calls those that can go on now with what they had to leave. */
  tell(linkUp: boolean, isPaused: boolean): void {
    const { card } = this;
    const isNews = card.linkUp !== linkUp;
    card.tell(linkUp, isPaused);
    for (let cpu = 1; cpu < card.cpus; cpu++) if (isNews || (card.isBehind(cpu) && card.sends)) this.ring(cpu);
  }

  /** The engines stop, and lose their queues. What was on its way to this CPU is lost, too. */
  halt(ledger: Ledger): void {
    const { card } = this;
    card.halt();
    card.setOpen(FIRST, false);
    for (let cpu = 1; cpu < card.cpus; cpu++) {
      if (card.runs(cpu)) this.ring(cpu);
      card.setRuns(cpu, false);
    }
    for (const channel of this.#from) {
      channel.drain((_frame, _length, what) => {
        if (what < FOR_WIRE - 1) ledger.discarded++;
        else if (what === FOR_WIRE) ledger.notSent++;
        else {
          ledger.framesIn++;
          ledger.ignored++;
        }
      });
    }
    this.card.table(FIRST).fill(0);
  }

  /** The card has been reset: counters begin at zero, and engines may begin. */
  go(): void {
    for (let word = 0; word < COUNTER_WORDS; word++) {
      const kind = COMPILED_MAP.kind[word];
      for (const reader of this.#counted) {
        if (kind === WORD.rc) reader.take(word);
        else if (kind === WORD.low) reader.takeBytes(word);
      }
    }
    this.card.changed();
    this.card.go();
  }

  /** Before a counter is read: adds what the others counted since. */
  gather(statistics: Statistics, word: number, kind: number | undefined): void {
    for (const reader of this.#counted) {
      if (kind === WORD.rc) statistics.add(word << 2, reader.take(word));
      else {
        const low = kind === WORD.low ? word : word - 1;
        statistics.addBytes(low << 2, reader.takeBytes(low));
      }
    }
  }

  /** Where the frames of all CPUs went, and how many wait. */
  total(own: Ledger, waiting: number): { readonly ledger: Ledger; readonly waiting: number } {
    const { card } = this;
    const ledger = Object.assign(new Ledger(), own);
    let all = waiting;
    for (let cpu = 1; cpu < card.cpus; cpu++) all += ledger.add(card.ledger(cpu));
    for (let from = 0; from < card.cpus; from++)
      for (let to = 0; to < card.cpus; to++) if (from !== to) all += card.channel(from, to).waiting;
    return { ledger, waiting: all };
  }
}

/** MRQC, RSSRK, station addresses and the filters that are compiled. */
function isCopied(offset: number): boolean {
  return (
    offset === REG.mrqc ||
    (offset >= REG.rssKey && offset < REG.rssKey + 40) ||
    (offset >= REG.ral && offset < REG.ral + 8 * 128) ||
    (offset >= REG.saqf && offset < REG.fdirctrl) ||
    (offset >= REG.etqf && offset < REG.etqf + 32)
  );
}
