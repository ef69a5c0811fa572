/**
 * One boot of Linux in a PC with our devices in its slots: from power-on to power-off, or to the end of its time.
 * Owns the emulator, the lines of its serial console, and the time limits. A guest that hangs is an error with the end of its log.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PciModel } from "../../../devices/ports.ts";
import { type Guest, initrd, kernelImage } from "./initrd.ts";
import { debianRoot } from "./packages.ts";
import { PciBridge } from "./pci-bridge.ts";
import { createV86 } from "./v86.ts";

export interface BootOptions {
  readonly guest: Guest;
  /** Which model sits in which slot; 8 and above are free. */
  readonly slots: ReadonlyMap<number, PciModel>;
  readonly memoryBytes?: number;
  /** From power-on to power-off. */
  readonly limitMs: number;
  /** Without a word from the guest. */
  readonly silenceMs?: number;
  readonly onLine?: (line: string) => void;
  /** The guest has powered off, and the models still stand as it left them. */
  readonly onOff?: () => void;
  /** The models are in their slots, and the guest has not begun. */
  readonly onReady?: (bridge: PciBridge) => void;
  /** The guest writes 32 bits to a window; before the model sees it. */
  readonly onWrite?: (slot: number, bar: number, offset: number, value: number) => void;
  /** Runs a few thousand times per second, between slices of the guest: work of devices that is not done at once. */
  readonly onTick?: () => void;
}

export interface Boot {
  readonly lines: readonly string[];
  readonly seconds: number;
  readonly bridge: PciBridge;
}

const MEMORY_BYTES: number = 128 << 20;
const SILENCE_MS = 300_000;
const TAIL_LINES = 40;
/** The kernel's last words. */
const OFF = /reboot: (Power down|System halted)/;
/** Without an APIC nobody could take a message; the kernel would find out only when a driver asks, and complain. */
const COMMAND_LINE = "pci=nomsi console=ttyS0 tsc=reliable mitigations=off random.trust_cpu=on nokaslr quiet panic=-1";

export async function boot(options: BootOptions): Promise<Boot> {
  const root = debianRoot();
  const memoryBytes = options.memoryBytes ?? MEMORY_BYTES;
  const emulator = await createV86({
    memoryBytes,
    bios: new Uint8Array(readFileSync(join(root, "usr", "share", "seabios", "bios.bin"))),
    kernel: kernelImage(root, readdirSync(join(root, "boot"))),
    initrd: initrd(root, options.guest),
    commandLine: COMMAND_LINE,
  });
  const bridge = new PciBridge(emulator.v86.cpu, memoryBytes, options.onWrite);
  for (const [slot, model] of options.slots) bridge.plug(slot, model);
  options.onReady?.(bridge);
  const started = performance.now();
  const lines: string[] = [];
  let ticking = true;
  const tick = (): void => {
    if (!ticking) return;
    options.onTick?.();
    setImmediate(tick);
  };
  if (options.onTick !== undefined) tick();
  try {
    await new Promise<void>((resolve, reject) => {
      const late = (why: string): void => reject(new Error(`${why}; the end of its log:\n${lines.slice(-TAIL_LINES).join("\n")}`));
      const limit = setTimeout(() => late(`the guest did not finish within ${options.limitMs / 1000} s`), options.limitMs);
      const silence = setTimeout(
        () => late(`the guest was silent for ${(options.silenceMs ?? SILENCE_MS) / 1000} s`),
        options.silenceMs ?? SILENCE_MS,
      );
      const heard = (line: string): void => {
        lines.push(line);
        silence.refresh();
        options.onLine?.(line);
        if (!OFF.test(line) && !/Kernel panic/.test(line)) return;
        clearTimeout(limit);
        clearTimeout(silence);
        if (OFF.test(line)) resolve();
        else late("the guest's kernel panicked");
      };
      emulator.add_listener("serial0-output-byte", splitLines(heard));
      void emulator.run();
    });
    options.onOff?.();
  } finally {
    ticking = false;
    bridge.unplug();
    await emulator.destroy();
  }
  return { lines, seconds: (performance.now() - started) / 1000, bridge };
}

function splitLines(heard: (line: string) => void): (byte: number) => void {
  let bytes: number[] = [];
  return (byte) => {
    if (byte === 0x0d) return;
    if (byte !== 0x0a) {
      bytes.push(byte);
      return;
    }
    const line = Buffer.from(bytes).toString("utf8");
    bytes = [];
    heard(line);
  };
}
