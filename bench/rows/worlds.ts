/**
 * The interfaces of the rows' domains. A row's loop is `run(n)` of the interface `loop`, so that the host enters a
 * domain once a batch; what is measured happens inside.
 */

export const CALLS = "bench:rpc/calls@0.1.0";
export const LOOP = "bench:rpc/loop@0.1.0";
export const TYPES = "bench:rpc/types@0.1.0";

const PACKAGE = `package bench:rpc@0.1.0 {
  interface types { resource page { constructor(data: list<u8, 4096>); } }
  interface calls {
    use types.{page};
    inc: func(n: u32) -> u32;
    pass: func(p: page) -> page;
  }
  interface loop { run: func(n: u32) -> u32; }
}`;

/** `items` are import and export lines of the world. */
export function rpcWorld(items: readonly string[]): string {
  return `package bench:domain@0.1.0;\nworld domain {\n${items.map((item) => `  ${item};\n`).join("")}}\n${PACKAGE}\n`;
}
