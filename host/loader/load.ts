/**
 * From bytes that somebody sent to a compiled module that keeps the rules: verify → check → world → harden → audit → compile.
 *
 * Verifying reads the raw bytes, because rewriting comes after: a signature is over what the author built. What was made of a module
 * is remembered by its content; who may vouch for it, and whether they still may, is judged at every load. Reads no file.
 */
import { SumacError } from "../errors.ts";
import { readWorldSection, type World } from "../idl/idl.ts";
import { SUMAC_VERSION } from "../version.ts";
import { auditHardened } from "./audit/audit.ts";
import { toHex } from "./byte-reader.ts";
import { check } from "./check.ts";
import { checkFingerprint, type Fingerprint } from "./fingerprint.ts";
import type { GuardBodies } from "./guard-bodies.ts";
import { parseGuard } from "./guard-bodies.ts";
import { hasRecover, savedGlobalsOf } from "./harden/indices.ts";
import { harden } from "./harden.ts";
import { GLOBAL_EXPORT, START_EXPORT } from "./harden-names.ts";
import { MAX_MODULE_BYTES } from "./limits.ts";
import { HARDEN_VERSION, type ModuleRecord } from "./load-record.ts";
import { CachedModule, ModuleCache } from "./module-cache.ts";
import { Places } from "./places/places.ts";
import { checkSignatures, countSigners, type TrustedKey, type Verified } from "./signature.ts";
import { THREAD_EXPORTS } from "./thread-exports.ts";
import { demandFingerprint, demandHardening, demandSigners, demandsSigners, type TrustPolicy } from "./trust-policy.ts";
import { grantedFunctions, matchThreads, matchWorld, threadExportsOf } from "./world-match.ts";

export interface LoadedModule {
  /** What messages call it. */
  readonly name: string;
  /** Hex SHA-256 of the bytes as they were given. */
  readonly hash: string;
  /** The first trusted key that signed it; undefined when it was let in unsigned by name. */
  readonly signer: string | undefined;
  /** What was seen when it was loaded. */
  readonly record: ModuleRecord;
  readonly world: World;
  readonly module: WebAssembly.Module;
  /** The function imports that the kernel must provide besides its own five, in order. */
  readonly imports: readonly { readonly module: string; readonly name: string }[];
  readonly memoryMinPages: number;
  readonly memoryMaxPages: number;
  readonly hasStart: boolean;
  /** It exports what runs a thread. */
  readonly hasThreads: boolean;
  /** Its reserved exports for threads, by name. */
  readonly exports: ReadonlySet<string>;
  /**
   * Exports of the mutable globals, if the module has a `recover` and a snapshot can hold its state: then it may be restarted
   * from one.
   */
  readonly savedGlobals: readonly string[] | undefined;
  /** The same where a domain may go to another CPU: of any module whose state can be saved. */
  readonly movedGlobals: readonly string[] | undefined;
  /** Why its state cannot be saved, where that is so. */
  readonly unmovable: string | undefined;
  /** Why not, where it has a `recover`. */
  readonly beyondSnapshot: string | undefined;
  /** Where in the sources a position of `module` is. */
  readonly places: Places;
}

export interface LoadOptions {
  /** For messages: usually the file's path. */
  readonly name: string;
  readonly trusted: readonly TrustedKey[];
  /** The user named this module on the command line as one that may run unsigned. */
  readonly allowUnsigned: boolean;
  /** The domain's memory quota, 64 KiB pages. */
  readonly memoryPages: number;
  /** How many threads the domain may have; default 0. */
  readonly threads?: number;
  /** Signature data, where it is not embedded. */
  readonly signature?: Uint8Array;
  /** What must hold besides that somebody trusted signed. */
  readonly policies?: readonly TrustPolicy[];
  /** Milliseconds since 1970 at which keys must be valid; default: now. */
  readonly now?: number;
}

export interface LoaderOptions {
  /** `guard.wasm`, the functions that touch shared objects for a domain. */
  readonly guard: Uint8Array;
  /** Maximum of the shared heap's memory, 64 KiB pages. */
  readonly heapMaxPages: number;
  /** Domains may go to another CPU while they live. */
  readonly isMovable?: boolean;
}

/** What depends on the bytes and the quota alone. */
interface Built extends Omit<LoadedModule, "name" | "signer" | "record"> {
  readonly fingerprint: Fingerprint | undefined;
  readonly hardenedHash: string;
}

export class Loader {
  readonly #guardBytes: Uint8Array<ArrayBuffer>;
  readonly #guard: GuardBodies;
  readonly #guardHash: Promise<string>;
  readonly #heapMaxPages: number;
  readonly #isMovable: boolean;
  readonly #cache: ModuleCache<Built> = new ModuleCache();

  constructor({ guard, heapMaxPages, isMovable = false }: LoaderOptions) {
    this.#isMovable = isMovable;
    this.#guardBytes = new Uint8Array(guard);
    this.#guard = parseGuard(guard);
    this.#guardHash = sha256(this.#guardBytes);
    this.#heapMaxPages = heapMaxPages;
  }

  /** @throws SumacError that says what is wrong with the module, or which demand it does not meet */
  async load(bytes: Uint8Array, options: LoadOptions): Promise<LoadedModule> {
    const { name, memoryPages, policies = [], signature } = options;
    if (bytes.length > MAX_MODULE_BYTES) {
      throw new SumacError(
        "module-refused",
        `${name}: ${bytes.length} bytes, more than the limit of ${MAX_MODULE_BYTES}: make the module smaller or split it`,
      );
    }
    const known = this.#cache.find(bytes, signature);
    // A copy, which nobody can change while it is looked at.
    const module = known ?? new CachedModule<Built>(new Uint8Array(bytes), signature && new Uint8Array(signature));
    const verified = await about(name, () => verify(module, options));
    let built = module.built.get(memoryPages);
    if (built === undefined) {
      built = await this.#build(module.bytes, options);
      module.built.set(memoryPages, built);
      this.#cache.add(module);
    }
    const { fingerprint, hardenedHash, ...loaded } = built;
    matchThreads(built.exports, loaded.world, options.threads ?? 0, name);
    await about(name, () => {
      demandFingerprint(policies, fingerprint);
      demandHardening(policies, HARDEN_VERSION);
    });
    const record: ModuleRecord = {
      module: name,
      bytes: module.bytes.length,
      hash: loaded.hash,
      signed: verified?.hash ?? null,
      signers: verified?.signers ?? [],
      uncounted: verified?.uncounted ?? [],
      policy: policies,
      fingerprint: fingerprint ?? null,
      hardened: { version: HARDEN_VERSION, hash: hardenedHash, guard: await this.#guardHash },
      beyondSnapshot: loaded.beyondSnapshot ?? null,
      sumac: SUMAC_VERSION,
    };
    return { ...loaded, name, signer: verified?.signer, record };
  }

  async #build(bytes: Uint8Array<ArrayBuffer>, { name, memoryPages }: LoadOptions): Promise<Built> {
    const checked = check(bytes, { maxMemoryPages: memoryPages, name });
    if (checked.world === undefined) {
      throw new SumacError("module-refused", `${name}: has no section "sumac:world": build it with "sumac build"`);
    }
    const world = readWorldSection(textOf(checked.world, name));
    matchWorld(checked, world, name);
    const required = checked.imports.map(({ module, field }) => `${module}#${field}`);
    const fingerprint = await about(name, () => checkFingerprint(bytes, world, required));
    const isMovable = this.#isMovable;
    const hardening = { memoryMaxPages: memoryPages, guard: this.#guard, heapMaxPages: this.#heapMaxPages, isMovable };
    const hardened = harden(checked, hardening);
    const granted = grantedFunctions(checked, world);
    const globals = savedGlobalsOf(checked, isMovable);
    const globalNames = globals?.map((index) => `${GLOBAL_EXPORT}${index}`);
    auditHardened(hardened, {
      guard: this.#guardBytes,
      memoryMaxPages: memoryPages,
      heapMaxPages: this.#heapMaxPages,
      grantedImports: granted.imports,
      grantedExports: granted.exports,
      savesGlobals: globals !== undefined,
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
      hash: await sha256(bytes),
      hardenedHash: await sha256(hardened as Uint8Array<ArrayBuffer>),
      fingerprint,
      world,
      module,
      imports: granted.imports.map(({ module, name }) => ({ module, name })),
      memoryMinPages: checked.memory?.minimum ?? 0,
      memoryMaxPages: memoryPages,
      hasThreads: threadExportsOf(checked).some((each) => each === THREAD_EXPORTS.run),
      exports: new Set(threadExportsOf(checked).map((each) => each.name)),
      hasStart: WebAssembly.Module.exports(module).some(({ name }) => name === START_EXPORT),
      savedGlobals: hasRecover(checked) ? globalNames : undefined,
      movedGlobals: isMovable ? globalNames : undefined,
      unmovable: checked.beyondSnapshot,
      beyondSnapshot: hasRecover(checked) ? checked.beyondSnapshot : undefined,
      places: new Places(bytes, hardening),
    };
  }
}

/** Undefined for a module that nobody signed and that the user named as one that may run so. */
async function verify(module: CachedModule<Built>, options: LoadOptions): Promise<Verified | undefined> {
  const { trusted, allowUnsigned, policies = [], now = Date.now() } = options;
  try {
    let checked = module.verdict(trusted);
    if (checked === undefined) {
      checked = await checkSignatures(module.bytes, trusted, module.detached === undefined ? {} : { detached: module.detached });
      module.remember(trusted, checked);
    }
    const verified = countSigners(checked, now);
    demandSigners(policies, verified.signers, verified.uncounted);
    return verified;
  } catch (error) {
    if (!(error instanceof SumacError) || error.code !== "signature-missing" || !allowUnsigned) throw error;
    // The user lets it run, but the system asks for more than the user can give.
    if (demandsSigners(policies)) demandSigners(policies, [], []);
    return undefined;
  }
}

/** Errors about a module begin with its name. */
async function about<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SumacError)) throw error;
    throw new SumacError(error.code, `${name}: ${error.message}`, { cause: error });
  }
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
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
