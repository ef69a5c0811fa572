/**
 * Reads a module's source map: which line an instruction comes from. The map is the author's word and may be anything; what cannot
 * be read is left out, and nothing in it is followed further than its own text.
 * Called by places.ts, when a death is told. Sources: [SOURCE-MAP].
 */
import { readVlq } from "./vlq.ts";

export interface SourcePosition {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export class SourceMap {
  readonly #files: readonly string[];
  /** Ascending, with the index of the file, the line and the column that begin there. */
  readonly #offsets: number[] = [];
  readonly #positions: (readonly [file: number, line: number, column: number])[] = [];

  constructor(files: readonly string[], mappings: string) {
    this.#files = files;
    let [at, offset, file, line, column] = [0, 0, 0, 0, 0];
    while (at < mappings.length) {
      const numbers: number[] = [];
      for (let number = readVlq(mappings, at); number !== undefined; number = readVlq(mappings, at)) {
        numbers.push(number.value);
        at = number.next;
      }
      const [moved = 0, files = 0, lines = 0, columns = 0] = numbers;
      offset += moved;
      file += files;
      line += lines;
      column += columns;
      if (numbers.length >= 4 && moved >= 0) {
        this.#offsets.push(offset);
        this.#positions.push([file, line, column]);
      }
      // A module has one line; anything but the end of a segment ends the map.
      if (mappings[at++] !== ",") return;
    }
  }

  /**
   * The position that the nearest mapping at or before the offset names.
   * @param from mappings before this offset belong to another function
   */
  at(offset: number, from: number): SourcePosition | undefined {
    let low = 0;
    let high = this.#offsets.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#offsets[middle] as number) <= offset) low = middle + 1;
      else high = middle;
    }
    if (low === 0 || (this.#offsets[low - 1] as number) < from) return undefined;
    const [file, line, column] = this.#positions[low - 1] as readonly [number, number, number];
    const name = this.#files[file];
    return name === undefined || line < 0 || column < 0 ? undefined : { file: name, line: line + 1, column: column + 1 };
  }
}

/** Undefined for what is no source map. */
export function parseSourceMap(bytes: Uint8Array): SourceMap | undefined {
  try {
    const { sources, mappings } = JSON.parse(new TextDecoder().decode(bytes)) as { sources?: unknown; mappings?: unknown };
    if (!Array.isArray(sources) || typeof mappings !== "string") return undefined;
    return new SourceMap(
      sources.map((name) => String(name)),
      mappings,
    );
  } catch {
    return undefined;
  }
}
