// What is made of the measurements: medians, and ratios of neighbours in time.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// The smallest value that at least `percent` of all are not above.
export function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(percent / 100 * sorted.length) - 1)];
}

// The ratios of pairs that were taken one after the other, so that what the machine did meanwhile hit both.
export function ratiosOf(ours, peers) {
  if (ours.length !== peers.length || ours.length === 0) throw new Error('ratios want pairs');
  const ratios = ours.map((value, i) => value / peers[i]);
  return { ratio: median(ratios), ratio_min: Math.min(...ratios), ratio_max: Math.max(...ratios) };
}

// Takes `rounds` measurements of each subject in turn, the order reversed every other round, after one of each
// that does not count. Returns an array of them a subject.
export async function interleave(subjects, rounds, measure) {
  const taken = subjects.map(() => []);
  const turns = subjects.map((_, i) => i);
  for (const turn of turns) await measure(subjects[turn], 0);
  for (let round = 1; round <= rounds; ++round) {
    for (const turn of round % 2 === 1 ? turns : [...turns].reverse()) {
      taken[turn].push(await measure(subjects[turn], round));
    }
  }
  return taken;
}

// Those whose ratios lie wholly apart from those of the same figure in an earlier run.
export function strayed(results, earlier) {
  const same = (a, b) => a.goal === b.goal && a.name === b.name && a.peer === b.peer;
  return results.filter((result) => {
    const before = earlier.find((other) => same(result, other));
    return before && result.ratio !== null && before.ratio !== null &&
      (result.ratio_min > before.ratio_max || result.ratio_max < before.ratio_min);
  });
}

// "≤ 1.3", "≥ 0.6": what a goal wants of its figure.
export function isMet(value, reach) {
  const [, sign, bound] = /^([≤≥<])\s*([\d.]+)/.exec(reach);
  if (sign === '≥') return value >= Number(bound);
  return sign === '<' ? value < Number(bound) : value <= Number(bound);
}

// How far a missed figure is from what it should reach, in percent of that.
export function missBy(value, reach) {
  const bound = Number(/[\d.]+/.exec(reach)[0]);
  return Math.abs(value - bound) / bound * 100;
}
