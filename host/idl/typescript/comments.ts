/** Comments of WIT as TSDoc. */
import type { Comment } from "../describe.ts";

export interface Doc {
  readonly comment?: Comment;
  /** What follows the comment, after an empty line where the comment has text. */
  readonly lines?: readonly string[];
  /** `@param …` and the like, last. */
  readonly tags?: readonly string[];
}

/** Empty when there is nothing to say. */
export function tsdoc({ comment, lines = [], tags = [] }: Doc, indent: string): string {
  const written = comment?.lines ?? [];
  const all = [...written, ...(written.length > 0 && lines.length > 0 ? [""] : []), ...lines];
  if (comment?.since !== undefined) all.push(`Since version ${comment.since}.`);
  const last = [...tags, ...(comment?.deprecated === undefined ? [] : [`@deprecated since version ${comment.deprecated}`])];
  const text = [...all, ...last].map((line) => line.replaceAll("*/", "*\\/"));
  const [only, ...more] = text;
  if (only === undefined) return "";
  if (more.length === 0 && last.length === 0 && !only.startsWith("- ")) return `${indent}/** ${only} */\n`;
  return `${indent}/**\n${text.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
}
