/** Queues of one 82599 on two CPUs: what the second one's window reaches, where frames go, what is counted, and ends on either side. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COUNT } from "../../../../devices/ixgbe/map-statistics.ts";
import { CAUSE, REG, RX, TX } from "../../../../devices/ixgbe/registers.ts";
import { seededRandom } from "../../../../host/platform/seeded-random.ts";
import { Card, ENABLE } from "../card.ts";
import { frame, OWN } from "../packets.ts";
import { balance, flow, SecondCard, spread, type TwoCpus, twoCpus } from "./two-cpus.ts";

const test = suite("82599 queues on two CPUs");
const NOBODY = 0xffff_ffff;

function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "none" : Buffer.from(bytes).toString("hex");
}

function checkBalance(t: TwoCpus): void {
  const [came, known] = balance(t);
  assert.is(came, known, "frames in = accounted + waiting");
}

test("window: queues 0 to 3 of it are queues 4 to 7 of the card, each side's own", () => {
  const { first, second } = twoCpus();
  assert.is(first.model.peek(Card.rx(4, RX.baseLow)), second.rxRing(0));
  assert.is(first.model.peek(Card.tx(4, TX.baseLow)), second.txRing(0));
  assert.is(second.read(Card.rx(0, RX.length)), 32 * 16);
  assert.is(first.read(Card.rx(0, RX.length)), 32 * 16);
  second.write(Card.rx(3, RX.baseLow), 0x1200);
  assert.is(first.model.peek(Card.rx(7, RX.baseLow)), 0x1200);
  second.write(REG.ivar, 0x8281);
  assert.is(first.model.peek(REG.ivar + 8), 0x8281);
  assert.is(first.model.peek(REG.ivar), 0);
});

test("window: registers of queues beyond it read 0, take nothing, and are counted", () => {
  const { first, second } = twoCpus();
  for (const offset of [
    Card.rx(4, RX.baseLow),
    Card.rx(15, RX.tail),
    Card.rx(100, RX.control),
    Card.tx(4, TX.tail),
    Card.tx(127, TX.control),
  ]) {
    const before = first.model.peek(offset);
    const errors = second.engine.accessErrors;
    second.write(offset, 0x7f00);
    assert.is(second.read(offset), 0);
    assert.is(first.model.peek(offset), before, offset.toString(16));
    assert.is(second.engine.accessErrors, errors + 2);
  }
});

test("window: an access that is misaligned or outside reads as all ones", () => {
  const { second } = twoCpus();
  for (const offset of [1, 2, 0x20000, -4]) {
    assert.is(second.read(offset), NOBODY);
    second.write(offset, 1);
  }
  assert.is(second.engine.accessErrors, 8);
});

test("window: the card's own registers can be read, and writing them changes nothing", () => {
  const { first, second } = twoCpus();
  for (const offset of [
    REG.rxctrl,
    REG.dmatxctl,
    REG.fctrl,
    REG.hlreg0,
    REG.mrqc,
    REG.rssKey,
    REG.ral,
    REG.ral + 4,
    REG.autoc,
    REG.vlnctrl,
  ]) {
    const before = first.read(offset);
    second.write(offset, ~before);
    assert.is(first.read(offset), before, offset.toString(16));
    assert.is(second.read(offset), before, offset.toString(16));
  }
});

test("the first CPU's driver reaches no ring of the second one", () => {
  const { first, second } = twoCpus();
  const errors = first.model.accessErrors;
  first.write(Card.rx(4, RX.control), 0);
  first.write(Card.tx(4, TX.tail), 5);
  first.write(REG.ivar + 8, 0x8080_8080);
  assert.is(first.model.accessErrors, errors + 3);
  assert.is(second.read(Card.rx(0, RX.control)) & ENABLE, ENABLE);
  assert.is(second.read(REG.ivar), 0);
});

test("RSS gives each CPU its part of the connections; what is no IP goes to queue 0 of the first", () => {
  const t = twoCpus();
  const { first, second } = t;
  for (let i = 0; i < 5; i++) {
    const [mine, other] = [flow(0, i), flow(1, i)];
    first.arrive(other);
    first.arrive(mine);
    assert.is(text(first.takeFrame()), text(mine));
    assert.is(text(first.takeFrame()), "none");
    assert.is(text(second.takeFrame()), "none", "not before the second CPU looks");
    second.look();
    assert.is(text(second.takeFrame()), text(other));
  }
  const plain = frame(0x88b5, new Uint8Array(46));
  first.arrive(plain);
  assert.is(text(first.takeFrame()), text(plain));
  checkBalance(t);
});

test("a CPU without an open queue has no share", () => {
  const t = twoCpus();
  t.second.write(Card.rx(0, RX.control), 0);
  for (let i = 0; i < 4; i++) {
    t.first.arrive(flow(1, i));
    assert.is(text(t.first.takeFrame()), text(flow(1, i)));
  }
  t.second.openReceive({ entries: 32 });
  t.first.arrive(flow(1));
  t.second.look();
  assert.is(text(t.second.takeFrame()), text(flow(1)));
  checkBalance(t);
});

test("the second CPU's own redirection table spreads its part over its own queues", () => {
  const t = twoCpus();
  t.second.openReceive({ entries: 32 }, 2);
  for (let i = 0; i < 32; i++) t.second.write(REG.reta + 4 * i, 0x0202_0202);
  assert.is(t.second.read(REG.reta), 0x0202_0202);
  assert.is(t.first.read(REG.reta), 0);
  t.first.arrive(flow(1));
  t.second.look();
  assert.is(text(t.second.takeFrame(2)), text(flow(1)));
});

test("loopback at the MAC: frames of the second CPU go to the CPU that has the connection", () => {
  const t = twoCpus();
  t.first.loop();
  for (let i = 0; i < 3; i++) {
    t.second.send(flow(1, i));
    assert.is(text(t.second.takeFrame()), text(flow(1, i)), "without a look at the first CPU");
    t.second.send(flow(0, i));
    t.first.read(REG.status);
    assert.is(text(t.first.takeFrame()), text(flow(0, i)));
  }
  checkBalance(t);
});

test("a key, an address or a filter that the first CPU's driver writes counts for frames of the second", () => {
  const { first, second } = twoCpus();
  first.loop();
  first.write(REG.ral + 4, 0);
  second.send(flow(1));
  assert.is(text(second.takeFrame()), "none");
  assert.is(second.engine.ledger.filtered, 1);
  first.write(REG.fctrl, 0x200);
  second.send(flow(1));
  assert.is(text(second.takeFrame()), text(flow(1)));
  first.write(REG.rxctrl, 0);
  second.send(flow(1));
  assert.is(second.engine.ledger.ignored, 1);
});

test("a wire that leads elsewhere: the first CPU sends what the second one hands over, in order, and nothing is lost while it does not look", () => {
  const t = twoCpus();
  const sent: string[] = [];
  for (let i = 0; i < 4000; i++) {
    const bytes = frame(
      0x88b5,
      Uint8Array.from({ length: 46 }, (_, at) => (at === 0 ? i >>> 8 : at === 1 ? i : 0)),
    );
    // A full ring: the card is behind, and its descriptors are not done.
    while (((t.second.read(Card.tx(0, TX.tail)) + 1) & 31) === t.second.read(Card.tx(0, TX.head))) t.first.read(REG.status);
    t.second.send(bytes);
    sent.push(text(bytes));
  }
  for (let i = 0; i < 3; i++) {
    t.first.read(REG.status);
    t.second.look();
  }
  t.first.read(REG.status);
  assert.equal(t.first.wire.sent.map(text), sent);
  assert.is(t.second.engine.ledger.notSent, 0);
});

test("without a link nothing is sent by the second CPU, either", () => {
  const { first, second } = twoCpus();
  first.wire.setUp(false);
  const index = second.send(flow(0));
  assert.not.ok(second.isDone(index));
  first.wire.setUp(true);
  second.look();
  assert.ok(second.isDone(index) || second.read(Card.tx(0, TX.head)) === 0);
  second.go();
  first.read(REG.status);
  assert.is(first.wire.sent.length, 1);
});

test("a pause that the second CPU's frame brings stops both", () => {
  const { first, second } = twoCpus();
  first.loop();
  first.write(REG.mflcn, 8);
  second.send(Uint8Array.from([1, 0x80, 0xc2, 0, 0, 1, ...OWN, 0x88, 0x08, 0, 1, 0xff, 0xff, ...new Uint8Array(42)]));
  first.read(REG.status);
  assert.is(first.read(0x0ce00), 1, "TFCS: paused");
  const index = second.send(flow(1));
  assert.not.ok(second.isDone(index));
});

test("while the flow director works, frames of the second CPU are looked at by the first", () => {
  const { first, second } = twoCpus();
  first.loop();
  first.write(REG.fdirctrl, 1);
  second.send(flow(1));
  assert.is(text(second.takeFrame()), "none");
  first.read(REG.status);
  second.look();
  assert.is(text(second.takeFrame()), text(flow(1)));
});

test("interrupts: each window has causes, masks and messages of its own", () => {
  const { first, second } = twoCpus();
  second.write(REG.gpie, 0x10);
  second.write(REG.ivar, 0x85);
  second.write(REG.eimsEx, 1 << 5);
  first.arrive(flow(1));
  assert.equal(second.raised, []);
  second.engine.attend();
  assert.equal(second.raised, [5]);
  assert.equal(first.messages, []);
  assert.is(first.read(REG.gpie), 0);
  first.arrive(flow(0));
  second.engine.attend();
  assert.equal(second.raised, [5]);
});

test("an address that the second CPU's driver may not touch is refused there, as on the first", () => {
  const t = twoCpus();
  t.first.loop();
  t.second.dma.refuses = (kind, address) => kind === "write" && address === t.second.rxBuffer(0, 0);
  t.second.send(flow(1));
  assert.is(t.second.engine.ledger.refused, 1);
  assert.is(t.second.read(REG.eicr) & CAUSE.pci, CAUSE.pci);
  assert.is(t.first.read(REG.eicr) & CAUSE.pci, 0);
  t.second.dma.refuses = () => false;
  t.second.send(flow(1));
  assert.ok(t.second.engine.ledger.delivered > 0);
  checkBalance(t);
});

test("statistics: the first CPU's registers count the frames of both, the window's its own, and reading one clears no other", () => {
  const { first, second } = twoCpus();
  first.loop();
  const sizes = [flow(1).length + 4, flow(0).length + 4] as const;
  for (let i = 0; i < 3; i++) second.send(flow(1));
  first.send(flow(0));
  assert.is(second.read(COUNT.goodReceived), 3);
  assert.is(second.read(COUNT.goodReceived), 0);
  assert.is(first.read(COUNT.goodReceived), 4);
  assert.is(first.read(COUNT.goodReceived), 0);
  assert.is(first.read(COUNT.goodBytesReceived), 3 * sizes[0] + sizes[1]);
  assert.is(first.read(COUNT.goodBytesReceived + 4), 0);
  assert.is(second.read(COUNT.goodBytesReceived), 3 * sizes[0]);
  assert.is(second.read(COUNT.goodBytesReceived), 0);
});

test("statistics: bytes of the second CPU go on beyond 32 bits", () => {
  const { first, second } = twoCpus();
  first.loop();
  const share = first.model.sharedQueues?.share as SharedArrayBuffer;
  assert.ok(share.byteLength > 0);
  const bytes = flow(1).length + 4;
  // The counter is set just below its carry, as if so much had been received.
  const counters = second.engine.counters;
  counters[COUNT.goodBytesReceived >>> 2] = 0x1_0000_0000 - bytes;
  first.read(COUNT.goodBytesReceived);
  first.read(COUNT.goodBytesReceived + 4);
  second.send(flow(1));
  second.send(flow(1));
  assert.is(first.read(COUNT.goodBytesReceived), 2 * bytes);
  assert.is(counters[(COUNT.goodBytesReceived >>> 2) + 1], 1);
});

test("the grant of the second CPU ends: nothing is pinned or touched any more, its connections go to the first, and what waited is counted", () => {
  const t = twoCpus({ entries: 8 });
  for (let i = 0; i < 12; i++) t.first.arrive(flow(1, i));
  t.second.look();
  assert.ok(t.second.engine.waiting > 0);
  t.first.arrive(flow(1));
  checkBalance(t);
  t.second.engine.stop();
  assert.is(t.second.dma.pins.size, 0);
  const touched = t.second.dma.log.length;
  checkBalance(t);
  t.first.arrive(flow(1));
  assert.is(text(t.first.takeFrame()), text(flow(1)));
  t.second.look();
  t.second.engine.attend();
  t.second.write(Card.tx(0, TX.tail), 3);
  assert.is(t.second.read(REG.status), NOBODY);
  assert.is(t.second.dma.log.length, touched);
  t.second.begin();
  assert.is(t.second.read(Card.rx(0, RX.control)) & ENABLE, 0);
  t.second.openReceive({ entries: 8 });
  t.first.arrive(flow(1));
  t.second.look();
  assert.is(text(t.second.takeFrame()), text(flow(1)), "nothing of before comes first");
  checkBalance(t);
});

for (const [how, end] of [
  ["is reset", (first: Card) => first.set(REG.ctrl, 0x0400_0000)],
  ["is stopped", (first: Card) => first.model.stop()],
] as const) {
  test(`the card ${how} on the first CPU: the second one's queues are gone at once, and read as all ones until a new grant`, () => {
    const t = twoCpus();
    t.first.loop();
    t.first.arrive(flow(1));
    t.second.put([0x40_0000, 0, 60 | (0x0b << 24), 0]);
    const touched = t.second.dma.log.length;
    end(t.first);
    t.second.go();
    t.second.engine.attend();
    assert.is(t.second.read(REG.status), NOBODY);
    assert.equal(
      t.second.dma.log.slice(touched).filter((line) => !line.startsWith("unpin")),
      [],
    );
    assert.is(t.second.dma.pins.size, 0);
    t.second.engine.stop();
    if (how === "is stopped") t.first.model.start(t.first.dma);
    spread(t.first);
    for (const card of [t.first, t.second]) {
      if (card instanceof SecondCard) card.begin();
      card.openReceive({ entries: 32 });
    }
    t.first.arrive(flow(1));
    t.second.look();
    assert.is(text(t.second.takeFrame()), text(flow(1)));
    checkBalance(t);
  });
}

test("queues that are granted while the card does not run read as all ones", () => {
  const first = new Card({ cpus: 2, start: false });
  const second = new SecondCard(first);
  second.begin();
  assert.is(second.read(REG.status), NOBODY);
  second.engine.stop();
});

test("frames in = frames accounted for and waiting, on both CPUs, for any sequence of traffic, rings, ends and resets", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seededRandom(seed);
    const choose = (n: number): number => Math.floor(random() * n);
    const t = twoCpus({ entries: 8, drop: seed % 2 === 0 });
    t.first.loop();
    let running = true;
    for (let step = 0; step < 400; step++) {
      const card = choose(2) === 0 ? t.first : t.second;
      switch (choose(9)) {
        case 0:
          t.first.arrive(flow(choose(2), choose(6)));
          break;
        case 1:
        case 2:
          card.send(flow(choose(2), choose(6)));
          break;
        case 3:
          while (card.takeFrame() !== undefined);
          card.refill();
          break;
        case 4:
          for (let i = choose(300); i > 0; i--) t.first.arrive(flow(1, choose(6)));
          break;
        case 5:
          card.read(REG.status);
          break;
        case 6:
          card.write(Card.rx(0, RX.control), choose(2) === 0 ? 0 : ENABLE);
          break;
        case 7:
          if (choose(6) > 0) break;
          if (running) t.second.engine.stop();
          else t.second.begin();
          running = !running;
          if (running) openBoth(t.second);
          break;
        default:
          if (choose(10) > 0) break;
          t.first.set(REG.ctrl, 0x0400_0000);
          spread(t.first);
          openBoth(t.first);
          t.first.loop();
      }
      checkBalance(t);
    }
    assert.ok(balance(t)[0] > 400, `seed ${seed}`);
  }
});

function openBoth(card: Card): void {
  card.openReceive({ entries: 8 });
  card.openTransmit(32);
}

test.run();
