/** `sumac:scrubber/scrub`: every block of the disk is read and written back, again and again. Called by the host. */
import { objectsAreBack } from "sumac/fate";
import { Outcome } from "sumac/outcome";
import { bdev } from "./gen/bdev";
import { clock } from "./gen/clock";
import { Report, ScrubError } from "./gen/scrub";
import { Block } from "./gen/types";
import { tell } from "./progress";

const TELL_EVERY_MICROS: u64 = 1_000_000;
/** The clock is the host's: nobody asks it for every block. */
const LOOK_EVERY_BLOCKS: u64 = 64;
/** Of one block. */
const MOST_TRIES: i32 = 8;

export function run(): Outcome<Report> {
  return passes(0);
}

export function passes(count: u32): Outcome<Report> {
  const blocks = bdev.identify().blocks;
  let told = clock.nowMicros();
  let done: u64 = 0;
  for (let pass: u64 = 0; count == 0 || pass < count; pass++) {
    for (let lba: u64 = 0; lba < blocks; lba++, done++) {
      if (!rewritten(lba)) return Outcome.error<Report>(ScrubError.disk);
      if (done % LOOK_EVERY_BLOCKS != 0) continue;
      const now = clock.nowMicros();
      if (now - told < TELL_EVERY_MICROS) continue;
      told = now;
      tell(<u32>pass, <u32>done);
    }
  }
  const report = Report.create();
  report.passes = count;
  report.blocks = done;
  return Outcome.ok<Report>(report);
}

/** Whoever serves the disk may die and come again: its call is made again. */
function rewritten(lba: u64): bool {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    if (rewrite(lba)) return true;
  }
  return false;
}

/** HOT: one read and one write of a block that makes the whole way. */
function rewrite(lba: u64): bool {
  const block = Block.create();
  const filled = bdev.read(lba, block);
  if (!filled.isOk) {
    if (filled.died && objectsAreBack()) block.drop();
    return false;
  }
  const isWritten = bdev.write(lba, filled.value).isOk;
  filled.value.drop();
  return isWritten;
}
