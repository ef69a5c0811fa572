/** Columns of text for people: widths as a terminal has them, numbers that stay short. Called by the commands that print tables. */

/** Characters that take two cells: what Unicode calls wide, roughly, and pictures. */
const WIDE =
  /\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Emoji_Presentation}|[\uff01-\uff60\u3000-\u303f]/u;
const NO_WIDTH = /\p{M}|\p{Cf}/u;

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

/** In cells. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += NO_WIDTH.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

/** Cut or filled to so many cells. */
export function fit(text: string, width: number, align: Column["align"] = "left"): string {
  let cut = text;
  if (widthOf(text) > width) {
    cut = "";
    for (const char of text) {
      if (widthOf(cut + char) > width - 1) break;
      cut += char;
    }
    cut += width > 0 ? "…" : "";
  }
  const filling = " ".repeat(Math.max(0, width - widthOf(cut)));
  return align === "left" ? cut + filling : filling + cut;
}

/** A line of titles, and a line for each row; as wide as what is in it, the columns two cells apart. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, i) => Math.max(widthOf(title), ...rows.map((row) => widthOf(row[i] ?? ""))));
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, i) => fit(cells[i] ?? "", widths[i] ?? 0, align))
      .join("  ")
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)];
}

/** `1234`, `12.3k`, `4.56M`: at most five characters. */
export function shortNumber(value: number): string {
  if (value < 10_000) return String(Math.round(value));
  const units = ["k", "M", "G", "T", "P"];
  let scaled = value;
  let unit = "";
  for (const next of units) {
    if (scaled < 1000 && unit !== "") break;
    scaled /= 1000;
    unit = next;
  }
  return `${scaled >= 100 ? scaled.toFixed(0) : scaled >= 10 ? scaled.toFixed(1) : scaled.toFixed(2)}${unit}`;
}

/** `512 B`, `24.1 KiB`, `64.0 MiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB"];
  let scaled = bytes / 1024;
  let unit = 0;
  for (; scaled >= 1024 && unit < units.length - 1; unit++) scaled /= 1024;
  return `${scaled >= 100 ? scaled.toFixed(0) : scaled.toFixed(1)} ${units[unit]}`;
}

/** `0:07`, `2:03:41`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** CPU time: `0.04s`, `12.3s`, `3:25`. */
export function cpuText(micros: number): string {
  const seconds = micros / 1e6;
  if (seconds >= 100) return durationText(seconds * 1000);
  return `${seconds >= 10 ? seconds.toFixed(1) : seconds.toFixed(2)}s`;
}
