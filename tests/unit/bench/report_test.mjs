import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printTable } from '../../bench/support/report.mjs';
import { plots } from '../../bench/support/plots.mjs';

const MET = { goal: 'G7', name: 'page', unit: 'CPU-µs', peer: 'proxy 1.0 (2022)', value: 10, peer_value: 40, ratio: 0.25, ratio_min: 0.2,
  ratio_max: 0.3, reach: '≤ 0.35', met: true, floors: {} };
const ABSENT = { ...MET, peer: 'proxy', peer_value: null, ratio: null, ratio_min: null, ratio_max: null, met: null,
  absence: 'not installed: apt-get install proxy' };

function printed(results, leftOut) {
  const lines = [];
  const { log } = console;
  console.log = (line) => lines.push(line);
  try {
    printTable(results, leftOut);
  } finally {
    console.log = log;
  }
  return lines.slice(1);
}

test('a peer that is not there is told in its place, with our figure', () => {
  const [met, absent] = printed([MET, ABSENT]);
  assert.match(met, /10\.0 CPU-µs +proxy 1\.0 \(2022\) +40\.0 +0\.25 .* met$/);
  assert.match(absent, /10\.0 CPU-µs +proxy +≤ 0\.35 +not installed: apt-get install proxy$/);
});

test('what a run left out is told below the table', () => {
  assert.match(printed([MET], [['G10', 'the 1,000,000 products are for --large']]).at(-1), /^G10 .*1,000,000 products are for --large$/);
});

test('what was measured is drawn, what was not is left out', () => {
  for (const drawing of Object.values(plots([MET, ABSENT]))) {
    assert.equal(drawing.match(/proxy/g).length, 1);
    assert.doesNotMatch(drawing, /NaN|null|undefined/);
  }
});
