/**
 * The calls of Linux that Node does not have, through koffi's compiled part. Used by tap.ts and its thread only, so that nothing else needs it.
 * It is an optional package: where it was not installed, a TAP wire says so, and everything else goes on.
 */
import { createRequire } from "node:module";

interface Koffi {
  load(path: null): { func(prototype: string): (...args: readonly unknown[]) => number };
  errno(): number;
}

export interface SystemCalls {
  /** -1 on failure, as are the others; `errno` says why. */
  readonly ioctl: (fd: number, request: number, argument: Uint8Array) => number;
  readonly read: (fd: number, into: Uint8Array, bytes: number) => number;
  readonly write: (fd: number, from: Uint8Array, bytes: number) => number;
  /** `fds` is an array of `struct pollfd`. */
  readonly poll: (fds: Uint8Array, count: number, milliseconds: number) => number;
  readonly eventfd: (initial: number, flags: number) => number;
  readonly errno: () => number;
}

/** @throws Error with what is missing */
export function systemCalls(): SystemCalls {
  const name = `@koromix/koffi-${process.platform}-${process.arch}`;
  let koffi: Koffi;
  try {
    koffi = createRequire(import.meta.url)(name) as Koffi;
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`the package ${name} is not there: install the optional dependencies (${message.split("\n")[0]})`, { cause: error });
  }
  const library = koffi.load(null);
  return {
    ioctl: library.func("int ioctl(int fd, unsigned long request, void *argument)"),
    read: library.func("long read(int fd, void *into, unsigned long bytes)"),
    write: library.func("long write(int fd, const void *from, unsigned long bytes)"),
    poll: library.func("int poll(void *fds, unsigned long count, int milliseconds)"),
    eventfd: library.func("int eventfd(unsigned int initial, int flags)"),
    errno: () => koffi.errno(),
  };
}
