/**
 * From bytes that somebody sent to a compiled module that keeps the rules: verify → check → world → harden → audit → compile.
 *
 * Verifying reads the raw bytes, because rewriting comes after: a signature is over what the author built. The result is
 * cached by content hash and limits; a cached module was verified under the same trust. Reads no file.
 */
import { SumacError } from "../errors.ts";
import { readWorldSection, type World } from "../idl/idl.ts";
import { auditHardened } from "./audit/audit.ts";
import { check } from "./check.ts";
import type { GuardBodies } from "./guard-bodies.ts";
import { parseGuard } from "./guard-bodies.ts";
import { harden } from "./harden.ts";
import { START_EXPORT } from "./harden-names.ts";
import { MAX_MODULE_BYTES } from "./limits.ts";
import { type TrustedKey, verifyModule } from "./signature.ts";
import { grantedFunctions, matchWorld } from "./world-match.ts";

export interface LoadedModule {
  /** What messages call it. */
  readonly name: string;
  /** Hex SHA-256 of the bytes as they were given. */
  readonly hash: string;
  /** The trusted key that signed it; undefined when it was let in unsigned by name. */
  readonly signer: string | undefined;
  readonly world: World;
  readonly module: WebAssembly.Module;
  /** The function imports that the kernel must provide besides its own five, in order. */
  readonly imports: readonly { readonly module: string; readonly name: string }[];
  readonly memoryMinPages: number;
  readonly memoryMaxPages: number;
  readonly hasStart: boolean;
}

export interface LoadOptions {
  /** For messages: usually the file's path. */
  readonly name: string;
  readonly trusted: readonly TrustedKey[];
  /** The user named this module on the command line as one that may run unsigned. */
  readonly allowUnsigned: boolean;
  /** The domain's memory quota, 64 KiB pages. */
  readonly memoryPages: number;
}

export interface LoaderOptions {
  /** `guard.wasm`, the functions that touch shared objects for a domain. */
  readonly guard: Uint8Array;
  /** Maximum of the shared heap's memory, 64 KiB pages. */
  readonly heapMaxPages: number;
}

export class Loader {
  readonly #guardBytes: Uint8Array;
  readonly #guard: GuardBodies;
  readonly #heapMaxPages: number;
  readonly #cache: Map<string, LoadedModule> = new Map();

  constructor({ guard, heapMaxPages }: LoaderOptions) {
    this.#guardBytes = guard;
    this.#guard = parseGuard(guard);
    this.#heapMaxPages = heapMaxPages;
  }

  async load(bytes: Uint8Array, options: LoadOptions): Promise<LoadedModule> {
    if (bytes.length > MAX_MODULE_BYTES) {
      throw new SumacError(
        "module-refused",
        `${options.name}: ${bytes.length} bytes, more than the limit of ${MAX_MODULE_BYTES}: make the module smaller or split it`,
      );
    }
    const own = new Uint8Array(bytes);
    const signer = await this.#verify(own, options);
    const hash = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", own)));
    const key = `${hash}/${options.memoryPages}/${signer ?? ""}`;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const loaded = await this.#build(own, hash, signer, options);
    this.#cache.set(key, loaded);
    return loaded;
  }

  async #verify(bytes: Uint8Array, { name, trusted, allowUnsigned }: LoadOptions): Promise<string | undefined> {
    try {
      return (await verifyModule(bytes, trusted)).signer;
    } catch (error) {
      if (!(error instanceof SumacError)) throw error;
      if (error.code === "signature-missing" && allowUnsigned) return undefined;
      throw new SumacError(error.code, `${name}: ${error.message}`, { cause: error });
    }
  }

  async #build(bytes: Uint8Array, hash: string, signer: string | undefined, { name, memoryPages }: LoadOptions): Promise<LoadedModule> {
    const checked = check(bytes, { maxMemoryPages: memoryPages, name });
    if (checked.world === undefined) {
      throw new SumacError("module-refused", `${name}: has no section "sumac:world": build it with "sumac build"`);
    }
    const world = readWorldSection(textOf(checked.world, name));
    matchWorld(checked, world, name);
    const hardened = harden(checked, { memoryMaxPages: memoryPages, guard: this.#guard, heapMaxPages: this.#heapMaxPages });
    const granted = grantedFunctions(checked, world);
    auditHardened(hardened, {
      guard: this.#guardBytes,
      memoryMaxPages: memoryPages,
      heapMaxPages: this.#heapMaxPages,
      grantedImports: granted.imports,
      grantedExports: granted.exports,
    });
    let module: WebAssembly.Module;
    try {
      module = await WebAssembly.compile(hardened as Uint8Array<ArrayBuffer>);
    } catch (error) {
      throw new SumacError("module-refused", `${name}: V8 does not compile the hardened module: ${(error as Error).message}`, {
        cause: error,
      });
    }
    return {
      name,
      hash,
      signer,
      world,
      module,
      imports: granted.imports.map(({ module, name }) => ({ module, name })),
      memoryMinPages: checked.memory?.minimum ?? 0,
      memoryMaxPages: memoryPages,
      hasStart: WebAssembly.Module.exports(module).some(({ name }) => name === START_EXPORT),
    };
  }
}

function textOf(section: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(section);
  } catch (cause) {
    const offset = section.byteOffset.toString(16);
    throw new SumacError("module-malformed", `${name}: offset 0x${offset}: the section "sumac:world" is not UTF-8: build it again`, {
      cause,
    });
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
