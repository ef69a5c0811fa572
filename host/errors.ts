/**
 * Bad input of a user: a manifest, a module, a key, a command line.
 * Everything that rejects input throws this one class; the CLI prints `message` as one line.
 * Never used for the death of a domain (that is an `RpcError` value) nor for a broken invariant.
 */

/** Stable identifiers that callers may match on; never match on a message. */
export type SumacErrorCode =
  | "usage"
  | "file-missing"
  | "file-unreadable"
  | "module-malformed"
  | "module-refused"
  | "import-not-granted"
  | "import-not-implemented"
  | "export-missing"
  | "audit-failed"
  | "signature-missing"
  | "signature-wrong"
  | "trust-refused"
  | "key-unusable"
  | "wit-syntax"
  | "wit-invalid"
  | "interface-mismatch"
  | "manifest-invalid"
  | "image-too-small"
  | "image-not-writable"
  | "device-failed"
  | "input-unreadable"
  | "input-shrank"
  | "build-failed"
  | "generated-stale"
  | "quota-invalid"
  | "domain-failed-to-start"
  | "system-stopped"
  | "no-such-system"
  | "no-such-domain"
  | "system-busy"
  | "not-movable"
  | "control-unusable";

export class SumacError extends Error {
  readonly code: SumacErrorCode;

  /** @param message one line that names the thing, the place and the remedy; what it quotes may be anybody's text */
  constructor(code: SumacErrorCode, message: string, options?: ErrorOptions) {
    super(withoutControls(message), options);
    this.name = "SumacError";
    this.code = code;
  }
}

/** Names out of modules and files end up in terminals and logs of whoever catches this: control characters are shown, not obeyed. */
function withoutControls(text: string): string {
  return text.replace(/[^\P{C}\n\t]/gu, (char) => `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`);
}
