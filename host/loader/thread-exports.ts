/**
 * The functions by which a domain runs threads: reserved exports beside those of its world. Read by the build, which names them, by the
 * loader, which holds a module against them, and by the kernel, which calls them.
 *
 *     thread:run      a thread's base: number of the thread in its domain, entry, two words → the value that joiners get
 *     thread:save     it is about to wait: keeps what the domain has one of. 1 = it is asked to give way, and may say "not now" with 0
 *     thread:restore  it goes on: puts that back, by what `thread:save` answered
 *     thread:gone     somebody ended the thread with this number: what it held is others' again
 */
export const THREAD_EXPORTS = {
  run: { name: "thread:run", params: 4, results: 1 },
  save: { name: "thread:save", params: 1, results: 1 },
  restore: { name: "thread:restore", params: 1, results: 0 },
  gone: { name: "thread:gone", params: 1, results: 0 },
} as const;

/** By the identifier that the compiled module exports. */
export const THREAD_EXPORT_NAMES: ReadonlyMap<string, string> = new Map(
  Object.values(THREAD_EXPORTS).map(({ name }) => [name.replace(":", "_"), name]),
);
