/** A JSON tokeniser over bytes, in AssemblyScript: kinds and places of tokens; `json` reads a document that it made once. Needs `random`. */
export const JSON_KERNEL: string = String.raw`
enum Kind { Open, Close, Colon, Comma, String, Number, True, False, Null }

/** What may come next. */
enum Expect { Value, ValueOrClose, Key, KeyOrClose, Colon, CommaOrClose, End }

const MOST_TOKENS = 1 << 14;
const MOST_NESTED = 64;

class Tokeniser {
  count: i32 = 0;
  kinds: StaticArray<u8> = new StaticArray<u8>(MOST_TOKENS);
  starts: StaticArray<i32> = new StaticArray<i32>(MOST_TOKENS);
  ends: StaticArray<i32> = new StaticArray<i32>(MOST_TOKENS);
  private at: i32 = 0;
  private length: i32 = 0;
  private depth: i32 = 0;
  private nesting: StaticArray<u8> = new StaticArray<u8>(MOST_NESTED);

  constructor(private text: StaticArray<u8>) {}

  /** False where the text is no JSON, or too much of it. */
  run(length: i32): bool {
    this.count = 0;
    this.at = 0;
    this.depth = 0;
    this.length = length;
    let expect = Expect.Value;
    while (true) {
      this.skipSpace();
      if (this.at == length) return expect == Expect.End;
      const c = this.text[this.at];
      switch (c) {
        case 0x7b: // {
        case 0x5b: // [
          if (expect > Expect.ValueOrClose || this.depth == MOST_NESTED) return false;
          this.nesting[this.depth++] = c;
          if (!this.put(Kind.Open, 1)) return false;
          expect = c == 0x7b ? Expect.KeyOrClose : Expect.ValueOrClose;
          break;
        case 0x7d: // }
        case 0x5d: // ]
          if (this.depth == 0 || this.nesting[this.depth - 1] != c - 2) return false;
          if (expect != Expect.CommaOrClose && expect != Expect.KeyOrClose && expect != Expect.ValueOrClose) return false;
          this.depth--;
          if (!this.put(Kind.Close, 1)) return false;
          expect = this.afterValue();
          break;
        case 0x2c: // ,
          if (expect != Expect.CommaOrClose || !this.put(Kind.Comma, 1)) return false;
          expect = this.nesting[this.depth - 1] == 0x7b ? Expect.Key : Expect.Value;
          break;
        case 0x3a: // :
          if (expect != Expect.Colon || !this.put(Kind.Colon, 1)) return false;
          expect = Expect.Value;
          break;
        case 0x22: // "
          if (expect >= Expect.Colon) return false;
          if (!this.put(Kind.String, this.stringLength())) return false;
          expect = expect >= Expect.Key ? Expect.Colon : this.afterValue();
          break;
        default:
          if (expect > Expect.ValueOrClose || !this.scalar(c)) return false;
          expect = this.afterValue();
      }
    }
    return false;
  }

  private afterValue(): Expect {
    return this.depth == 0 ? Expect.End : Expect.CommaOrClose;
  }

  private skipSpace(): void {
    while (this.at < this.length) {
      const c = this.text[this.at];
      if (c != 0x20 && c != 0x0a && c != 0x0d && c != 0x09) return;
      this.at++;
    }
  }

  /** A length of 0 is no token. */
  private put(kind: Kind, length: i32): bool {
    if (length == 0 || this.count == MOST_TOKENS) return false;
    this.kinds[this.count] = <u8>kind;
    this.starts[this.count] = this.at;
    this.at += length;
    this.ends[this.count++] = this.at;
    return true;
  }

  private scalar(first: u8): bool {
    if (first == 0x74) return this.put(Kind.True, this.literalLength("true"));
    if (first == 0x66) return this.put(Kind.False, this.literalLength("false"));
    if (first == 0x6e) return this.put(Kind.Null, this.literalLength("null"));
    return this.put(Kind.Number, this.numberLength());
  }

  private literalLength(literal: string): i32 {
    if (this.length - this.at < literal.length) return 0;
    for (let i = 0; i < literal.length; i++) {
      if (this.text[this.at + i] != literal.charCodeAt(i)) return 0;
    }
    return literal.length;
  }

  private stringLength(): i32 {
    let at = this.at + 1;
    while (at < this.length) {
      const c = this.text[at++];
      if (c == 0x22) return at - this.at;
      if (c < 0x20) return 0;
      if (c != 0x5c) continue;
      if (at == this.length) return 0;
      switch (this.text[at++]) {
        case 0x22: case 0x5c: case 0x2f: case 0x62: case 0x66: case 0x6e: case 0x72: case 0x74: break;
        case 0x75: {
          for (let i = 0; i < 4; i++, at++) {
            if (at >= this.length || !isHex(this.text[at])) return 0;
          }
          break;
        }
        default: return 0;
      }
    }
    return 0;
  }

  private digitsFrom(at: i32): i32 {
    while (at < this.length && isDigit(this.text[at])) at++;
    return at;
  }

  private peek(at: i32): u8 {
    return at < this.length ? this.text[at] : 0;
  }

  private numberLength(): i32 {
    let at = this.at;
    if (this.peek(at) == 0x2d) at++;
    if (!isDigit(this.peek(at))) return 0;
    at = this.peek(at) == 0x30 ? at + 1 : this.digitsFrom(at);
    if (this.peek(at) == 0x2e) {
      at++;
      if (!isDigit(this.peek(at))) return 0;
      at = this.digitsFrom(at);
    }
    if ((this.peek(at) | 0x20) == 0x65) {
      at++;
      if (this.peek(at) == 0x2b || this.peek(at) == 0x2d) at++;
      if (!isDigit(this.peek(at))) return 0;
      at = this.digitsFrom(at);
    }
    return at - this.at;
  }
}

function isDigit(c: u8): bool {
  return c >= 0x30 && c <= 0x39;
}

function isHex(c: u8): bool {
  return isDigit(c) || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x66);
}

const document = new StaticArray<u8>(1 << 16);
const tokens = new Tokeniser(document);
let documentLength = 0;

function write(text: string): void {
  for (let i = 0; i < text.length; i++) document[documentLength++] = <u8>text.charCodeAt(i);
}

function writeNumber(n: u32): void {
  if (n >= 10) writeNumber(n / 10);
  document[documentLength++] = <u8>(48 + (n % 10));
}

function fillDocument(): void {
  let x: u32 = 0x1234567;
  write('{ "version": "1.0", "items": [');
  for (let i = 0; i < 300; i++) {
    x = random(x);
    write(i ? ',\n  { "id": ' : '\n  { "id": ');
    writeNumber(x);
    write(', "name": "item \\"');
    writeNumber(i);
    write(x & 1 ? '\\" of \\u00e4ll\\n", "price": -' : '\\"", "price": ');
    writeNumber((x >> 8) & 1023);
    write(x & 2 ? '.125' : '.5e-3');
    write(x & 4 ? ', "tags": [ "a", "bc", [] ], "more": null' : ', "tags": [], "is": { "new": true, "old": false }');
    write(' }');
  }
  write('\n] }\n');
}

export function json(): i32 {
  if (documentLength == 0) fillDocument();
  if (!tokens.run(documentLength)) return -1;
  let mixed = tokens.count;
  for (let i = 0; i < tokens.count; i += 16) mixed = mixed * 31 + tokens.starts[i] + tokens.kinds[i];
  return mixed;
}
`;
