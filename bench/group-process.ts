/**
 * One group of rows is measured in a process of its own, so that what another group has left behind (type feedback, a grown heap, threads)
 * changes nothing. This file is both ends: `measureApart` starts it, and it measures when it is started.
 */
import { fork } from "node:child_process";
import { FLAGS, groupOf, ROWS } from "./catalogue.ts";
import { type Measurement, measure } from "./harness.ts";
import type { Gauge, Mean, Row } from "./row.ts";

interface Order {
  readonly names: readonly string[];
  readonly mhz?: number;
}

type Answer = Measurement | { readonly error: string };

/** Measures rows of one group in a new process. */
export async function measureApart(rows: readonly (Row | Mean | Gauge)[], mhz?: number): Promise<Measurement> {
  const group = groupOf(rows[0] ?? { name: "" });
  const child = fork(import.meta.filename, [], { execArgv: [...(FLAGS.get(group) ?? [])] });
  const order: Order = { names: rows.map(({ name }) => name), ...(mhz === undefined ? {} : { mhz }) };
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  child.once("message", (answer) => resolve(answer as Answer));
  child.once("exit", (code, signal) => reject(new Error(`the process of group ${group} ended with ${signal ?? code}`)));
  child.send(order);
  const answer = await promise;
  child.disconnect();
  if ("error" in answer) throw new Error(answer.error);
  return answer;
}

async function answerTo({ names, mhz }: Order): Promise<Answer> {
  try {
    return await measure(
      ROWS.filter(({ name }) => names.includes(name)),
      mhz,
    );
  } catch (error) {
    return { error: (error as Error).stack ?? String(error) };
  }
}

if (import.meta.main && process.send !== undefined) {
  // What a failed row has left open must not keep the process: the answer is all that anybody waits for.
  process.once("disconnect", () => process.exit());
  process.once("message", async (order) => process.send?.(await answerTo(order as Order)));
}
