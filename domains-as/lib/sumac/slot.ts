/**
 * A place for one value of any type, for classes whose value is now of this type and now of that. Called by those of this
 * library and by generated variants. The collector sees what is managed; everything else is 64 bits.
 */
export class Slot {
  private bits: u64 = 0;
  private held: Object | null = null;

  /** For the class itself. */
  protected put<T>(value: T): void {
    if (isManaged<T>()) this.held = changetype<Object | null>(value);
    else if (isReference<T>()) this.bits = <u64>changetype<usize>(value);
    else if (isFloat<T>()) this.bits = sizeof<T>() == 4 ? <u64>reinterpret<u32>(<f32>value) : reinterpret<u64>(<f64>value);
    else this.bits = <u64>value;
  }

  /** For the class itself, which knows that the value is of this type. */
  protected take<T>(): T {
    if (isManaged<T>()) return changetype<T>(this.held);
    if (isReference<T>()) return changetype<T>(<usize>this.bits);
    if (isFloat<T>()) return sizeof<T>() == 4 ? <T>reinterpret<f32>(<u32>this.bits) : <T>reinterpret<f64>(this.bits);
    return <T>this.bits;
  }
}
