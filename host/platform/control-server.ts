/**
 * The socket of a system and those who are connected to it: lines in, lines out, one request of a connection at a time.
 *
 * A client is not believed and costs little, whatever it does: a line has a limit and a time in which it must come, a reply is written when
 * the one before it was taken, and what runs behind a slow reader is told that it missed something. Whoever speaks another protocol is
 * told so and cut off.
 * Runs on the control thread. Never waits for a kernel longer than the question allows.
 */
import { chmodSync, renameSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { Answer } from "../control/answers.ts";
import {
  type Ask,
  type ControlError,
  type Entries,
  MOST_ENTRIES,
  MOST_REQUEST_BYTES,
  PROTOCOL,
  parseRequest,
  type Reply,
  type Request,
  type Snapshot,
  type SystemInfo,
} from "../control/protocol.ts";

const MOST_CONNECTIONS = 32;
/** For a request to come, and for a reply to be taken. */
const PATIENCE_MS = 10_000;
/** Entries in one reply. */
const MOST_AT_ONCE = 500;
/** How long a follower sleeps at most when nothing happens. */
const FOLLOW_MS = 1000;
/** For those who look on to take what is left. */
const STOP_MS = 1000;
const STOPPED = "the system was stopped";

/** What there is to see, and who is to be asked. */
export interface Views {
  readonly system: SystemInfo;
  snapshot(): Promise<Snapshot>;
  ask(what: Ask): Promise<Answer | undefined>;
  /** Resolves when there are entries after this one, when the time is over, or when `wake` was called. */
  newsAfter(serial: number, ms: number): Promise<void>;
  wake(): void;
}

export class ControlServer {
  readonly #views: Views;
  readonly #server: Server;
  readonly #connections: Set<Connection> = new Set();
  #isStopping = false;
  #path: string | undefined;

  constructor(views: Views) {
    this.#views = views;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** At another name first: a socket that refuses is taken for one that a dead system left, and between its two system calls this one does. */
  listen(path: string): Promise<void> {
    const hidden = `${path}~`;
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(hidden, () => {
        chmodSync(hidden, 0o600);
        renameSync(hidden, path);
        this.#path = path;
        resolve();
      });
    });
  }

  /** Streams end by themselves; whoever does not take their end is cut off. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#views.wake();
    // The server itself removes the name that it listened at.
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.race([Promise.all([...this.#connections].map((each) => each.finish())), after(STOP_MS)]);
    for (const each of this.#connections) each.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket, this.#views, this);
    this.#connections.add(connection);
    socket.once("close", () => this.#connections.delete(connection));
    if (this.#connections.size <= MOST_CONNECTIONS) connection.serve();
    else connection.refuse({ code: "too-many", message: `more than ${MOST_CONNECTIONS} connections: end one` });
  }
}

class Connection {
  readonly #socket: Socket;
  readonly #views: Views;
  readonly #server: ControlServer;
  readonly #lines: string[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #hasEnded = false;
  #isClosed = false;
  /** Nothing that it sends is read any more. */
  #isCut = false;
  #isStreaming = false;
  #working: Promise<void> | undefined;
  #patience: NodeJS.Timeout | undefined;
  /** Ends a stream's pause. */
  #wake: () => void = () => {};

  constructor(socket: Socket, views: Views, server: ControlServer) {
    this.#socket = socket;
    this.#views = views;
    this.#server = server;
    // What goes wrong with a connection is its client's business.
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      this.#isClosed = true;
      clearTimeout(this.#patience);
      this.#wake();
    });
  }

  serve(): void {
    this.#wait();
    this.#socket.on("data", (chunk) => this.#take(chunk as Buffer));
    this.#socket.once("end", () => {
      this.#hasEnded = true;
      // Whoever has left, and whoever says that nothing more comes, look the same.
      if (this.#isStreaming) this.#socket.destroy();
      else this.#work();
    });
  }

  refuse(error: ControlError, id = 0): void {
    this.#socket.end(`${JSON.stringify({ sumac: PROTOCOL, id, ok: false, error } satisfies Reply)}\n`);
    // By the clock: one that goes on sending is not listened to either.
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#socket.destroy(), PATIENCE_MS);
    this.#patience.unref();
    this.#socket.resume();
  }

  /** Resolves when what is being done has been done. */
  async finish(): Promise<void> {
    this.#wake();
    await this.#working;
    if (!this.#isClosed) await new Promise<void>((resolve) => this.#socket.end(() => resolve()));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** For a request, whose parts do not prolong the time. */
  #wait(): void {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#cut({ code: "bad-request", message: "no request came" }), PATIENCE_MS);
    this.#patience.unref();
  }

  #take(chunk: Buffer): void {
    if (this.#isCut) return;
    if (this.#isStreaming) {
      this.#socket.destroy();
      return;
    }
    let rest = Buffer.concat([this.#rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0 && end < MOST_REQUEST_BYTES; end = rest.indexOf(10)) {
      this.#lines.push(rest.toString("utf8", 0, end));
      rest = rest.subarray(end + 1);
    }
    this.#rest = Buffer.from(rest);
    if (rest.length >= MOST_REQUEST_BYTES) {
      this.#cut({ code: "bad-request", message: `a line has at most ${MOST_REQUEST_BYTES} bytes` });
      return;
    }
    this.#work();
  }

  /** Nothing more of this client is read. */
  #cut(error: ControlError, id = 0): void {
    this.#isCut = true;
    this.#lines.length = 0;
    clearTimeout(this.#patience);
    this.refuse(error, id);
  }

  #work(): void {
    if (this.#working !== undefined || this.#isCut) return;
    const line = this.#lines.shift();
    if (line === undefined) {
      if (!this.#hasEnded) return;
      clearTimeout(this.#patience);
      this.#socket.end();
      return;
    }
    clearTimeout(this.#patience);
    // Nothing more is read while it is worked on: a client that sends and never reads fills its own side.
    this.#socket.pause();
    this.#working = this.#serveLine(line)
      .catch(() => this.#socket.destroy())
      .then(() => {
        this.#working = undefined;
        if (this.#isClosed || this.#isCut) return;
        this.#socket.resume();
        this.#wait();
        this.#work();
      });
  }

  async #serveLine(line: string): Promise<void> {
    const parsed = parseRequest(line);
    if (!parsed.ok) {
      this.#cut(parsed.error, parsed.id);
      return;
    }
    const { id, request } = parsed;
    switch (request.do) {
      case "hello":
        return await this.#reply(id, this.#views.system);
      case "ps":
        return await this.#reply(id, await this.#views.snapshot());
      case "watch":
        return await this.#watch(id, request.intervalMs);
      case "logs":
        return await this.#logs(id, request);
      default:
        return await this.#answer(id, await this.#views.ask(request));
    }
  }

  async #watch(id: number, intervalMs: number): Promise<void> {
    this.#stream();
    while (!this.#isClosed && !this.#server.isStopping) {
      await this.#send({ sumac: PROTOCOL, id, ok: true, value: await this.#views.snapshot(), more: true }, "patient");
      await this.#sleep(intervalMs);
    }
    await this.#end(id);
  }

  async #logs(id: number, { last, follow, domain }: Extract<Request, { do: "logs" }>): Promise<void> {
    const of = domain === undefined ? {} : { domain };
    const before = await this.#views.ask({ ask: "entries", after: 0, most: MOST_ENTRIES, ...of });
    if (before?.ok !== true) return await this.#answer(id, before);
    const all = before.value as Entries;
    const entries = all.entries.slice(Math.max(0, all.entries.length - last));
    if (!follow) return await this.#reply(id, { ...all, entries });
    this.#stream();
    await this.#send({ sumac: PROTOCOL, id, ok: true, value: { ...all, entries }, more: true }, "patient");
    let after = all.last;
    for (let isLast = false; !this.#isClosed; ) {
      const news = await this.#views.ask({ ask: "entries", after, most: MOST_AT_ONCE, ...of });
      if (news?.ok === true) {
        const value = news.value as Entries;
        if (value.entries.length > 0 || value.missed > 0) await this.#send({ sumac: PROTOCOL, id, ok: true, value, more: true }, "patient");
        after = value.last;
      }
      if (isLast) break;
      isLast = this.#server.isStopping;
      if (!isLast) await this.#views.newsAfter(after, FOLLOW_MS);
    }
    await this.#end(id);
  }

  /** From here on the client only reads. */
  #stream(): void {
    this.#isStreaming = true;
    if (this.#hasEnded || this.#lines.length > 0) this.#socket.destroy();
    else this.#socket.resume();
  }

  async #end(id: number): Promise<void> {
    this.#isStreaming = false;
    await this.#send({ sumac: PROTOCOL, id, ok: true, end: STOPPED });
  }

  #reply(id: number, value: unknown): Promise<void> {
    return this.#send({ sumac: PROTOCOL, id, ok: true, value });
  }

  #answer(id: number, answer: Answer | undefined): Promise<void> {
    if (answer === undefined) {
      const message = "the system does not answer: it is in a function of the host, or waits; nothing was done";
      return this.#send({ sumac: PROTOCOL, id, ok: false, error: { code: "system-busy", message } });
    }
    return this.#send({ sumac: PROTOCOL, id, ...answer });
  }

  /** Resolves when it was taken. @param patience a stream is read at its reader's pace, of which some stop for a while */
  async #send(reply: Reply, patience: "patient" | "brief" = "brief"): Promise<void> {
    if (this.#isClosed || this.#socket.writableEnded) return;
    if (this.#socket.write(`${JSON.stringify(reply)}\n`)) return;
    const taken = new Promise<void>((resolve) => {
      const done = (): void => {
        this.#socket.off("drain", done);
        this.#socket.off("close", done);
        resolve();
      };
      this.#socket.on("drain", done);
      this.#socket.on("close", done);
    });
    if (patience === "patient") return await taken;
    const timer = setTimeout(() => this.#socket.destroy(), PATIENCE_MS);
    await taken;
    clearTimeout(timer);
  }

  #sleep(ms: number): Promise<void> {
    if (this.#isClosed || this.#server.isStopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
