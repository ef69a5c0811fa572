/**
 * The part of npm's v86 that the harness uses, as types of our own: the package is installed by the campaigns only, and its own
 * types leave out the parts behind the emulator's front. Called by pc.ts and pci-bridge.ts.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pcPackage } from "./packages.ts";

export interface V86Pci {
  register_device(device: { name: string; pci_id: number; pci_space: number[]; pci_bars: [] }): void;
  pci_addr: Uint8Array;
  pci_response32: Int32Array;
  pci_status32: Int32Array;
  /** Where interrupt pins lead: four bytes from offset 0x60. */
  isa_bridge_space8: Uint8Array;
  pci_query(): void;
  pci_write8(address: number, value: number): void;
  pci_write16(address: number, value: number): void;
  pci_write32(address: number, value: number): void;
}

export interface V86Cpu {
  /** Guest memory from address 0. */
  readonly mem8: Uint8Array;
  readonly io: {
    mmap_register(
      address: number,
      bytes: number,
      read8: (address: number) => number,
      write8: (address: number, value: number) => void,
      read32: (address: number) => number,
      write32: (address: number, value: number) => void,
    ): void;
  };
  readonly devices: { readonly pci: V86Pci };
  /** The flags register. */
  readonly flags: Int32Array;
  device_raise_irq(irq: number): void;
  device_lower_irq(irq: number): void;
  /** Code that was translated from these bytes is stale. */
  jit_dirty_cache(start: number, end: number): void;
}

export interface V86 {
  readonly v86: { readonly cpu: V86Cpu };
  add_listener(event: "emulator-ready", listener: () => void): void;
  add_listener(event: "serial0-output-byte", listener: (byte: number) => void): void;
  run(): Promise<void>;
  stop(): Promise<void>;
  destroy(): Promise<void>;
}

export interface V86Options {
  readonly memoryBytes: number;
  readonly bios: Uint8Array<ArrayBuffer>;
  readonly kernel: Uint8Array<ArrayBuffer>;
  readonly initrd: Uint8Array<ArrayBuffer>;
  readonly commandLine: string;
}

/** A PC that is ready to run. */
export async function createV86(options: V86Options): Promise<V86> {
  const { module, folder } = await pcPackage();
  const { V86 } = module as { readonly V86: new (options: object) => V86 };
  const wasm = new WebAssembly.Module(readFileSync(join(folder, "v86.wasm")));
  const emulator = new V86({
    wasm_fn: async (imports: WebAssembly.Imports) => (await WebAssembly.instantiate(wasm, imports)).exports,
    memory_size: options.memoryBytes,
    vga_memory_size: 2 << 20,
    bios: { buffer: options.bios.buffer },
    bzimage: { buffer: options.kernel.buffer },
    initrd: { buffer: options.initrd.buffer },
    cmdline: options.commandLine,
    acpi: false,
    autostart: false,
  });
  await new Promise<void>((resolve) => emulator.add_listener("emulator-ready", resolve));
  return emulator;
}
