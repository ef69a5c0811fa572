/**
 * A variable that each thread has for itself; calls from outside have one together. Reading and writing take the same time however many
 * threads there are. Called by domain code; a variable lives as long as its domain.
 */
import { LocalBase } from "./thread-local-base";
import { Thread } from "./thread-object";

@final
export class ThreadLocal<T> extends LocalBase {
  private values: Array<T> = [];

  /** @param initial what a thread reads that has written nothing */
  constructor(private readonly initial: T) {
    super();
  }

  get value(): T {
    const number = <i32>Thread.current.number;
    return number < this.values.length ? unchecked(this.values[number]) : this.initial;
  }

  set value(value: T) {
    const number = <i32>Thread.current.number;
    if (number >= this.values.length) this.grow(number);
    this.values[number] = value;
  }

  protected clear(number: u32): void {
    if (<i32>number < this.values.length) this.values[number] = this.initial;
  }

  private grow(number: i32): void {
    while (this.values.length <= number) this.values.push(this.initial);
  }
}
