/**
 * A command's side of the control socket: finds the system that is meant, asks, and gives what comes back. Called by the commands that look at
 * a running system. What a system says is untrusted text like a module's: those who print it use `visible`.
 */
import { connect, type Socket } from "node:net";
import { type ControlError, PROTOCOL, type Reply, type Request } from "../control/protocol.ts";
import { SumacError, type SumacErrorCode } from "../errors.ts";
import { type ControlSocket, controlFolder, runningSystems } from "../platform/control-folder.ts";

/** A system that runs answers sooner, also when its kernel does not. */
const PATIENCE_MS = 15_000;

const CODES: Readonly<Record<ControlError["code"], SumacErrorCode>> = {
  "bad-request": "control-unusable",
  protocol: "control-unusable",
  "too-many": "control-unusable",
  "no-such-domain": "no-such-domain",
  "system-busy": "system-busy",
  refused: "usage",
};

/**
 * The one system that is meant.
 * @param wanted a system's name or its process id; undefined: the only one that runs
 */
export async function findSystem(wanted: string | undefined): Promise<ControlSocket> {
  const running = await runningSystems(controlFolder());
  const fitting = wanted === undefined ? running : running.filter(({ name, pid }) => name === wanted || String(pid) === wanted);
  const [system, second] = fitting;
  const list = running.map(({ name, pid }) => `${name} (${pid})`).join(", ");
  if (system === undefined) {
    const there = list === "" ? "none runs here: start one with `sumac run`" : `there is: ${list}`;
    throw new SumacError("no-such-system", wanted === undefined ? `no system: ${there}` : `no system "${wanted}": ${there}`);
  }
  if (second !== undefined) throw new SumacError("usage", `several systems run: name one by --system with its name or process id: ${list}`);
  return system;
}

/** Asks once. @throws SumacError for what the system refuses, and where it does not answer */
export async function ask<T>(system: ControlSocket, request: Request): Promise<T> {
  for await (const value of converse(system, request)) return value as T;
  throw gone(system);
}

/** Gives each value of a stream; ends when the system does, or the signal is given. */
export async function* converse<T>(system: ControlSocket, request: Request, signal?: AbortSignal): AsyncGenerator<T> {
  const socket = await connected(system);
  signal?.addEventListener("abort", () => socket.destroy());
  try {
    socket.write(`${JSON.stringify({ sumac: PROTOCOL, id: 1, ...request })}\n`);
    for await (const line of linesOf(socket)) {
      const reply = replyOf(line, system);
      socket.setTimeout(0);
      if (!reply.ok) throw new SumacError(CODES[reply.error.code] ?? "control-unusable", `${system.name}: ${reply.error.message}`);
      if ("end" in reply) return;
      yield reply.value as T;
      if (reply.more !== true) return;
    }
    if (signal?.aborted !== true) throw gone(system);
  } finally {
    socket.destroy();
  }
}

/** Until the other side ends it, or this one does. */
async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let rest = "";
  try {
    for await (const chunk of socket.setEncoding("utf8")) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch (cause) {
    if (!socket.destroyed) throw cause;
  }
}

function connected(system: ControlSocket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(system.path);
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(gone(system)));
    socket.once("error", (cause) => reject(new SumacError("no-such-system", `${system.name}: ${cause.message}`, { cause })));
    socket.once("connect", () => {
      // What happens to the connection later ends the lines; see `converse`.
      socket.on("error", () => {});
      resolve(socket);
    });
  });
}

function replyOf(line: string, system: ControlSocket): Reply {
  try {
    const reply = JSON.parse(line) as Reply;
    if (reply.sumac === PROTOCOL) return reply;
  } catch {
    // Told below.
  }
  throw new SumacError("control-unusable", `${system.name}: speaks another protocol: use the version of Sumac that runs it`);
}

function gone({ name }: ControlSocket): SumacError {
  return new SumacError("no-such-system", `${name}: the system ended, or does not answer any more`);
}
