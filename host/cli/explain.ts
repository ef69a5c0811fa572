/** `sumac explain`: who can reach what through whom in a system, or what changed between two systems or two builds of a module. */
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Command, Option } from "commander";
import { SumacError } from "../errors.ts";
import { buildGraph, type SystemGraph } from "../explain/graph.ts";
import { type ModuleFacts, type ModuleState, readModuleFacts } from "../explain/module.ts";
import { diffModules } from "../explain/module-diff.ts";
import { ReachIndex } from "../explain/reach.ts";
import { diffSystems, type ExplainedSystem } from "../explain/system-diff.ts";
import { projectRoot, trustedKeys } from "../loader/keys.ts";
import { MAX_MODULE_BYTES } from "../loader/limits.ts";
import { HEADER, ownBytes } from "../loader/sections.ts";
import type { TrustedKey } from "../loader/signature.ts";
import { groupsInOrder } from "../supervision/settings.ts";
import { type Manifest, parseManifest } from "../system/manifest.ts";
import { graphDot } from "./explain-dot.ts";
import { changeLines, MAX_PATHS, systemLines } from "./explain-text.ts";
import { about } from "./module-file.ts";
import { print, printJson } from "./output.ts";
import { collect } from "./parse-option.ts";

interface ExplainOptions {
  readonly trust: readonly string[];
  readonly json?: true;
  readonly dot?: true;
}

type Subject =
  | ({ readonly kind: "system"; readonly file: string } & ExplainedSystem)
  | { readonly kind: "module"; readonly file: string; readonly facts: ModuleFacts };

export function addExplain(program: Command): void {
  program
    .command("explain")
    .summary("show who reaches what in a system, or what changed")
    .description(
      "With one system: which domain may call what, granted by whom, and what each reaches through others. With two systems or two modules: what changed from the first to the second. Nothing is run.",
    )
    .argument("<subject>", "a manifest, such as systems/copy.json, or a .wasm file to compare")
    .argument("[other]", "what it is compared with: another of the same kind")
    .option("--trust <file>", "public key to trust as well (repeatable); the signer's name is the file's", collect, [])
    .option("--json", "print one JSON object")
    .addOption(new Option("--dot", "print the graph for Graphviz").conflicts("json"))
    .action(explain);
}

async function explain(file: string, other: string | undefined, options: ExplainOptions): Promise<void> {
  if (other !== undefined && options.dot) throw new SumacError("usage", "--dot draws one system: leave it out, or name one system");
  const trusted = await trustedKeys(projectRoot(process.cwd()), options.trust);
  const before = await readSubject(file, trusted);
  if (other !== undefined) {
    printChanges(before, await readSubject(other, trusted), options);
    return;
  }
  if (before.kind === "module") {
    throw new SumacError("usage", `${file}: is a module: name a second one to compare it with, or see it with \`sumac inspect\``);
  }
  const { manifest, modules } = before;
  const graph = buildGraph(manifest, modules);
  if (options.dot) print(graphDot(graph));
  else if (options.json) printJson({ ok: true, kind: "system", file, ...systemJson(manifest, graph) });
  else for (const line of systemLines(manifest, graph)) print(line);
}

function printChanges(before: Subject, after: Subject, options: ExplainOptions): void {
  const kind = `${before.kind}-diff`;
  let changes: ReturnType<typeof diffSystems> | ReturnType<typeof diffModules>;
  if (before.kind === "system" && after.kind === "system") changes = diffSystems(before, after);
  else if (before.kind === "module" && after.kind === "module") changes = diffModules(before.facts, after.facts);
  else throw new SumacError("usage", `${before.file} is a ${before.kind} and ${after.file} a ${after.kind}: compare two of one kind`);
  if (options.json) printJson({ ok: true, kind, before: before.file, after: after.file, equal: changes.length === 0, changes });
  else for (const line of changeLines(before.file, after.file, changes)) print(line);
}

/** What `--json` prints of a system. */
export function systemJson(manifest: Manifest, graph: SystemGraph): object {
  const index = new ReachIndex(graph);
  const parameters = Object.entries(manifest.parameters ?? {}).map(([name, value]) => ({ name, value }));
  return {
    name: graph.name,
    parameters: parameters.sort((a, b) => (a.name < b.name ? -1 : 1)),
    job: manifest.main ?? null,
    faults: manifest.faults ?? null,
    groups: [...groupsInOrder(manifest.supervision ?? {})].map(([name, settings]) => ({ name, ...settings })),
    domains: graph.domains,
    nodes: graph.nodes,
    edges: graph.edges,
    reach: index.all(),
    paths: index.ends().map(({ id }) => index.pathsTo(id, MAX_PATHS)),
  };
}

/** A module by its first bytes or its name's ending; anything else should be a manifest. */
async function readSubject(file: string, trusted: readonly TrustedKey[]): Promise<Subject> {
  const bytes = await readBounded(file);
  const isModule = file.endsWith(".wasm") || HEADER.subarray(0, 4).every((byte, i) => bytes[i] === byte);
  if (isModule) return { kind: "module", file, facts: await about(file, () => readModuleFacts(bytes, trusted)) };
  const manifest = parseManifest(textOf(bytes, file), file);
  const modules = new Map<string, ModuleState>();
  const known = new Map<string, ModuleState>();
  for (const { name, module, signature } of manifest.domains) {
    const path = resolve(dirname(file), module);
    const signed = signature === undefined ? undefined : resolve(dirname(file), signature);
    const key = `${path}\0${signed ?? ""}`;
    const state = known.get(key) ?? (await readState(path, module, trusted, signed));
    known.set(key, state);
    modules.set(name, state);
  }
  return { kind: "system", file, manifest, modules };
}

/** A module that a system names is shown as it is found: what is wrong with it is part of the answer. */
async function readState(path: string, shown: string, trusted: readonly TrustedKey[], signature: string | undefined): Promise<ModuleState> {
  try {
    const detached = signature === undefined ? undefined : await readBounded(signature);
    return { kind: "read", facts: await readModuleFacts(await readBounded(path, shown), trusted, detached) };
  } catch (error) {
    if (!(error instanceof SumacError)) throw error;
    if (error.code === "file-missing") return { kind: "missing", message: "build it" };
    return { kind: "unreadable", message: error.message };
  }
}

/** A regular file no larger than any module: a path in a manifest may name a pipe or a device that never ends. */
async function readBounded(path: string, shown: string = path): Promise<Uint8Array<ArrayBuffer>> {
  try {
    // Asked before it is opened: opening a pipe waits for somebody to write.
    const found = await stat(path);
    if (!found.isFile()) throw new SumacError("file-unreadable", `${shown}: is not a file: name a manifest or a module`);
    const { size } = found;
    if (size > MAX_MODULE_BYTES) {
      throw new SumacError("file-unreadable", `${shown}: ${size} bytes, more than ${MAX_MODULE_BYTES}: name a manifest or a module`);
    }
    return ownBytes(await readFile(path));
  } catch (cause) {
    if (cause instanceof SumacError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
    if (code === "ENOENT") throw new SumacError("file-missing", `${shown}: no such file; check the path`, { cause });
    throw new SumacError("file-unreadable", `${shown}: cannot be read (${code}); check the path and its permissions`, { cause });
  }
}

function textOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SumacError("manifest-invalid", `${file}: is neither a module nor UTF-8 text: name a manifest or a .wasm file`, { cause });
  }
}
