/**
 * JSON that means one thing: refuses what two readers may understand differently, a name that stands twice in one object, a number
 * that is none in JavaScript, half a character. Called for manifests, policies and key sets, where what is overlooked may be a revocation or a demand.
 */

/** Strings, and what tells names from other strings. Applied to text that is JSON, so a string always has its end. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;

/** @throws SyntaxError */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text, (name, each: unknown) => {
    if (!name.isWellFormed() || (typeof each === "string" && !each.isWellFormed()))
      throw new SyntaxError("a string holds half a character");
    if (typeof each !== "number") return each;
    if (!Number.isFinite(each)) throw new SyntaxError("a number is too large");
    // Written down again, -0 would be 0.
    return each === 0 ? 0 : each;
  });
  refuseNamesTwice(text);
  return value;
}

function refuseNamesTwice(text: string): void {
  /** Names so far of the objects around; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    const names = open.at(-1);
    if (isName && token.startsWith('"')) {
      // Two spellings of a name are one name.
      const name = JSON.parse(token) as string;
      if (names?.has(name)) throw new SyntaxError(`the name ${JSON.stringify(name).slice(0, 60)} stands twice in one object`);
      names?.add(name);
    }
    isName = token === "{" || (token === "," && names !== undefined);
  }
}
