#!/usr/bin/env node
/**
 * Where the command `sumac` starts: is this Node new enough? Then program.ts does the rest.
 * Imports nothing up front, so that an old Node gets a sentence and not a syntax error.
 */
const NEEDED_MAJOR = 24;

if (Number(process.versions.node.split(".")[0]) < NEEDED_MAJOR) {
  console.error(
    `sumac: usage: Node ${process.versions.node} is too old, Sumac needs ${NEEDED_MAJOR} or newer; install it or run through npx`,
  );
  process.exitCode = 2;
} else {
  const { runProgram } = await import("./program.ts");
  process.exitCode = await runProgram(process.argv.slice(2));
}
