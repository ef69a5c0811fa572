/**
 * A command's data pointer, whichever of its two forms it has. Called when a command is admitted.
 * Source: [NVME-1.4] sections 4.2 (PSDT), 4.3 (PRP), 4.4 (SGL).
 */
import type { Dma } from "../ports.ts";
import { STATUS } from "./codes.ts";
import type { Command } from "./command.ts";
import { PrpWalker } from "./prp.ts";
import { SglWalker } from "./sgl.ts";

const PRP = 0;
const RESERVED = 3;

export class PointerWalker {
  readonly #prp: PrpWalker;
  readonly #sgl: SglWalker = new SglWalker();

  constructor(largestPage: number) {
    this.#prp = new PrpWalker(largestPage);
  }

  // HOT: fills the command's runs of memory.
  walk(command: Command, pageBytes: number, dma: Dma): number {
    const kind = command.pointerKind;
    if (kind === PRP) return this.#prp.walk(command, pageBytes, dma);
    return kind === RESERVED ? STATUS.invalidField : this.#sgl.walk(command, pageBytes, dma);
  }
}
