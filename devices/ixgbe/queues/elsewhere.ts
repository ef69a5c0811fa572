/** The queues of other CPUs as a receive path sees them, where the card has some there. Implemented by card-team.ts and queue-engine.ts. */
export interface Elsewhere {
  isMine(queue: number): boolean;
  /** Whether somebody drives it. */
  runs(queue: number): boolean;
  /** Copies a frame to its CPU, which puts it into the queue; `false`: there is no room. */
  hand(queue: number, bytes: Uint8Array, length: number, isBad: boolean, match: number): boolean;
}
