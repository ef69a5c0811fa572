/** Markdown as the pages need it: headings that can be linked to, tables, comments of WIT as paragraphs. */
import type { Comment } from "../describe.ts";

/** The anchor that a heading gets: lower case, spaces to hyphens, no other marks. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^0-9a-z _-]/g, "")
    .replaceAll(" ", "-");
}

/** Nothing when there are no rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`.replaceAll("|  |", "| |");
  return `${line(head)}|${head.map(() => "---|").join("")}\n${rows.map(line).join("")}\n`;
}

/** Paragraphs as they were written, then since when the item exists and whether it still should be used. */
export function prose({ lines, since, deprecated }: Comment): string {
  const text = lines.length > 0 ? `${lines.join("\n")}\n\n` : "";
  const notes = [since && `Since version ${since}.`, deprecated && `**Deprecated** since version ${deprecated}.`].filter(Boolean);
  return notes.length > 0 ? `${text}${notes.join(" ")}\n\n` : text;
}

/** For a cell, which is one line. */
export function cell(lines: readonly string[] | undefined): string {
  return (lines ?? []).join(" ").trim();
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** `word 3`, `words 3 and 4`, `words 3 to 7` */
export function wordsFrom(first: number, count: number): string {
  if (count === 1) return `word ${first}`;
  return count === 2 ? `words ${first} and ${first + 1}` : `words ${first} to ${first + count - 1}`;
}
