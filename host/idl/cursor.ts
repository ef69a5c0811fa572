/**
 * The current token and the few questions a recursive-descent parser asks about it.
 * Used by `parser.ts` and `parse-types.ts`; knows tokens, no grammar.
 */
import type { DocLine, Identifier, Position } from "./ast.ts";
import { syntaxError } from "./problems.ts";
import { type Token, Tokenizer } from "./tokenizer.ts";

export class Cursor {
  readonly #tokens: Tokenizer;
  #token: Token;

  constructor(text: string, fileName: string) {
    this.#tokens = new Tokenizer(text, fileName);
    this.#token = this.#tokens.next();
  }

  get at(): Position {
    return this.#token.at;
  }

  get docs(): readonly DocLine[] {
    return this.#token.docs;
  }

  get atEnd(): boolean {
    return this.#token.kind === "end";
  }

  /** Whether the token is this keyword or mark; `%func` is an identifier and never a keyword. */
  is(text: string): boolean {
    return this.#token.text === text && (this.#token.kind === "keyword" || this.#token.kind === "punctuation");
  }

  get isIdentifier(): boolean {
    return this.#token.kind === "identifier";
  }

  /** The keyword under the cursor, or undefined. */
  get keyword(): string | undefined {
    return this.#token.kind === "keyword" ? this.#token.text : undefined;
  }

  take(text: string): boolean {
    if (!this.is(text)) return false;
    this.#token = this.#tokens.next();
    return true;
  }

  expect(text: string, remedy: string): void {
    if (!this.take(text)) this.fail(`\`${text}\``, remedy);
  }

  identifier(what: string): Identifier {
    const { kind, text, at } = this.#token;
    if (kind === "keyword") {
      throw syntaxError(at, `\`${text}\` is a keyword, not ${what}`, `write \`%${text}\` to use it as a name`);
    }
    if (kind !== "identifier") this.fail(what, "give it a name such as `block-size`");
    this.#token = this.#tokens.next();
    return { text, at };
  }

  integer(what: string): { readonly text: string; readonly at: Position } {
    const { kind, text, at } = this.#token;
    if (kind !== "integer") this.fail(what, "write a decimal number");
    this.#token = this.#tokens.next();
    return { text, at };
  }

  string(what: string): string {
    const { kind, text } = this.#token;
    if (kind !== "string") this.fail(what, "write it in double quotes");
    this.#token = this.#tokens.next();
    return text;
  }

  /**
   * If the token is `introducer`, reads the version that must follow it.
   * It skips the introducer without looking at the next token, which could not be read as one.
   */
  versionAfter(introducer: string): string | undefined {
    if (!this.is(introducer)) return undefined;
    const { text } = this.#tokens.nextVersion();
    this.#token = this.#tokens.next();
    return text;
  }

  fail(expected: string, remedy: string): never {
    const { kind, text, at } = this.#token;
    const found = kind === "end" ? text : `\`${text}\``;
    throw syntaxError(at, `expected ${expected}, found ${found}`, remedy);
  }
}
