/** Keeps the sums for a worker that dies: lends them to it, and writes them when there is an answer. */
import { calleeDied } from "sumac/fate";
import { Outcome } from "sumac/outcome";
import { lastStatus, Status } from "sumac/rpc";
import { CounterError } from "./gen/counter";
import { Sums } from "./gen/state";
import { weighing as worker } from "./gen/weighing";

const MOST_ATTEMPTS: i32 = 4;

/** Owned by this domain, so it lives as long as it does, whoever else dies. */
const sums = Sums.create();

export namespace counter {
  export function add(number: u32): Outcome<u64> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const total = worker.add(sums, number);
      if (lastStatus() == Status.OK) {
        // One place where the state changes, after all that can fail: a call that is repeated counts once.
        sums.total = total;
        sums.numbers += 1;
        return Outcome.ok<u64>(total);
      }
      // The dead worker's successor is reached by the same import: the program grants it so that it follows.
      if (!calleeDied()) break;
    }
    return Outcome.error<u64>(CounterError.unavailable);
  }
}
