/**
 * Weighs a function body: how much runs between two looks at the interrupt word, at most.
 *
 * Called by the body rewriter before it writes anything, because a loop's weight stands in front of the loop. Every original
 * instruction counts, also `end` and `else`; a loop's own first and last instruction count inside and outside, so that no other
 * way of drawing that border finds a heavier loop.
 */
import { BUDGET, MAX_NESTING, WEIGHT } from "../limits.ts";
import type { CheckedModule } from "../wasm/checked-module.ts";
import type { Instructions } from "../wasm/instructions.ts";
import { MISC, OP } from "../wasm/opcodes.ts";
import { isColdCall } from "./cold.ts";

export class BodyWeight {
  /** Of the whole body. */
  total = 0;
  /** Whether it calls a function of the module, directly or by table, and goes on afterwards. */
  callsDefined = false;
  /** Whether one of its loops takes no parameters, so that it gets a countdown. */
  hasCountdown = false;
  loopCount = 0;
  /** Of each loop without the loops inside it, in the order in which they begin; 1..BUDGET. */
  loops: Int32Array = new Int32Array(64);
  /** By nesting: the loop that the block belongs to (-1 none), and whether it is a loop itself. */
  readonly #owner: Int32Array = new Int32Array(MAX_NESTING + 2);
  readonly #isLoop: Uint8Array = new Uint8Array(MAX_NESTING + 2);

  /** Reads up to the function's last `end`. */
  measure(module: CheckedModule, code: Instructions): void {
    const importCount = module.imports.length;
    this.total = 0;
    this.callsDefined = false;
    this.hasCountdown = false;
    this.loopCount = 0;
    let depth = 1;
    let loop = -1;
    this.#owner[0] = -1;
    this.#isLoop[0] = 0;
    while (depth > 0) {
      code.next();
      const { op } = code;
      let weight: number = WEIGHT.default;
      if (op === OP.end) {
        depth--;
        if (this.#isLoop[depth] === 1) {
          this.#add(loop, 1);
          loop = this.#owner[depth] as number;
        }
      } else if (op === OP.block || op === OP.loop || op === OP.if) {
        this.#owner[depth] = loop;
        this.#isLoop[depth++] = op === OP.loop ? 1 : 0;
        if (op === OP.loop) {
          this.#add(loop, 1);
          loop = this.#openLoop();
          this.hasCountdown ||= !takesParameters(module, code.a);
        }
      } else if (isColdCall(code) && code.a >= importCount) {
        // Weighs nothing more: it runs once at most, and the function of the module that it calls looks for itself.
      } else if (op === OP.call) {
        const isDefined = code.a >= importCount;
        weight = isDefined ? WEIGHT.callDefined : WEIGHT.callOutside;
        this.callsDefined ||= isDefined;
      } else if (op === OP.callIndirect) {
        weight = WEIGHT.callDefined;
        this.callsDefined = true;
      } else if (isHeavy(code)) {
        weight = WEIGHT.heavy;
      }
      this.total += weight;
      this.#add(loop, weight);
    }
  }

  #openLoop(): number {
    if (this.loopCount === this.loops.length) {
      const grown = new Int32Array(this.loops.length * 2);
      grown.set(this.loops);
      this.loops = grown;
    }
    this.loops[this.loopCount] = 0;
    return this.loopCount++;
  }

  #add(loop: number, weight: number): void {
    if (loop >= 0) this.loops[loop] = Math.min(BUDGET, (this.loops[loop] as number) + weight);
  }
}

/** Whether a block of this type (as `Instructions` gives it) takes parameters from the stack. */
export function takesParameters(module: CheckedModule, blockType: number): boolean {
  return blockType >= 0 && (module.types[blockType]?.params.length ?? 0) > 0;
}

export function isHeavy(code: Instructions): boolean {
  if (code.op === OP.memoryGrow) return true;
  if (code.op !== OP.miscPrefix) return false;
  const { sub } = code;
  return sub >= MISC.memoryInit && sub <= MISC.tableCopy && sub !== MISC.dataDrop && sub !== MISC.elemDrop;
}
