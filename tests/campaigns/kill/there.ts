/**
 * Kills on another CPU than the campaign's, at a point that the campaign says. Imported by each thread of the campaign's process before
 * anything else; does something only in a thread that is a CPU. Changes no file of the kernel: it looks on where a test may.
 */
import { getEnvironmentData, isMainThread } from "node:worker_threads";
import type { Domain } from "../../../host/kernel/domain.ts";
import { Kernel } from "../../../host/kernel/kernel.ts";
import { PARTIES, Points, STRIKE_KEY, StrikeWord } from "./strike.ts";

const shared = isMainThread ? undefined : (getEnvironmentData(STRIKE_KEY) as SharedArrayBuffer | undefined);
if (shared !== undefined) watch(new Int32Array(shared));

function watch(words: Int32Array): void {
  const { answerInterrupt } = Kernel.prototype;
  let counted = 0;
  let points = new Points(0);
  // The campaign raises the interrupt word before a call: the first point is where that is answered.
  Kernel.prototype.answerInterrupt = function (this: Kernel): void {
    const isArmed = Atomics.load(words, StrikeWord.isArmed) === 1;
    // A new number for each call: its points are counted from the first.
    const call = Atomics.load(words, StrikeWord.call);
    if (isArmed && call !== counted) {
      counted = call;
      points = new Points(Atomics.load(words, StrikeWord.point));
      this.stepHook = (running) => strike(this, running);
    }
    answerInterrupt.call(this);
  };

  function strike(kernel: Kernel, running: Domain | undefined): void {
    if (Atomics.load(words, StrikeWord.isArmed) === 0) {
      kernel.stepHook = undefined;
      return;
    }
    if (!points.pass(kernel)) return;
    Atomics.store(words, StrikeWord.isArmed, 0);
    kernel.stepHook = undefined;
    const wanted = Atomics.load(words, StrikeWord.victim);
    const target = wanted === 0 ? running : occupant(kernel, PARTIES[wanted] ?? "");
    Atomics.store(words, StrikeWord.target, PARTIES.indexOf((target?.name ?? "") as (typeof PARTIES)[number]));
    if (target !== undefined) kernel.kill(target, "by the campaign");
    Atomics.store(words, StrikeWord.isDone, 1);
  }
}

function occupant(kernel: Kernel, name: string): Domain | undefined {
  const seat = kernel.cpus?.seatNamed(name);
  return seat === undefined || kernel.cpus === undefined ? undefined : kernel.occupant(seat);
}
