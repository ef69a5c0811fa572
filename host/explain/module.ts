/**
 * What is known of a module without running it: who signed it, what its content is called, how large it is, what its world says.
 * Called by `sumac explain`, for the modules of a system and for two builds of one. Reads no file.
 */
import { WORLD_SECTION } from "../build/rewrite.ts";
import { SumacError } from "../errors.ts";
import { readWorldSection, type World } from "../idl/idl.ts";
import { toHex } from "../loader/byte-reader.ts";
import { customText, HEADER, readSections } from "../loader/sections.ts";
import { type TrustedKey, verifyModule } from "../loader/signature.ts";
import { SIGNATURE_SECTION } from "../loader/signature-format.ts";
import { type MemoryEntry, summarize } from "../loader/summary.ts";

/** `refused`: there is a signature, and nobody trusted made it over these bytes. */
export type SignatureState =
  | { readonly kind: "signed"; readonly signer: string }
  | { readonly kind: "unsigned" }
  | { readonly kind: "refused"; readonly message: string };

export interface ModuleFacts {
  readonly bytes: number;
  /** Size of the code section. */
  readonly codeBytes: number;
  /** Hex SHA-256 of all that follows the signature section: the same for a signed and an unsigned copy. */
  readonly hash: string;
  readonly signature: SignatureState;
  readonly memories: readonly MemoryEntry[];
  readonly world: World;
}

/** A module that a system names. */
export type ModuleState =
  | { readonly kind: "read"; readonly facts: ModuleFacts }
  | { readonly kind: "missing" | "unreadable"; readonly message: string };

const CODE_SECTION_ID = 10;

/** @throws SumacError when the bytes are no module, or carry no world that can be read; a bad signature is a fact, not an error */
export async function readModuleFacts(
  bytes: Uint8Array<ArrayBuffer>,
  trusted: readonly TrustedKey[],
  detached?: Uint8Array,
): Promise<ModuleFacts> {
  const { memories } = summarize(bytes);
  const sections = readSections(bytes);
  const text = customText(bytes, sections, WORLD_SECTION);
  if (text === undefined) {
    throw new SumacError("module-refused", `has no section "${WORLD_SECTION}": build it with "sumac build"`);
  }
  const [first] = sections;
  const start = first?.name === SIGNATURE_SECTION ? first.end : HEADER.length;
  const code = sections.find(({ id }) => id === CODE_SECTION_ID);
  return {
    bytes: bytes.length,
    codeBytes: code === undefined ? 0 : code.end - code.payload,
    hash: toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.subarray(start)))),
    signature: await signatureOf(bytes, trusted, detached),
    memories,
    world: readWorldSection(text),
  };
}

async function signatureOf(
  bytes: Uint8Array<ArrayBuffer>,
  trusted: readonly TrustedKey[],
  detached: Uint8Array | undefined,
): Promise<SignatureState> {
  try {
    return { kind: "signed", signer: (await verifyModule(bytes, trusted, detached === undefined ? {} : { detached })).signer };
  } catch (error) {
    if (!(error instanceof SumacError)) throw error;
    return error.code === "signature-missing" ? { kind: "unsigned" } : { kind: "refused", message: error.message };
  }
}
