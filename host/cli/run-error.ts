/** Why a run failed, as lines: the error, and below it all that led to it, oldest first. Called by run.ts. */
import type { Failure } from "../kernel/status.ts";
import { visible } from "./output.ts";

/** As `--json` has it. */
export interface ErrorFields {
  readonly code: string;
  readonly message: string;
  readonly chain?: readonly Failure[];
}

export function errorLines({ code, message, chain = [] }: ErrorFields): string[] {
  return [
    `  ${"error".padEnd(22)} ${visible(`${code}: ${message}`)}`,
    ...chain.map(({ cause, domain, generation, detail }) => {
      // A group has no generations.
      const who = generation === 0 ? domain : `${domain}#${generation}`;
      return `    ${visible(`${who} ${cause}: ${detail}`)}`;
    }),
  ];
}
