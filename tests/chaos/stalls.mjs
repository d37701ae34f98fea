// Whether the machine had time for us. Bounds in seconds say nothing of a shop that did not get to run.
const EVERY_MS = 100;

// Until stop(); `longest` tells by how many seconds at most a timer was late.
export function watchForStalls() {
  const stalls = { longest: 0, stop: () => clearInterval(timer) };
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    stalls.longest = Math.max(stalls.longest, Math.round(now - last - EVERY_MS) / 1000);
    last = now;
  }, EVERY_MS);
  timer.unref();
  return stalls;
}
