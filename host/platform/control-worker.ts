/**
 * The control thread: owns the socket, reads what it can from shared memory, and asks the kernel for the rest by raising its interrupt.
 * It ends when it is told to, after those who look on have been told the rest.
 */
import { parentPort, workerData } from "node:worker_threads";
import { CPU_MAX } from "../../shared-heap/layout.ts";
import type { Answer } from "../control/answers.ts";
import { Gauges } from "../control/gauges.ts";
import type { Ask, Roster, Snapshot } from "../control/protocol.ts";
import { SumacError } from "../errors.ts";
import { cpuWords } from "../kernel/words.ts";
import { controlFolder, newSocketPath, openControlFolder, runningSystems } from "./control-folder.ts";
import { ControlServer, type Views } from "./control-server.ts";
import { type AnswerMessage, type AskMessage, CLAIM, type ControlMessage, type ControlStart } from "./control-start.ts";

/** For a question that somebody waits for. */
const ANSWER_MS = 5000;
/** For the names of a table whose numbers are here. */
const ROSTER_MS = 200;
/** Words that count are looked at so often even if nobody asks. */
const LOOK_MS = 10_000;
/** It may still be done, or not. */
const AT_WORK: Answer = {
  ok: false,
  error: { code: "system-busy", message: "the kernel has begun with it, and does not end: look whether it was done" },
};
const NO_ROSTER: Roster = { rows: [], devices: [] };

const { memory, system, serial, news, port } = workerData as ControlStart;
const own = parentPort;
if (own === null) throw new Error("this is the first file of the control thread");

const i32 = new Int32Array(memory.buffer);
const interrupt = cpuWords(0).interrupt;
const gauges = new Gauges(i32, Math.min(system.cpus, CPU_MAX));
const waiting = new Map<number, (answer: Answer) => void>();
let asked = 0;

port.on("message", ({ number, answer }: AnswerMessage) => {
  waiting.get(number)?.(answer);
  waiting.delete(number);
});

/** Undefined where the kernel did not begin with it in time; then it will not do it later either. */
function ask(what: Ask, ms: number = ANSWER_MS): Promise<Answer | undefined> {
  const number = ++asked;
  const claim = new Int32Array(new SharedArrayBuffer(4));
  return new Promise((resolve) => {
    const giveUp = (answer: Answer | undefined): void => {
      waiting.delete(number);
      resolve(answer);
    };
    let timer = setTimeout(() => {
      if (Atomics.compareExchange(claim, 0, CLAIM.open, CLAIM.withdrawn) === CLAIM.open) giveUp(undefined);
      else timer = setTimeout(() => giveUp(AT_WORK), ANSWER_MS);
    }, ms);
    waiting.set(number, (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    port.postMessage({ number, ask: what, claim } satisfies AskMessage);
    Atomics.compareExchange(i32, interrupt, 0, 1);
  });
}

let roster = NO_ROSTER;
let answeredAtMs = Date.now();
let isAnswering = true;
let refreshing: Promise<void> | undefined;

/** One question at a time, whoever looks. */
function refresh(): Promise<void> {
  refreshing ??= ask({ ask: "roster" }, ROSTER_MS).then((answer) => {
    refreshing = undefined;
    isAnswering = answer?.ok === true;
    if (answer?.ok !== true) return;
    roster = answer.value as Roster;
    answeredAtMs = Date.now();
  });
  return refreshing;
}

async function snapshot(): Promise<Snapshot> {
  await refresh();
  const domains = gauges.domains(roster);
  const names = new Map(roster.rows.map(({ id, row }) => [id, row.name]));
  return {
    system,
    atMs: Date.now(),
    answering: isAnswering,
    silentMs: isAnswering ? 0 : Date.now() - answeredAtMs,
    heap: gauges.heap,
    chains: gauges.chains().map((chain) => chain.map((id) => names.get(id) ?? "?")),
    domains,
    devices: roster.devices,
  };
}

const views: Views = {
  system,
  snapshot,
  ask,
  newsAfter: (serialSeen, ms) => {
    const seen = Atomics.load(news, 0);
    if (seen !== (serialSeen & 0x7fffffff)) return Promise.resolve();
    const { value } = Atomics.waitAsync(news, 0, seen, ms);
    return Promise.resolve(value).then(() => undefined);
  },
  wake: () => void Atomics.notify(news, 0),
};

try {
  const folder = controlFolder();
  openControlFolder(folder);
  await runningSystems(folder);
  const path = newSocketPath(folder, system.name, serial);
  const server = new ControlServer(views);
  await server.listen(path);
  const looking = setInterval(() => void refresh().then(() => gauges.domains(roster)), LOOK_MS);
  own.once("message", () => {
    clearInterval(looking);
    void server.stop().then(() => port.close());
  });
  own.postMessage({ kind: "listening", path } satisfies ControlMessage);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  own.postMessage({
    kind: "failed",
    message: error instanceof SumacError ? message : `control socket: ${message}`,
  } satisfies ControlMessage);
  port.close();
}
