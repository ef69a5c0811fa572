/** How the host calls what WIT names. Used by the kernel, which makes such objects, and by the generator of their types. */

/** `sha256-read-back` → `sha256ReadBack`, a function, field or parameter. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
