// W: the wires between any two parts, and clients who mean no good.
import net from 'node:net';
import { mostSucceed } from '../outcomes.mjs';
import { between, keepOn, pause } from './timing.mjs';

const SERVICES = ['gateway', 'auth', 'catalog', 'order', 'notification'];
const PARTS = [...SERVICES, 'postgres', 'redis-events', 'redis-cache', 'smtp'];

// What only wires kept from working works as soon as they are whole: L1.
const WIRES_S = 3;

// Every pair of parts that talk: [from, to].
function pairsOf(suite) {
  return SERVICES.flatMap((from) => PARTS.map((to) => [from, to])).filter(([from, to]) => suite.links(from, to).length > 0);
}

async function setAll(links, fault) {
  await Promise.all(links.map((link) => link.set(typeof fault === 'function' ? fault() : fault)));
}

const partitions = {
  name: 'partitions', rows: 'W: partition of each pair, one way and both; O M S E L1', seconds: 50, healsWithin: WIRES_S, injects: [/^proxy held/],
  async faults(suite, random) {
    for (const [from, to] of random.shuffle(pairsOf(suite))) {
      const links = suite.links(from, to);
      await setAll(links, { hole: true, direction: random.pick(['up', 'down', 'both']) });
      await between(random, 800, 3000);
      await Promise.all(links.map((link) => link.heal()));
      await between(random, 0, 300);
    }
  },
};

// All wires of the shop itself at once, each time with long enough a rest to see it work again.
const wiresHeal = {
  name: 'wires_heal', rows: `W: every wire silent, half-open, refusing; L1 within ${WIRES_S} s of each healing`, seconds: 45, healsWithin: WIRES_S,
  injects: [/^proxy held/, /^proxy severed/, /^proxy refused/],
  async faults(suite, random, { history }) {
    const links = suite.links().filter(({ from }) => from !== 'client');
    const silent = ['up', 'down', 'both'].map((direction) => ({ hole: true, direction }));
    for (const fault of random.shuffle([...silent, { half_open: true }, { refuse: true }])) {
      await setAll(links, fault);
      if (fault.refuse) await Promise.all(links.map((link) => link.reset()));
      await between(random, 3000, 6000);
      await Promise.all(links.map((link) => link.heal()));
      history.note('healed', { within: WIRES_S });
      await pause((WIRES_S + 1) * 1000);
    }
  },
};

// One replica is cut off from everything at once, as when its machine loses the network.
const isolation = {
  name: 'isolation', rows: 'W: one replica loses the network; O M S E L1', seconds: 25, healsWithin: WIRES_S, injects: [/^proxy held/],
  faults: (suite, random) => keepOn(25, async () => {
    const { id } = random.pick(suite.processes.filter(({ name }) => name !== 'auth'));
    const links = [...suite.links(id), ...suite.links(null, id)];
    await setAll(links, { hole: true });
    await between(random, 2000, 12000);
    await Promise.all(links.map((link) => link.heal()));
    await between(random, 500, 2000);
  }),
};

const halfOpen = {
  name: 'half_open', rows: 'W: half-open connections; L1', seconds: 15, healsWithin: WIRES_S, injects: [/^proxy severed/],
  faults: (suite, random) => keepOn(15, async () => {
    const links = random.shuffle(suite.links()).slice(0, 8);
    await setAll(links, { half_open: true });
    await between(random, 1000, 4000);
    await Promise.all(links.map((link) => link.heal()));
  }),
};

const delays = {
  name: 'delays', rows: 'W: delay and jitter on every link; O M S E', seconds: 15, injects: [/^proxy delayed/],
  async faults(suite, random) {
    await setAll(suite.links(), () => ({ delay_ms: random.integer(0, 20), jitter_ms: random.integer(0, 40) }));
    await pause(8000);
    const slow = random.shuffle(suite.links()).slice(0, 6);
    await setAll(slow, () => ({ delay_ms: 500, jitter_ms: 1500 }));
    await pause(7000);
  },
};

const slowLinks = {
  name: 'slow_links', rows: 'W: low rates and trickles; L1 L4', seconds: 15, healsWithin: WIRES_S, injects: [/^proxy trickled/],
  faults: (suite, random) => keepOn(15, async () => {
    const links = random.shuffle(suite.links()).slice(0, 10);
    await setAll(links, () => (random.chance(0.5) ? { bytes_per_second: random.integer(500, 20000) } : { trickle_ms: random.integer(1, 20) }));
    await between(random, 2000, 5000);
    await Promise.all(links.map((link) => link.heal()));
  }),
};

const resets = {
  name: 'resets', rows: 'W: resets at random bytes of every link; O M S E', seconds: 15, healsWithin: WIRES_S, short: true, injects: [/^proxy resets/],
  faults: (suite, random) => keepOn(15, async () => {
    const links = random.shuffle(suite.links()).slice(0, 20);
    await setAll(links, () => ({ reset_after: random.pick([200, 2000, 20000]) }));
    await between(random, 1000, 2500);
    await Promise.all(links.map((link) => link.heal()));
    await between(random, 200, 1000);
  }),
};

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const EMPTY_SETTINGS = '\0\0\0\x04\0\0\0\0\0';
const HOSTILE_WORDS = [
  '', 'GET / HTTP/1.1\r\n', 'POST /arasta.order.v1.OrderService/PlaceOrder HTTP/1.1\r\nContent-Length: 99999999\r\n\r\nx',
  'GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n', '\x16\x03\x01\x02\x00\x01', PREFACE,
  PREFACE + EMPTY_SETTINGS + '\xff\xff\xff\x01\x04\0\0\0\x01', PREFACE + EMPTY_SETTINGS + '\0\0\x01\x01\x04\0\0\0\x01\xff'.repeat(50),
  PREFACE + EMPTY_SETTINGS + '\0\0\0\x04\0\0\0\0\0'.repeat(2000), PREFACE + EMPTY_SETTINGS + '\0\0\x08\x06\0\0\0\0\0pingping'.repeat(2000),
  PREFACE + EMPTY_SETTINGS + Array.from({ length: 500 }, (_, index) => {
    const stream = String.fromCharCode(((index * 2 + 1) >> 8) & 255) + String.fromCharCode((index * 2 + 1) & 255);
    return `\0\0\x01\x01\x04\0\0${stream}\x82\0\0\x04\x03\0\0\0${stream.slice(1)}\0\0\0\x08`;
  }).join(''),
];

// Says something no client should, and then leaves, stays silent, or never reads.
async function beHostile(address, random) {
  const [host, port] = address.split(':');
  const socket = net.connect({ host, port });
  socket.on('error', () => {});
  const words = Buffer.from(random.pick(HOSTILE_WORDS), 'latin1');
  const spoken = random.chance(0.3) ? words.subarray(0, random.integer(0, words.length)) : words;
  socket.write(spoken);
  if (random.chance(0.5)) socket.resume();
  await between(random, 0, 3000);
  if (random.chance(0.5)) socket.resetAndDestroy();
  else socket.destroy();
}

const hostileClients = {
  name: 'hostile_clients', rows: 'W: hostile clients; the others are served (L2), L4', seconds: 15,
  async faults(suite, random, { history }) {
    history.note('hostile');
    await Promise.all(Array.from({ length: 40 }, (_, index) => {
      const own = random.fork(`hostile ${index}`);
      return keepOn(14, async () => {
        suite.tally.count('hostile client');
        await beHostile(own.pick(suite.gateways), own);
      });
    }));
    history.note('peaceful');
  },
  check: ({ history, suite }) => [
    { invariant: 'L2 everybody is served while clients are hostile', ...mostSucceed(history, 'hostile', 'peaceful', () => true, 1) },
    { invariant: 'L4 nothing dies of a hostile client', checked: suite.processes.length,
      violations: suite.processes.filter(({ deaths }) => deaths > 0).map(({ id, deaths }) => `${id} died ${deaths} times`) },
  ],
};

export const network = [partitions, wiresHeal, isolation, halfOpen, delays, slowLinks, resets, hostileClients];
