/** A thread that runs fuzzing programs of the 82599, one for each message, and answers what came of it. */
import { parentPort, workerData } from "node:worker_threads";
import { Fuzz } from "./fuzz.ts";

const { memory, ringsStayOwned } = workerData as { readonly memory: SharedArrayBuffer; readonly ringsStayOwned: boolean };

parentPort?.on("message", ({ seed, length }: { readonly seed: number; readonly length: number }) => {
  if (!ringsStayOwned) new Uint8Array(memory).fill(0);
  const fuzz = new Fuzz(seed, memory, { ringsStayOwned });
  const { ledger } = fuzz.model;
  let problem: string | undefined;
  try {
    fuzz.run(length);
  } catch (error) {
    problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  parentPort?.postMessage({ problem, framesIn: ledger.framesIn, framesOut: ledger.framesOut });
});
