/**
 * Brings in what a campaign with Linux needs and the project does not: Debian's 32-bit packages, and the npm package of the PC.
 * Called by the campaigns before they boot. Nothing is installed: apt works on state of its own under build/, packages are
 * unpacked there, and a second run finds them.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const HERE: string = import.meta.dirname;
const CACHE: string = join(HERE, "..", "..", "..", "build", "linux");
/** Depends on the current kernel package. */
const KERNEL = "linux-image-686";
/** Everything that goes into the guest, and the firmware; libraries by name, as dependencies are not followed. */
const PACKAGES = [
  "busybox-static",
  "seabios",
  "e2fsprogs",
  "ethtool",
  "nvme-cli",
  "libblkid1",
  "libc6",
  "libcap2",
  "libcom-err2",
  "libdbus-1-3",
  "libext2fs2",
  "libgcrypt20",
  "libgpg-error0",
  "libjson-c5",
  "liblz4-1",
  "liblzma5",
  "libmnl0",
  "libnvme1",
  "libssl3",
  "libsystemd0",
  "libuuid1",
  "libzstd1",
  "zlib1g",
];
/** Most of the kernel's modules are for hardware that this machine will never have. */
const LEFT_OUT = ["sound", "drivers/gpu", "drivers/media", "drivers/staging", "drivers/usb", "drivers/net/wireless", "drivers/infiniband"];
const APT_TIMEOUT_MS = 300_000;

/** The folder with all packages unpacked, one over the other. */
export function debianRoot(): string {
  const root = join(CACHE, "root");
  const record = join(CACHE, "packages.json");
  const wanted = JSON.stringify([KERNEL, ...PACKAGES, LEFT_OUT]);
  if (existsSync(root) && existsSync(record) && readFileSync(record, "utf8") === wanted) return root;
  rmSync(root, { recursive: true, force: true });
  const fresh = `${root}.partial`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  try {
    for (const file of download()) unpack(file, fresh);
  } catch (cause) {
    const reason = (cause as Error).message.trim().split("\n").slice(-3).join("; ");
    throw new Error(
      `Debian's packages for 32-bit machines could not be fetched (${reason}): run on Debian or Ubuntu, with its archive in reach`,
      {
        cause,
      },
    );
  }
  renameSync(fresh, root);
  rmSync(join(CACHE, "debs"), { recursive: true, force: true });
  writeFileSync(record, wanted);
  return root;
}

/** The class of the PC, and the folder with its WebAssembly. */
export async function pcPackage(): Promise<{ readonly module: unknown; readonly folder: string }> {
  if (!existsSync(join(HERE, "node_modules", ".package-lock.json"))) {
    process.stderr.write("installing the npm package of the PC …\n");
    const { status, stderr, error } = spawnSync("npm", ["ci", "--prefix", HERE, "--ignore-scripts", "--no-audit", "--no-fund"], {
      encoding: "utf8",
    });
    const reason = error?.message ?? stderr.split("\n").find((line) => line.startsWith("npm error")) ?? "";
    if (status !== 0)
      throw new Error(`the npm package v86 could not be installed (${reason}): run "npm ci --prefix tests/campaigns/linux"`);
  }
  const main = createRequire(join(HERE, "package.json")).resolve("v86");
  return { module: await import(pathToFileURL(main).href), folder: join(main, "..") };
}

function download(): string[] {
  process.stderr.write("fetching Debian's 32-bit kernel and tools …\n");
  const debs = join(CACHE, "debs");
  rmSync(debs, { recursive: true, force: true });
  for (const folder of [debs, join(CACHE, "apt", "lists", "partial"), join(CACHE, "apt", "archives", "partial")])
    mkdirSync(folder, { recursive: true });
  // One list of several may fail without harm; a package that is then missing is named by the download.
  spawnSync("apt-get", [...aptOptions(), "-q", "update"], { stdio: "ignore", timeout: APT_TIMEOUT_MS });
  const kernel = /Depends: (linux-image-\S+)/.exec(apt("apt-cache", "depends", KERNEL))?.[1];
  if (kernel === undefined) throw new Error(`${KERNEL} depends on no kernel`);
  apt("apt-get", "-q", "download", kernel, ...PACKAGES);
  return readdirSync(debs).map((name) => join(debs, name));
}

function apt(program: string, ...args: string[]): string {
  return execFileSync(program, [...aptOptions(), ...args], {
    encoding: "utf8",
    cwd: join(CACHE, "debs"),
    stdio: "pipe",
    timeout: APT_TIMEOUT_MS,
  });
}

/** The machine's own sources, read for another architecture into folders of ours. */
function aptOptions(): string[] {
  const options = {
    "APT::Architecture": "i386",
    "APT::Architectures": "i386",
    "APT::Sandbox::User": "",
    "Dir::State::lists": join(CACHE, "apt", "lists"),
    "Dir::State::status": "/dev/null",
    "Dir::Cache": join(CACHE, "apt"),
  };
  return Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

function unpack(file: string, into: string): void {
  const excludes = LEFT_OUT.map((folder) => `--exclude=*/kernel/${folder}/*`).join(" ");
  execFileSync("sh", ["-c", `dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --no-same-owner --wildcards ${excludes}`, "sh", file, into], {
    stdio: "pipe",
  });
}
