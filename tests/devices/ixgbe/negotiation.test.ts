/** What a driver sees of negotiation, on the ports alone, against [82599] §8.2.3.22. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AUTOC, CTRL, REG } from "../../../devices/ixgbe/registers.ts";
import { Card } from "./card.ts";

const test = suite("82599 negotiation");
const state = (card: Card): number => (card.read(REG.anlp1) >>> 16) & 0xf;

test("82599 §8.2.3.22: ANLP1 leaves its first state when AUTOC restarts negotiation, and not before", () => {
  const card = Card.ready();
  card.write(REG.autoc, card.read(REG.autoc) ^ (4 << 13));
  assert.is(state(card), 0);
  card.write(REG.autoc, card.read(REG.autoc) | AUTOC.restart);
  assert.is.not(state(card), 0);
  assert.is(card.read(REG.autoc) & AUTOC.restart, 0, "the request clears itself");
});

test("82599 §4.2: a reset puts ANLP1 back into its first state, and a driver cannot write it", () => {
  const card = Card.ready();
  card.write(REG.autoc, card.read(REG.autoc) | AUTOC.restart);
  card.write(REG.ctrl, CTRL.reset);
  assert.is(state(card), 0);
  card.write(REG.anlp1, 0xffff_ffff);
  assert.is(card.read(REG.anlp1), 0);
});

test.run();
