/**
 * A hardened module taken apart so that a test can change one thing in it and put it together again with lengths that fit.
 *
 * Reads with the hardener's decoder of instructions, never with the auditor's, which is what the mutants are for.
 */
import { Instructions } from "../../host/loader/wasm/instructions.ts";
import { OP } from "../../host/loader/wasm/opcodes.ts";
import { Reader } from "../../host/loader/wasm/reader.ts";
import { Writer } from "../../host/loader/wasm/writer.ts";
import { join, type Section, sections } from "./audit-fixture.ts";

/** `start`..`end` within its function's body. */
export interface Step {
  readonly op: number;
  readonly sub: number;
  readonly a: number;
  readonly b: number;
  readonly start: number;
  readonly end: number;
}

export interface Body {
  /** In the index space. */
  readonly index: number;
  readonly bytes: Uint8Array;
  /** Offset of the first instruction, behind the locals. */
  readonly code: number;
  readonly steps: readonly Step[];
}

const REF_I31 = [0xfb, 0x1c] as const;

export class MutableModule {
  readonly sections: readonly Section[];
  /** Function imports come first in the index space. */
  readonly importedFunctions: number;
  readonly author: readonly Body[];
  readonly guard: readonly Body[];

  constructor(bytes: Uint8Array, guardFunctions: number) {
    this.sections = sections(bytes);
    const bodies = readBodies(this.content(10));
    this.importedFunctions = new Reader(this.content(2), 0, 5, "imports").u32() - 4;
    const all = bodies.map((body, i) => ({ ...body, index: this.importedFunctions + i }));
    this.author = all.slice(0, -guardFunctions);
    this.guard = all.slice(-guardFunctions);
  }

  get firstGuard(): number {
    return this.importedFunctions + this.author.length;
  }

  content(id: number): Uint8Array {
    const found = this.sections.find((section) => section.id === id);
    if (found === undefined) throw new Error(`the module has no section ${id}`);
    return found.content;
  }

  /** With another content of one section. */
  with(id: number, content: ArrayLike<number>): Uint8Array<ArrayBuffer> {
    return join(this.sections.map((section) => (section.id === id ? { id, content: Uint8Array.from(content) } : section)));
  }

  /** With `from`..`to` of a function's body replaced. */
  spliced(body: Body, from: number, to: number, put: ArrayLike<number>): Uint8Array<ArrayBuffer> {
    const changed = Uint8Array.from([...body.bytes.subarray(0, from), ...Array.from(put), ...body.bytes.subarray(to)]);
    return this.withBodies([...this.author, ...this.guard].map((each) => (each === body ? changed : each.bytes)));
  }

  withBodies(bodies: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
    const out = new Writer(1 << 16);
    out.u32(bodies.length);
    for (const body of bodies) {
      out.u32(body.length);
      out.append(body);
    }
    return this.with(10, out.view());
  }

  without(at: number): Uint8Array<ArrayBuffer> {
    return join(this.sections.toSpliced(at, 1));
  }

  /** With a section more: where it belongs, or at an offset in the list. */
  inserted(section: Section, at: number): Uint8Array<ArrayBuffer> {
    return join(this.sections.toSpliced(at, 0, section));
  }
}

function readBodies(code: Uint8Array): Omit<Body, "index">[] {
  const reader = new Reader(code, 0, code.length, "code");
  return Array.from({ length: reader.u32() }, () => {
    const size = reader.u32();
    const bytes = code.subarray(reader.position, reader.position + size);
    reader.skip(size);
    return readBody(bytes);
  });
}

function readBody(bytes: Uint8Array): Omit<Body, "index"> {
  const input = new Reader(bytes, 0, bytes.length, "a body");
  for (let groups = input.u32(); groups > 0; groups--) {
    input.u32();
    input.u8();
  }
  const code = input.position;
  const instructions = new Instructions(input);
  const steps: Step[] = [];
  while (!input.atEnd) {
    const start = input.position;
    if (bytes[start] === REF_I31[0] && bytes[start + 1] === REF_I31[1]) {
      input.skip(2);
      steps.push({ op: OP.gcPrefix, sub: REF_I31[1], a: 0, b: 0, start, end: input.position });
      continue;
    }
    instructions.a = 0;
    instructions.b = 0;
    instructions.next();
    const { op, sub, a, b } = instructions;
    steps.push({ op, sub, a, b, start, end: input.position });
  }
  return { bytes, code, steps };
}

export function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

/** As `i32.const` spells it. */
export function sleb(value: number): number[] {
  if (value >= -64 && value < 64) return [value & 0x7f];
  return [(value & 0x7f) | 0x80, ...sleb(value >> 7)];
}
