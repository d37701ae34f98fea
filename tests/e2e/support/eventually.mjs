// The one place where end-to-end tests wait for something to come true.

// Asks `check` until it returns something truthy, which is returned; fails after `seconds`, saying `what`.
export async function eventually(what, check, { seconds = 60 } = {}) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const result = await check();
    if (result) return result;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
