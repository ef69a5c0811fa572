/**
 * Brings in what Sumac is measured against: packages of bench/peers/, which are not part of the project's own install.
 * Installed from their lock file when a row first needs them.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Unavailable } from "../row.ts";

const FOLDER: string = join(import.meta.dirname, "..", "peers");

/** The module that `import specifier` gives inside bench/peers/. */
export async function importPeer<T>(specifier: string): Promise<T> {
  installPeers();
  const resolved = createRequire(join(FOLDER, "package.json")).resolve(specifier);
  return (await import(pathToFileURL(resolved).href)) as T;
}

function installPeers(): void {
  if (existsSync(join(FOLDER, "node_modules", ".package-lock.json"))) return;
  console.log("installing the packages of bench/peers/ …");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { status, stderr, error } = spawnSync(npm, ["ci", "--prefix", FOLDER, "--ignore-scripts", "--no-audit", "--no-fund"], {
    encoding: "utf8",
    shell: npm !== "npm",
  });
  if (status === 0) return;
  const reason = error?.message ?? stderr.split("\n").find((line) => line.startsWith("npm error")) ?? "";
  throw new Unavailable(
    `the packages of bench/peers/ could not be installed (${reason}): ` +
      `connect to the npm registry and run "npm ci --prefix bench/peers"`,
  );
}
