/**
 * An archive that Linux unpacks as its first file system: the "newc" form of cpio, which the kernel's own documentation describes
 * (driver-api/early-userspace/buffer-format). Called by initrd.ts.
 */

export type CpioEntry =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "file"; readonly path: string; readonly bytes: Uint8Array; readonly executable?: boolean }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "device"; readonly path: string; readonly major: number; readonly minor: number };

const MODE = { folder: 0o040755, file: 0o100644, link: 0o120777, device: 0o020600 } as const;
const HEADER_BYTES = 110;

export function cpio(entries: readonly CpioEntry[]): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  let inode = 1;
  for (const entry of entries) push(pieces, entry.path, modeOf(entry), contentOf(entry), inode++, entry);
  push(pieces, "TRAILER!!!", 0, new Uint8Array(0), 0);
  return new Uint8Array(Buffer.concat(pieces));
}

function push(pieces: Uint8Array[], path: string, mode: number, content: Uint8Array, inode: number, entry?: CpioEntry): void {
  const name = Buffer.from(`${path}\0`);
  const [major, minor] = entry?.kind === "device" ? [entry.major, entry.minor] : [0, 0];
  const fields = [inode, mode, 0, 0, entry?.kind === "folder" ? 2 : 1, 0, content.length, 0, 0, major, minor, name.length, 0];
  pieces.push(Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`), name);
  pieces.push(padding(HEADER_BYTES + name.length), content, padding(content.length));
}

function modeOf(entry: CpioEntry): number {
  return entry.kind === "file" && entry.executable ? 0o100755 : MODE[entry.kind];
}

function contentOf(entry: CpioEntry): Uint8Array {
  if (entry.kind === "file") return entry.bytes;
  return entry.kind === "link" ? Buffer.from(entry.target) : new Uint8Array(0);
}

function padding(bytes: number): Uint8Array {
  return new Uint8Array(-bytes & 3);
}
