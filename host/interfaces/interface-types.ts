// Generated from interfaces/*.wit by `sumac bindgen`; change that, not this.
import type * as block from "./block.ts";
import type * as device from "./device.ts";
import type * as io from "./io.ts";
import type * as job from "./job.ts";
import type * as kernel from "./kernel.ts";
import type * as net from "./net.ts";
import type * as nvme from "./nvme.ts";

/** Interface id to the type of what `Sumac.export` gives for it. */
export interface InterfaceTypes {
  readonly "sumac:block/bdev@0.1.0": block.Bdev;
  readonly "sumac:block/bulk@0.1.0": block.Bulk;
  readonly "sumac:device/clock@0.1.0": device.Clock;
  readonly "sumac:device/irq@0.1.0": device.Irq;
  readonly "sumac:device/mmio@0.1.0": device.Mmio;
  readonly "sumac:io/file@0.1.0": io.File;
  readonly "sumac:job/copy@0.1.0": job.Copy;
  readonly "sumac:job/progress@0.1.0": job.Progress;
  readonly "sumac:kernel/creator@0.1.0": kernel.Creator;
  readonly "sumac:kernel/supervisor@0.1.0": kernel.Supervisor;
  readonly "sumac:net/net@0.1.0": net.Net;
  readonly "sumac:nvme/nvme@0.1.0": nvme.Nvme;
}

/** Interface id to the type of what an application grants for it. */
export interface ImplementationTypes {
  readonly "sumac:block/bdev@0.1.0": block.BdevImplementation;
  readonly "sumac:block/bulk@0.1.0": block.BulkImplementation;
  readonly "sumac:device/clock@0.1.0": device.ClockImplementation;
  readonly "sumac:device/irq@0.1.0": device.IrqImplementation;
  readonly "sumac:device/mmio@0.1.0": device.MmioImplementation;
  readonly "sumac:io/file@0.1.0": io.FileImplementation;
  readonly "sumac:job/copy@0.1.0": job.CopyImplementation;
  readonly "sumac:job/progress@0.1.0": job.ProgressImplementation;
  readonly "sumac:kernel/creator@0.1.0": kernel.CreatorImplementation;
  readonly "sumac:kernel/supervisor@0.1.0": kernel.SupervisorImplementation;
  readonly "sumac:net/net@0.1.0": net.NetImplementation;
  readonly "sumac:nvme/nvme@0.1.0": nvme.NvmeImplementation;
}
