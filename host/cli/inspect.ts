/** `sumac inspect`: what is in a module, without running or trusting it. */
import type { Command } from "commander";
import { WORLD_SECTION } from "../build/rewrite.ts";
import { SumacError } from "../errors.ts";
import { toHex } from "../loader/byte-reader.ts";
import { claimedFingerprint, type Fingerprint } from "../loader/fingerprint.ts";
import { customText, type Section, sectionLabel } from "../loader/sections.ts";
import { decodeSignatures, SIGNATURE_SECTION } from "../loader/signature-format.ts";
import { type ExportEntry, type ImportEntry, type MemoryEntry, summarize } from "../loader/summary.ts";
import { about, readModule } from "./module-file.ts";
import { bold, dim, print, printJson, visible } from "./output.ts";

export function addInspect(program: Command): void {
  program
    .command("inspect")
    .summary("show what is in a module")
    .description(
      "Shows the sections, world, imports, exports, memory, fingerprint and signature records of MODULE. Nothing is verified: `sumac verify` does that.",
    )
    .argument("<module>", "a .wasm file")
    .option("--json", "print one JSON object")
    .action(async (file: string, options: { readonly json?: true }) => {
      const bytes = await readModule(file);
      const report = await about(file, () => inspect(bytes));
      if (options.json) printJson({ ok: true, module: file, ...report });
      else printReport(file, report);
    });
}

interface Report {
  readonly bytes: number;
  readonly sections: readonly { readonly name: string; readonly offset: number; readonly bytes: number }[];
  /** WIT text, null when the module carries none. */
  readonly world: string | null;
  readonly imports: readonly ImportEntry[];
  readonly exports: readonly ExportEntry[];
  readonly memories: readonly MemoryEntry[];
  /** Unverified: what the module says of its build. Null when it says nothing, a message when it is malformed. */
  readonly fingerprint: Fingerprint | string | null;
  /** Unverified: what the section claims. Null when there is none, a message when it is malformed. */
  readonly signatures: readonly { readonly keyId: string; readonly hashes: readonly string[] }[] | string | null;
}

function inspect(bytes: Uint8Array<ArrayBuffer>): Report {
  const { sections, imports, exports, memories } = summarize(bytes);
  return {
    bytes: bytes.length,
    sections: sections.map((section) => ({ name: sectionLabel(section), offset: section.start, bytes: section.end - section.start })),
    world: customText(bytes, sections, WORLD_SECTION) ?? null,
    imports,
    exports,
    memories,
    fingerprint: orMessage(() => claimedFingerprint(bytes, sections) ?? null),
    signatures: claimedSignatures(bytes, sections),
  };
}

function claimedSignatures(bytes: Uint8Array<ArrayBuffer>, sections: readonly Section[]): Report["signatures"] {
  const section = sections.find((candidate) => candidate.name === SIGNATURE_SECTION);
  if (section === undefined) return null;
  return orMessage(() =>
    decodeSignatures(bytes, section.payload, section.end).flatMap((set) =>
      set.signatures.map((record) => ({ keyId: toHex(record.keyId), hashes: set.hashes.map(toHex) })),
    ),
  );
}

function orMessage<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof SumacError) return error.message;
    throw error;
  }
}

function printReport(file: string, report: Report): void {
  print(`${bold(file)}: ${report.bytes} bytes`);
  print(bold("sections"));
  for (const { name, offset, bytes } of report.sections) {
    print(`  ${`0x${offset.toString(16)}`.padEnd(10)} ${String(bytes).padStart(9)}  ${visible(name)}`);
  }
  print(bold("memory"));
  for (const { imported, minimum, maximum, shared } of report.memories) {
    const upTo = maximum === undefined ? "no maximum" : `at most ${maximum}`;
    print(`  ${minimum} page${minimum === 1 ? "" : "s"} of 64 KiB, ${upTo}${shared ? ", shared" : ""}${imported ? ", imported" : ""}`);
  }
  print(bold("imports"));
  for (const { module, name, kind } of report.imports) print(`  ${kind}  ${visible(module)}  ${visible(name)}`);
  print(bold("exports"));
  for (const { name, kind } of report.exports) print(`  ${kind}  ${visible(name)}`);
  print(bold("signatures") + dim("  (claimed; `sumac verify` checks them)"));
  printSignatures(report.signatures);
  print(bold("fingerprint") + dim("  (claimed; `sumac verify` and `sumac reproduce` check it)"));
  printFingerprint(report.fingerprint);
  print(bold("world"));
  print(
    report.world === null
      ? "  none"
      : visible(report.world, "keepLines")
          .replace(/^(?=.)/gm, "  ")
          .trimEnd(),
  );
}

function printSignatures(signatures: Report["signatures"]): void {
  if (signatures === null) print("  none");
  else if (typeof signatures === "string") print(`  malformed: ${visible(signatures)}`);
  else
    for (const { keyId, hashes } of signatures)
      print(`  key id ${keyId || "(none)"}, ${hashes.length} hash${hashes.length === 1 ? "" : "es"}`);
}

function printFingerprint(fingerprint: Report["fingerprint"]): void {
  if (fingerprint === null) print("  none");
  else if (typeof fingerprint === "string") print(`  malformed: ${visible(fingerprint)}`);
  else {
    const { compiler, optimizer, sumac, flags, sources, content, shadow } = fingerprint;
    const row = (name: string, text: string): void => print(`  ${name.padEnd(9)}  ${visible(text)}`);
    row("compiler", `${compiler}, ${optimizer}, sumac ${sumac}`);
    row("flags", flags.join(" "));
    row("content", `sha256 ${content}`);
    row("sources", `domain ${sources.domain}, library ${sources.library}`);
    if (shadow !== undefined) row("shadow", `of ${shadow}`);
  }
}
