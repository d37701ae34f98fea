// The customers, told what to do by lines {"id", "command", …} and answering with {"id", "result" or "error"}:
//   begin {seed}          they shop from then on; answers once the first orders are placed
//   note {op, args}       into the history, as tests/chaos' nemesis does
//   outcome {from, to}    how calls went between two notes: {calls, failed, silence, codes, examples}
//   end                   everybody goes home, everything settles: {calls, facts}
//   history               all that was asked and told
import readline from 'node:readline';
import { checkDatabases } from '../../chaos/check_databases.mjs';
import { checkHistory } from '../../chaos/check_history.mjs';
import { History } from '../../chaos/history.mjs';
import { failuresBetween, hasFailed, operationsBetween } from '../../chaos/outcomes.mjs';
import { findUnsettled } from '../../chaos/settled.mjs';
import { watchForStalls } from '../../chaos/stalls.mjs';
import { startWatching } from '../../chaos/watch_facts.mjs';
import { runWorkload } from '../../chaos/workload.mjs';
import { eventually } from '../../e2e/support/eventually.mjs';
import { Shop } from './shop.mjs';

const WARM_ORDERS = 5;
const SETTLES_WITHIN_S = 60;
// Two cores serve a cluster, a shop and its customers: these take their time.
const PACE_MS = 250;

const history = new History();
const stalls = watchForStalls();
stalls.onStall = (milliseconds) => history.note('stalled', { milliseconds });
const leaving = new AbortController();
const shop = await Shop.find();
let working;
let watch;

const commands = {
  async begin({ seed }) {
    working = runWorkload({ suite: shop, seed, history, signal: leaving.signal, pace: PACE_MS });
    const placed = () => history.entries.filter(({ type, result }) => type === 'ok' && result?.state === 'STATE_PLACED').length;
    await Promise.race([working, eventually('the first orders are placed', () => placed() >= WARM_ORDERS, { seconds: 120 })]);
    watch = await startWatching(shop);
  },
  note: ({ op, args }) => history.note(op, args),
  outcome: ({ from, to }) => outcomeBetween(from, to),
  async end() {
    leaving.abort();
    await working;
    const seen = await watch.stop();
    const settling = { invariant: `O4 everything is decided within ${SETTLES_WITHIN_S} s`, checked: 1, violations: [] };
    await eventually('settled', async () => !(await findUnsettled(shop)), { seconds: SETTLES_WITHIN_S })
      .catch(async () => settling.violations.push(await findUnsettled(shop)));
    const facts = [settling, ...await checkHistory({ history, suite: shop }), ...await checkDatabases(shop), ...seen];
    return { calls: history.operations().length, stalled: stalls.longest, facts };
  },
  history: () => history.entries,
};

// `silence` is the longest time without an answer, in seconds.
function outcomeBetween(from, to) {
  const operations = operationsBetween(history, from, to);
  const failed = operations.filter(hasFailed);
  const ends = operations.filter((operation) => !hasFailed(operation)).map(({ end }) => end).sort((a, b) => a - b);
  const moments = [history.notes(from)[0].time, ...ends, history.notes(to)[0].time];
  const silence = Math.max(...moments.slice(1).map((moment, index) => moment - moments[index])) / 1000;
  const codes = {};
  for (const { code = 'no answer', reason } of failed) {
    const told = reason ? `${code} ${reason}` : code;
    codes[told] = (codes[told] ?? 0) + 1;
  }
  return { calls: operations.length, failed: failed.length, silence, codes, examples: failuresBetween(history, from, to).violations.slice(0, 5) };
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { id, command, ...args } = JSON.parse(line);
  let answer;
  try {
    answer = { id, result: await commands[command](args) };
  } catch (error) {
    answer = { id, error: error.stack };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit();
