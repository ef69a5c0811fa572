/** An application that ends many domains of another CPU, each because it was told of the end of another one. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SlotState } from "../../host/kernel/cpus/board.ts";
import { deaths, domain } from "../support/domain.ts";
import { testSystem } from "../support/system.ts";

const test = suite("review: many kills");

const DOMAINS = 40;

test("who kills all when he is told of one death, and is told of the next meanwhile, comes to the end of it", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const names = Array.from({ length: DOMAINS }, (_, i) => `d${i}`);
  for (const name of names) await t.add({ ...domain(name), cpu: 1 });
  const cpu = t.system.kernel.cpus?.cpu;
  if (cpu === undefined) throw new Error("there is one CPU");
  // As if news were always there before the answer that they come with.
  const { board } = cpu;
  const stateOf = board.stateOf.bind(board);
  board.stateOf = (number) => {
    const state = stateOf(number);
    return state === SlotState.done && cpu.hasMore() ? SlotState.served : state;
  };
  t.system.kernel.events.on((event) => {
    if (event.kind === "death") for (const name of names) t.system.kill(name);
  });
  t.system.kill("d0");
  assert.is(deaths(t).length, DOMAINS);
  await t.end();
});

test.run();
