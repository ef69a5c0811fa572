/**
 * Frames of 64 bytes (with their CRC) from a domain through the 82599's driver and card to the machine's kernel, which counts them: a batch
 * of 32 at a time, each frame a system call of the TAP wire. Skipped where no TAP interface can be made in a network of one's own.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { inPrivateNetwork, whyNoTap } from "../../tests/support/private-network.ts";
import { type Row, Unavailable } from "../row.ts";

const NAME = "net/tap";

export const tapRows: readonly Row[] = [
  {
    name: NAME,
    unit: "pkt/s",
    ratio: { to: "net/ixgbe-loop-b32/domain" },
    async prepare() {
      const reason = whyNoTap();
      if (reason !== undefined) throw new Unavailable(reason);
      const [file, args] = inPrivateNetwork([process.execPath, join(import.meta.dirname, "../support/tap-sender.ts")]);
      const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
      const ended = new Promise<void>((done) => child.on("close", () => done()));
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const next = async (): Promise<string> => {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`${NAME}: its process has ended`);
        return value;
      };
      await next();
      return {
        isAsync: true,
        async run(count) {
          child.stdin.write(`${count}\n`);
          const counted = Number(await next());
          // Beyond whole batches nothing is sent, and the kernel loses nothing that it has taken.
          if (!(counted >= count)) throw new Error(`${NAME}: of ${count} frames the kernel has counted ${counted}`);
        },
        async end() {
          child.stdin.end();
          await ended;
        },
      };
    },
  },
];
