/**
 * The words of a domain's record that belong to whichever of its threads runs: what became of its last call, its deadline for the next
 * one, and the return area. Called by the scheduler at each change of thread.
 */
import { STATUS_WORDS } from "../../../shared-heap/layout.ts";
import { RecordWord } from "../words.ts";

const RESULT_WORDS = 16;

/** HOT: plain loops, as a `set` of so few words costs more. */
export function keepWords(i32: Int32Array, record: number, kept: Int32Array): void {
  const status = record + RecordWord.status;
  for (let i = 0; i < STATUS_WORDS; i++) kept[i] = i32[status + i] ?? 0;
  kept[STATUS_WORDS] = i32[record + RecordWord.limit] ?? 0;
  const results = record + RecordWord.results;
  for (let i = 0; i < RESULT_WORDS; i++) kept[STATUS_WORDS + 1 + i] = i32[results + i] ?? 0;
}

export function putWordsBack(i32: Int32Array, record: number, kept: Int32Array): void {
  const status = record + RecordWord.status;
  for (let i = 0; i < STATUS_WORDS; i++) i32[status + i] = kept[i] ?? 0;
  i32[record + RecordWord.limit] = kept[STATUS_WORDS] ?? 0;
  const results = record + RecordWord.results;
  for (let i = 0; i < RESULT_WORDS; i++) i32[results + i] = kept[STATUS_WORDS + 1 + i] ?? 0;
}
