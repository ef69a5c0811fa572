/**
 * A QEMU with one NVMe controller and no running processor: its memory is a file, its registers answer over qtest.
 * What firmware would do, this file does: find the controller, assign its BAR, allow bus mastering.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Qtest } from "./qtest.ts";

export interface MachineOptions {
  readonly blocks: number;
  /** Bytes of a logical block. */
  readonly sectorBytes: 512 | 4096;
  /** Largest transfer: 4096 << mdts bytes; 0 = no limit. */
  readonly mdts: number;
  readonly memoryBytes: number;
}

/** The second namespace: always of this size in bytes, and of the other size of logical blocks. */
export const SECOND_BYTES: number = 1 << 20;

export function secondSectorBytes(sectorBytes: 512 | 4096): 512 | 4096 {
  return sectorBytes === 512 ? 4096 : 512;
}

const PROGRAM = "qemu-system-x86_64";
const SLOT = 4;
const CONFIG_ADDRESS = 0xcf8;
const CONFIG_DATA = 0xcfc;
/** In the hole below 4 GiB that the machine leaves for devices. */
const BAR_ADDRESS = 0xe000_0000;
/** Mass storage, non-volatile memory, NVMe. */
const NVME_CLASS = 0x010802;
/** Command register: memory space, bus master. */
const COMMAND_ENABLE = 0x6;
/** A QEMU that outlives its campaign ends itself. */
const MOST_SECONDS = 1800;

/** Installs Debian's package if the program is missing. @throws Error that says what to do */
export function ensureQemu(): void {
  if (process.platform !== "linux") throw new Error("this campaign needs Linux: QEMU's memory is a file in /dev/shm");
  if (isInstalled()) return;
  process.stderr.write(`${PROGRAM} is missing: installing Debian's package qemu-system-x86\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    execFileSync("apt-get", ["update", "-q"], { stdio: ["ignore", "ignore", "pipe"], env });
    execFileSync("apt-get", ["install", "-q", "-y", "--no-install-recommends", "qemu-system-x86"], {
      stdio: ["ignore", "ignore", "pipe"],
      env,
    });
    if (isInstalled()) return;
  } catch (cause) {
    throw missing(cause);
  }
  throw missing(undefined);
}

function missing(cause: unknown): Error {
  return new Error(`${PROGRAM} is missing and could not be installed: run "apt-get install qemu-system-x86" as root`, { cause });
}

function isInstalled(): boolean {
  try {
    execFileSync(PROGRAM, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export class Machine {
  readonly qtest: Qtest;
  /** The file behind the namespace. */
  readonly image: number;
  /** The file behind the second namespace. */
  readonly second: number;
  /** The file that is the machine's memory. */
  readonly memory: number;
  readonly #process: ChildProcess;
  readonly #folders: readonly string[];

  private constructor(
    qtest: Qtest,
    files: { image: number; second: number; memory: number },
    child: ChildProcess,
    folders: readonly string[],
  ) {
    this.qtest = qtest;
    this.image = files.image;
    this.second = files.second;
    this.memory = files.memory;
    this.#process = child;
    this.#folders = folders;
  }

  static async start({ blocks, sectorBytes, mdts, memoryBytes }: MachineOptions): Promise<Machine> {
    const folder = mkdtempSync(join(tmpdir(), "sumac-nvme-"));
    const memoryFolder = mkdtempSync("/dev/shm/sumac-nvme-");
    const folders = [folder, memoryFolder];
    try {
      const image = createFile(join(folder, "image"), blocks * 4096);
      const second = createFile(join(folder, "second"), SECOND_BYTES);
      const secondSector = secondSectorBytes(sectorBytes);
      const memory = createFile(join(memoryFolder, "memory"), memoryBytes);
      const fifos = join(folder, "qtest");
      Qtest.makeFifos(fifos);
      const log = openSync(join(folder, "log"), "w");
      const child = spawn(
        "timeout",
        [
          ...["--kill-after=5", String(MOST_SECONDS), PROGRAM, "-nodefaults", "-display", "none", "-S"],
          ...["-machine", "q35,accel=tcg,memory-backend=memory", "-m", `${memoryBytes >>> 20}M`],
          ...["-object", `memory-backend-file,id=memory,size=${memoryBytes},mem-path=${join(memoryFolder, "memory")},share=on`],
          ...["-qtest", `pipe:${fifos}`, "-qtest-log", "/dev/null"],
          ...["-drive", `if=none,id=disk,file=${join(folder, "image")},format=raw,cache=writeback`],
          ...["-drive", `if=none,id=disk2,file=${join(folder, "second")},format=raw,cache=writeback`],
          ...["-device", `nvme,id=nvme0,serial=sumac,addr=${SLOT}.0,mdts=${mdts}`],
          ...["-device", `nvme-ns,drive=disk,bus=nvme0,logical_block_size=${sectorBytes},physical_block_size=${sectorBytes},nsid=1`],
          ...["-device", `nvme-ns,drive=disk2,bus=nvme0,nsid=2,logical_block_size=${secondSector},physical_block_size=${secondSector}`],
        ],
        { stdio: ["ignore", log, log] },
      );
      closeSync(log);
      const failure = (): string | undefined =>
        child.exitCode === null && child.signalCode === null ? undefined : readFileSync(join(folder, "log"), "utf8").trim() || "ended";
      const qtest = await Qtest.connect(fifos, failure);
      assignBar(qtest);
      return new Machine(qtest, { image, second, memory }, child, folders);
    } catch (error) {
      for (const one of folders) rmSync(one, { recursive: true, force: true });
      throw error;
    }
  }

  /** A register of the controller. */
  read32(offset: number): number {
    return this.qtest.readl(BAR_ADDRESS + offset);
  }

  write32(offset: number, value: number): void {
    this.qtest.writel(BAR_ADDRESS + offset, value);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("close", resolve));
    // A process that has ended already sends no further event.
    if (this.#process.exitCode === null && this.#process.kill()) await ended;
    this.qtest.close();
    closeSync(this.image);
    closeSync(this.second);
    closeSync(this.memory);
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}

function createFile(path: string, bytes: number): number {
  const file = openSync(path, "w+");
  ftruncateSync(file, bytes);
  return file;
}

function assignBar(qtest: Qtest): void {
  const select = (register: number): void => qtest.outl(CONFIG_ADDRESS, 0x8000_0000 | (SLOT << 11) | register);
  const write = (register: number, value: number): void => {
    select(register);
    qtest.outl(CONFIG_DATA, value);
  };
  select(0x08);
  const classCode = qtest.inl(CONFIG_DATA) >>> 8;
  if (classCode !== NVME_CLASS) throw new Error(`the device in slot ${SLOT} has class ${classCode.toString(16)}, not NVMe`);
  write(0x10, BAR_ADDRESS);
  write(0x14, 0);
  write(0x04, COMMAND_ENABLE);
}
