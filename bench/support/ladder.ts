/** The system in which all rows of the ladder have their domains: one, so that they share what domains of one program share. */

import { TURNS } from "../rows/ladder-world.ts";
import { CALLEE, FORWARDER, LIBRARIAN, turnCallee } from "./callees.ts";
import { BenchSystem } from "./domains.ts";
import { Shared } from "./shared.ts";

export const ladder: Shared<BenchSystem> = new Shared(
  async () => {
    const system = await BenchSystem.start();
    for (const domain of [CALLEE, FORWARDER, LIBRARIAN, { ...CALLEE, name: "deceased" }]) await system.add(domain);
    for (let i = 0; i < TURNS; i++) await system.add(turnCallee(i));
    system.kill("deceased");
    return system;
  },
  (system) => system.stop(),
);
