/**
 * Characters to tokens. Used by `cursor.ts` alone; knows no grammar except what a version looks like, because
 * `1.0.0-rc.1` is one thing to a reader and six tokens to a tokenizer. Sources: [WIT] lexical structure, [SEMVER].
 */
import type { DocLine, Position } from "./ast.ts";
import { syntaxError } from "./problems.ts";

export interface Token {
  readonly kind: "identifier" | "keyword" | "integer" | "string" | "punctuation" | "end";
  /** An identifier without its `%`; a string without quotes and escapes; otherwise as written. */
  readonly text: string;
  readonly at: Position;
  /** The doc comments between the previous token and this one. */
  readonly docs: readonly DocLine[];
}

export const keywords: ReadonlySet<string> = new Set(
  (
    "_ as async bool borrow char constructor enum error-context export f32 f64 flags from func future import include " +
    "interface list map option own package record resource result s16 s32 s64 s8 static stream string tuple type " +
    "u16 u32 u64 u8 use variant with world"
  ).split(" "),
);

/** Controls, bidirectional overrides, and code points that Unicode deprecates: text that does not read as it acts. */
const hiddenCharacter =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u0149\u0673\u0f77\u0f79\u17a3\u17a4\u17b4\u17b5]/u;
/** Ids are written out wherever a type is mentioned, so a long name must not make a short text a huge one. */
const MAX_NAME_CHARACTERS = 256;
const word = /%?[A-Za-z][A-Za-z0-9-]*|%[A-Za-z0-9-]*|_/y;
/** Each word fits one alternative only: were digits both, a long name that fails at its end would be tried in 2^n ways. */
const kebab = /^(?:[a-z][a-z0-9]*|[A-Z][A-Z0-9]*)(?:-(?:[0-9]+|[0-9]*[a-z][a-z0-9]*|[0-9]*[A-Z][A-Z0-9]*))*$/;
const integer = /[0-9]+/y;
const punctuation = /->|[=,:;(){}<>*/.@]/y;
const stringLiteral = /"((?:[^"\\\n]|\\(?:[tnr"'\\]|[0-9a-fA-F]{2}|u\{[0-9a-fA-F]{1,6}\}))*)"/y;
const version =
  /(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?![0-9A-Za-z+-]|\.[0-9A-Za-z])/y;

export class Tokenizer {
  readonly #text: string;
  readonly #fileName: string;
  #offset = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string, fileName: string) {
    this.#text = text;
    this.#fileName = fileName;
    const hidden = hiddenCharacter.exec(text);
    if (hidden) {
      const before = text.slice(0, hidden.index);
      const lines = before.split("\n");
      const at = { file: fileName, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
      const code = (hidden[0].codePointAt(0) ?? 0).toString(16).padStart(4, "0");
      throw syntaxError(at, `the character U+${code} is invisible or misleading`, "remove it");
    }
    if (text.startsWith("\ufeff")) this.#offset = this.#lineStart = 1;
  }

  next(): Token {
    const docs = this.#skipSpace();
    const at = this.#here();
    if (this.#offset >= this.#text.length) return { kind: "end", text: "the end of the file", at, docs };
    const name = this.#match(word);
    if (name !== undefined) {
      if (keywords.has(name)) return { kind: "keyword", text: name, at, docs };
      const text = name.startsWith("%") ? name.slice(1) : name;
      if (text.length > MAX_NAME_CHARACTERS) this.#tooLong(at, "name");
      if (!kebab.test(text)) {
        throw syntaxError(at, `\`${name}\` is not a name`, "write words of one case joined by single hyphens, as in `out-of-range`");
      }
      return { kind: "identifier", text, at, docs };
    }
    const digits = this.#match(integer);
    if (digits !== undefined) return { kind: "integer", text: digits, at, docs };
    const mark = this.#match(punctuation);
    if (mark !== undefined) return { kind: "punctuation", text: mark, at, docs };
    const quoted = this.#match(stringLiteral);
    if (quoted !== undefined) return { kind: "string", text: quoted.slice(1, -1), at, docs };
    const character = String.fromCodePoint(this.#text.codePointAt(this.#offset) ?? 0);
    throw syntaxError(at, `\`${character}\` means nothing in WIT`, "remove it");
  }

  /** Reads a version that begins right here; called when the last token said that one must follow. */
  nextVersion(): { readonly text: string; readonly at: Position } {
    this.#skipSpace();
    const at = this.#here();
    const text = this.#match(version);
    if (text === undefined) throw syntaxError(at, "this is not a version", "write three numbers, as in `0.1.0`");
    if (text.length > MAX_NAME_CHARACTERS) this.#tooLong(at, "version");
    return { text, at };
  }

  #tooLong(at: Position, what: string): never {
    throw syntaxError(at, `a ${what} has more than ${MAX_NAME_CHARACTERS} characters`, "shorten it");
  }

  #here(): Position {
    return { file: this.#fileName, line: this.#line, column: this.#offset - this.#lineStart + 1 };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#offset += found.length;
    return found;
  }

  /** Skips white space and comments; what it returns are the doc comments among them. */
  #skipSpace(): DocLine[] {
    const docs: DocLine[] = [];
    for (;;) {
      const character = this.#text[this.#offset];
      if (character === "\n") {
        this.#offset += 1;
        this.#line += 1;
        this.#lineStart = this.#offset;
      } else if (character === " " || character === "\t" || character === "\r") {
        this.#offset += 1;
      } else if (this.#text.startsWith("//", this.#offset)) {
        this.#lineComment(docs);
      } else if (this.#text.startsWith("/*", this.#offset)) {
        this.#blockComment(docs);
      } else {
        return docs;
      }
    }
  }

  #lineComment(docs: DocLine[]): void {
    const at = this.#here();
    const newline = this.#text.indexOf("\n", this.#offset);
    const end = newline < 0 ? this.#text.length : newline;
    const text = this.#text.slice(this.#offset, end);
    if (text.startsWith("///")) docs.push(docLine(text, 3, at));
    this.#offset = end;
  }

  #blockComment(docs: DocLine[]): void {
    const at = this.#here();
    const start = this.#offset;
    let depth = 0;
    do {
      if (this.#offset >= this.#text.length) throw syntaxError(at, "this comment has no end", "close it with `*/`");
      if (this.#text.startsWith("/*", this.#offset)) {
        depth += 1;
        this.#offset += 2;
      } else if (this.#text.startsWith("*/", this.#offset)) {
        depth -= 1;
        this.#offset += 2;
      } else {
        if (this.#text[this.#offset] === "\n") {
          this.#line += 1;
          this.#lineStart = this.#offset + 1;
        }
        this.#offset += 1;
      }
    } while (depth > 0);
    const text = this.#text.slice(start, this.#offset);
    if (!text.startsWith("/**") || text === "/**/") return;
    text
      .slice(0, -2)
      .split("\n")
      .forEach((line, index) => {
        const marker = index === 0 ? 3 : (/^\s*\*?/.exec(line)?.[0].length ?? 0);
        const column = index === 0 ? at.column : 1;
        docs.push(docLine(line, marker, { file: at.file, line: at.line + index, column }));
      });
  }
}

/** The text after a comment's marker, without the spaces around it; the position is that of the text. */
function docLine(line: string, markerLength: number, at: Position): DocLine {
  const rest = line.slice(markerLength);
  const spaces = rest.length - rest.trimStart().length;
  return { text: rest.trim(), at: { ...at, column: at.column + markerLength + spaces } };
}
