// Counts what was done, by kind, and tells whoever listens.

export class Tally {
  counts = {};
  // onFault({kind, target}), as it happens.
  onFault = () => {};

  count(kind, target) {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    this.onFault({ kind, target });
  }
}
