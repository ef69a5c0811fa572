/**
 * Names that WIT tells apart and generated code does not: `a-b1` and `a-b-1` are both `aB1`.
 * Called by `lower-world.ts` for each interface that is lowered; plain WIT accepts these names.
 */

import { camel, typeName } from "./assemblyscript/names.ts";
import type { Identifier, Position } from "./ast.ts";
import type { Problems } from "./problems.ts";
import type { Definition, ResolvedInterface } from "./types.ts";

export function checkClashes(resolved: ResolvedInterface, problems: Problems): void {
  const own = [...resolved.types.values()].filter((definition) => definition.ownerId === resolved.id);
  distinct(
    own.map(({ node }) => node.name),
    (name) => typeName(name, resolved.name),
    problems,
  );
  distinct(
    resolved.functions.map(({ node }) => node.name),
    camel,
    problems,
  );
  for (const { node } of resolved.functions)
    distinct(
      node.params.map(({ name }) => name),
      camel,
      problems,
    );
  for (const definition of own) distinct(innerNames(definition), camel, problems);
}

function innerNames({ node }: Definition): Identifier[] {
  switch (node.kind) {
    case "record":
      return node.fields.map(({ name }) => name);
    case "variant":
    case "enum":
      return node.cases.map(({ name }) => name);
    case "flags":
      return node.flags.map(({ name }) => name);
    case "resource":
      return node.members.flatMap((member) => (member.kind === "constructor" ? member.params.map(({ name }) => name) : [member.name]));
    case "alias":
      return [];
  }
}

function distinct(names: readonly Identifier[], inCode: (name: string) => string, problems: Problems): void {
  const seen = new Map<string, { readonly text: string; readonly at: Position }>();
  for (const name of names) {
    const written = inCode(name.text);
    const earlier = seen.get(written);
    // Equal names are a matter of WIT, and reported as such.
    if (earlier && earlier.text !== name.text) {
      problems.add(
        name.at,
        `\`${name.text}\` and \`${earlier.text}\` (line ${earlier.at.line}) are both \`${written}\` in generated code`,
        "rename one of the two",
      );
    }
    seen.set(written, name);
  }
}
