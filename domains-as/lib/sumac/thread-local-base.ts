/** What all thread-local variables have in common: they forget a thread that has ended. Called by thread-object.ts. */
export abstract class LocalBase {
  private static readonly all: Array<LocalBase> = [];

  constructor() {
    LocalBase.all.push(this);
  }

  static clearAll(number: u32): void {
    for (let i = 0; i < LocalBase.all.length; i++) LocalBase.all[i].clear(number);
  }

  protected abstract clear(number: u32): void;
}
