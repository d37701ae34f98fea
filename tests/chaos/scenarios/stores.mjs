// P, R: PostgreSQL and the events' Redis, killed, emptied, slow, silent, and lying about what they did.
import { NativeClient } from '../../e2e/support/native_client.mjs';
import { methodOf } from '../../e2e/support/contract.mjs';
import { mostSucceed } from '../outcomes.mjs';
import { between, keepOn, pause } from './timing.mjs';

const postgresCrash = {
  name: 'postgres_crash', rows: 'P: immediate stop and restart; O M S E N L1', seconds: 15, short: true,
  async faults(suite, random) {
    for (let crash = 0; crash < 3; ++crash) {
      await suite.postgres.crash();
      await between(random, 200, 2000);
      await suite.postgres.start();
      await between(random, 1000, 3000);
    }
  },
};

// libpq sends COMMIT with its terminating NUL, so no text of a statement is taken for it.
const COMMIT = 'COMMIT\0';

function commitCut(name, when, short) {
  return {
    name, rows: `P: backend cut at COMMIT, ${when === 'before' ? 'not' : 'already'} applied; O1 O2 O5 M S E`, seconds: 15, short, injects: [/^proxy cuts/],
    faults: (suite, random) => keepOn(15, async () => {
      const links = suite.links(random.pick(['auth', 'catalog', 'order', 'order', 'notification']), 'postgres');
      for (const link of links) await link.set({ cut: { pattern: COMMIT, when, times: random.integer(1, 4), probability: 0.4 } });
      await between(random, 300, 1000);
    }),
  };
}

const postgresBlackHole = {
  name: 'postgres_black_hole', rows: 'P: black-holed, one service after the other and all; O M S E L1', seconds: 20, healsWithin: 3, injects: [/^proxy held/],
  async faults(suite, random) {
    for (const service of [...random.shuffle(['auth', 'catalog', 'order', 'notification']), undefined]) {
      for (const link of suite.links(service, 'postgres')) await link.set({ hole: true, direction: random.pick(['up', 'down', 'both']) });
      await between(random, 1500, 4000);
      for (const link of suite.links(service, 'postgres')) await link.heal();
      await between(random, 500, 1500);
    }
  },
};

const HELD_S = 30;
const isCold = (sku) => sku.startsWith('COLD-');

const hotRowLocked = {
  name: 'hot_row_locked', rows: `P: the hot SKU's row locked ${HELD_S} s; others go on (L2), S O`, seconds: HELD_S,
  async faults(suite, random, { history }) {
    suite.tally.count('row locked', 'HOT-1');
    const release = await suite.postgres.hold('catalog', `SELECT FROM stock WHERE sku = 'HOT-1' FOR UPDATE`);
    history.note('locked');
    await pause(HELD_S * 1000);
    history.note('unlocked');
    await release();
  },
  check: ({ history }) => [
    { invariant: 'L2 nineteen of twenty calls about other SKUs go on while one is locked',
      ...mostSucceed(history, 'locked', 'unlocked', ({ args, op }) => isCold(args.sku ?? '') || op === 'GetCart', 0.95) },
    // By themselves: few among many, and the only ones that go where the lock is.
    { invariant: 'L2 nineteen of twenty orders of other SKUs go on while one is locked',
      ...mostSucceed(history, 'locked', 'unlocked', ({ args }) => args.skus?.every(isCold), 0.95) }],
};

// Somebody who locks the hot row and then all the others, against the order in which the shop does. He is patient, and
// ours are told to look for a deadlock before they give up waiting for the lock, so that it's them whom it ends.
const deadlocks = {
  name: 'deadlocks', rows: 'P: deadlocks (40P01) that end transactions of ours; S O', seconds: 12,
  async faults(suite, random) {
    await suite.postgres.execute('catalog', `ALTER SYSTEM SET deadlock_timeout = '150ms'`);
    await suite.postgres.execute('catalog', 'SELECT pg_reload_conf()');
    await keepOn(12, async () => {
      suite.tally.count('deadlock risked');
      await suite.postgres.execute('catalog', `SET deadlock_timeout = '20s'; BEGIN; SELECT FROM stock WHERE sku = 'HOT-1' FOR UPDATE;
        SELECT pg_sleep(${random.integer(10, 140) / 1000}); SELECT FROM stock WHERE sku <> 'HOT-1' ORDER BY sku DESC FOR UPDATE; COMMIT`);
      await between(random, 0, 100);
    });
  },
  async check({ suite }) {
    const [{ victims }] = await suite.sql('catalog', 'SELECT deadlocks::int AS victims FROM pg_stat_database WHERE datname = current_database()');
    return [{ invariant: 'P a transaction of ours was ended by a deadlock', checked: victims, violations: victims > 0 ? [] : ['none was'] }];
  },
};

const CANCELLED_CALLS = 10000;
const AT_ONCE = 50;

const cancelledCalls = {
  name: 'cancelled_calls', rows: `P: ${CANCELLED_CALLS} cancelled calls leak no connection; L1 L4`, seconds: 30,
  async faults(suite, random) {
    suite.tally.count(`${CANCELLED_CALLS} calls cancelled`);
    // Many, as one that cancels so much would be told to calm down.
    const clients = Array.from({ length: 2 * AT_ONCE }, (_, index) => new NativeClient(suite.gateways[index % suite.gateways.length], { alone: true }));
    const { tokens } = await clients[0].call('AuthService', 'CreateGuest', {});
    for (let done = 0; done < CANCELLED_CALLS; done += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => cancelOne(random.pick(clients), tokens.access_token, random.integer(0, 8))));
    }
    for (const client of clients) client.close();
  },
  async check({ suite }) {
    const stuck = await suite.sql('order', `SELECT pid, state FROM pg_stat_activity
      WHERE application_name <> 'psql' AND state LIKE 'idle in transaction%' AND state_change < now() - interval '3 s'`);
    return [{ invariant: 'P no connection is left in a transaction', checked: 1, violations: stuck.map(({ pid, state }) => `${pid} ${state}`) }];
  },
};

// A call that its client gives up after so many milliseconds.
function cancelOne(client, token, milliseconds) {
  const { path, encode } = methodOf('CartService', 'GetCart');
  return new Promise((resolve) => {
    const call = client.start(path, encode({ name: 'carts/me' }), token, resolve);
    setTimeout(() => call.cancel(), milliseconds);
  });
}

const eventsKilled = {
  name: 'events_redis_kill', rows: 'R: kill, restart with what it wrote or empty; E1 O N3', seconds: 15, short: true,
  async faults(suite, random) {
    const redis = suite.redis('events');
    for (const forgets of random.shuffle([true, false, true])) {
      await redis.kill();
      if (forgets) redis.forget();
      await between(random, 500, 2500);
      await redis.start();
      await between(random, 1000, 2500);
    }
  },
};

// What it had a while ago, as after a restore from a copy.
const eventsRestored = {
  name: 'events_redis_restored', rows: 'R: restarted as it was a while ago; E1 E2', seconds: 20,
  async faults(suite, random) {
    const redis = suite.redis('events');
    for (let restore = 0; restore < 2; ++restore) {
      await redis.kill();
      redis.keep();
      await redis.start();
      await between(random, 4000, 7000);
      await redis.kill();
      redis.restore();
      await redis.start();
      await between(random, 1000, 2000);
    }
  },
};

// In an order that does not depend on how Redis keeps them, so that a seed picks the same ones.
async function keysOf(redis, pattern) {
  return (await redis.command('KEYS', pattern)).split('\n').filter(Boolean).sort();
}

const eventsForgotten = {
  name: 'events_redis_flush', rows: 'R: FLUSHALL, streams deleted; E1 N', seconds: 12,
  faults: (suite, random) => keepOn(12, async () => {
    const redis = suite.redis('events');
    if (random.chance(0.5)) {
      await redis.flush();
    } else {
      suite.tally.count('stream deleted');
      const streams = await keysOf(redis, 'events:*');
      if (streams.length > 0) await redis.command('DEL', random.pick(streams));
    }
    await between(random, 200, 2000);
  }),
};

const eventsFull = {
  name: 'events_redis_full', rows: 'R: OOM by maxmemory; E1 O', seconds: 10,
  async faults(suite, random) {
    for (let time = 0; time < 2; ++time) {
      suite.tally.count('redis events full');
      await suite.redis('events').command('CONFIG', 'SET', 'maxmemory', '1');
      await between(random, 2000, 4000);
      await suite.redis('events').command('CONFIG', 'SET', 'maxmemory', '0');
      await between(random, 500, 1500);
    }
  },
};

const replyLost = {
  name: 'xadd_reply_lost', rows: 'R: reply lost after XADD; E1 N1', seconds: 12, short: true, injects: [/^proxy cuts/],
  faults: (suite, random) => keepOn(12, async () => {
    for (const link of suite.links(null, 'redis-events')) {
      await link.set({ cut: { pattern: 'XADD', when: random.pick(['reply', 'after', 'before']), times: 3, probability: 0.5 } });
    }
    await between(random, 500, 1500);
  }),
};

// What nobody of ours has written: garbage behind the newest event, in the place of the next one, and with an id
// that leaves no room for more.
const poison = {
  name: 'poison_event', rows: 'R: poison event; E1 E2', seconds: 10,
  async faults(suite, random) {
    const redis = suite.redis('events');
    await keepOn(10, async () => {
      const streams = await keysOf(redis, 'events:*:[0-9]*');
      for (const stream of random.shuffle(streams).slice(0, 2)) {
        const [newest] = (await redis.command('XREVRANGE', stream, '+', '-', 'COUNT', '1')).split('-');
        const id = random.pick([`${newest}-7`, `${Number(newest) + 1}-0`, '*']);
        suite.tally.count('poison event', `${stream} ${id}`);
        await redis.command('XADD', stream, id, 'e', 'neither an envelope nor anything else');
      }
      await between(random, 1000, 2500);
    });
  },
};

const eventsSlow = {
  name: 'events_redis_slow', rows: 'R: slow; E1 O N3', seconds: 12, injects: [/^proxy delayed/],
  async faults(suite, random) {
    for (const link of suite.links(null, 'redis-events')) await link.set({ delay_ms: random.integer(50, 300), jitter_ms: 200 });
    await pause(12000);
  },
};

export const postgres = [postgresCrash, commitCut('commit_cut_before', 'before'), commitCut('commit_cut_after', 'reply', true),
  postgresBlackHole, hotRowLocked, deadlocks, cancelledCalls];
export const redis = [eventsKilled, eventsRestored, eventsForgotten, eventsFull, replyLost, poison, eventsSlow];
