/**
 * WIT's `result<T, E>` where the error is more than a case of an enum, or where the result lies inside another value.
 * Called by domain code and generated code. (`Outcome` is what a function returns whose error is a case of an enum.)
 * What a function returned may be neither: the call failed, and `lastStatus()` says why.
 */
import { Slot } from "./slot";

const OK: u8 = 0;
const ERROR: u8 = 1;
const DIED: u8 = 2;

@final
export class Result<T, E> extends Slot {
  private constructor(private state: u8) {
    super();
  }

  static ok<T, E>(value: T): Result<T, E> {
    const one = new Result<T, E>(OK);
    one.put<T>(value);
    return one;
  }

  /** Ok without a value, for a `result<_, E>`. */
  static done<E>(): Result<void, E> {
    return new Result<void, E>(OK);
  }

  static error<T, E>(error: E): Result<T, E> {
    const one = new Result<T, E>(ERROR);
    one.put<E>(error);
    return one;
  }

  /** An error without a value, for a `result<T>`. */
  static failed<T>(): Result<T, void> {
    return new Result<T, void>(ERROR);
  }

  /** For generated code: the call failed. */
  static died<T, E>(): Result<T, E> {
    return new Result<T, E>(DIED);
  }

  get isOk(): bool {
    return this.state == OK;
  }

  get isError(): bool {
    return this.state == ERROR;
  }

  /** The callee did not answer: it died, or was not called at all. Who passes this on fails in the same way. */
  get died(): bool {
    return this.state == DIED;
  }

  /** The value of a result that is ok; anything else ends the domain. */
  get value(): T {
    assert(this.state == OK, "the result is not ok");
    return this.take<T>();
  }

  /** The error of a result that is one; anything else ends the domain. */
  get error(): E {
    assert(this.state == ERROR, "the result is no error");
    return this.take<E>();
  }
}
