/**
 * The client's side of QEMU's qtest protocol: a line to it, a line back, over two FIFOs, synchronously, because a driver's
 * register access is a function call.
 *
 * QEMU keeps the FIFO that it answers on open for writing, and nobody else does: when it dies, reading ends instead of blocking.
 */
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const CONNECT_MS = 20_000;

export class Qtest {
  readonly #writer: number;
  readonly #reader: number;
  readonly #buffer: Buffer = Buffer.alloc(4096);
  #pending = "";
  /** Commands sent. */
  count = 0;

  private constructor(writer: number, reader: number) {
    this.#writer = writer;
    this.#reader = reader;
  }

  /** Makes `path`.in and `path`.out, which are what `-qtest pipe:path` wants. */
  static makeFifos(path: string): void {
    execFileSync("mkfifo", [`${path}.in`, `${path}.out`]);
  }

  /** @param failure says why QEMU has ended, while that is so */
  static async connect(path: string, failure: () => string | undefined): Promise<Qtest> {
    // Holding the answering FIFO open both ways lets the other opens succeed before QEMU is there.
    const both = openSync(`${path}.out`, constants.O_RDWR | constants.O_NONBLOCK);
    const reader = openSync(`${path}.out`, constants.O_RDONLY);
    try {
      const deadline = performance.now() + CONNECT_MS;
      const until = async <T>(attempt: () => T): Promise<T> => {
        for (;;) {
          const why = failure() ?? (performance.now() > deadline ? `no answer within ${CONNECT_MS / 1000} s` : undefined);
          if (why !== undefined) throw new Error(`QEMU: ${why}`);
          try {
            return attempt();
          } catch (error) {
            if (!["ENXIO", "EAGAIN"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
          }
          await sleep(5);
        }
      };
      const writer = await until(() => openSync(`${path}.in`, constants.O_WRONLY | constants.O_NONBLOCK));
      writeSync(writer, "inl 0xcf8\n");
      await until(() => readSync(both, Buffer.alloc(64)));
      return new Qtest(writer, reader);
    } catch (error) {
      closeSync(reader);
      throw error;
    } finally {
      closeSync(both);
    }
  }

  close(): void {
    closeSync(this.#writer);
    closeSync(this.#reader);
  }

  readl(address: number): number {
    return Number(this.#command(`readl ${address}`));
  }

  writel(address: number, value: number): void {
    this.#command(`writel ${address} ${value >>> 0}`);
  }

  inl(port: number): number {
    return Number(this.#command(`inl ${port}`));
  }

  outl(port: number, value: number): void {
    this.#command(`outl ${port} ${value >>> 0}`);
  }

  /** What follows the "OK". */
  #command(line: string): string {
    this.count++;
    writeSync(this.#writer, `${line}\n`);
    const answer = this.#line();
    if (!answer.startsWith("OK")) throw new Error(`QEMU answers "${line}" with "${answer}"`);
    return answer.slice(3);
  }

  #line(): string {
    for (;;) {
      const end = this.#pending.indexOf("\n");
      if (end >= 0) {
        const line = this.#pending.slice(0, end);
        this.#pending = this.#pending.slice(end + 1);
        return line;
      }
      const bytes = readSync(this.#reader, this.#buffer);
      if (bytes === 0) throw new Error("QEMU has ended");
      this.#pending += this.#buffer.toString("latin1", 0, bytes);
    }
  }
}
