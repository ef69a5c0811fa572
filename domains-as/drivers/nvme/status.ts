/**
 * What the status of a completion means for the caller.
 * Used by controller.ts, channel.ts, transfer.ts, exchange.ts, bdev.ts and bulk.ts. Source: [NVME-1.4] section 4.6.1.
 *
 *   bit  14    13  12  11 10     8 7            0        (the status field without the phase bit below it)
 *       ┌─────┬───┬──────┬────────┬──────────────┐
 *       │ DNR │ M │ CRD  │  SCT   │      SC      │
 *       └─────┴───┴──────┴────────┴──────────────┘
 */
import { BdevError } from "./gen/bdev";

export const SUCCESS: u32 = 0;
/** Generic (0), Command Abort Requested. Also what the driver says itself of a command that never completed. */
export const ABORTED: u32 = 0x007;
/** Generic (0), LBA Out of Range. Also what the driver answers itself to a block number that no command can carry. */
export const LBA_OUT_OF_RANGE: u32 = 0x080;
/** Generic (0), Namespace Not Ready. */
const NAMESPACE_NOT_READY: u32 = 0x082;

/** SCT and SC. */
const CODE_MASK: u32 = 0x7ff;
const DO_NOT_RETRY: u32 = 1 << 14;

/** The other bits may be set all the same: M says that there is more in a log. */
export function isSuccess(status: u32): bool {
  return (status & CODE_MASK) == SUCCESS;
}

/** False for a success, and when the controller says that the same command would fail again (DNR). */
export function isWorthRepeating(status: u32): bool {
  return !isSuccess(status) && (status & DO_NOT_RETRY) == 0;
}

/** For a status other than success. Whatever the caller cannot act upon is `io`. */
export function errorOf(status: u32): BdevError {
  switch (status & CODE_MASK) {
    case LBA_OUT_OF_RANGE:
      return BdevError.outOfRange;
    case NAMESPACE_NOT_READY:
      return BdevError.unavailable;
    default:
      return BdevError.io;
  }
}
