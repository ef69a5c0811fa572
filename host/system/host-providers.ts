/** The interfaces that the host itself implements for a manifest: files, progress and time. Devices are in kernel/device-grant.ts. */
import type { InputFile, ReadOutcome } from "../backends/input-file.ts";
import { IMPLEMENTED } from "../kernel/implemented.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Provider } from "../kernel/provider.ts";
import { RecordWord } from "../kernel/words.ts";

const BLOCK_BYTES = 4096;

/** Cases of `sumac:io/file`.`error`, packed as 1 + case. */
const FILE_ERRORS: Readonly<Record<Exclude<ReadOutcome, "ok">, number>> = { io: 1, shrank: 2, "out-of-range": 3 };

/** `sumac:io/file` over one open file. */
export function fileProvider(kernel: Kernel, file: InputFile): Provider {
  return {
    kind: "host",
    implements: IMPLEMENTED["sumac:io/file@0.1.0"],
    bind(domain) {
      const results = domain.record + RecordWord.results;
      return {
        size() {
          kernel.i32[results] = file.size | 0;
          kernel.i32[results + 1] = Math.floor(file.size / 0x1_0000_0000);
          return 0;
        },
        /** The block is the kernel's while the file is read into it, and goes back either way. */
        "read-at"(low = 0, high = 0, block = 0) {
          const offset = (high >>> 0) * 0x1_0000_0000 + (low >>> 0);
          const outcome = file.readAt(offset, kernel.heap.u8.subarray(block, block + BLOCK_BYTES));
          if (outcome === "ok") return block;
          kernel.heap.exports.free(block);
          return FILE_ERRORS[outcome];
        },
      };
    },
  };
}

export type ProgressListener = (phase: number, done: number, total: number) => void;

/** `sumac:job/progress`. */
export function progressProvider(listener: ProgressListener): Provider {
  return {
    kind: "host",
    implements: IMPLEMENTED["sumac:job/progress@0.1.0"],
    bind: () => ({
      report(phase = 0, doneLow = 0, doneHigh = 0, totalLow = 0, totalHigh = 0) {
        const done = (doneHigh >>> 0) * 0x1_0000_0000 + (doneLow >>> 0);
        const total = (totalHigh >>> 0) * 0x1_0000_0000 + (totalLow >>> 0);
        listener(phase, done, total);
        return 0;
      },
    }),
  };
}

/** `sumac:device/clock`. */
export function clockProvider(kernel: Kernel, nowMicros: () => number = () => performance.now() * 1000): Provider {
  return {
    kind: "host",
    portable: { kind: "clock" },
    implements: IMPLEMENTED["sumac:device/clock@0.1.0"],
    bind(domain) {
      const results = domain.record + RecordWord.results;
      return {
        "now-micros"() {
          const now = Math.floor(nowMicros());
          kernel.i32[results] = now | 0;
          kernel.i32[results + 1] = Math.floor(now / 0x1_0000_0000);
          return 0;
        },
      };
    },
  };
}
