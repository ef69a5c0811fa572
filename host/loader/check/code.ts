/**
 * Checks the code section: walks every instruction of every body, its nesting and its indices.
 *
 * Called by `check`. Types are left to V8, which validates the module afterwards; what V8 would accept and Sumac does not is
 * found here. One pass, no recursion, and no memory but a stack of `MAX_NESTING` bytes.
 *
 * Sources: [WASM-CORE] 3.3, 5.4 and 5.5.13.
 */
import { MAX_BODY_BYTES, MAX_FUNCTIONS, MAX_LOCALS, MAX_NESTING } from "../limits.ts";
import type { FunctionType } from "../wasm/checked-module.ts";
import { Instructions } from "../wasm/instructions.ts";
import { IMM, OP, opcodeName, refusal } from "../wasm/opcodes.ts";
import { Reader } from "../wasm/reader.ts";
import { malformed, refused, tooMuch } from "../wasm/reject.ts";
import { CompileCost } from "./compile-cost.ts";
import { type Draft, functionCount } from "./draft.ts";
import { badType, isValueType, REMEDY, readValueType } from "./types.ts";

/** What is open around the current instruction. */
const PLAIN = 0;
const IF = 1;

export function checkCodeSection(reader: Reader, draft: Draft): void {
  const at = reader.position;
  const count = reader.count("function bodies", MAX_FUNCTIONS);
  if (count !== draft.declared.length) {
    throw malformed(at, `${count} function bodies for ${draft.declared.length} functions`);
  }
  const walker = new BodyWalker(reader.bytes, draft);
  for (let i = 0; i < count; i++) {
    const sizeAt = reader.position;
    const size = reader.u32();
    const bodyStart = reader.position;
    if (size > reader.end - bodyStart) throw malformed(sizeAt, `the body of function ${i} ends after the code section`);
    if (size > MAX_BODY_BYTES) throw tooMuch(sizeAt, `bytes in the body of function ${i}`, size, MAX_BODY_BYTES);
    reader.skip(size);
    const type = draft.declared[i] as number;
    walker.walk(i, type, bodyStart, reader.position);
    draft.functions.push({ type, bodyStart, bodyEnd: reader.position });
  }
}

class BodyWalker {
  readonly #draft: Draft;
  readonly #input: Reader;
  readonly #code: Instructions;
  readonly #functions: number;
  readonly #cost: CompileCost;
  readonly #open: Uint8Array = new Uint8Array(MAX_NESTING + 1);
  #depth = 0;
  #locals = 0;

  constructor(bytes: Uint8Array, draft: Draft) {
    this.#draft = draft;
    this.#input = new Reader(bytes, 0, 0, "");
    this.#code = new Instructions(this.#input);
    this.#functions = functionCount(draft);
    this.#cost = new CompileCost(draft);
  }

  walk(index: number, type: number, start: number, end: number): void {
    const input = this.#input;
    input.position = start;
    input.end = end;
    input.what = `the body of function ${index}`;
    const signature = this.#draft.types[type] as FunctionType;
    this.#locals = signature.params.length + this.#readLocals();
    this.#cost.begin(signature, this.#locals);
    this.#open[0] = PLAIN;
    this.#depth = 1;
    while (this.#depth > 0) {
      this.#code.next();
      this.#instruction();
      this.#cost.step(this.#code);
    }
    input.finish();
  }

  #readLocals(): number {
    const input = this.#input;
    const groups = input.count("groups of locals", 0xffff_ffff);
    let locals = 0;
    for (let i = 0; i < groups; i++) {
      const at = input.position;
      locals += input.u32();
      if (locals > MAX_LOCALS) throw tooMuch(at, "locals", locals, MAX_LOCALS);
      readValueType(input);
    }
    return locals;
  }

  // HOT: once for every instruction of a module.
  #instruction(): void {
    const code = this.#code;
    switch (code.immediate) {
      case IMM.none:
        this.#structure();
        return;
      case IMM.local:
        if (code.a >= this.#locals) throw this.#missing("local", code.a, this.#locals);
        return;
      case IMM.i32:
      case IMM.i64:
      case IMM.f32:
      case IMM.f64:
      case IMM.v128:
      case IMM.shuffle:
      case IMM.lane:
        return;
      case IMM.memarg:
      case IMM["memarg+lane"]:
        if (code.op === OP.atomicPrefix) throw this.#refused();
        this.#memory(code.b);
        return;
      case IMM.refused:
        throw this.#refused();
      case IMM.blocktype:
        this.#enter();
        return;
      case IMM.label:
        this.#label(code.a);
        return;
      case IMM.br_table:
        this.#branchTable();
        return;
      default:
        this.#indices();
    }
  }

  #structure(): void {
    const { op, start } = this.#code;
    if (op === OP.end) {
      this.#depth--;
    } else if (op === OP.else) {
      if (this.#open[this.#depth - 1] !== IF) throw malformed(start, "else without an if");
      this.#open[this.#depth - 1] = PLAIN;
    }
  }

  #enter(): void {
    const { op, a: type, start } = this.#code;
    if (type >= 0) {
      if (type >= this.#draft.types.length) throw this.#missing("type", type, this.#draft.types.length);
    } else {
      const byte = type + 0x80;
      if (byte !== 0x40 && !isValueType(byte)) throw badType(start + 1, byte & 0x7f);
      if (this.#input.position !== start + 2) throw malformed(start + 1, "a block type of more bytes than it needs");
    }
    if (this.#depth > MAX_NESTING) throw tooMuch(start, "blocks within each other", this.#depth, MAX_NESTING);
    this.#open[this.#depth++] = op === OP.if ? IF : PLAIN;
  }

  #label(label: number): void {
    if (label >= this.#depth) throw this.#missing("label", label, this.#depth);
  }

  #branchTable(): void {
    const { a: count, b: from } = this.#code;
    const input = this.#input;
    const end = input.position;
    input.position = from;
    for (let i = 0; i <= count; i++) this.#label(input.u32());
    input.position = end;
  }

  #indices(): void {
    const code = this.#code;
    const draft = this.#draft;
    switch (code.immediate) {
      case IMM.func:
        if (code.a >= this.#functions) throw this.#missing("function", code.a, this.#functions);
        return;
      case IMM.call_indirect:
        if (code.a >= draft.types.length) throw this.#missing("type", code.a, draft.types.length);
        this.#table(code.b);
        return;
      case IMM.global:
        if (code.a >= draft.globals.length) throw this.#missing("global", code.a, draft.globals.length);
        return;
      case IMM.memory:
        this.#memory(code.b);
        return;
      case IMM["memory.copy"]:
        this.#memory(code.a);
        this.#memory(code.b);
        return;
      case IMM["memory.init"]:
        this.#memory(code.b);
        this.#data(code.a);
        return;
      case IMM.data:
        this.#data(code.a);
        this.#changes("segments");
        return;
      case IMM.elem:
        this.#element(code.a);
        this.#changes("segments");
        return;
      case IMM["table.init"]:
        this.#element(code.a);
        this.#table(code.b);
        this.#changes("tables");
        return;
      case IMM["table.copy"]:
        this.#table(code.a);
        this.#table(code.b);
        this.#changes("tables");
        return;
      case IMM.select_t:
        this.#selectTypes();
        return;
      default:
        throw new Error(`no check for immediate ${code.immediate}`);
    }
  }

  /** What is set up by instantiation alone is as it was in any new instance, unless code changes it. */
  #changes(what: "segments" | "tables"): void {
    this.#draft.beyondSnapshot ??= `${what}, which its code changes`;
  }

  #memory(index: number): void {
    if (index !== 0) throw refused(this.#code.start, `multiple memories (memory ${index})`, REMEDY);
    if (this.#draft.memory === undefined) throw this.#missing("memory", 0, 0);
  }

  #table(index: number): void {
    if (index >= this.#draft.tables.length) throw this.#missing("table", index, this.#draft.tables.length);
  }

  #element(index: number): void {
    if (index >= this.#draft.elements.length) throw this.#missing("element segment", index, this.#draft.elements.length);
  }

  #data(index: number): void {
    const count = this.#draft.dataCount;
    if (count === undefined) throw malformed(this.#code.start, "a data segment is named without a data count section");
    if (index >= count) throw this.#missing("data segment", index, count);
  }

  #selectTypes(): void {
    const { a: count, b: from, start } = this.#code;
    if (count !== 1) throw malformed(start, `a select of ${count} types`);
    const end = this.#input.position;
    this.#input.position = from;
    readValueType(this.#input);
    this.#input.position = end;
  }

  #missing(thing: string, index: number, count: number): Error {
    return malformed(this.#code.start, `${thing} ${index} does not exist, there are ${count}`);
  }

  #refused(): Error {
    const { op, sub, start } = this.#code;
    const prefix = op >= OP.gcPrefix && op <= OP.atomicPrefix ? op : 0;
    const number = prefix === 0 ? op : sub;
    const proposal = refusal(prefix, number);
    return proposal === undefined ? malformed(start, `unknown ${opcodeName(prefix, number)}`) : refused(start, proposal, REMEDY);
  }
}
