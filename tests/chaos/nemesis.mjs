// Runs one scenario: a shop of its own, customers, faults for a while, peace for a while, and then the question
// whether everything is right.
//
// A scenario is {name, rows, seconds, short?, suite?, mix?, workload?, faults, healsWithin?, injects?, check?}:
//   rows       the letters of specs/reliability.md's faults, and the invariants it aims at
//   seconds    how long its faults last, about
//   short      whether it is in the short selection
//   suite      what Suite.start takes: replicas, environment
//   mix        what runWorkload takes; `workload` replaces it altogether
//   faults     async (suite, random, {history}): breaks things; what is still broken afterwards is healed
//   healsWithin  seconds from healing to the first success of everything (L1)
//   injects    patterns of the kinds of fault that have to have been counted; at least one of any kind by default
//   check      async ({suite, history}): facts of its own, as checkHistory returns them
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { checkDatabases } from './check_databases.mjs';
import { checkHistory } from './check_history.mjs';
import { History } from './history.mjs';
import { attemptFacts } from './outcomes.mjs';
import { Random } from './random.mjs';
import { pause } from './scenarios/timing.mjs';
import { Suite } from './suite.mjs';
import { watchForStalls } from './stalls.mjs';
import { startWatching } from './watch_facts.mjs';
import { runWorkload } from './workload.mjs';

const run = promisify(execFile);

const WARM_ORDERS = 5;
const LONGEST_WARMING_S = 30;
// Long enough to see that everything works again within ten seconds.
const PEACE_S = 12;
const SETTLES_WITHIN_S = 60;

// Returns {scenario, rows, seed, seconds, calls, stalled, faults: {kind: count}, facts: [{invariant, checked, violations}]}.
// What is needed to understand violations stays in `directory`.
export async function runScenario(scenario, seed, directory) {
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(directory, { recursive: true });
  const began = Date.now();
  const stalls = watchForStalls();
  const suite = await Suite.start({ ...scenario.suite, seed });
  const history = new History(path.join(directory, 'history.jsonl'));
  suite.tally.onFault = (fault) => history.note('fault', fault);
  stalls.onStall = (milliseconds) => history.note('stalled', { milliseconds });
  try {
    const facts = await new Run(scenario, seed, suite, history).facts();
    const calls = history.operations().length;
    const broken = facts.some(({ violations }) => violations.length > 0);
    if (broken) await keepEvidence(suite, directory);
    return { scenario: scenario.name, rows: scenario.rows, seed, seconds: Math.round((Date.now() - began) / 1000), calls,
      stalled: stalls.longest, faults: await suite.faults(), facts };
  } finally {
    stalls.stop();
    history.close();
    await suite.stop();
  }
}

// Logs and databases, for who wants to know why.
async function keepEvidence(suite, directory) {
  fs.cpSync(path.join(suite.state, 'logs'), path.join(directory, 'logs'), { recursive: true });
  for (const [service, conninfo] of Object.entries(suite.databases())) {
    await run('pg_dump', ['--inserts', '--data-only', '-f', path.join(directory, `${service}.sql`), '-d', conninfo]);
  }
}

class Run {
  constructor(scenario, seed, suite, history) {
    Object.assign(this, { scenario, seed, suite, history, random: new Random(seed), seen: [] });
  }

  async facts() {
    const stopping = new AbortController();
    const { workload = runWorkload, mix } = this.scenario;
    const watch = await startWatching(this.suite);
    let ended = false;
    const working = workload({ suite: this.suite, seed: this.seed, history: this.history, signal: stopping.signal, mix })
      .finally(() => { ended = true; });
    try {
      await Promise.race([working, this.warm(() => ended)]);
      await this.scenario.faults(this.suite, this.random.fork('faults'), { history: this.history });
      await this.suite.heal();
      this.history.note('healed', { within: this.scenario.healsWithin });
      this.healed = Date.now();
      await pause(PEACE_S * 1000);
    } finally {
      stopping.abort();
      await working;
      this.seen = await watch.stop();
    }
    return this.judge();
  }

  // There is something to break once orders come in.
  async warm(ended) {
    const end = Date.now() + LONGEST_WARMING_S * 1000;
    const placed = () => this.history.entries.filter(({ type, result }) => type === 'ok' && result?.state === 'STATE_PLACED').length;
    while (placed() < WARM_ORDERS && Date.now() < end && !ended()) await pause(100);
  }

  // A scenario that did no harm proves nothing.
  async injected() {
    const faults = await this.suite.faults();
    const missing = (this.scenario.injects ?? [/./]).filter((kind) => !Object.keys(faults).some((each) => kind.test(each)));
    return { invariant: 'the scenario injected its faults', checked: 1, violations: missing.map((kind) => `nothing like ${kind.source}`) };
  }

  async judge() {
    const sinceHealing = () => (Date.now() - this.healed) / 1000;
    const unsettled = await this.suite.settle(SETTLES_WITHIN_S - sinceHealing());
    const settled = { invariant: `O4 everything is decided within ${SETTLES_WITHIN_S} s of healing`, checked: 1,
      violations: unsettled ? [unsettled] : [], seconds: sinceHealing() };
    const own = await this.scenario.check?.({ suite: this.suite, history: this.history }) ?? [];
    return merged([settled, await this.injected(), ...own, ...await attemptFacts(this.suite), ...await checkHistory({ history: this.history, suite: this.suite }),
      ...await checkDatabases(this.suite), ...this.seen]);
  }
}

// One entry an invariant.
function merged(facts) {
  const found = new Map();
  for (const { invariant, checked, violations, ...rest } of facts) {
    const fact = found.get(invariant) ?? { invariant, checked: 0, violations: [], ...rest };
    fact.checked += checked;
    fact.violations = [...new Set([...fact.violations, ...violations])];
    found.set(invariant, fact);
  }
  return [...found.values()];
}
