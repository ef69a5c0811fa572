/**
 * The instances of a capability that the domain serves, each with the number by which the kernel knows it. What is in the
 * table lives: somebody holds a handle of it. Called by generated code only.
 */
@final
export class Instances<T> {
  /** Place 0 stays empty: no instance has the number 0. */
  private held: Array<T | null> = [null];
  private free: Array<u32> = [];

  /** The number of an instance that leaves the domain. */
  add(instance: T): u32 {
    if (this.free.length > 0) {
      const number = this.free.pop();
      this.held[number] = instance;
      return number;
    }
    return <u32>this.held.push(instance) - 1;
  }

  /** An instance that others hold. The kernel's numbers are those that it was given; any other ends the domain. */
  at(number: u32): T {
    const instance = number < <u32>this.held.length ? this.held[number] : null;
    assert(instance !== null, "no such instance");
    return instance as T;
  }

  /** The same for one that nobody holds any more. */
  remove(number: u32): T {
    const instance = this.at(number);
    this.held[number] = null;
    this.free.push(number);
    return instance;
  }
}
