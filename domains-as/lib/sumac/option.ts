/** A value or none: WIT's `option<T>`. Called by domain code and generated code. */
@final
export class Option<T> {
  private constructor(
    readonly isSome: bool,
    private held: T,
  ) {}

  static some<T>(value: T): Option<T> {
    return new Option<T>(true, value);
  }

  static none<T>(): Option<T> {
    if (isReference<T>()) return new Option<T>(false, changetype<T>(<usize>0));
    else return new Option<T>(false, <T>0);
  }

  get isNone(): bool {
    return !this.isSome;
  }

  /** The value; none ends the domain. */
  get value(): T {
    assert(this.isSome, "the option is none");
    return this.held;
  }

  /** The value, or `other` if there is none. */
  or(other: T): T {
    return this.isSome ? this.held : other;
  }
}
