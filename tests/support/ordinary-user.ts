/** File permissions do not bind root, and a container's tests often run as root: this runs a piece of a test as nobody. */
export function asOrdinaryUser(work: () => void): void {
  if (process.geteuid?.() !== 0) {
    work();
    return;
  }
  process.seteuid?.(65534);
  try {
    work();
  } finally {
    process.seteuid?.(0);
  }
}
