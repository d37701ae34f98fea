// F: processes that die, freeze, run out of descriptors, and are replaced under load.
import { armEveryCrashPoint, crashPointFacts } from '../crash_points.mjs';
import { starve } from '../descriptors.mjs';
import { failuresBetween } from '../outcomes.mjs';
import { between, keepOn, pause } from './timing.mjs';

const killOne = {
  name: 'kill_one', rows: 'F: O M S E N L1', seconds: 15, short: true,
  faults: (suite, random) => keepOn(15, async () => {
    random.pick(suite.processes).kill({ restartMs: random.integer(100, 2000) });
    await between(random, 300, 2000);
  }),
};

const killAll = {
  name: 'kill_all_replicas', rows: 'F: O M S E N L1', seconds: 15,
  async faults(suite, random) {
    for (const name of random.shuffle(['gateway', 'auth', 'catalog', 'order', 'notification'])) {
      for (const process of suite.replicasOf(name)) process.kill({ restartMs: 1000 });
      await between(random, 2000, 3500);
    }
  },
};

// One of them for longer than a lease, so that it comes back to find another in its place.
const zombies = {
  name: 'zombies', rows: 'F: O M S E N (an old lease writes nothing)', seconds: 30,
  async faults(suite, random) {
    for (const name of ['order', 'notification', 'catalog']) {
      const victim = random.pick(suite.replicasOf(name));
      victim.stop();
      await pause(name === 'order' ? 12500 : random.integer(1000, 8000));
      victim.cont();
      await pause(1000);
    }
  },
};

const longZombies = {
  name: 'zombies_for_half_a_minute', rows: zombies.rows, seconds: 35,
  async faults(suite, random) {
    const victims = ['order', 'notification', 'catalog'].map((name) => random.pick(suite.replicasOf(name)));
    for (const victim of victims) {
      victim.stop();
      await between(random, 0, 2000);
    }
    await pause(30000);
    for (const victim of victims) victim.cont();
  },
};

// Every process in turn is asked to end, and replaced when it has. Clients are led to the other gateway
// meanwhile, as a load balancer does.
const rollingRestart = {
  name: 'rolling_restart', rows: 'F: no call fails', seconds: 40, short: true,
  suite: { replicas: { auth: 2 }, environment: { ARASTA_DRAIN_DELAY: '1s' } },
  async faults(suite, random, { history }) {
    history.note('rolling');
    for (const process of suite.processes) {
      if (process.name === 'gateway') await suite.link('client', process.id).lead(targetOf(suite.process('gateway', 1 - process.index)));
      const code = await process.terminate();
      history.note('terminated', { target: process.id, code });
      await process.start();
      await suite.ready();
    }
    history.note('rolled');
  },
  check: ({ history }) => {
    const ends = history.notes('terminated');
    return [
      { invariant: 'F a rolling restart fails no call', ...failuresBetween(history, 'rolling', 'rolled') },
      { invariant: 'F a process that is asked to end exits with 0', checked: ends.length,
        violations: ends.filter(({ args }) => args.code !== 0).map(({ args }) => `${args.target}: ${args.code}`) },
    ];
  },
};

function targetOf({ address }) {
  const [host, port] = address.split(':');
  return { host, port: Number(port) };
}

// Three descriptors are left, and everybody connects anew.
const descriptorLimit = {
  name: 'descriptor_limit', rows: 'F: no descriptor is left (EMFILE); O M S E L1 L4', seconds: 15,
  async faults(suite, random, { history }) {
    for (const name of random.shuffle(['gateway', 'catalog', 'order', 'auth'])) {
      const victim = random.pick(suite.replicasOf(name));
      suite.tally.count('descriptor limit', victim.id);
      const links = [...suite.links(null, victim.id), ...suite.links(victim.id)];
      const ranOut = await starve(victim, 3000, () => Promise.all(links.map((link) => link.reset())));
      history.note('starved', { target: victim.id, ranOut });
    }
  },
  check({ history }) {
    const starved = history.notes('starved');
    return [{ invariant: 'F each process ran out of descriptors', checked: starved.length,
      violations: starved.filter(({ args }) => !args.ranOut).map(({ args }) => `${args.target} had one for everybody`) }];
  },
};

const crashPoints = {
  name: 'crash_points', rows: 'F: every named crash point, O M S E N', seconds: 90, short: true,
  faults: (suite) => armEveryCrashPoint(suite),
  check: ({ suite }) => crashPointFacts(suite),
};

export const processes = [killOne, killAll, zombies, longZombies, rollingRestart, descriptorLimit, crashPoints];
