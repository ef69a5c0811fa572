/**
 * The domain library's SHA-256 as a plain module: same source, same compiler flags, no hardening, called directly.
 * What a copy would hash with if nobody isolated it.
 */
import { compileAssemblyScript } from "./assemblyscript.ts";

const SOURCE = `
import { Sha256 } from "sumac/sha256";
const sha = new Sha256();
const buffer = memory.data(4096, 16);
const digest = memory.data(32, 16);
export function bufferPtr(): usize { return buffer; }
export function digestPtr(): usize { return digest; }
export function init(): void { sha.init(); }
export function update(bytes: u32): void { sha.update(buffer, bytes); }
export function finish(): void { sha.finish(digest); }
`;

export interface PlainSha256 {
  /** 4096 bytes of the module's memory: what is to be hashed next. */
  readonly buffer: Uint8Array;
  init(): void;
  update(bytes: number): void;
  finish(): string;
}

export async function plainSha256(): Promise<PlainSha256> {
  const { instance } = await WebAssembly.instantiate(await compileAssemblyScript(SOURCE), {});
  const exports = instance.exports as unknown as Record<"bufferPtr" | "digestPtr", () => number> & {
    readonly memory: WebAssembly.Memory;
    init(): void;
    update(bytes: number): void;
    finish(): void;
  };
  const { buffer } = exports.memory;
  const digest = new Uint8Array(buffer, exports.digestPtr(), 32);
  return {
    buffer: new Uint8Array(buffer, exports.bufferPtr(), 4096),
    init: exports.init,
    update: exports.update,
    finish() {
      exports.finish();
      return Buffer.from(digest).toString("hex");
    },
  };
}
