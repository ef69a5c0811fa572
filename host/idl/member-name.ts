/** How the host calls what WIT names. Used by the kernel, which makes such objects, and by the generator of their types. */

/** `sha256-read-back` → `sha256ReadBack`, a function, field or parameter. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `byte-counter` → `ByteCounter`, where a resource's constructor and static functions are found. */
export function memberCase(name: string): string {
  return name.replace(/(?:^|-)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** What a resource's constructor is called beside its static functions. It can fail, as every call can, so it is no `new`. */
export function constructorName(statics: readonly string[]): string {
  return statics.includes("create") ? "createNew" : "create";
}
