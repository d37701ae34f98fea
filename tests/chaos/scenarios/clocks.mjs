// K: wall clocks that are wrong. Monotonic time is left alone, as a wrong clock leaves it too.
import fs from 'node:fs';
import path from 'node:path';
import { between, keepOn, pause } from './timing.mjs';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

// The environment of a process that reads its offset from a file, so that it can be changed under way.
export function fakeClock(suite, process) {
  // Which the loader would pass over, and every clock would be right.
  if (!fs.existsSync(LIBRARY)) throw new Error(`no ${LIBRARY}, of the package faketime`);
  const file = path.join(suite.state, `run/${process.id}.clock`);
  const set = (offset) => fs.writeFileSync(file, `${offset}\n`);
  set('+0');
  const environment = { LD_PRELOAD: LIBRARY, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_CACHE_DURATION: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1' };
  return { set, environment };
}

// The same for processes that run, which begin anew.
async function fakeClocks(suite, processes) {
  const clocks = [];
  for (const process of processes) {
    const clock = fakeClock(suite, process);
    suite.tally.count(`kill ${process.name}`, process.id);
    await process.restart(clock.environment);
    clocks.push({ process, ...clock });
  }
  return clocks;
}

function skew(name, offsets, { seconds, short, every }) {
  return {
    name, rows: `K: each process's clock at ${offsets.join(', ')}; T1 T2 T3, leases and TTLs (O S E N)`, seconds, short,
    async faults(suite, random) {
      const clocks = await fakeClocks(suite, suite.processes);
      await suite.ready();
      await keepOn(seconds, async () => {
        const { process, set } = random.pick(clocks);
        const offset = random.pick(offsets);
        suite.tally.count(`clock ${offset}`, process.id);
        set(offset);
        await between(random, every / 2, every);
        if (!short || random.chance(0.5)) set('+0');
      });
      for (const { set } of clocks) set('+0');
      await pause(1500);
    },
  };
}

// A token that was accepted dies in time, although whoever would have to see it lives an hour ago: everybody but auth.
const oldTokens = {
  name: 'old_tokens', rows: 'K: the clocks of all that look at tokens set back an hour; T3', seconds: 50, short: true,
  suite: { environment: { ARASTA_ACCESS_TOKEN_LIFE: '5s' } }, mix: { comeLate: 60 },
  async faults(suite) {
    const clocks = await fakeClocks(suite, suite.processes.filter(({ name }) => name !== 'auth'));
    await suite.ready();
    await pause(6000);
    for (const { process, set } of clocks) {
      suite.tally.count('clock -3600', process.id);
      set('-3600');
    }
    await pause(42000);
    for (const { set } of clocks) set('+0');
    await pause(1500);
  },
};

export const clocks = [
  skew('clock_ahead', ['+3600'], { seconds: 20, every: 4000 }),
  skew('clock_behind', ['-3600'], { seconds: 20, every: 4000 }),
  skew('clock_strobing', ['+3600', '-3600', '+30', '-30'], { seconds: 20, short: true, every: 1500 }), oldTokens,
];
