/** How campaigns read their options: a bad one ends the process with a line that names it. */

export function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`--${name} ${text}: not a whole number`);
  process.exit(2);
}
