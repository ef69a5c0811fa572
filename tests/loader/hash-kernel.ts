/** A hash table with integer keys, in AssemblyScript; `hash` sets, looks up and deletes in turn. Needs `random`. */
export const HASH_KERNEL = `
/** Integer keys and values; open addressing with linear steps. What follows a deleted entry moves up, so there are no tombstones. */
class IntTable {
  private keys: StaticArray<i32>;
  private values: StaticArray<i32>;
  private used: StaticArray<bool>;
  size: i32 = 0;

  constructor(private capacity: i32) {
    this.keys = new StaticArray<i32>(capacity);
    this.values = new StaticArray<i32>(capacity);
    this.used = new StaticArray<bool>(capacity);
  }

  clear(): void {
    for (let i = 0; i < this.capacity; i++) this.used[i] = false;
    this.size = 0;
  }

  get(key: i32, otherwise: i32): i32 {
    const at = this.find(key);
    return this.used[at] ? this.values[at] : otherwise;
  }

  set(key: i32, value: i32): void {
    let at = this.find(key);
    if (!this.used[at]) {
      if ((this.size + 1) * 4 > this.capacity * 3) {
        this.grow();
        at = this.find(key);
      }
      this.used[at] = true;
      this.keys[at] = key;
      this.size++;
    }
    this.values[at] = value;
  }

  delete(key: i32): bool {
    let hole = this.find(key);
    if (!this.used[hole]) return false;
    const mask = this.capacity - 1;
    for (let at = (hole + 1) & mask; this.used[at]; at = (at + 1) & mask) {
      // An entry may move up to the hole unless the place where it belongs lies behind it.
      if (((at - this.home(this.keys[at])) & mask) < ((at - hole) & mask)) continue;
      this.keys[hole] = this.keys[at];
      this.values[hole] = this.values[at];
      hole = at;
    }
    this.used[hole] = false;
    this.size--;
    return true;
  }

  private home(key: i32): i32 {
    let h: u32 = key;
    h = (h ^ (h >> 16)) * 0x45d9f3b;
    h = (h ^ (h >> 16)) * 0x45d9f3b;
    return (h ^ (h >> 16)) & (this.capacity - 1);
  }

  /** Where the key is, or the free place where it would be. */
  private find(key: i32): i32 {
    let at = this.home(key);
    while (this.used[at] && this.keys[at] != key) at = (at + 1) & (this.capacity - 1);
    return at;
  }

  private grow(): void {
    const keys = this.keys, values = this.values, used = this.used;
    this.capacity *= 2;
    this.keys = new StaticArray<i32>(this.capacity);
    this.values = new StaticArray<i32>(this.capacity);
    this.used = new StaticArray<bool>(this.capacity);
    this.size = 0;
    for (let i = 0; i < used.length; i++) {
      if (used[i]) this.set(keys[i], values[i]);
    }
  }
}

const table = new IntTable(64);
export function hash(): i32 {
  table.clear();
  let x: u32 = 0x6b8b4567, mixed = 0;
  for (let i = 0; i < 20000; i++) {
    x = random(x);
    const key = <i32>((x >> 4) % 5000) - 2500;
    switch (x & 7) {
      case 0: case 1: case 2: table.set(key, i); break;
      case 3: if (table.delete(key)) mixed++; break;
      default: mixed = mixed * 31 + table.get(key, -1);
    }
  }
  return mixed ^ table.size;
}
`;
