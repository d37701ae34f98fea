// G21: lists stay as quick as they were: the ten-thousandth page of the catalogue beside its first, and a customer's
// orders among 10,000,000 beside the same among 10,000.
import { methodOf } from '../../e2e/support/contract.mjs';
import { NativeClient } from '../../e2e/support/native_client.mjs';
import { loadAllOk, writeRequests } from '../support/load.mjs';
import { madeCatalogue } from '../support/made_catalogue.mjs';
import { makeOrders, ORDERS_EACH } from '../support/made_orders.mjs';
import { settingsFor, startReplica } from '../support/replica.mjs';
import { interleave } from '../support/statistics.mjs';
import { execute, guests, refreshed, stockedShop } from '../support/stocked_shop.mjs';

export const title = 'page 10,000 of a list, and my orders among 10,000,000';
export const large = 'pages of 20 among 1,000,000 products, and 10,000,000 orders';

const PAGE = 10_000;
const FEW_ORDERS = 10_000;
const CUSTOMERS = 100;

// Milliseconds in the middle, one request at a time.
const latency = async (bench, port, requests) =>
  (await loadAllOk(bench.bin, { port, requests, seconds: bench.seconds })).latency_us.p50 / 1e3;

// The token that leads to the page; a larger page on the way there is a shorter way.
async function tokenOf(port, page, size) {
  const client = new NativeClient(`127.0.0.1:${port}`, { alone: true });
  let token = '';
  for (let skip = (page - 1) * size; skip > 0;) {
    const step = Math.min(skip, 100);
    ({ next_page_token: token } = await client.call('CatalogService', 'ListProducts', { page_size: step, page_token: token }));
    skip -= step;
  }
  client.close();
  return token;
}

async function compareProducts(bench, shop) {
  const { count, size } = bench.large ? { count: 1_000_000, size: 20 } : { count: 60_000, size: 5 };
  const { database } = await madeCatalogue(bench, shop, count);
  const catalog = await startReplica(bench, shop, 'catalog', settingsFor(shop, 'catalog', database));
  const { path, encode } = methodOf('CatalogService', 'ListProducts');
  const page = (name, token) => writeRequests(bench.directory, name, [{ path, message: encode({ page_size: size, page_token: token }) }]);
  const pages = [page('late-page', await tokenOf(catalog.port, PAGE, size)), page('first-page', '')];
  const [late, first] = await interleave(pages, bench.rounds, (requests) => latency(bench, catalog.port, requests));
  await bench.processes.stop(catalog);
  bench.compare({ goal: 'G21', name: `ListProducts, page ${PAGE.toLocaleString('en')} of ${size}, ${count.toLocaleString('en')} products, p50`,
    unit: 'ms', peer: 'page 1', ours: late, theirs: first, reach: '≤ 1.2' });
}

async function compareOrders(bench, shop) {
  const many = bench.large ? 10_000_000 : 1_000_000;
  const customers = await guests(shop, CUSTOMERS);
  const orders = [];
  for (const count of [many, FEW_ORDERS]) {
    const database = `arasta_bench_orders_${count}`;
    await makeOrders(shop, database, customers.map(({ principal }) => principal), count);
    orders.push({ database, replica: await startReplica(bench, shop, 'order', settingsFor(shop, 'order', database)) });
  }
  const { path, encode } = methodOf('OrderService', 'ListOrders');
  // To make the orders may take longer than a token lives.
  const asking = await refreshed(shop, customers);
  const requests = writeRequests(bench.directory, 'my-orders', asking.map(({ token }) => ({ path, token, message: encode({}) })));
  const [among, alone] = await interleave(orders, bench.rounds, ({ replica }) => latency(bench, replica.port, requests));
  for (const { database, replica } of orders) {
    await bench.processes.stop(replica);
    await execute(shop, 'postgres', `DROP DATABASE ${database} WITH (FORCE)`);
  }
  bench.compare({ goal: 'G21', name: `ListOrders, ${ORDERS_EACH} of ${many.toLocaleString('en')}, p50`, unit: 'ms',
    peer: `${ORDERS_EACH} of ${FEW_ORDERS.toLocaleString('en')}`, ours: among, theirs: alone, reach: '≤ 1.2' });
}

export async function run(bench) {
  const shop = await stockedShop(bench);
  await compareProducts(bench, shop);
  await compareOrders(bench, shop);
}
