/** The ladder's callee as JavaScript in other engines: QuickJS compiled to Wasm, and an isolate of V8's own. */
import { Unavailable } from "../../row.ts";
import { importPeer } from "../peers.ts";

export interface Callee {
  inc(n: number): number;
  end(): void;
}

const SOURCE = "(n) => (n + 1) | 0";

interface Handle {
  dispose(): void;
}

interface QuickJsContext extends Handle {
  readonly undefined: Handle;
  newNumber(n: number): Handle;
  getNumber(handle: Handle): number;
  evalCode(code: string): unknown;
  callFunction(called: Handle, self: Handle, argument: Handle): unknown;
  unwrapResult(result: unknown): Handle;
}

interface QuickJs {
  newQuickJSWASMModuleFromVariant(variant: unknown): Promise<{ newContext(): QuickJsContext }>;
}

export async function quickJs(): Promise<Callee> {
  const { newQuickJSWASMModuleFromVariant } = await importPeer<QuickJs>("quickjs-emscripten-core");
  const variant = await importPeer<{ default: unknown }>("@jitl/quickjs-wasmfile-release-sync");
  const context = (await newQuickJSWASMModuleFromVariant(variant.default)).newContext();
  const called = context.unwrapResult(context.evalCode(SOURCE));
  return {
    inc(n) {
      const argument = context.newNumber(n);
      const result = context.unwrapResult(context.callFunction(called, context.undefined, argument));
      const sum = context.getNumber(result);
      result.dispose();
      argument.dispose();
      return sum;
    },
    end() {
      called.dispose();
      context.dispose();
    },
  };
}

interface IsolatedVm {
  readonly default: {
    readonly Isolate: new (options: {
      readonly memoryLimit: number;
    }) => {
      createContextSync(): { evalSync(code: string, options: { readonly reference: true }): Reference };
      dispose(): void;
    };
  };
}

interface Reference {
  applySync(self: undefined, parameters: readonly [number]): number;
}

/** @throws Unavailable where its native code does not load */
export async function isolatedVm(): Promise<Callee> {
  let ivm: IsolatedVm;
  try {
    ivm = await importPeer<IsolatedVm>("isolated-vm");
  } catch (error) {
    throw new Unavailable(
      `isolated-vm does not load (${(error as Error).message.split("\n")[0]}): it has no build for this Node and machine`,
    );
  }
  const isolate = new ivm.default.Isolate({ memoryLimit: 32 });
  const called = isolate.createContextSync().evalSync(SOURCE, { reference: true });
  return { inc: (n) => called.applySync(undefined, [n]), end: () => isolate.dispose() };
}
