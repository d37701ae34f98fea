// Random numbers that a seed repeats: who draws in the same order gets the same ones.

export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  // Uniform in [0, 1): mulberry32.
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  // A whole number from `least` to `most`, both possible.
  integer(least, most) {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick(items) {
    return items[this.integer(0, items.length - 1)];
  }

  chance(probability) {
    return this.next() < probability;
  }

  shuffle(items) {
    const shuffled = [...items];
    for (let last = shuffled.length - 1; last > 0; --last) {
      const other = this.integer(0, last);
      [shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]];
    }
    return shuffled;
  }

  // A generator of its own for a part whose draws must not depend on how others interleave.
  fork(name) {
    let seed = this.state;
    for (const character of name) seed = Math.imul(seed ^ character.charCodeAt(0), 0x01000193);
    return new Random(seed);
  }
}
