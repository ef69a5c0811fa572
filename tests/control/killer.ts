/** Run by system.test.ts: ends what the process above it cannot, because it is in that. `killer.ts SYSTEM DO DOMAIN`: until it is done. */
import { ask, findSystem } from "../../host/cli/control-client.ts";
import type { Killed, Snapshot } from "../../host/control/protocol.ts";

const [, , name = "", verb = "kill", domain = ""] = process.argv;
const system = await findSystem(name);
/** It is in a call: one that the test has not begun yet would not be ended. */
for (let isIn = false; !isIn; ) {
  const { chains } = await ask<Snapshot>(system, { do: "ps" });
  isIn = chains.some((chain) => chain.includes(domain));
}
console.log(JSON.stringify(await ask<Killed>(system, { do: verb as "kill" | "restart", domain })));
