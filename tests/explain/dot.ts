/**
 * The part of Graphviz's grammar that Sumac writes: `digraph ID { statement; … }`, where a statement is an assignment, a node
 * or an edge with attributes, and a string ends at the first quote that no backslash precedes. Throws at anything else.
 */

const TOKEN = /\s*(?:("(?:[^"\\\n]|\\.)*")|(->|[{}[\];,=])|([A-Za-z_][A-Za-z0-9_]*))/y;

export function parseDot(text: string): { readonly nodes: Map<string, string>; readonly edges: number } {
  const tokens = tokensOf(text);
  let at = 0;
  const next = (): string => tokens[at++] ?? "";
  const expect = (wanted: string): void => {
    const found = next();
    if (found !== wanted) throw new Error(`${found} where ${wanted} should be: …${tokens.slice(at - 5, at).join(" ")}`);
  };
  const id = (): string => {
    const found = next();
    if (!/^["A-Za-z_]/.test(found)) throw new Error(`${found} is no id`);
    return found;
  };
  const attributes = (): Map<string, string> => {
    const found = new Map<string, string>();
    if (tokens[at] !== "[") return found;
    do {
      at++;
      const name = id();
      expect("=");
      found.set(name, id());
    } while (tokens[at] === ",");
    expect("]");
    return found;
  };
  const nodes = new Map<string, string>();
  const ends: string[] = [];
  let edges = 0;
  expect("digraph");
  id();
  expect("{");
  while (tokens[at] !== "}") {
    const first = id();
    if (tokens[at] === "=") {
      at++;
      id();
    } else if (tokens[at] === "->") {
      at++;
      ends.push(first, id());
      edges++;
      attributes();
    } else {
      const label = attributes().get("label");
      if (label !== undefined) nodes.set(first, label);
    }
    expect(";");
  }
  expect("}");
  if (at !== tokens.length) throw new Error(`more after the end: ${tokens.slice(at).join(" ")}`);
  for (const end of ends) if (!nodes.has(end)) throw new Error(`an edge to ${end}, which is no node`);
  return { nodes, edges };
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`no token at: ${text.slice(from, from + 40)}`);
    tokens.push(match[0].trim());
  }
  return tokens;
}
