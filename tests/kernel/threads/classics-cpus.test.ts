/** The classic exercises between domains that serve and threads that are on one CPU, and on two. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { run } from "../../support/as-domain.ts";
import { deaths } from "../../support/domain.ts";
import { type TestSystem, testSystem } from "../../support/system.ts";
import { addAlone, addClassics, compileClassics, HOME, play } from "./classics-cpus.ts";

const REPORT = "test:classics/report@1.0.0";
const modules = compileClassics();

for (const cpus of [1, 2]) {
  const test = suite(`classics between domains, CPUs: ${cpus}`);
  const on = async (body: (t: TestSystem) => Promise<void>): Promise<void> => {
    const t = await testSystem({ heapMegabytes: 32, cpus });
    await body(t);
    assert.equal(deaths(t), []);
    assert.is(t.system.liveObjects(), 0);
    await t.end();
  };

  test(`CPUs ${cpus}: ping-pong between two domains hands one object to and fro a thousand times`, () =>
    on(async (t) => {
      await addClassics(t, await modules);
      const parts = [
        { name: "first", what: "ping", seat: 0, n: 1000 },
        { name: "second", what: "ping", seat: 1, n: 1000 },
      ] as const;
      assert.equal(await play(t, parts), ["ok 2000", "ok 0"]);
    }));

  test(`CPUs ${cpus}: producers of one domain and consumers of another lose no object and use none twice`, () =>
    on(async (t) => {
      await addClassics(t, await modules);
      const parts = [
        { name: "first", what: "producers", seat: 4, n: 300 },
        { name: "second", what: "consumers", n: 0 },
      ] as const;
      assert.equal(await play(t, parts), ["ok 1200", `ok ${(1200 * 1201) / 2}`]);
      assert.is(run(t, "table", REPORT, "waiting"), "ok 0");
    }));

  test(`CPUs ${cpus}: consumers far from the belt that come first wait, and so do producers near it`, () =>
    on(async (t) => {
      await addClassics(t, await modules);
      const parts = [
        { name: "first", what: "consumers", n: 0 },
        { name: "second", what: "producers", seat: 4, n: 300 },
      ] as const;
      assert.equal(await play(t, parts), [`ok ${(1200 * 1201) / 2}`, "ok 1200"]);
    }));

  test(`CPUs ${cpus}: dining philosophers of two domains at one table all eat, two at a time at most`, () =>
    on(async (t) => {
      await addClassics(t, await modules);
      const parts = [
        { name: "first", what: "philosophers", seat: 0, n: 50 },
        { name: "second", what: "philosophers", seat: 1, n: 50 },
      ] as const;
      assert.equal(await play(t, parts), ["ok 3", "ok 2"]);
      assert.is(run(t, "table", REPORT, "dishes"), "ok 250");
      assert.ok(["ok 1", "ok 2"].includes(run(t, "table", REPORT, "atOnce")));
    }));

  test(`CPUs ${cpus}: everybody waits for the last one, and one wake-up is for all`, () =>
    on(async (t) => {
      await addClassics(t, await modules);
      // Who calls again is counted again, so the last one to come is not known; that all go on is.
      const parts = [
        { name: "first", what: "runners", seat: 80, n: 40 },
        { name: "second", what: "runners", seat: 80, n: 40 },
      ] as const;
      assert.equal(await play(t, parts), [`ok ${80 * 40}`, `ok ${80 * 40}`]);
    }));

  test(`CPUs ${cpus}: priority inversion on each CPU at once: who holds the lock runs with the priority of who waits for it`, () =>
    on(async (t) => {
      const names = await addAlone(t, await modules, 100);
      const ended = await play(
        t,
        names.map((name) => ({ name, what: "inversion", n: 20 })),
      );
      assert.equal(
        ended,
        names.map(() => "ok 132"),
      );
    }));

  test(`CPUs ${cpus}: ten thousand sleepers in all wake in the order of their times on each CPU`, () =>
    on(async (t) => {
      const each = 9_998 / cpus;
      const names = await addAlone(t, await modules, each + 1);
      const ended = await play(
        t,
        names.map((name) => ({ name, what: "sleepers", n: each })),
      );
      assert.equal(
        ended,
        names.map(() => `ok ${each}`),
      );
    }));

  test(`CPUs ${cpus}: a join storm at home for threads that travel`, () =>
    on(async (t) => {
      const names = await addAlone(t, await modules, 100);
      const ended = await play(
        t,
        names.map((name, i) => ({ name, what: "joinStorm", seat: cpus === 1 ? HOME : 1 - i, n: 50 })),
      );
      assert.equal(
        ended,
        names.map(() => `ok ${50 * (0 + 1 + 2 + 3 + 4)}`),
      );
    }));

  test(`CPUs ${cpus}: a chain of joins, each for one that travels`, () =>
    on(async (t) => {
      const names = await addAlone(t, await modules, 100);
      const ended = await play(
        t,
        names.map((name, i) => ({ name, what: "joinChain", seat: cpus === 1 ? HOME : 1 - i, n: 40 })),
      );
      assert.equal(
        ended,
        names.map(() => "ok 40"),
      );
    }));

  test.run();
}
