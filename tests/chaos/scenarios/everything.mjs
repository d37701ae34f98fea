// Several faults of all rows at the same time, drawn by the seed: what nobody has thought of.
import { between, keepOn, pause } from './timing.mjs';

const LINK_FAULTS = (random) => random.pick([
  { hole: true, direction: random.pick(['up', 'down', 'both']) }, { delay_ms: random.integer(10, 300), jitter_ms: random.integer(0, 300) },
  { reset_after: random.integer(100, 20000) }, { half_open: true }, { refuse: true }, { bytes_per_second: random.integer(1000, 50000) },
]);

const CUTS = (random) => random.pick([
  ['postgres', { pattern: 'COMMIT\0', when: random.pick(['before', 'reply']), times: 2, probability: 0.5 }],
  ['redis-events', { pattern: 'XADD', when: random.pick(['before', 'after', 'reply']), times: 2, probability: 0.5 }],
]);

// Each returns when it has done its harm and undone it, except for what a supervisor undoes.
const FAULTS = {
  async kill(suite, random) {
    random.pick(suite.processes).kill({ restartMs: random.integer(100, 3000) });
  },
  async stop(suite, random) {
    const victim = random.pick(suite.processes);
    victim.stop();
    await between(random, 500, 13000);
    victim.cont();
  },
  async link(suite, random) {
    const links = random.shuffle(suite.links()).slice(0, random.integer(1, 6));
    for (const link of links) await link.set(LINK_FAULTS(random));
    await between(random, 500, 4000);
    for (const link of links) await link.heal();
  },
  async cut(suite, random) {
    const [to, cut] = CUTS(random);
    for (const link of suite.links(null, to)) await link.set({ cut: { ...cut } });
    await between(random, 500, 2000);
    for (const link of suite.links(null, to)) await link.heal();
  },
  async postgres(suite, random) {
    await suite.postgres.crash();
    await between(random, 100, 2000);
    await suite.postgres.start();
    await between(random, 1000, 3000);
  },
  async redis(suite, random) {
    const redis = suite.redis(random.pick(['events', 'events', 'cache']));
    if (random.chance(0.4)) return redis.flush();
    await redis.kill();
    if (random.chance(0.5)) redis.forget();
    await between(random, 100, 2000);
    return redis.start();
  },
  async drain(suite, random) {
    const victim = random.pick(suite.processes);
    await victim.terminate();
    await victim.start();
  },
};

// Each lane deals in kinds of its own, so that no two undo each other's harm.
const LANES = [['kill', 'drain', 'stop'], ['link', 'cut'], ['postgres'], ['redis']];

// Shows that what the others find is due to their faults.
const nothing = { name: 'nothing', rows: 'no fault: all invariants', seconds: 10, injects: [], faults: () => pause(10000) };

export const everything = [nothing, {
  name: 'everything', rows: 'F P R C W: several at a time; all invariants', seconds: 40, short: true,
  faults: (suite, random) => Promise.all(LANES.map((kinds) => {
    const own = random.fork(kinds.join());
    return keepOn(40, async () => {
      await between(own, 500, kinds.length === 1 ? 12000 : 3000);
      await FAULTS[own.pick(kinds)](suite, own);
    });
  })),
}];
