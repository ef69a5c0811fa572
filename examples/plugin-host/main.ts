/** Calls a plugin that hangs, traps and leaks, and goes on each time. Usage: node main.ts filter.wasm */

import type { Image, Kind } from "./filter/wit/gen/image.ts";
import { DEADLINE_MS, PluginHost } from "./plugin-host.ts";

function gray(width: number, height: number): Image {
  return { width, height, pixels: Uint8Array.from({ length: width * height }, (_, i) => i % 251) };
}

const host = await PluginHost.start(process.argv[2] ?? "filter.wasm");

async function ask(kind: Kind, image: Image, times = 1): Promise<void> {
  const started = performance.now();
  let answers = 0;
  let filtered = await host.apply(kind, image);
  let lastStarted = started;
  while (filtered.kind === "image" && ++answers < times) {
    lastStarted = performance.now();
    filtered = await host.apply(kind, image);
  }
  const ms = performance.now() - lastStarted;
  const what = `${kind} ${image.width}x${image.height}:`;
  if (filtered.kind === "image") {
    console.log(`${what} ${answers} good, first pixels ${filtered.image.pixels.slice(0, 4).join(" ")}`);
  } else if (filtered.kind === "refused") {
    console.log(`${what} refused: ${filtered.error}`);
  } else {
    const { cause, detail } = filtered.error;
    const late = ms > DEADLINE_MS * 4 ? "LATE" : "in time";
    console.log(`${what} ${answers} good, then ${cause} (${late}): ${detail}`);
    const frames = filtered.death?.stack.filter(({ file }) => file !== "~lib/sumac/abort.ts") ?? [];
    for (const { function: name, file, line } of frames.slice(0, 3)) console.log(`    at ${name} (${file}:${line})`);
  }
}

await ask("invert", gray(64, 64));
await ask("dither", gray(64, 64));
await ask("dither", gray(63, 64)); // hangs
await ask("invert", gray(63, 64));
await ask("emboss", gray(64, 64)); // traps
await ask("invert", gray(63, 64));
await ask("blur", gray(256, 256), 1000); // leaks
await ask("invert", gray(63, 64));
await ask("invert", { ...gray(8, 8), width: 9 });
console.log(`the plugin was loaded ${host.loads} times; the program is where it was`);
await host.stop();
