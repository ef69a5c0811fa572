/** Domain slots and ids: an id of a dead generation never comes again. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { SlotTable } from "../../host/kernel/slots.ts";
import { DOMAIN_SLOT_BITS, DOMAIN_SLOT_MASK, KERNEL_ID } from "../../shared-heap/layout.ts";

const test = suite("slots");

test("SlotTable gives no slot twice, and never the kernel's or one beyond its end", () => {
  const slots = new SlotTable(100);
  const given = Array.from({ length: 99 }, () => slots.take());
  assert.is(new Set(given.map(({ slot }) => slot)).size, 99);
  assert.ok(given.every(({ slot, id }) => slot > 0 && slot < 100 && (id & DOMAIN_SLOT_MASK) === slot && id !== KERNEL_ID));
  assert.throws(
    () => slots.take(),
    (error: unknown) => error instanceof SumacError && error.code === "quota-invalid",
  );
});

test("SlotTable never gives an id twice, and lets a freed slot wait while there are fresh ones", () => {
  const slots = new SlotTable(16383);
  const ids = new Set<number>();
  let previous = -1;
  for (let i = 0; i < 100_000; i++) {
    const { id, slot } = slots.take();
    assert.not.ok(ids.has(id), `id ${id} came twice`);
    assert.is.not(slot, previous, "a slot that was just freed");
    ids.add(id);
    previous = slot;
    slots.give(slot);
  }
  assert.is(Math.max(...[...ids].slice(-64).map((id) => id & DOMAIN_SLOT_MASK)) < 200, true, "few slots serve many generations");
});

test("SlotTable retires a slot whose reuse count is used up", () => {
  const slots = new SlotTable(2);
  let last = 0;
  for (let reuse = 1; reuse < 1 << (31 - DOMAIN_SLOT_BITS); reuse++) {
    const { id, slot } = slots.take();
    assert.ok(id > last && id <= 0x7fffffff);
    last = id;
    slots.give(slot);
  }
  assert.throws(() => slots.take(), /slots are in use/);
});

test.run();
