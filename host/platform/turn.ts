/** The next turn of the thread's event loop, as soon as there is one: after whatever waits there already. */

const { setImmediate } = globalThis as { readonly setImmediate?: (callback: () => void) => unknown };

export function nextTurn(callback: () => void): void {
  if (setImmediate !== undefined) {
    setImmediate(callback);
    return;
  }
  // Browsers: a timer would wait for milliseconds.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(0);
}
