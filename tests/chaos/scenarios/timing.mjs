// How scenarios spend their time.

export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// Does `step` again and again for about so many seconds.
export async function keepOn(seconds, step) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) await step();
}

// Something between, in milliseconds.
export function between(random, least, most) {
  return pause(random.integer(least, most));
}
