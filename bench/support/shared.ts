/** A thing that several rows of a group work on: opened by the first, closed by the last. */
export class Shared<T> {
  readonly #open: () => Promise<T>;
  readonly #close: (thing: T) => Promise<void>;
  #thing: Promise<T> | undefined;
  #users = 0;

  constructor(open: () => Promise<T>, close: (thing: T) => Promise<void>) {
    this.#open = open;
    this.#close = close;
  }

  async take(): Promise<T> {
    this.#thing ??= this.#open();
    const thing = await this.#thing;
    this.#users++;
    return thing;
  }

  async give(): Promise<void> {
    if (--this.#users > 0 || this.#thing === undefined) return;
    const thing = await this.#thing;
    this.#thing = undefined;
    await this.#close(thing);
  }
}
