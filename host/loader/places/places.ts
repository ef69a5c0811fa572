/**
 * From a position in the hardened module, as a stack trace has it, to a function and a line of the module that its author built.
 *
 * Made with every loaded module and empty until somebody asks why a domain died; then the module is checked and hardened again,
 * with notes. Names and files are the author's word: whoever prints them escapes them. Never runs a domain's code.
 */
import { check } from "../check.ts";
import { type HardenOptions, hardenTraced, type TracedHarden } from "../harden.ts";
import type { CheckedModule } from "../wasm/checked-module.ts";
import { Reader } from "../wasm/reader.ts";
import { readFunctionNames } from "./function-names.ts";
import { parseSourceMap, type SourceMap, type SourcePosition } from "./source-map.ts";
import { NAME_SECTION, SOURCE_MAP_SECTION } from "./symbol-sections.ts";

export interface Place {
  /** As the author called it; `function 12` where nothing says more; `guard load32` for a function that the loader appended. */
  readonly function: string;
  /** Undefined without a source map. Files of the library begin with `~lib/`. */
  readonly source?: SourcePosition;
  /** Byte offset in the file that was loaded; undefined in what the loader appended. */
  readonly offset?: number;
}

interface Symbols extends TracedHarden {
  readonly module: CheckedModule;
  /** Where the local declarations of each function in `hardened` begin. */
  readonly bodies: readonly number[];
  readonly names: ReadonlyMap<number, string>;
  readonly map: SourceMap | undefined;
  /** Of the content of the original's code section. */
  readonly codeStart: number;
}

const CODE_SECTION = 10;

export class Places {
  readonly #bytes: Uint8Array;
  readonly #options: HardenOptions;
  #symbols: Symbols | undefined;

  /** @param bytes the module as it was loaded, which nobody may change */
  constructor(bytes: Uint8Array, options: HardenOptions) {
    this.#bytes = bytes;
    this.#options = options;
  }

  /** @param position byte offset in the hardened module; undefined where no function has code */
  at(position: number): Place | undefined {
    this.#symbols ??= readSymbols(this.#bytes, this.#options);
    const { bodies, firstDefined, firstGuard, module, positions, names, map, codeStart } = this.#symbols;
    const index = bodies.findLastIndex((start) => start <= position);
    const start = bodies[index];
    if (start === undefined) return undefined;
    const imported = firstDefined;
    if (imported + index >= firstGuard) return { function: this.#guardName(imported + index - firstGuard) };
    const offset = positions.originalOf(index, position - start);
    const defined = module.functions[index];
    if (offset === undefined || defined === undefined) return undefined;
    const source = map?.at(offset - codeStart, defined.bodyStart - codeStart);
    const original = module.imports.length + index;
    const name = names.get(original) ?? exportedName(module, original) ?? `function ${original}`;
    return { function: name, offset, ...(source === undefined ? {} : { source }) };
  }

  #guardName(index: number): string {
    for (const [name, each] of this.#options.guard.byName) if (each === index) return `guard ${name}`;
    return "guard";
  }
}

function exportedName({ exports }: CheckedModule, index: number): string | undefined {
  return exports.find((each) => each.function === index)?.name;
}

function readSymbols(bytes: Uint8Array, options: HardenOptions): Symbols {
  const module = check(bytes, { maxMemoryPages: options.memoryMaxPages });
  const traced = hardenTraced(module, options);
  const section = (name: string): { start: number; end: number } | undefined => module.customSections.find((each) => each.name === name);
  const names = section(NAME_SECTION);
  const map = section(SOURCE_MAP_SECTION);
  return {
    ...traced,
    module,
    bodies: bodiesOf(traced.hardened),
    names: names === undefined ? new Map() : readFunctionNames(bytes, names.start, names.end),
    map: map === undefined ? undefined : parseSourceMap(bytes.subarray(map.start, map.end)),
    codeStart: codeSection(bytes)?.position ?? 0,
  };
}

/** A reader of the content of the code section. */
function codeSection(bytes: Uint8Array): Reader | undefined {
  const file = new Reader(bytes, 8, bytes.length, "a checked module");
  while (!file.atEnd) {
    const id = file.u8();
    const size = file.u32();
    const start = file.position;
    file.skip(size);
    if (id === CODE_SECTION) return new Reader(bytes, start, file.position, "code section");
  }
  return undefined;
}

function bodiesOf(bytes: Uint8Array): number[] {
  const bodies: number[] = [];
  const code = codeSection(bytes);
  if (code === undefined) return bodies;
  for (let count = code.u32(); count > 0; count--) {
    const size = code.u32();
    bodies.push(code.position);
    code.skip(size);
  }
  return bodies;
}
