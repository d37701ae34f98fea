// Trials that need one thing to happen right after another, told instead of a load of many customers.
import { randomUUID } from 'node:crypto';
import { NativeClient } from '../e2e/support/native_client.mjs';
import { eventually } from '../e2e/support/eventually.mjs';
import { Customer } from './customer.mjs';
import { Random } from './random.mjs';
import { Staff } from './staff.mjs';
import { Shelf } from './workload.mjs';

const DELIVERIES = 5;
const TOO_MANY = 25;
// Long enough to cut the first replica off in between, short enough for order not to give up on catalog.
const SLOW_CATALOG_MS = 700;

async function withStaff({ suite, seed, history }, tell) {
  const client = new NativeClient(suite.gateways[0]);
  const random = new Random(seed);
  const shelf = new Shelf();
  const staff = new Staff({ suite, random, history, client, shelf });
  try {
    await staff.stock();
    await tell({ staff, shelf, customer: new Customer({ name: 'c1', random, history, tabs: [client, client], shelf }) });
  } finally {
    client.close();
  }
}

// PostgreSQL dies as soon as a delivery is acknowledged, again and again.
export function crashAfterEachDelivery({ suite, ...run }) {
  return withStaff({ suite, ...run }, async ({ staff }) => {
    for (let delivery = 0; delivery < DELIVERIES; ++delivery) {
      await staff.adjust();
      await suite.postgres.crash();
      await suite.postgres.start();
    }
  });
}

// About the epoch of a saga. One replica is refused stock, and cut off from its database before it can write that
// down; stock comes in, another replica takes the order over and gets all it needs; and then the first one's refusal
// arrives. It must not be written any more: the second one has stock and money in hand.
export function lateRefusal({ suite, ...run }) {
  return withStaff({ suite, ...run }, async ({ staff, customer, shelf: { hot } }) => {
    const count = (units) => staff.say('AdjustStock', 'CatalogAdminService', 'AdjustStock',
      { name: `stock/${hot}`, request_id: randomUUID(), on_hand: units }, { sku: hot });
    const database = suite.link('order-0', 'postgres');
    const openSagas = () => suite.sql('order', `SELECT order_id FROM sagas WHERE phase <> 'SETTLED'`);
    await customer.session.signIn();
    await suite.process('order', 1).end();
    await count(TOO_MANY - 1);

    const placing = buyThroughSlowCatalog(suite, customer, hot);
    const id = await eventually('the order is claimed', async () => (await openSagas())[0]?.order_id);
    await database.set({ hole: true });
    await placing;
    await count(2 * TOO_MANY);
    await suite.process('order', 1).start();
    await eventually('the second driver has the stock', async () =>
      (await suite.sql('catalog', `SELECT 1 FROM reservation WHERE order_id = '${id}' AND state = 'held'`)).length > 0);
    await database.heal();
    await eventually('the order is settled', async () => (await openSagas()).length === 0);
  });
}

// Resolves when the customer has given up.
async function buyThroughSlowCatalog(suite, customer, sku) {
  const { response: cart } = await customer.put(sku, TOO_MANY);
  for (const link of suite.links('order-0', 'catalog')) await link.set({ delay_ms: SLOW_CATALOG_MS, direction: 'down' });
  await customer.place(randomUUID(), cart, 'tok_slow', 0);
  for (const link of suite.links('order-0', 'catalog')) await link.heal();
}
