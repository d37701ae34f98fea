// C: the cache's Redis, killed, emptied, slow and silent, while people try what limits keep them from.
import { ACCOUNT, attemptFact, NETWORK, rateFacts, REGISTRATION } from '../facts_limits.mjs';
import { now } from '../history.mjs';
import { mostOf } from '../outcomes.mjs';
import { guess, hurry } from '../pushers.mjs';
import { between, pause } from './timing.mjs';

// Breaks things while somebody pushes, and returns what became of that.
async function whilePushed(push, harm) {
  const stopping = new AbortController();
  const pushing = push(stopping.signal);
  pushing.catch(() => {});  // is told below
  try {
    await harm();
  } finally {
    stopping.abort();
  }
  return pushing;
}

const cache = {
  name: 'cache_redis', rows: 'C: flush, slow, silent, kill; never wrong, T6', seconds: 15,
  suite: { environment: { ARASTA_GATEWAY_TRUSTED_PROXIES: '127.0.0.1' } },
  async faults(suite, random, { history }) {
    const redis = suite.redis('cache');
    const links = suite.links(null, 'redis-cache');
    const from = now();
    const principal = await whilePushed((signal) => guess({ suite, history, random: random.fork('guesses'), signal }), async () => {
      await between(random, 1000, 2000);
      await redis.flush();
      for (const link of links) await link.set({ delay_ms: 200, jitter_ms: 200 });
      await between(random, 2000, 4000);
      for (const link of links) await link.set({ hole: true });
      await between(random, 2000, 4000);
      await redis.kill();
      await between(random, 2000, 4000);
    });
    history.note('guessed', { from, principal });
  },
  async check({ suite, history }) {
    const [{ time, args: { from, principal } }] = history.notes('guessed');
    const looked = await suite.sql('auth', `SELECT subject FROM audit_events WHERE kind = 'login_failed'`);
    const all = history.operations();
    const tries = (name) => all.filter(({ op }) => op === name);
    const seen = { milliseconds: time - from, lives: suite.process('auth').starts,
      losses: history.notes('fault').filter(({ args: { kind } }) => /^redis cache (flush|kill)$/.test(kind)).length };
    return [
      attemptFact(ACCOUNT, { ...seen, tried: tries('GuessAccount').length, taken: looked.filter(({ subject }) => subject === principal).length }),
      attemptFact(NETWORK, { ...seen, tried: tries('GuessNetwork').length, taken: looked.filter(({ subject }) => subject.startsWith('unknown/')).length }),
      attemptFact(REGISTRATION, { ...seen, tried: tries('RegisterAgain').length, taken: 1 + tries('RegisterAgain').filter(({ type }) => type === 'ok').length }),
    ];
  },
};

const BUCKET = { burst: 10, perSecond: 10 };
const TOGETHER_MS = 8000;
const APART_MS = 5000;
const SLOW_MS = 4000;
const NOTICED_WITHIN_MS = 3000;

async function areShared(suite, expected) {
  const gauges = await Promise.all(suite.replicasOf('gateway').map((process) => process.metric('arasta_gateway_rates_shared')));
  return gauges.every(([gauge]) => gauge?.value === expected);
}

// Notes whether all gateways come to share their counts, or to go on alone, soon enough.
async function noticed(suite, history, expected) {
  let done = false;
  for (const end = Date.now() + NOTICED_WITHIN_MS; !done && Date.now() < end; await pause(50)) done = await areShared(suite, expected);
  history.note('noticed', { expected, done });
}

// A note at its end tells when it began.
async function spend(history, name, milliseconds) {
  const from = now();
  await pause(milliseconds);
  history.note(name, { from });
}

function harmsOf(suite) {
  const redis = suite.redis('cache');
  const links = suite.links('gateway', 'redis-cache');
  const disturb = (fault) => () => Promise.all(links.map((link) => link.set(fault)));
  const heal = () => Promise.all(links.map((link) => link.heal()));
  return [{ parts: true, begin: disturb({ hole: true }), end: heal }, { parts: true, begin: () => redis.kill(), end: () => redis.start() },
    { begin: disturb({ delay_ms: 50, jitter_ms: 300 }), end: heal }, { begin: () => redis.flush(), end: () => {} }];
}

// Only guests who search too much meet a limit; nobody else is to notice anything.
const sharedLimits = {
  name: 'shared_limits', rows: 'C: the Redis that gateways count calls in is silent, killed, slow, flushed; T6, L2', seconds: 45,
  suite: { environment: { ARASTA_GATEWAY_RATE_LIMITS: `search=${BUCKET.perSecond}/s:${BUCKET.burst}` } }, mix: { search: 1 },
  faults: (suite, random, { history }) => whilePushed((signal) => hurry({ suite, history, signal }), async () => {
    await noticed(suite, history, 1);
    await spend(history, 'together', TOGETHER_MS);
    for (const { parts, begin, end } of random.shuffle(harmsOf(suite))) {
      await begin();
      if (parts) await noticed(suite, history, 0);
      await (parts ? spend(history, 'apart', APART_MS) : pause(SLOW_MS));
      await end();
      await noticed(suite, history, 1);
    }
    await spend(history, 'together', TOGETHER_MS);
  }),
  check: ({ suite, history }) => {
    const operations = history.operations();
    const periods = (name) => history.notes(name).map(({ args: { from }, time }) => ({ from, to: time }));
    const [together, apart] = [periods('together'), periods('apart')];
    const others = apart.flatMap(({ from, to }) => operations.filter(({ op, start, end }) => op !== 'Hurry' && start >= from && end <= to));
    const notices = history.notes('noticed');
    return [...rateFacts(operations.filter(({ op }) => op === 'Hurry'), { bucket: BUCKET, gateways: suite.gateways.length, together, apart }),
      { invariant: 'L2 nobody else notices that gateways count alone', ...mostOf(others, 0.98) },
      { invariant: `C gateways notice within ${NOTICED_WITHIN_MS / 1000} s that Redis is away, and that it is back`, checked: notices.length,
        violations: notices.filter(({ args }) => !args.done).map(({ args: { expected } }) => (expected ? 'still alone' : 'never alone')) }];
  },
};

export const limits = [cache, sharedLimits];
