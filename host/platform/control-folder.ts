/**
 * Where the control sockets of a user's systems lie: a folder that nobody else may enter, `$XDG_RUNTIME_DIR/sumac` or `sumac-UID` below
 * the folder for temporary files, one socket `NAME-PID-NUMBER.sock` for each system. Who may open a socket may end what runs: so a folder that
 * is not the user's own, or that others may enter, is refused, and never repaired.
 * Called by the control thread (to listen) and by commands (to find a system).
 */
import { lstatSync, mkdirSync, readdirSync, unlinkSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SumacError } from "../errors.ts";

/** A socket's path, with its end and a mark while it is made, in the smallest of the kernels that Node runs on. */
const MOST_PATH_BYTES = 102;
const MOST_NAME = 40;

export interface ControlSocket {
  readonly path: string;
  readonly name: string;
  readonly pid: number;
}

/** @throws SumacError where no folder can be trusted */
export function controlFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const uid = ownUid();
  const runtime = environment.XDG_RUNTIME_DIR;
  const isUsable = runtime?.startsWith("/") === true && isOwnFolder(runtime, uid);
  return isUsable ? join(runtime, "sumac") : join(tmpdir(), `sumac-${uid}`);
}

/** Makes the folder where there is none. @throws SumacError where it is not the user's alone */
export function openControlFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "EEXIST") throw unusable(folder, `cannot be made (${code}): check its parent`, cause);
  }
  requireOwn(folder);
}

/** A path for a new socket. @throws SumacError where it would be too long */
export function newSocketPath(folder: string, name: string, serial: number): string {
  const path = join(folder, `${fileName(name)}-${process.pid}-${serial}.sock`);
  if (Buffer.byteLength(path) > MOST_PATH_BYTES) {
    throw unusable(folder, "is too long a path for a socket: set XDG_RUNTIME_DIR to a shorter one");
  }
  return path;
}

/** Sockets of systems that run. Those that dead ones left behind are removed. */
export async function runningSystems(folder: string): Promise<ControlSocket[]> {
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    throw unusable(folder, `cannot be read (${code}): check its permissions`, cause);
  }
  requireOwn(folder);
  const sockets = files.flatMap((file) => socketOf(folder, file)).sort((a, b) => a.path.localeCompare(b.path, "en"));
  const answered = await Promise.all(sockets.map(async (socket) => ((await isListening(socket.path)) ? [socket] : [])));
  return answered.flat();
}

function socketOf(folder: string, file: string): ControlSocket[] {
  const [, name, pid] = /^(.+)-(\d+)-\d+\.sock$/.exec(file) ?? [];
  return name === undefined ? [] : [{ path: join(folder, file), name, pid: Number(pid) }];
}

/** False, and the file is gone, where nobody listens any more. */
function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => {
      if (code === "ECONNREFUSED") removeQuietly(path);
      // One whose queue is full does listen.
      resolve(code === "EAGAIN");
    });
  });
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody else was faster, which is as good.
  }
}

function requireOwn(folder: string): void {
  const stat = lstatSync(folder);
  if (!stat.isDirectory()) throw unusable(folder, "is no folder: remove it");
  if (stat.uid !== ownUid()) throw unusable(folder, "belongs to another user: remove it, or set XDG_RUNTIME_DIR to a folder of your own");
  if ((stat.mode & 0o077) !== 0) throw unusable(folder, `may be entered by others: chmod 700 ${folder}`);
}

function isOwnFolder(path: string, uid: number): boolean {
  try {
    const stat = lstatSync(path);
    return stat.isDirectory() && stat.uid === uid;
  } catch {
    return false;
  }
}

function ownUid(): number {
  if (process.getuid === undefined) {
    throw new SumacError("control-unusable", "control socket: this platform has no users that own files");
  }
  return process.getuid();
}

function fileName(name: string): string {
  return name.replace(/[^\w.-]/g, "_").slice(0, MOST_NAME) || "system";
}

function unusable(folder: string, why: string, cause?: unknown): SumacError {
  return new SumacError("control-unusable", `control socket: ${folder} ${why}`, cause === undefined ? undefined : { cause });
}
