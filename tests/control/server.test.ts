/** The control socket against clients that do what they should not: it refuses, cuts off, and goes on serving others. */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Ask, Entries, Entry, Reply, Snapshot, SystemInfo } from "../../host/control/protocol.ts";
import { MOST_REQUEST_BYTES, PROTOCOL } from "../../host/control/protocol.ts";
import { ControlServer, type Views } from "../../host/platform/control-server.ts";

interface Context {
  folder: string;
  server: ControlServer;
  path: string;
}

const INFO: SystemInfo = { name: "fake", pid: 1, version: "0", startedAtMs: 0, cpus: 1, heapMaxBytes: 1 };
const SNAPSHOT: Snapshot = {
  system: INFO,
  atMs: 0,
  answering: true,
  silentMs: 0,
  heap: { bytes: 0, objects: 0 },
  chains: [[]],
  domains: [],
  devices: [],
};

/** A system that has so many entries, and a kernel that answers, or does not. */
class FakeViews implements Views {
  readonly system: SystemInfo = INFO;
  readonly asked: Ask[] = [];
  written = 3;
  isSilent = false;
  text = "";
  #wakers: (() => void)[] = [];

  snapshot(): Promise<Snapshot> {
    return Promise.resolve(SNAPSHOT);
  }

  ask(what: Ask): ReturnType<Views["ask"]> {
    this.asked.push(what);
    if (this.isSilent) return Promise.resolve(undefined);
    if (!("ask" in what)) return Promise.resolve({ ok: true, value: { did: what.do, text: this.text } });
    const entries: Entry[] = [];
    for (let serial = (what as { after: number }).after + 1; serial <= this.written; serial++) {
      entries.push({ serial, atMs: 0, kind: "log", domain: "a", generation: 1, text: `line ${serial}` });
    }
    return Promise.resolve({ ok: true, value: { missed: 0, entries, last: this.written } satisfies Entries });
  }

  newsAfter(serial: number): Promise<void> {
    return serial < this.written ? Promise.resolve() : new Promise((resolve) => this.#wakers.push(resolve));
  }

  wake(): void {
    for (const waker of this.#wakers.splice(0)) waker();
  }
}

let views = new FakeViews();
const test = suite<Context>("control server", { folder: "" } as Context);

test.before.each(async (context) => {
  views = new FakeViews();
  context.folder = mkdtempSync(join(tmpdir(), "sumac-socket-"));
  context.path = join(context.folder, "s.sock");
  context.server = new ControlServer(views);
  await context.server.listen(context.path);
});

test.after.each(async ({ server, folder }) => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

class Client {
  readonly socket: Socket;
  readonly #replies: Reply[] = [];
  #rest = "";
  #isClosed = false;
  #changed: () => void = () => {};

  constructor(path: string) {
    this.socket = connect({ path, allowHalfOpen: true });
    this.socket.on("error", () => {});
    this.socket.on("data", (chunk) => {
      const lines = (this.#rest + chunk.toString()).split("\n");
      this.#rest = lines.pop() ?? "";
      this.#replies.push(...lines.map((line) => JSON.parse(line) as Reply));
      this.#changed();
    });
    for (const end of ["end", "close"]) {
      this.socket.on(end, () => {
        this.#isClosed = true;
        this.#changed();
      });
    }
  }

  say(request: object): void {
    this.socket.write(`${JSON.stringify({ sumac: PROTOCOL, id: 1, ...request })}\n`);
  }

  /** The next reply; undefined when the connection ended before. */
  async next(): Promise<Reply | undefined> {
    while (this.#replies.length === 0 && !this.#isClosed) await new Promise<void>((resolve) => (this.#changed = resolve));
    return this.#replies.shift();
  }

  async ended(): Promise<void> {
    while (!this.#isClosed) await new Promise<void>((resolve) => (this.#changed = resolve));
  }
}

function codeOf(reply: Reply | undefined): string | undefined {
  return reply !== undefined && !reply.ok ? reply.error.code : undefined;
}

async function stillServes(path: string): Promise<void> {
  const client = new Client(path);
  client.say({ do: "hello" });
  assert.equal(await client.next(), { sumac: PROTOCOL, id: 1, ok: true, value: INFO });
  client.socket.destroy();
}

test("ControlServer: the socket is the user's alone", ({ path }) => {
  assert.is(statSync(path).mode & 0o777, 0o600);
});

test("ControlServer: requests of one connection are answered in order, also when they come in one piece or byte by byte", async ({
  path,
}) => {
  const client = new Client(path);
  const lines = [1, 2, 3].map((id) => `${JSON.stringify({ sumac: PROTOCOL, id, do: id === 2 ? "heap" : "hello" })}\n`).join("");
  client.socket.write(lines);
  for (const byte of Buffer.from(lines)) client.socket.write(Buffer.from([byte]));
  const ids = [];
  for (let i = 0; i < 6; i++) ids.push((await client.next())?.id);
  assert.equal(ids, [1, 2, 3, 1, 2, 3]);
  client.socket.destroy();
});

test("ControlServer: who ends his side is answered first", async ({ path }) => {
  const client = new Client(path);
  client.say({ do: "heap" });
  client.socket.end();
  assert.is((await client.next())?.ok, true);
  await client.ended();
});

test("ControlServer: garbage and other versions are refused and cut off", async ({ path }) => {
  for (const [bytes, code] of [
    ["GET / HTTP/1.1\r\n\r\n", "bad-request"],
    [Buffer.from([0xff, 0xfe, 0, 10]), "bad-request"],
    ["\n", "bad-request"],
    [`${JSON.stringify({ sumac: PROTOCOL + 1, id: 1, do: "ps" })}\n`, "protocol"],
  ] as const) {
    const client = new Client(path);
    client.socket.write(bytes);
    assert.is(codeOf(await client.next()), code);
    await client.ended();
    client.socket.destroy();
  }
  await stillServes(path);
});

test("ControlServer: a line that is too long is refused before its end comes", async ({ path }) => {
  const client = new Client(path);
  client.socket.write(`{"sumac":1,"id":1,"do":"kill","domain":"${"x".repeat(MOST_REQUEST_BYTES)}`);
  assert.is(codeOf(await client.next()), "bad-request");
  await client.ended();
  // What it still sends is nobody's.
  client.socket.write("y".repeat(1 << 20));
  await stillServes(path);
  assert.equal(views.asked, []);
  client.socket.destroy();
});

test("ControlServer: more connections than it serves are refused, and a place that is left is free", async ({ path }) => {
  const clients = Array.from({ length: 40 }, () => new Client(path));
  for (const client of clients) client.say({ do: "hello" });
  const codes = await Promise.all(clients.map(async (client) => codeOf(await client.next())));
  assert.is(codes.filter((code) => code === undefined).length, 32);
  assert.is(codes.filter((code) => code === "too-many").length, 8);
  for (const { socket } of clients) socket.destroy();
  for (let served = false; !served; ) {
    const client = new Client(path);
    client.say({ do: "hello" });
    served = (await client.next())?.ok === true;
    client.socket.destroy();
  }
});

test("ControlServer: who never reads holds nobody up, and his requests are not read on", async ({ path }) => {
  views.text = "z".repeat(1 << 22);
  const slow = connect(path);
  slow.on("error", () => {});
  slow.pause();
  for (let i = 0; i < 50; i++) slow.write(`${JSON.stringify({ sumac: PROTOCOL, id: i, do: "why" })}\n`);
  while (views.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await stillServes(path);
  await stillServes(path);
  assert.is(views.asked.length, 1);
  slow.destroy();
});

test("ControlServer: a stream goes on until its client leaves, and what that sends meanwhile ends it", async ({ path }) => {
  const client = new Client(path);
  client.say({ do: "watch", intervalMs: 50 });
  for (let i = 0; i < 3; i++) assert.equal(await client.next(), { sumac: PROTOCOL, id: 1, ok: true, value: SNAPSHOT, more: true });
  client.say({ do: "kill", domain: "a" });
  await client.ended();
  assert.equal(views.asked, []);
  await stillServes(path);
});

test("ControlServer: a follower gets the last lines, then what comes, then the end", async ({ path, server }) => {
  const client = new Client(path);
  client.say({ do: "logs", last: 2, follow: true });
  const serials = (reply: Reply | undefined): number[] =>
    reply?.ok === true && "value" in reply ? (reply.value as Entries).entries.map(({ serial }) => serial) : [];
  assert.equal(serials(await client.next()), [2, 3]);
  views.written = 5;
  views.wake();
  assert.equal(serials(await client.next()), [4, 5]);
  views.written = 6;
  await server.stop();
  assert.equal(serials(await client.next()), [6]);
  assert.equal(await client.next(), { sumac: PROTOCOL, id: 1, ok: true, end: "the system was stopped" });
  await client.ended();
});

test("ControlServer: a socket has its name only while it can be connected to", async ({ folder, path }) => {
  assert.equal(readdirSync(folder), ["s.sock"]);
  const other = new ControlServer(views);
  const second = join(folder, "second.sock");
  const listening = other.listen(second);
  // Bound by now or not: nobody takes it for what a dead system left.
  assert.not.ok(existsSync(second));
  await listening;
  assert.is(statSync(second).mode & 0o777, 0o600);
  const client = new Client(second);
  client.say({ do: "hello" });
  assert.ok(await client.next());
  client.socket.destroy();
  await other.stop();
  assert.equal(readdirSync(folder), ["s.sock"]);
  const again = new Client(path);
  again.say({ do: "hello" });
  assert.ok(await again.next());
  again.socket.destroy();
});

test("ControlServer: a kernel that does not answer is an error, not a wait", async ({ path }) => {
  views.isSilent = true;
  const client = new Client(path);
  client.say({ do: "kill", domain: "a" });
  assert.is(codeOf(await client.next()), "system-busy");
  client.socket.destroy();
});

test.run();
