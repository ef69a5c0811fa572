/**
 * The parts that `signature_delimiter` sections cut a module into, and their hashes.
 * Called by signature.ts and signing.ts, so that what is signed and what is verified is one and the same. No keys here.
 * Sources: [WASM-SIGNATURES] Parts and delimiters.
 *
 *   signature │ sections … delimiter │ sections … delimiter │ sections …        h1 = H(part 1), h2 = H(parts 1 and 2), …
 *             └────── part 1 ───────┘└────── part 2 ───────┘└─ part 3: what follows the last delimiter is a part of its own
 */
import { SumacError } from "../errors.ts";
import { hexOffset } from "./byte-reader.ts";
import { customSection, type Section, sectionLabel } from "./sections.ts";
import { DELIMITER_SECTION, MAX_HASHES, SIGNATURE_SECTION } from "./signature-format.ts";

/** What makes a delimiter unlike any other, so that a removed part's hash tells nothing about it. */
const DELIMITER_BYTES = 16;

export function newDelimiter(): Uint8Array<ArrayBuffer> {
  return customSection(DELIMITER_SECTION, crypto.getRandomValues(new Uint8Array(DELIMITER_BYTES)));
}

/** Where each part ends: after its delimiter, the last one at the end of the file. */
export function partsOf(bytes: Uint8Array, sections: readonly Section[]): number[] {
  const delimiters = sections.filter((section) => section.name === DELIMITER_SECTION);
  const odd = delimiters.find(({ payload, end }) => end - payload !== DELIMITER_BYTES);
  if (odd !== undefined) {
    throw new SumacError(
      "signature-wrong",
      `the ${DELIMITER_SECTION} at byte ${hexOffset(odd.start)} holds ${odd.end - odd.payload} bytes instead of ${DELIMITER_BYTES}; get the module again`,
    );
  }
  const ends = delimiters.map(({ end }) => end);
  if (ends.at(-1) !== bytes.length) ends.push(bytes.length);
  if (ends.length > MAX_HASHES) {
    throw new SumacError(
      "signature-wrong",
      `the module has ${ends.length} parts, a signature covers at most ${MAX_HASHES}; remove delimiters`,
    );
  }
  return ends;
}

/** SHA-256 from `start` to each of `ends`. */
export async function hashesOf(bytes: Uint8Array<ArrayBuffer>, start: number, ends: readonly number[]): Promise<Uint8Array<ArrayBuffer>[]> {
  const digests = ends.map((end) => crypto.subtle.digest("SHA-256", bytes.subarray(start, end)));
  return (await Promise.all(digests)).map((digest) => new Uint8Array(digest));
}

/** @param sections those after the first */
export function refuseFurtherSignature(sections: readonly Section[]): void {
  const second = sections.find((section) => section.name === SIGNATURE_SECTION);
  if (second === undefined) return;
  throw new SumacError(
    "signature-wrong",
    `a further ${sectionLabel(second)} section at byte ${hexOffset(second.start)}: a module holds one, at its beginning; get the module again from its author`,
  );
}
