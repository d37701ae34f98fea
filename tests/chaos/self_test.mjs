// Proves that the checkers find bugs: each seeded bug has to turn one of its invariants red, and the same trial with
// the same seed has to be green without it. The programs are those of the preset `seeded` both times, so that the
// bug is all the difference there is.
//   await selfTest({seed, bug}) → exit code; prints a table, writes build/chaos/self_test.json; `bug`: that one alone
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { sourceDirectory } from '../e2e/support/contract.mjs';
import { checkDatabases } from './check_databases.mjs';
import { checkHistory } from './check_history.mjs';
import { History } from './history.mjs';
import { pause } from './scenarios/timing.mjs';
import { seededBugs } from './seeded_bugs.mjs';
import { Suite } from './suite.mjs';
import { startWatching } from './watch_facts.mjs';
import { runWorkload } from './workload.mjs';

const USUAL_SEED = 20;
const PEACE_MS = 1000;
const SETTLES_WITHIN_S = 30;
// What a bug leaves unsettled stays so.
const BROKEN_SETTLES_WITHIN_S = 12;
// Little time has to be enough: a token before the newest is not good for long.
const ENVIRONMENT = { ARASTA_REFRESH_GRACE: '1s' };

const output = path.join(sourceDirectory, 'build/chaos');
const buildDirectory = process.env.ARASTA_SEEDED_BUILD_DIR ?? path.join(sourceDirectory, 'build/seeded');

function build() {
  if (process.env.ARASTA_SEEDED_BUILD_DIR) return;
  const programs = ['gateway', 'auth', 'catalog', 'order', 'notification'].map((name) => `arasta-${name}`);
  execFileSync('cmake', ['--preset', 'seeded'], { cwd: sourceDirectory, stdio: 'ignore' });
  execFileSync('cmake', ['--build', '--preset', 'seeded', '--target', ...programs, 'arasta_contract'], { cwd: sourceDirectory, stdio: 'inherit' });
}

// The facts after one trial on a suite that may have seen others.
async function judge(trial, suite, seed, settlesWithin) {
  const history = new History(path.join(output, `self_test-${trial.bug}.jsonl`));
  const mailsBefore = suite.mails().length;
  const view = Object.create(suite, { mails: { value: () => suite.mails().slice(mailsBefore) } });
  suite.tally.onFault = (fault) => history.note('fault', fault);
  try {
    await trial.prepare?.(suite);
    const watch = await startWatching(suite);
    await (trial.alone ? trial.alone({ suite, seed, history }) : underLoad(trial, suite, seed, history));
    const unsettled = await suite.settle(settlesWithin);
    const always = await watch.stop();
    const settled = { invariant: 'O4 everything is decided', checked: 1, violations: unsettled ? [unsettled] : [] };
    return [settled, ...await checkHistory({ history, suite: view }), ...await checkDatabases(suite), ...always];
  } finally {
    suite.tally.onFault = () => {};
    history.close();
  }
}

async function underLoad(trial, suite, seed, history) {
  const stopping = new AbortController();
  const working = runWorkload({ suite, seed, history, signal: stopping.signal, mix: trial.mix });
  const placed = () => history.entries.some(({ result }) => result?.state === 'STATE_PLACED');
  try {
    while (!placed()) await Promise.race([pause(100), working]);
    const end = Date.now() + trial.seconds * 1000;
    await trial.faults?.(suite, { history });
    await suite.heal();
    history.note('healed');
    await pause(Math.max(PEACE_MS, end - Date.now()));
  } finally {
    stopping.abort();
    await working;
  }
}

// How long things take is judged by the scenarios, which have the machine to themselves for longer.
const redOf = (facts) => facts.filter(({ invariant, violations }) => violations.length > 0 && !/^(N3|L1) /.test(invariant));

// A suite for the bug alone: what it breaks stays broken.
async function withBug(trial, seed) {
  const suite = await Suite.start({ seed, buildDirectory, environment: { ...ENVIRONMENT, ARASTA_SEEDED_BUG: trial.bug } });
  try {
    return await judge(trial, suite, seed, BROKEN_SETTLES_WITHIN_S);
  } finally {
    await suite.stop();
  }
}

// One suite for all of them.
async function withoutBugs(trials, seed) {
  const suite = await Suite.start({ seed, buildDirectory, environment: ENVIRONMENT });
  const results = new Map();
  try {
    for (const trial of trials) {
      results.set(trial.bug, await judge(trial, suite, seed, SETTLES_WITHIN_S));
      await restore(suite, trial);
    }
  } finally {
    await suite.stop();
  }
  return results;
}

// As a suite of its own would find it.
async function restore(suite, { prepare }) {
  if (prepare) await Promise.all(suite.replicasOf('notification').map((process) => process.restart()));
  await suite.heal();
  await suite.ready();
}

function print(columns) {
  const [bug, trial, ...rest] = columns;
  console.log(`${bug.padEnd(33)}${trial.padEnd(54)}${rest.join('  ')}`);
}

export async function selfTest({ seed = USUAL_SEED, bug } = {}) {
  const trials = seededBugs.filter((trial) => bug === undefined || trial.bug === bug);
  if (trials.length === 0) {
    console.error(`no bug ${bug}; there are ${seededBugs.map((trial) => trial.bug).join(', ')}`);
    return 2;
  }
  const began = Date.now();
  fs.mkdirSync(output, { recursive: true });
  build();
  const healthy = await withoutBugs(trials, seed);
  const rows = [];
  print(['bug', 'trial', `seed ${seed}: without it`, 'with it']);
  for (const trial of trials) {
    const control = redOf(healthy.get(trial.bug));
    const broken = redOf(await withBug(trial, seed));
    const found = broken.find(({ invariant }) => trial.red.some((letter) => invariant.startsWith(`${letter} `)));
    rows.push({ bug: trial.bug, trial: trial.trial, seed, found: found?.invariant ?? null, example: found?.violations[0] ?? null,
      red: broken, without: control, passed: found !== undefined && control.length === 0 });
    print([trial.bug, trial.trial, control.length === 0 ? 'green' : `RED: ${control[0].invariant}: ${control[0].violations[0]}`,
      found ? `red: ${found.invariant}` : `NOT FOUND (${broken.map(({ invariant }) => invariant)})`]);
    fs.writeFileSync(path.join(output, 'self_test.json'), JSON.stringify(rows, null, 2));
  }
  const passed = rows.filter((row) => row.passed).length;
  console.log(`${passed} of ${rows.length} bugs found by name, ${Math.round((Date.now() - began) / 1000)} s`);
  return passed === rows.length ? 0 : 1;
}
