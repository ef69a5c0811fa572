/**
 * The whole system at work: systems/copy.json without its faults copies a file to an image and reads it back, against a
 * plain program that makes the same accesses. One call is one copy of 32 MiB.
 *
 * Neither side syncs: a sync costs the same on both, and would only hide what is compared. Files and code are warm.
 */
import { createHash, randomFillSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FieldValue, readObject } from "../../host/kernel/host/object-fields.ts";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { type Booted, bootManifest } from "../../host/system/boot.ts";
import type { System } from "../../host/system/system.ts";
import type { Row } from "../row.ts";
import { Shared } from "../support/shared.ts";
import { type Hashing, plainCopy, watcherOf } from "./plain-copy.ts";

const ROOT: string = join(import.meta.dirname, "../..");
const BYTES = 32 << 20;
const ROUNDS = 11;
const COPY = "sumac:job/copy@0.1.0";
const NO_DIGEST = "0".repeat(64);

interface Workplace {
  readonly folder: string;
  readonly input: string;
  readonly sha256: string;
}

const workplace = new Shared<Workplace>(
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "sumac-bench-"));
    const content = randomFillSync(new Uint8Array(BYTES));
    const input = join(folder, "input");
    await writeFile(input, content);
    return { folder, input, sha256: createHash("sha256").update(content).digest("hex") };
  },
  ({ folder }) => rm(folder, { recursive: true }),
);

/** One system for all rows, as a program has one. */
const running = new Shared<{ readonly booted: Booted; readonly sha256: string }>(
  async () => {
    const { folder, input, sha256 } = await workplace.take();
    try {
      const booted = await bootManifest(join(ROOT, "systems/copy.json"), {
        parameters: { input, image: join(folder, "image") },
        trusted: await trustedKeys(projectRoot(ROOT), []),
        faultEveryMegabytes: 0,
      });
      return { booted, sha256 };
    } catch (error) {
      await workplace.give();
      throw error;
    }
  },
  async ({ booted }) => {
    await booted.finish(false);
    await workplace.give();
  },
);

function sumacRow(name: string, method: "run" | "transfer", ratio: NonNullable<Row["ratio"]>): Row {
  return {
    name,
    unit: "ms",
    ratio,
    rounds: ROUNDS,
    async prepare() {
      const { booted, sha256 } = await running.take();
      const { system } = booted;
      const copy = system.export("copier", COPY)[method];
      const expected = method === "run" ? sha256 : NO_DIGEST;
      return {
        run(count) {
          for (let i = 0; i < count; i++) {
            const called = copy?.();
            if (called?.ok !== true) throw new Error(`${name}: the copier ended: ${JSON.stringify(called)}`);
            const result = called.value as { readonly tag: string; readonly val: number | string };
            if (result.tag !== "ok") throw new Error(`${name}: ${result.val}`);
            checkReport(name, takeReport(system, Number(result.val)), expected);
          }
        },
        end: () => running.give(),
      };
    },
  };
}

/** The report object belongs to the host now: read it, free it. */
function takeReport(system: System, base: number): Record<string, FieldValue> {
  const { heap, types } = system.kernel;
  const type = types.get(heap.exports.typeOf(base) >>> 0);
  if (type === undefined) throw new Error("the copier returned an object of an unknown type");
  const fields = readObject(heap, type, base);
  heap.exports.free(base);
  return fields;
}

function checkReport(name: string, report: Record<string, FieldValue>, sha256: string): void {
  const digests = Object.values(report).filter((field) => field instanceof Uint8Array);
  if (digests.length !== 2 || digests.some((digest) => Buffer.from(digest).toString("hex") !== sha256)) {
    throw new Error(`${name}: the copy is not the input`);
  }
}

function plainRow(name: string, hashing: Hashing, ratio?: NonNullable<Row["ratio"]>): Row {
  return {
    name,
    unit: "ms",
    ...(ratio === undefined ? {} : { ratio }),
    rounds: ROUNDS,
    async prepare() {
      const watcher = await watcherOf(hashing);
      const { folder, input, sha256 } = await workplace.take();
      const { run, end } = plainCopy(input, join(folder, `plain-${hashing}`), BYTES, watcher);
      return {
        run(count) {
          for (let i = 0; i < count; i++) {
            for (const digest of run()) if (hashing !== "none" && digest !== sha256) throw new Error(`${name}: the copy is not the input`);
          }
        },
        async end() {
          end();
          await workplace.give();
        },
      };
    },
  };
}

export const copyRows: readonly Row[] = [
  plainRow("copy/io-plain", "none"),
  sumacRow("copy/io", "transfer", { to: "copy/io-plain", atMost: 3 }),
  plainRow("copy/full-plain", "wasm"),
  sumacRow("copy/full", "run", { to: "copy/full-plain", atMost: 2 }),
  plainRow("copy/full-node", "node", { to: "copy/full" }),
];
