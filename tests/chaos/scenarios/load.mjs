// V: more than there is: buyers, calls, patience.
import { NativeClient } from '../../e2e/support/native_client.mjs';
import { rowsOf, Shopper } from '../../e2e/support/shopper.mjs';
import { mostSucceed, operationsBetween } from '../outcomes.mjs';
import { between, pause } from './timing.mjs';

const UNITS = 100;
const BUYERS = 600;

// Does `work` for every item, at most `width` at a time.
async function eachAtMost(width, items, work) {
  const waiting = [...items];
  await Promise.all(Array.from({ length: width }, async () => {
    while (waiting.length > 0) await work(waiting.pop());
  }));
}

// With the flash in the cart. The bounds are those of buying: a shop that is too busy to get ready for it is asked
// again, by somebody new.
async function newBuyer(client) {
  for (let tries = 1; ; ++tries) {
    try {
      const buyer = await Shopper.guest(client);
      buyer.total = (await buyer.addToCart('FLASH')).total;
      return buyer;
    } catch (error) {
      if (tries === 10) throw error;
    }
  }
}

const flashSale = {
  name: 'flash_sale', rows: `V: ${UNITS} units, ${BUYERS} buyers; S1 S4 S6: exactly ${UNITS} are sold`, seconds: 40, short: true,
  async faults(suite, random, { history }) {
    suite.tally.count('flash sale');
    const clients = suite.gateways.map((address) => new NativeClient(address));
    await clients[0].upload('CatalogAdminService', 'ImportProducts', [{ rows: rowsOf(['FLASH', 'Flash', 9900, UNITS]) }],
      { token: await suite.adminToken() });
    const buyers = [];
    const homes = Array.from({ length: BUYERS }, () => random.pick(clients));
    await eachAtMost(16, homes, async (client) => buyers.push(await newBuyer(client)));
    const refused = [];
    await eachAtMost(100, buyers, async (buyer) => {
      const began = Date.now();
      await buyer.placeOrderPatiently(buyer.total, { seconds: 120 }).catch(() => refused.push(Date.now() - began));
    });
    refused.sort((a, b) => a - b);
    history.note('flash sale', { refused: refused.length, p99_ms: refused[Math.floor(refused.length * 0.99)] });
    for (const client of clients) client.close();
  },
  async check({ suite }) {
    const [{ sold }] = await suite.sql('order', `SELECT coalesce(sum(quantity), 0)::int AS sold FROM order_lines JOIN orders USING (shard, order_id)
      WHERE sku = 'FLASH' AND state = 'PLACED'`);
    return [{ invariant: `S6 all ${UNITS} units are sold, and no more`, checked: BUYERS, violations: sold === UNITS ? [] : [`${sold} are sold`] }];
  },
};

const READS = [['CatalogService', 'SearchProducts', { query: 'green tee' }], ['CatalogService', 'ListProducts', {}]];

// So many at once, each with the next of these calls as soon as the last is answered, refused or not.
async function crowd(suite, random, size, seconds, calls) {
  suite.tally.count('crowd');
  const clients = suite.gateways.map((address) => new NativeClient(address));
  const guest = await Shopper.guest(clients[0]);
  const end = Date.now() + seconds * 1000;
  await Promise.all(Array.from({ length: size }, async (_, index) => {
    const own = random.fork(`crowd ${index}`);
    while (Date.now() < end) {
      await own.pick(clients).call(...own.pick(calls), { token: guest.token, seconds: 2 }).catch(() => between(own, 0, 20));
    }
  }));
  for (const client of clients) client.close();
}

const overload = {
  name: 'overload', rows: 'V: a crowd without patience; O M S E L1 L4', seconds: 20,
  faults: (suite, random) =>
    crowd(suite, random, 250, 15, [...READS, ['CartService', 'GetCart', { name: 'carts/me' }], ['AuthService', 'CreateGuest', {}]]),
  check: ({ suite }) => [{ invariant: 'L4 nothing dies of a crowd', checked: suite.processes.length,
    violations: suite.processes.filter(({ deaths }) => deaths > 0).map(({ id, deaths }) => `${id} died ${deaths} times`) }],
};

// Whatever gateways try again then only adds to it: L3, which is asked after every run that nobody dies in.
const retryStorm = {
  name: 'retry_storm', rows: 'V: no catalog can answer, and a crowd asks; L3 L1', seconds: 15, injects: [/^proxy refused/],
  suite: { environment: { ARASTA_GATEWAY_WORKERS: '1', ARASTA_GATEWAY_RATE_LIMITS: 'read=off,search=off,address=off' } },
  async faults(suite, random) {
    const links = suite.links('catalog', 'postgres');
    await Promise.all(links.map((link) => link.set({ refuse: true })));
    await Promise.all(links.map((link) => link.reset()));
    await crowd(suite, random, 40, 12, READS);
  },
};

const SLOW_MS = 20000;
const SPENDS = new Set(['PlaceOrder', 'CancelOrder']);

// One replica of order after the other is replaced, so that nothing but the provider is amiss.
async function replaceOrders(suite, environment) {
  for (const process of suite.replicasOf('order')) {
    await process.terminate();
    await process.start(environment);
    await suite.ready();
  }
}

// For everybody, whatever they pay with, and for captures and refunds too. Longer than order waits for it.
const providerSlow = {
  name: 'provider_slow', rows: 'V: the payment provider takes 5 s for everything; M O S, the others go on (L2)', seconds: 30,
  mix: { buyAndThinkAgain: 20 },
  async faults(suite, random, { history }) {
    await replaceOrders(suite, { ARASTA_SANDBOX_SLOWNESS: '5s', ARASTA_SANDBOX_ALWAYS_SLOW: 'true' });
    suite.tally.count('provider slow');
    history.note('slow');
    await pause(SLOW_MS);
    history.note('fast');
    await replaceOrders(suite, {});
  },
  check: ({ history }) => [
    { invariant: 'V nobody’s payment is authorised while the provider is slow', ...authorisedBetween(history, 'slow', 'fast') },
    { invariant: 'L2 nineteen of twenty calls that spend nothing go on while the provider is slow',
      ...mostSucceed(history, 'slow', 'fast', ({ op }) => !SPENDS.has(op), 0.95) }],
};

// {checked, violations}: orders that were asked for first, and placed, between two notes.
function authorisedBetween(history, from, to) {
  const since = history.notes(from).at(-1).time;
  const earlier = new Set(history.operations().filter(({ op, start }) => op === 'PlaceOrder' && start < since).map(({ args }) => args.request));
  const asked = operationsBetween(history, from, to).filter(({ op, args }) => op === 'PlaceOrder' && !earlier.has(args.request));
  const placed = asked.filter(({ result }) => result?.state === 'STATE_PLACED');
  return { checked: asked.length, violations: asked.length === 0 ? ['nobody asked'] : placed.map(({ id, result }) => `PlaceOrder ${id}: ${result.order}`) };
}

const mailDown = {
  name: 'mail_down', rows: 'V: no mail server; N1 N2 N3', seconds: 20,
  async faults(suite, random) {
    for (const fault of random.shuffle([{ refuse: true }, { hole: true }, { reset_after: 300 }, { delay_ms: 2000 }])) {
      for (const link of suite.links(null, 'smtp')) await link.set(fault);
      await between(random, 3000, 5000);
      for (const link of suite.links(null, 'smtp')) await link.reset();
    }
  },
};

export const load = [flashSale, overload, retryStorm, providerSlow, mailDown];
