/**
 * What a method that can fail returns: ok with a value, an error case, or nothing because the callee died.
 * Called by domain code and by generated code.
 *
 * Where nothing is ever freed (runtime `stub`) it is one word, never allocated, and inlines to nothing:
 *
 *   0               the call itself failed; `lastStatus()` says why, and no domain can make this up
 *   1 … 63          the error case, plus one
 *   64 …            ok: the base of an object on the shared heap, or the address of a record or number in own memory
 *                   (64 itself when there is nothing to return)
 *
 * A record or number lies in a place that exists once per type then: read it before the next call that returns one.
 * In a domain with a collector it is an object like any other, which holds that word and the value.
 */
import { scalarPlace } from "./glue";
import { Slot } from "./slot";

const FIRST_VALUE: usize = 64;

@final
export class Outcome<T> extends Slot {
  private constructor(private word: usize) {
    super();
  }

  static ok<T>(value: T): Outcome<T> {
    if (ASC_RUNTIME != 0) {
      const one = new Outcome<T>(FIRST_VALUE);
      one.put<T>(value);
      return one;
    } else if (isInteger<T>() || isFloat<T>()) {
      const place = scalarPlace<T>();
      store<T>(place, value);
      return changetype<Outcome<T>>(place);
    } else {
      return changetype<Outcome<T>>(changetype<usize>(value));
    }
  }

  /** Ok without a value, for a `result<_, error>`. */
  static done(): Outcome<void> {
    return Outcome.unpack<void>(<i32>FIRST_VALUE);
  }

  /** @param error the case, of the enum that the interface names */
  static error<T>(error: i32): Outcome<T> {
    return Outcome.unpack<T>(1 + error);
  }

  /** For generated code: the core result of a call. */
  static unpack<T>(packed: i32): Outcome<T> {
    if (ASC_RUNTIME == 0) return changetype<Outcome<T>>(<usize>packed);
    const one = new Outcome<T>(<usize>packed);
    if (isReference<T>() && !isManaged<T>()) one.put<T>(changetype<T>(<usize>packed));
    return one;
  }

  get isOk(): bool {
    return this.code >= FIRST_VALUE;
  }

  /** The callee did not answer: it died, or was not called at all. Its objects that were moved in are gone. */
  get died(): bool {
    return this.code == 0;
  }

  /** The error case; -1 when the callee died. Meaningless when ok. */
  get error(): i32 {
    return <i32>this.code - 1;
  }

  /** The value of an outcome that is ok; anything else ends the domain. */
  get value(): T {
    assert(this.isOk, "the outcome is not ok");
    if (ASC_RUNTIME != 0) return this.take<T>();
    if (isInteger<T>() || isFloat<T>()) return load<T>(changetype<usize>(this));
    return changetype<T>(changetype<usize>(this));
  }

  /** For generated code: the core result of an export, unless the value is anything but an object on the shared heap. */
  get packed(): i32 {
    if (ASC_RUNTIME != 0 && isReference<T>() && !isManaged<T>() && this.isOk) return changetype<i32>(this.take<T>());
    return <i32>this.code;
  }

  private get code(): usize {
    return ASC_RUNTIME == 0 ? changetype<usize>(this) : this.word;
  }
}
