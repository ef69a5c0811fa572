/** The start of a station that waits for questions. */
import { PANIC_ASSERTION, panic } from "sumac/abort";
import * as threads from "sumac/thread";
import { answerForEver } from "./station";

export function init(): void {
  if (threads.create<u32>(answerForEver, 0, "station") === null) panic(PANIC_ASSERTION, "the station needs a thread: limits.threads");
}
