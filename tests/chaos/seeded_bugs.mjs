// The bugs that can be put in (common/base/seeded_bug.h), and for each the trial that brings it out:
//   bug         its name
//   red         the invariants it breaks: one of them has to turn red
//   trial       what happens, for people
//   seconds     how long the load lasts, about; mix: as in scenarios
//   prepare     async (suite): before there is any load
//   faults      async (suite, {history}): while there is; without it nothing is broken but the code
//   alone       async ({suite, seed, history}): a story of its own instead of the load
import { fakeClock } from './scenarios/clocks.mjs';
import { keepOn, pause } from './scenarios/timing.mjs';
import { crashAfterEachDelivery, lateRefusal } from './stories.mjs';

const MOSTLY_BUYING = { browse: 1, search: 0, cart: 1, add: 1, change: 0, buy: 60, cancel: 2, read: 2, watch: 0, refresh: 1, reuse: 0, logOut: 0 };

// Both consumers die in the middle of an event, and come back: several times, as not every event has an effect.
async function consumersDie(suite) {
  for (const nth of [1, 2, 3, 4]) {
    await Promise.all(suite.replicasOf('notification').map(async (process) => {
      suite.tally.count('crash notification', process.id);
      await process.restart({ ARASTA_CRASH_POINT: `consumer.after_inbox:${nth}` });
    }));
    await pause(2000);
  }
}

// The last epoch in which the process led the relay; the highest of all is that of now.
function epochLed(process) {
  return Math.max(0, ...[...process.log().matchAll(/"relay leads".*"epoch":"?(\d+)/g)].map(([, epoch]) => Number(epoch)));
}

export const seededBugs = [
  {
    // A commit that is acknowledged before it is flushed is lost with PostgreSQL, unless the log's own writer flushes
    // it in time, which takes its time here.
    bug: 'acknowledge_before_commit', red: ['S2'], trial: 'PostgreSQL dies after each acknowledgement', alone: crashAfterEachDelivery,
    async prepare(suite) {
      await suite.postgres.execute('order', `ALTER SYSTEM SET wal_writer_delay = '10s'`);
      await suite.postgres.execute('order', 'SELECT pg_reload_conf()');
    },
  },
  {
    bug: 'watermark_before_effects', red: ['E1'], seconds: 8, trial: 'consumers die after the inbox row', mix: MOSTLY_BUYING,
    faults: consumersDie,
  },
  {
    bug: 'claim_outside_transaction', red: ['E1', 'N1'], seconds: 8, trial: 'consumers die after the inbox row', mix: MOSTLY_BUYING,
    faults: consumersDie,
  },
  {
    bug: 'gap_check_off', red: ['E1'], seconds: 8, trial: 'the streams are emptied while consumers sleep',
    async faults(suite) {
      for (const process of suite.replicasOf('notification')) process.stop();
      await pause(2500);
      await suite.redis('events').flush();
      await pause(2500);
      for (const process of suite.replicasOf('notification')) process.cont();
    },
  },
  {
    // Rows of the far replica commit late, while those of the one that leads the relay come and go.
    bug: 'poll_by_id', red: ['E1', 'O4'], seconds: 10, trial: 'one order replica is far from PostgreSQL', mix: MOSTLY_BUYING,
    async faults(suite) {
      const [far] = suite.replicasOf('order').sort((a, b) => epochLed(a) - epochLed(b));
      await suite.link(far.id, 'postgres').set({ delay_ms: 150, direction: 'down' });
      await pause(9000);
    },
  },
  {
    bug: 'saga_without_epoch', red: ['S4', 'M5'], trial: 'a refusal is recorded after the next driver has begun', alone: lateRefusal,
  },
  {
    bug: 'confirm_without_compare_and_set', red: ['O1'], seconds: 8, trial: 'customers think again while they pay', mix: { buyAndThinkAgain: 60 },
  },
  {
    bug: 'refund_with_new_key', red: ['M5'], seconds: 8, trial: 'order dies after refunding', mix: { cancel: 40 },
    async faults(suite) {
      await Promise.all(suite.replicasOf('order').map((process) => process.restart({ ARASTA_CRASH_POINT: 'order.after_refund' })));
      await pause(6000);
    },
  },
  {
    // From so far that all have read before one writes.
    bug: 'rotation_as_read_then_write', red: ['T1', 'T2'], seconds: 6, trial: 'three tabs refresh at once', mix: { refreshTogether: 60 },
    async faults(suite) {
      await suite.link('auth-0', 'postgres').set({ delay_ms: 20 });
      await pause(6000);
    },
  },
  {
    bug: 'in_doubt_as_failure', red: ['O5'], seconds: 12, trial: 'the answer to COMMIT is lost', mix: MOSTLY_BUYING,
    faults: (suite) => keepOn(10, async () => {
      for (const link of suite.links('order', 'postgres')) await link.set({ cut: { pattern: 'COMMIT', when: 'reply', times: 4, probability: 0.3 } });
      await pause(500);
    }),
  },
  {
    bug: 'cached_price', red: ['M3'], seconds: 8, trial: 'staff change prices',
  },
  {
    bug: 'local_clock_leases', red: ['N1'], seconds: 8, trial: 'a sender’s clock is an hour ahead, and mail is slow',
    async prepare(suite) {
      const clock = fakeClock(suite, suite.process('notification', 1));
      clock.set('+3600');
      await suite.process('notification', 1).restart(clock.environment);
      await suite.link('notification-0', 'smtp').set({ delay_ms: 150 });
      await suite.ready();
    },
  },
];
