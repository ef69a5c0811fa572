/** Adds seven numbers while the worker dies of every third call. Usage: node main.ts worker.wasm keeper.wasm */
import { LastingCounter } from "./counter.ts";

const counter = await LastingCounter.start(process.argv[2] ?? "worker.wasm", process.argv[3] ?? "keeper.wasm", (event) => {
  if (event.kind === "log") console.log(`${event.domain}#${event.generation}: ${event.line}`);
  if (event.kind === "death" && event.death.cause !== "killed") console.log(`${event.death.domain}#${event.death.generation} died`);
  if (event.kind === "restart") console.log(`${event.domain}#${event.generation} started from ${event.from}`);
});
for (const number of [27, 871, 6, 7, 9, 97, 1]) console.log(`${number}: ${counter.add(number)}`);
await counter.stop();
