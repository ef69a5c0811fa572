/**
 * What the ladder's calls cost elsewhere, in the same run: a callee that adds to a number, or reads the first and the last byte of a buffer,
 * behind what others offer for isolation. Each is called in the way that its documentation shows, set up once.
 */
import type { Comparison, Prepared, Row } from "../row.ts";
import { isolatedVm, quickJs } from "../support/peers/engines.ts";
import { extismCallee } from "../support/peers/extism.ts";
import { type Component, jcoComponent } from "../support/peers/jco.ts";
import { processByPipe, workerByAtomics, workerByMessage } from "../support/peers/threads.ts";
import { Shared } from "../support/shared.ts";
import { demand, sumTo } from "../support/sums.ts";
import { FIRST, LAST } from "./ladder-world.ts";

/** Numbers in, numbers out, at once. */
function incRow(name: string, ratio: Comparison, start: () => Promise<{ inc(n: number): number; end?(): void | Promise<void> }>): Row {
  return {
    name,
    unit: "ns",
    ratio,
    async prepare() {
      const callee = await start();
      return {
        run(count) {
          let sum = 0;
          for (let i = 0; i < count; i++) sum = (sum + callee.inc(i)) | 0;
          demand(name, sum, sumTo(count));
        },
        end: () => callee.end?.(),
      };
    },
  };
}

/** Numbers in, promises of numbers out. */
function promisedRow(
  name: string,
  ratio: Comparison,
  start: () => Promise<{ inc(n: number): Promise<number>; end(): Promise<void> }>,
): Row {
  return {
    name,
    unit: "ns",
    ratio,
    async prepare() {
      const callee = await start();
      return {
        isAsync: true,
        async run(count) {
          let sum = 0;
          for (let i = 0; i < count; i++) sum = (sum + (await callee.inc(i))) | 0;
          demand(name, sum, sumTo(count));
        },
        end: () => callee.end(),
      };
    },
  };
}

function buffer(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  bytes[0] = FIRST;
  bytes[size - 1] = LAST;
  return bytes;
}

const component: Shared<Component> = new Shared(jcoComponent, async () => {});

/** The list goes there and back, as an object does that is moved; `ends` only there, as one that is lent. */
function jcoListRow(name: string, size: number, method: "ends" | "pass" | "sum", ratio: Comparison): Row {
  return {
    name,
    unit: "ns",
    ratio,
    async prepare(): Promise<Prepared> {
      const callee = await component.take();
      const bytes = buffer(size);
      return {
        run(count) {
          for (let i = 0; i < count; i++) {
            const given = callee[method](bytes);
            demand(name, typeof given === "number" ? given : (given[0] ?? 0) + (given[size - 1] ?? 0), FIRST + LAST);
          }
        },
        end: () => component.give(),
      };
    },
  };
}

const toScalar: Comparison = { to: "rpc/scalar" };

export const peerRows: readonly Row[] = [
  incRow("rpc/jco", { ...toScalar, atLeast: 150, aim: 400 }, async () => {
    const callee = await component.take();
    return { inc: callee.inc, end: () => component.give() };
  }),
  jcoListRow("rpc/jco-4096", 4096, "pass", { to: "rpc/rref-4096" }),
  jcoListRow("rpc/jco-65536", 65_536, "pass", { to: "rpc/rref-65536", atLeast: 400, aim: 1000 }),
  jcoListRow("rpc/jco-4096-lent", 4096, "ends", { to: "rpc/borrow-4096" }),
  jcoListRow("rpc/jco-65536-lent", 65_536, "ends", { to: "rpc/borrow-65536" }),
  jcoListRow("rpc/jco-4096-sum", 4096, "sum", { to: "rpc/rref-4096-sum" }),
  jcoListRow("rpc/jco-65536-sum", 65_536, "sum", { to: "rpc/rref-65536-sum" }),
  promisedRow("rpc/extism", { ...toScalar, atLeast: 100, aim: 200 }, () => extismCallee(false)),
  promisedRow("rpc/extism-worker", toScalar, () => extismCallee(true)),
  incRow("rpc/quickjs", toScalar, quickJs),
  incRow("rpc/isolated-vm", toScalar, isolatedVm),
  promisedRow("rpc/worker-message", toScalar, workerByMessage),
  incRow("rpc/worker-atomics", toScalar, workerByAtomics),
  promisedRow("rpc/process", toScalar, processByPipe),
];
