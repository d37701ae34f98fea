// tests/run chaos:
//   run.mjs                           the short selection
//   run.mjs --scenario NAME           one of them, or several with commas
//   run.mjs --all                     every scenario once
//   run.mjs --sweep                   every crash point
//   run.mjs --hours N                 scenarios at random until the time is up
//   run.mjs --self-test [--bug NAME]  whether the checkers find the bugs that are put in on purpose
//   run.mjs --list                    the scenarios and what they aim at
// each with --seed S. Exits 1 when an invariant was broken, 2 when it was not understood; writes build/chaos/report.json.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { sourceDirectory } from '../e2e/support/contract.mjs';
import { definedCrashPoints } from './crash_points.mjs';
import { runScenario } from './nemesis.mjs';
import { Random } from './random.mjs';
import { printHeader, printRun, printTotals, replayCommand, totalsOf, violationsIn, writeReport } from './report.mjs';
import { scenarios } from './scenarios/index.mjs';

const output = path.join(sourceDirectory, 'build/chaos');

function parse(args) {
  const { values } = parseArgs({ args, options: { scenario: { type: 'string' }, seed: { type: 'string' }, hours: { type: 'string' },
    all: { type: 'boolean' }, sweep: { type: 'boolean' }, 'self-test': { type: 'boolean' }, bug: { type: 'string' }, list: { type: 'boolean' } } });
  const seed = values.seed === undefined ? undefined : Number(values.seed);
  if (seed !== undefined && !(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) throw new Error(`--seed ${values.seed}: no number below 2^32`);
  const hours = values.hours === undefined ? undefined : Number(values.hours);
  if (hours !== undefined && !(hours > 0)) throw new Error(`--hours ${values.hours}: no time to spend`);
  return { ...values, seed, hours, scenario: values.scenario?.split(',').map(named) };
}

function named(name) {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (!found) throw new Error(`no scenario ${name}; --list tells which there are`);
  return found;
}

// What is to run: [scenario, seed] one after the other.
function* plan({ scenario: wanted, seed = 1, hours, sweep, all }) {
  if (hours) {
    const random = new Random(seed);
    const end = Date.now() + hours * 3600 * 1000;
    while (Date.now() < end) yield [random.pick(scenarios), random.integer(1, 2 ** 31)];
    return;
  }
  for (const scenario of sweep ? [named('crash_points')] : wanted ?? scenarios.filter(({ short }) => short || all)) yield [scenario, seed];
}

async function main(options) {
  if (options.list) {
    for (const { name, rows, short } of scenarios) console.log(`${name.padEnd(28)} ${short ? 'short' : '     '}  ${rows}`);
    return 0;
  }
  if (options['self-test']) return (await import('./self_test.mjs')).selfTest(options);
  const results = [];
  printHeader();
  for (const [scenario, seed] of plan(options)) {
    results.push(await runGuarded(scenario, seed));
    printRun(results.at(-1));
    writeReport(path.join(output, 'report.json'), results);
  }
  printTotals(totalsOf(results));
  if (options.sweep) printSweep(results[0]);
  const failed = results.filter((result) => violationsIn(result).length > 0);
  for (const result of failed) console.log(`again: ${replayCommand(result)}`);
  return failed.length > 0 ? 1 : 0;
}

// A run that could not be finished proves nothing: that is a violation too.
async function runGuarded(scenario, seed) {
  const directory = path.join(output, `${scenario.name}-${seed}`);
  return runScenario(scenario, seed, directory).catch((error) => ({ scenario: scenario.name, rows: scenario.rows, seed, seconds: 0, calls: 0,
    faults: {}, facts: [{ invariant: 'the run comes to its end', checked: 1, violations: [error.stack] }] }));
}

function printSweep({ facts }) {
  const { checked, violations } = facts.find(({ invariant }) => invariant === 'F every crash point was hit');
  console.log(`crash points: ${definedCrashPoints().length} defined, hit ${checked - violations.length} of ${checked} (a shared one counts for each service)`);
}

let options;
try {
  options = parse(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
process.exitCode = await main(options);
