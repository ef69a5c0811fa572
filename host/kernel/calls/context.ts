/** What the proxies of one caller have in common: a domain's, the host's, or the kernel's own calls of a domain. Called by `kernel.ts`. */
import { handleCalls } from "../handles/handle-calls.ts";
import type { HandleSide } from "../handles/handles.ts";
import type { Kernel } from "../kernel.ts";
import { type CallerSide, Crossing } from "./crossing.ts";
import type { ProxyContext } from "./proxy.ts";
import type { ProxyFactories } from "./proxy-code.ts";

/** Whom proxies are made for. */
export interface CallingSide extends CallerSide {
  readonly handles: HandleSide;
  readonly factories: ProxyFactories | undefined;
}

export function contextOf(kernel: Kernel, caller: CallingSide, setsDeadlines: boolean, calleeState: number): ProxyContext {
  const { id, record } = caller;
  const handles = handleCalls(kernel, caller.handles);
  const heap = kernel.tracer?.heap(kernel.heap.exports) ?? kernel.heap.exports;
  return {
    i32: kernel.i32,
    cpu: kernel.cpu,
    probe: kernel.probe,
    heap,
    isTraced: kernel.tracer !== undefined,
    slow: new Crossing(kernel, { id, record }, handles),
    handles,
    transferOf: (types) => kernel.messages.transferOf(types, heap),
    now: () => performance.now(),
    factories: caller.factories,
    callerId: id,
    callerRecord: record,
    setsDeadlines,
    calleeState,
    kernelId: kernel.hostId,
  };
}
