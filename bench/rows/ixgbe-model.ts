/** The 82599 driven by host code: 64-byte frames through one ring pair in loopback at the MAC, one and 32 to a doorbell. */
import type { Row } from "../row.ts";
import { IxgbeDirect } from "../support/ixgbe-direct.ts";

export const ixgbeModelRows: readonly Row[] = [1, 32].map((batch) => ({
  name: `net/ixgbe-loop-b${batch}/host`,
  unit: "pkt/s",
  async prepare() {
    const card = new IxgbeDirect();
    return {
      run(count) {
        for (let done = 0; done < count; done += batch) card.batch(Math.min(batch, count - done));
      },
    };
  },
}));
