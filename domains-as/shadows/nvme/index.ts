/** The shadow's export: the NVMe interface that survives its driver. */
import * as nvme from "./requests";

export { nvme };
