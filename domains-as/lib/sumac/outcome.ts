/**
 * What a method that can fail returns: ok with a value, an error case, or nothing because the callee died.
 * Called by domain code and by generated code. One word, never allocated, and it inlines to nothing.
 *
 *   0               the call itself failed; `lastStatus()` says why, and no domain can make this up
 *   1 … 63          the error case, plus one
 *   64 …            ok: the base of an object on the shared heap, or the address of a record or number in own memory
 *                   (64 itself when there is nothing to return)
 *
 * A record or number lies in a place that exists once per type: read it before the next call that returns one.
 */
import { scalarPlace } from "./glue";

const FIRST_VALUE: usize = 64;

@unmanaged
@final
export class Outcome<T> {
  static ok<T>(value: T): Outcome<T> {
    if (isInteger<T>() || isFloat<T>()) {
      const place = scalarPlace<T>();
      store<T>(place, value);
      return changetype<Outcome<T>>(place);
    } else {
      return changetype<Outcome<T>>(changetype<usize>(value));
    }
  }

  /** Ok without a value, for a `result<_, error>`. */
  static done(): Outcome<void> {
    return changetype<Outcome<void>>(FIRST_VALUE);
  }

  /** @param error the case, of the enum that the interface names */
  static error<T>(error: i32): Outcome<T> {
    return changetype<Outcome<T>>(<usize>(1 + error));
  }

  /** For generated code: the core result of a call. */
  static unpack<T>(packed: i32): Outcome<T> {
    return changetype<Outcome<T>>(<usize>packed);
  }

  get isOk(): bool {
    return changetype<usize>(this) >= FIRST_VALUE;
  }

  /** The callee did not answer: it died, or was not called at all. Its objects that were moved in are gone. */
  get died(): bool {
    return changetype<usize>(this) == 0;
  }

  /** The error case; -1 when the callee died. Meaningless when ok. */
  get error(): i32 {
    return <i32>changetype<usize>(this) - 1;
  }

  /** The value of an outcome that is ok; anything else ends the domain. */
  get value(): T {
    assert(this.isOk, "the outcome is not ok");
    if (isInteger<T>() || isFloat<T>()) return load<T>(changetype<usize>(this));
    return changetype<T>(changetype<usize>(this));
  }

  /** For generated code: the core result of an export, unless the value is a record or number. */
  get packed(): i32 {
    return <i32>changetype<usize>(this);
  }
}
