/**
 * A thread that wakes its parent at the right moments: event loop timers only know whole milliseconds, and a loop that spins would
 * take a core from the server under test.
 */

/** Milliseconds between two wakes. */
self.addEventListener("message", (event: MessageEvent<{ readonly everyMs: number; readonly wakes: number }>) => {
  const { everyMs, wakes } = event.data;
  const never = new Int32Array(new SharedArrayBuffer(4));
  const started = performance.now();
  for (let wake = 1; wake <= wakes; wake += 1) {
    const wait = started + wake * everyMs - performance.now();
    if (wait > 0) Atomics.wait(never, 0, 0, wait);
    self.postMessage(wake);
  }
});
