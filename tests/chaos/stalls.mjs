// Whether the machine had time for us. Bounds in seconds say nothing of a shop that did not get to run.
const EVERY_MS = 100;

// Until stop(); `longest` tells by how many seconds at most a timer was late, `onStall` how late each was, in ms.
export function watchForStalls() {
  const stalls = { longest: 0, onStall: () => {}, stop: () => clearInterval(timer) };
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const late = Math.round(now - last - EVERY_MS);
    stalls.longest = Math.max(stalls.longest, late / 1000);
    if (late >= EVERY_MS) stalls.onStall(late);
    last = now;
  }, EVERY_MS);
  timer.unref();
  return stalls;
}

// (from, to) => how much of that time we ran, in ms, by the notes of a history.
export function runningTime(history) {
  const stalls = history.notes('stalled').map(({ time, args: { milliseconds } }) => ({ from: time - milliseconds, to: time }));
  return (from, to) => stalls.reduce((left, stall) => left - Math.max(0, Math.min(stall.to, to) - Math.max(stall.from, from)), to - from);
}
