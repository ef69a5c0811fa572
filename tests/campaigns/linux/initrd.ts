/**
 * The first and only file system of the guest: busybox, the tools of the test, the kernel's modules, and the script of the test.
 * Called by the campaigns. The script is given sh functions that print the markers which `verdict.ts` reads.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CpioEntry, cpio } from "./cpio.ts";
import { modulesInOrder } from "./kernel-modules.ts";

export interface Guest {
  /** Modules to bring, in dependency order; the script inserts them with `insert NAME`. */
  readonly modules: readonly string[];
  /** Programs of Debian, by their path in its packages; the script finds them in /tools, as busybox has its own of some names. */
  readonly programs: readonly string[];
  /** Shared libraries of these programs. */
  readonly libraries: readonly string[];
  /** What the guest does, in sh. */
  readonly script: string;
}

const LIBRARY_FOLDERS = ["lib/i386-linux-gnu", "usr/lib/i386-linux-gnu"];

/**
 * step NAME COMMAND…  runs it; says "ok NAME" or "FAIL NAME" with what it printed.
 * fact NAME WORDS…    tells the host something to compare.
 * insert NAME         inserts a module and what it needs, with the words of /modules/NAME.arguments.
 */
const PRELUDE = `#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /tmp /mnt
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
step() {
  name=$1; shift
  if "$@" > /tmp/step.log 2>&1; then echo "@@ ok $name"
  else code=$?; head -c 4000 /tmp/step.log; echo; echo "@@ FAIL $name (exit $code)"; fi
}
fact() { echo "@@ fact" $*; }
insert() {
  for module in $(cat /modules/order); do
    grep -q "^$(echo $module | tr - _) " /proc/modules || insmod /modules/$module.ko $(cat /modules/$module.arguments 2> /dev/null) || return 1
    [ $module = $1 ] && return 0
  done
  return 1
}
await() { # SECONDS COMMAND…: until the command succeeds
  tries=$(($1 * 10)); shift
  while [ $tries -gt 0 ]; do "$@" > /dev/null 2>&1 && return 0; tries=$((tries - 1)); usleep 100000; done
  return 1
}
echo "sumac: the test begins" > /dev/kmsg
echo "@@ booted $(uname -r)"
`;

const EPILOGUE = `
echo "@@ log"
dmesg -r
echo "@@ end"
sync
poweroff -f
`;

export function initrd(root: string, guest: Guest): Uint8Array<ArrayBuffer> {
  const modules = modulesInOrder(root, guest.modules);
  const entries: CpioEntry[] = [];
  for (const path of ["dev", "bin", "tools", "lib", "modules"]) entries.push({ kind: "folder", path });
  entries.push({ kind: "device", path: "dev/console", major: 5, minor: 1 });
  entries.push(program("bin/busybox", join(root, "bin", "busybox")), { kind: "link", path: "bin/sh", target: "busybox" });
  for (const path of guest.programs) entries.push(program(`tools/${path.split("/").at(-1)}`, join(root, path)));
  for (const name of guest.libraries) entries.push(program(`lib/${name}`, library(root, name)));
  for (const { name, bytes } of modules) entries.push({ kind: "file", path: `modules/${name}.ko`, bytes });
  entries.push({ kind: "file", path: "modules/order", bytes: Buffer.from(modules.map(({ name }) => `${name}\n`).join("")) });
  entries.push({ kind: "file", path: "init", bytes: Buffer.from(PRELUDE + guest.script + EPILOGUE), executable: true });
  return cpio(entries);
}

/** The kernel image of the package. */
export function kernelImage(root: string, names: readonly string[]): Uint8Array<ArrayBuffer> {
  const name = names.find((file) => file.startsWith("vmlinuz-"));
  if (name === undefined) throw new Error("the kernel package has no kernel");
  return new Uint8Array(readFileSync(join(root, "boot", name)));
}

function program(path: string, from: string): CpioEntry {
  return { kind: "file", path, bytes: readFileSync(from), executable: true };
}

function library(root: string, name: string): string {
  for (const folder of LIBRARY_FOLDERS) {
    const path = join(root, folder, name);
    try {
      readFileSync(path);
      return path;
    } catch {
      // the next folder
    }
  }
  throw new Error(`none of Debian's packages here has the library ${name}`);
}
