// The judges of limits are judged: what a limit lets through is green, one more is red, and so is a trial that was none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitLeaving } from './descriptors.mjs';
import { ACCOUNT, attemptFact, rateFacts, REGISTRATION } from './facts_limits.mjs';

const red = (...facts) => facts.flatMap(({ invariant, violations }) => violations.map((violation) => `${invariant}: ${violation}`)).join('\n');

test('guesses are as many as the waits between them let fit in', () => {
  const tries = { tried: 1000, milliseconds: 16_000, losses: 0, lives: 1 };
  // Together 5 at once, after 1, 3, 7 and 15 s, and one under way; alone 1, after 4 and 12 s, and one.
  assert.equal(red(attemptFact(ACCOUNT, { ...tries, taken: 14 })), '');
  assert.match(red(attemptFact(ACCOUNT, { ...tries, taken: 15 })), /15 of 1000 were looked at, of 14/);
  assert.equal(red(attemptFact(ACCOUNT, { ...tries, losses: 1, taken: 24 })), '');
  assert.match(red(attemptFact(REGISTRATION, { ...tries, taken: 7 })), /of 6/);
});

test('few guesses prove nothing', () => {
  assert.match(red(attemptFact(ACCOUNT, { tried: 20, taken: 14, milliseconds: 16_000, losses: 0, lives: 1 })), /too few/);
});

// One caller at two gateways for ten seconds: a bucket of ten that gets ten a second, of which each admits `share`.
function hurried(share) {
  return [0, 1].flatMap((gateway) => Array.from({ length: 400 }, (_, index) => {
    const start = 1000 + index * 25;
    const type = index === 0 || Math.floor(index * share) > Math.floor((index - 1) * share) ? 'ok' : 'fail';
    return { client: 'a', args: { gateway }, start, end: start + 5, type, code: type === 'ok' ? undefined : 'RESOURCE_EXHAUSTED' };
  }));
}

const circumstances = { bucket: { burst: 10, perSecond: 10 }, gateways: 2, together: [], apart: [] };
const whole = [{ from: 1000, to: 11_000 }];

test('a gateway admits what a bucket gives, in every window', () => {
  assert.equal(red(...rateFacts(hurried(0.25), circumstances)), '');
  const burst = hurried(0.25).map((call, index) => (index < 13 ? { ...call, type: 'ok', start: 1000, end: 1001 } : call));
  assert.match(red(...rateFacts(burst, circumstances)), /no gateway admits more .*a at gateway 0: 12 in 1 ms/);
  assert.match(red(...rateFacts(hurried(1), circumstances)), /was never refused/);
});

test('gateways that count together admit less than twice a bucket', () => {
  assert.equal(red(...rateFacts(hurried(0.14), { ...circumstances, together: whole })), '');
  assert.match(red(...rateFacts(hurried(0.25), { ...circumstances, together: whole })), /about as much as one: a: 200 in 10.0 s/);
});

test('a gateway that counts alone goes on', () => {
  assert.equal(red(...rateFacts(hurried(0.25), { ...circumstances, apart: whole })), '');
  assert.match(red(...rateFacts(hurried(0.1), { ...circumstances, apart: whole })), /still admits .*a at gateway 1: \d+ of 400 in 10.0 s/);
  const seldom = hurried(0.1).filter(({ type }, index) => type === 'ok' || index % 400 === 1);
  assert.equal(red(...rateFacts(seldom, { ...circumstances, apart: whole })), '', 'all that was asked for');
});

test('a limit on descriptors counts those that are free in the middle', () => {
  assert.equal(limitLeaving(new Set([0, 1, 2, 3]), 3), 7);
  assert.equal(limitLeaving(new Set([0, 1, 2, 5, 40]), 3), 7);
  assert.equal(limitLeaving(new Set([0, 2, 4, 6, 7]), 3), 6);
});
