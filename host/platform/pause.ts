/** How the calling thread waits without giving way to anything else: domains run on it, and one of them is waited for. */

/** Nobody ever notifies this word. */
const word: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4));

export function pause(ms: number): void {
  Atomics.wait(word, 0, 0, ms);
}
