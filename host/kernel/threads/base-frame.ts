/**
 * The frame of a thread's base on its CPU's stack of calls, and what the thread has in its domain's record: put there when it goes on,
 * taken away when it waits. A thread at its base has the CPU's first frame and no other. Called by the scheduler only.
 */
import { WatchdogState } from "../../platform/watchdog-state.ts";
import type { Kernel } from "../kernel.ts";
import { FrameWord, RecordWord } from "../words.ts";
import { keepWords, putWordsBack } from "./record-words.ts";
import type { Thread } from "./thread.ts";

/** HOT. */
export function enterBase({ i32, cpu, watchdog }: Kernel, { domain, saved }: Thread, sliceMicros: number): void {
  putWordsBack(i32, domain.record, saved);
  const frame = cpu.frames;
  i32[frame + FrameWord.callee] = domain.id;
  i32[frame + FrameWord.budget] = 0;
  i32[frame + FrameWord.slice] = sliceMicros;
  i32[frame] = i32[cpu.sequence] = ((i32[cpu.sequence] ?? 0) + 2) & 0x7fffffff;
  Atomics.store(i32, cpu.depth, 1);
  if (Atomics.load(i32, cpu.watchdog) === WatchdogState.asleep) watchdog.wake();
  const entered = domain.record + RecordWord.entered;
  i32[entered] = (i32[entered] ?? 0) + 1;
}

/** HOT. A domain that was doomed while the thread ran has no other frame, and dies here. */
export function leaveBase(kernel: Kernel, { domain, saved }: Thread): void {
  const { i32, cpu } = kernel;
  keepWords(i32, domain.record, saved);
  dropBase(kernel);
  i32[cpu.depth] = 0;
  const entered = domain.record + RecordWord.entered;
  i32[entered] = (i32[entered] ?? 1) - 1;
  if (domain.doom !== undefined) kernel.buryIfGone(domain);
}

/** What is not a thread's has no slice. */
export function dropBase({ i32, cpu }: Kernel): void {
  i32[cpu.frames + FrameWord.slice] = 0;
}
