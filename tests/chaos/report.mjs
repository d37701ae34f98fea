// What runs came to: a table for people, report.json for programs.
import fs from 'node:fs';
import path from 'node:path';

const SHOWN = 5;

const checkedIn = ({ facts }) => facts.reduce((sum, { checked }) => sum + checked, 0);
const injectedIn = ({ faults }) => Object.values(faults).reduce((sum, count) => sum + count, 0);
export const violationsIn = ({ facts }) => facts.flatMap(({ invariant, violations }) => violations.map((violation) => `${invariant}: ${violation}`));

export function replayCommand({ scenario, seed }) {
  return `tests/run chaos --scenario ${scenario} --seed ${seed}`;
}

export function printHeader() {
  console.log(`${'scenario'.padEnd(28)} ${'seed'.padStart(10)} ${'s'.padStart(5)} ${'calls'.padStart(7)} ${'faults'.padStart(7)} ${'facts'.padStart(8)}  violations`);
}

export function printRun(result) {
  const violations = violationsIn(result);
  console.log(`${result.scenario.padEnd(28)} ${String(result.seed).padStart(10)} ${String(result.seconds).padStart(5)} ${String(result.calls).padStart(7)} `
    + `${String(injectedIn(result)).padStart(7)} ${String(checkedIn(result)).padStart(8)}  ${violations.length || 'none'}`);
  for (const violation of violations.slice(0, SHOWN)) console.log(`    ${violation.slice(0, 300)}`);
  if (violations.length > SHOWN) console.log(`    and ${violations.length - SHOWN} more`);
  if (result.stalled > 1) console.log(`    the machine was too busy to run for up to ${result.stalled} s`);
  if (violations.length > 0) console.log(`    again: ${replayCommand(result)}`);
}

// Sums by kind of fault and by invariant over all runs, and what invariants leave open.
export function totalsOf(results) {
  const totals = { scenarios: results.length, calls: 0, faults: {}, checked: {}, open: {}, violations: 0 };
  for (const result of results) {
    totals.calls += result.calls;
    totals.violations += violationsIn(result).length;
    for (const [kind, count] of Object.entries(result.faults)) totals.faults[kind] = (totals.faults[kind] ?? 0) + count;
    for (const { invariant, checked, open } of result.facts) {
      totals.checked[invariant] = (totals.checked[invariant] ?? 0) + checked;
      if (open) totals.open[invariant] = open;
    }
  }
  return totals;
}

export function printTotals(totals) {
  console.log(`\nFaults\n${columns(totals.faults)}\n\nFacts checked\n${columns(totals.checked)}\n`);
  const nothing = Object.keys(totals.checked).filter((invariant) => totals.checked[invariant] === 0);
  for (const invariant of nothing) console.log(`nothing to check: ${invariant}`);
  for (const [invariant, why] of Object.entries(totals.open)) console.log(`open: ${invariant}: ${why}`);
  console.log(`${totals.scenarios} runs, ${totals.calls} calls, ${totals.violations || 'no'} violations`);
}

function columns(counts) {
  return Object.entries(counts).sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => `${String(count).padStart(9)}  ${name}`).join('\n');
}

export function writeReport(file, results) {
  const runs = results.map(({ scenario, rows, seed, seconds, calls, stalled, faults, facts }) => ({ scenario, rows, seed, seconds, calls, stalled, faults,
    checked: Object.fromEntries(facts.map(({ invariant, checked }) => [invariant, checked])), violations: violationsIn({ facts }) }));
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, JSON.stringify({ runs, totals: totalsOf(results) }, null, 2));
}
