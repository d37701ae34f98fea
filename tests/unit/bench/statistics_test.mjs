import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interleave, isMet, median, missBy, percentile, ratiosOf, strayed } from '../../bench/support/statistics.mjs';

test('the median is the middle one, or between the two', () => {
  assert.equal(median([10, 9, 1]), 9);
  assert.equal(median([4, 1, 3, 2]), 2.5);
});

test('a percentile is one of the values', () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i);
  assert.deepEqual([0, 50, 99, 99.9, 100].map((percent) => percentile(values, percent)), [1, 100, 198, 200, 200]);
});

test('ratios are those of neighbours, not of medians', () => {
  // The machine was ten times slower in the second round: both suffered, the ratio did not.
  assert.deepEqual(ratiosOf([2, 20, 2], [1, 10, 1]), { ratio: 2, ratio_min: 2, ratio_max: 2 });
  const { ratio, ratio_min: min, ratio_max: max } = ratiosOf([1, 3, 10], [2, 3, 2]);
  assert.deepEqual([ratio, min, max], [1, 0.5, 5]);
  assert.throws(() => ratiosOf([1, 2], [1]));
});

test('subjects take turns, in both orders, and the first of each does not count', async () => {
  const order = [];
  const taken = await interleave(['a', 'b'], 2, (subject, round) => {
    order.push(subject + round);
    return subject + round;
  });
  assert.deepEqual(order, ['a0', 'b0', 'a1', 'b1', 'b2', 'a2']);
  assert.deepEqual(taken, [['a1', 'a2'], ['b1', 'b2']]);
});

test('a figure has strayed when its range does not touch the earlier one', () => {
  const figure = (name, min, max) => ({ goal: 'G1', name, peer: 'p', ratio: (min + max) / 2, ratio_min: min, ratio_max: max });
  const earlier = [figure('a', 1, 2), figure('b', 1, 2), figure('c', 1, 2)];
  assert.deepEqual(strayed([figure('a', 2, 3), figure('b', 2.1, 3), figure('c', 0.5, 0.9), figure('new', 9, 9)], earlier)
    .map(({ name }) => name), ['b', 'c']);
});

test('a goal is met on its own side of the bound', () => {
  assert.ok(isMet(1.3, '≤ 1.3') && !isMet(1.31, '≤ 1.3'));
  assert.ok(isMet(0.6, '≥ 0.6') && !isMet(0.59, '≥ 0.6'));
  assert.ok(isMet(49.9, '< 50 ms') && !isMet(50, '< 50 ms'));
  assert.equal(Math.round(missBy(1.56, '≤ 1.3')), 20);
  assert.equal(Math.round(missBy(0.48, '≥ 0.6')), 20);
});
