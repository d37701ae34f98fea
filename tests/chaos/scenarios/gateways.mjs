// W: what gateways make of replicas that are ill or die, and of being told something else while they serve.
import fs from 'node:fs';
import path from 'node:path';
import { eventually } from '../../e2e/support/eventually.mjs';
import { failuresBetween, mostSucceed } from '../outcomes.mjs';
import { between, keepOn, pause } from './timing.mjs';

const BACKENDS = ['catalog', 'order'];
// What may be asked again, and asks nobody else.
const READS = new Set(['GetProduct', 'SearchProducts', 'GetOrder', 'ListOrders']);

const readsGoOn = (history, from, to, share) => mostSucceed(history, from, to, ({ op }) => READS.has(op), share);

// Gateways and clients wait a second at most between two attempts at a connection; and something for a busy machine.
const FOUND_AGAIN_MS = 2500;

// One after the other, so that there is always another to ask.
const replicaDies = {
  name: 'replica_dies', rows: 'W: kill -9 of one replica after the other; no read fails', seconds: 25,
  async faults(suite, random, { history }) {
    history.note('mortal');
    await keepOn(20, async () => {
      const victim = random.pick(suite.replicasOf(random.pick(BACKENDS)));
      const { starts } = victim;
      victim.kill();
      await eventually(`${victim.id} is started again`, () => victim.starts > starts);
      await suite.ready();
      await pause(FOUND_AGAIN_MS);
    });
    history.note('immortal');
  },
  check: ({ history }) => [{ invariant: 'W no read fails while a replica dies', ...readsGoOn(history, 'mortal', 'immortal', 1) }],
};

// It answers at once that it can't: who asks the one with the fewest calls would ask nobody else.
const replicaIll = {
  name: 'replica_ill', rows: 'W: one replica without its database; the gateways leave it alone, reads go on (L2)', seconds: 25, healsWithin: 3,
  suite: { environment: { ARASTA_GATEWAY_WORKERS: '1' } }, mix: { browse: 60 }, injects: [/^proxy refused/],
  async faults(suite, random, { history }) {
    for (const name of BACKENDS) {
      const victim = random.pick(suite.replicasOf(name));
      const link = suite.link(victim.id, 'postgres');
      history.note('ill', { name });
      await link.set({ refuse: true });
      await link.reset();
      await pause(10000);
      await link.heal();
      history.note('well');
      await pause(2000);
    }
  },
  async check({ suite, history }) {
    const told = await Promise.all(suite.replicasOf('gateway').map((gateway) => gateway.metric('arasta_gateway_ejections_total')));
    const spared = (name) => told.flat().some(({ labels, value }) => value > 0 && labels.includes(`"${name}"`) && labels.includes('"failing"'));
    return [
      { invariant: 'L2 99 of 100 reads go on while one replica is ill', ...readsGoOn(history, 'ill', 'well', 0.99) },
      { invariant: 'W gateways leave a replica alone whose calls fail', checked: BACKENDS.length,
        violations: BACKENDS.filter((name) => !spared(name)).map((name) => `${name} was asked all the while`) },
    ];
  },
};

// What gateways are told by a file rather than by variables, which SIGHUP would not read anew.
const fileOf = (suite, gateway) => path.join(suite.state, `run/${gateway.id}.json`);
const BY_FILE = (suite, gateway) => ({ ARASTA_GATEWAY_CONFIG: fileOf(suite, gateway),
  ...Object.fromEntries(BACKENDS.map((name) => [`ARASTA_${name.toUpperCase()}_ADDRESS`, ''])) });

// `replicas` are the indexes of those that there are.
function configFor(suite, gateway, replicas, random) {
  const tls = Boolean(gateway.environment.ARASTA_TLS_CERT);
  return {
    backends: Object.fromEntries(BACKENDS.map((name) => [name, { tls, identity: name,
      addresses: replicas.map((index) => `127.0.0.1:${suite.link(gateway.id, `${name}-${index}`).port}`) }])),
    routes: BACKENDS.map((name) => ({ prefix: `/arasta.${name}.v1.`, backend: name, max_calls: random.integer(500, 5000) })),
    rate_limits: [`search=${random.integer(500, 1000)}/s:1000`],
  };
}

const WRONG = ['{"backends": ', '{"routes": [{"prefix": "/arasta.order.v1.", "backend": "nobody"}]}', '{"bakends": {}}'];

// SIGHUP, once the file says something; resolves when the gateway has said what it makes of it.
async function reload(suite, gateway, text, answer) {
  fs.writeFileSync(fileOf(suite, gateway), text);
  const from = fs.statSync(gateway.logFile).size;
  gateway.reload();
  await eventually(`${gateway.id}: ${answer}`, () => gateway.log(from).includes(`"${answer}`), { seconds: 20 });
}

const reloads = {
  name: 'reloads', rows: 'W: SIGHUP under load, replicas, limits and rates change, and some are wrong; no call fails', seconds: 30,
  injects: [/^reload gateway/, /^wrong configuration/],
  async faults(suite, random, { history }) {
    const gateways = suite.replicasOf('gateway');
    for (const gateway of gateways) {
      await gateway.terminate();
      fs.writeFileSync(fileOf(suite, gateway), JSON.stringify(configFor(suite, gateway, [0, 1], random)));
      await gateway.start(BY_FILE(suite, gateway));
      await suite.ready();
    }
    await pause(FOUND_AGAIN_MS);
    history.note('reloading');
    await keepOn(20, async () => {
      const gateway = random.pick(gateways);
      if (random.chance(0.2)) {
        suite.tally.count('wrong configuration', gateway.id);
        await reload(suite, gateway, random.pick(WRONG), 'configuration refused, the former one stays');
      } else {
        const replicas = random.pick([[0], [1], [0, 1]]);
        await reload(suite, gateway, JSON.stringify(configFor(suite, gateway, replicas, random)), 'configuration reloaded');
      }
      await between(random, 0, 300);
    });
    history.note('reloaded');
  },
  check: ({ history }) => [{ invariant: 'W reloading fails no call', ...failuresBetween(history, 'reloading', 'reloaded') }],
};

export const gateways = [replicaDies, replicaIll, reloads];
