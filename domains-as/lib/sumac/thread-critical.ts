/**
 * Where a thread must not give way to another one of the same domain although its time is up: it changes what they all have one of.
 * Called by this library around such places. It costs two additions; who waits for something leaves first.
 */

let depth: u32 = 0;

export function enter(): void {
  depth++;
}

export function leave(): void {
  depth--;
}

export function isInside(): bool {
  return depth != 0;
}

/** The thread that was inside is no more. */
export function forget(): void {
  depth = 0;
}
