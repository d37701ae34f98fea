// G11, G12: PlaceOrder, 32 at a time over 10,000 SKUs, beside pgbench saying to PostgreSQL exactly what our services
// say for an order, capture included; and what that is. Notification rests: its work is not the order's.
import fs from 'node:fs';
import path from 'node:path';
import { makeFloor, variablesOf } from '../support/floor_database.mjs';
import { fsyncMicros, pgbench, redisTimes } from '../support/floors.mjs';
import { costOf, loadAllOk, writeRequests } from '../support/load.mjs';
import { isMet, interleave, median } from '../support/statistics.mjs';
import { logged, scriptOf, transactionsWith } from '../support/statements.mjs';
import { additions, dismiss, execute, guests, pidsOf, PRICE, purchases, skuOf, stockedShop } from '../support/stocked_shop.mjs';

export const title = 'PlaceOrder over 10,000 SKUs, and what it says to PostgreSQL';

const IN_FLIGHT = 32;
const SECONDS = 4; // that a round of ours should take
const FLOOR = 'bench_floor';

// The transactions of one order, in the order in which they ended.
async function transactionsOfOneOrder(bench, shop) {
  const [guest] = await guests(shop, 1);
  const sku = skuOf(4711);
  const port = shop.portOf('order');
  const buy = (name, requests) => loadAllOk(bench.bin, { port, requests: writeRequests(bench.directory, name, requests), once: true });
  await buy('one-addition', additions([guest], () => sku));
  const statements = await logged(shop, ['order', 'catalog'], () => buy('one-purchase', purchases([guest])));
  const [order] = await execute(shop, 'order', `SELECT order_id FROM orders WHERE customer = '${guest.principal}'`);
  return { sku, guest: guest.principal.split('/')[1], transactions: transactionsWith(statements, [order, guest.principal, sku]) };
}

async function fillFloorCarts(shop, guest, sku, variables, count) {
  await execute(shop, FLOOR, `CREATE TEMP TABLE buyers AS SELECT 'guests/' || ${variables[guest]} AS owner, ${variables[sku]} AS sku
      FROM (SELECT generate_series(nextval('run') + 1, nextval('run') + ${count}) AS n) AS run;
    INSERT INTO carts (owner, channel, version) SELECT owner, 'web', 1 FROM buyers;
    INSERT INTO cart_lines (owner, sku, quantity, added_unit_price, currency) SELECT owner, sku, 1, ${PRICE}, 'EUR' FROM buyers`);
}

const writes = (transaction) => /^COMMIT/.test(transaction.at(-1).text) &&
  transaction.some(({ text }) => /\b(INSERT INTO|UPDATE|DELETE FROM)\b/.test(text));
const ofSandbox = (transaction) => transaction.some(({ text }) => text.includes('sandbox_'));

function publishStatements(bench, transactions, wal) {
  const confirmed = transactions.findIndex((transaction) => transaction.some(({ text, database }) =>
    database === 'arasta_order' && text.includes('INSERT INTO outbox')));
  const inLine = transactions.slice(0, confirmed + 1).filter(writes);
  const own = inLine.filter((transaction) => !ofSandbox(transaction)).length;
  const reach = '≤ 4';
  bench.add({ goal: 'G12', name: 'PlaceOrder, commits in line', value: own, unit: 'commits', reach, met: isMet(own, reach),
    floors: { 'the sandbox provider’s own in line': inLine.length - own, 'commits in all': transactions.filter(writes).length } });
  bench.add({ goal: 'G12', name: 'PlaceOrder, statements', value: transactions.flat().length, unit: 'statements', reach: null, met: null,
    floors: { 'of them BEGIN, COMMIT, ROLLBACK': transactions.flat().filter(({ text }) => /^(BEGIN|COMMIT|ROLLBACK)/.test(text)).length } });
  bench.add({ goal: 'G12', name: 'PlaceOrder, WAL', value: wal, unit: 'bytes', reach: null, met: null });
}

const walPosition = async (shop) => Number((await execute(shop, 'postgres', "SELECT pg_current_wal_lsn() - '0/0'"))[0]);

export async function run(bench) {
  const shop = await stockedShop(bench);
  await dismiss(shop, 'notification');
  const one = await transactionsOfOneOrder(bench, shop);
  const variables = variablesOf(one.transactions, { [one.sku]: `'SKU-' || lpad((abs(hashint8(run.n)::bigint) % 10000)::text, 5, '0')` });
  const script = scriptOf(one.transactions.flat(), variables, await makeFloor(shop, FLOOR, ['order', 'catalog']));
  fs.mkdirSync(bench.output, { recursive: true });
  fs.writeFileSync(path.join(bench.output, 'place_order.pgbench.sql'), script);
  const wal = [];
  // Buys once for each customer.
  const buy = async (customers, round) => {
    const file = (name, requests) => writeRequests(bench.directory, name, requests);
    const send = { port: shop.portOf('order'), once: true, inFlight: IN_FLIGHT, connections: 4, seconds: 60 };
    await loadAllOk(bench.bin, { ...send, requests: file('additions', additions(customers, (i) => skuOf(i * 7 + round * 1601))) });
    const before = await walPosition(shop);
    const report = await costOf(bench.bin, pidsOf(shop, 'order', 'catalog'), { ...send, requests: file('purchases', purchases(customers)) });
    wal.push((await walPosition(shop) - before) / customers.length);
    return report;
  };
  const { rate } = await buy(await guests(shop, 10 * IN_FLIGHT), 0);
  const each = Math.ceil(rate * SECONDS / IN_FLIGHT);
  const customers = await guests(shop, each * IN_FLIGHT);
  const ours = (round) => buy(customers, round);
  const theirs = async () => {
    await fillFloorCarts(shop, one.guest, one.sku, variables, customers.length);
    const count = async () => Number((await execute(shop, FLOOR, "SELECT count(*) FROM orders WHERE state <> 'PENDING'"))[0]);
    const before = await count();
    const report = await pgbench(shop, FLOOR, script, { clients: IN_FLIGHT, amount: ['-t', each] });
    if (await count() - before < customers.length) throw new Error('the script of pgbench does not place orders');
    return { rate: report.tps, ms: report.ms };
  };
  const [placed, replayed] = await interleave([ours, theirs], bench.rounds, (subject, round) => subject(round));
  bench.compare({ goal: 'G11', name: `PlaceOrder, ${IN_FLIGHT} in flight`, unit: 'orders/s', peer: 'pgbench, the same statements',
    ours: placed.map(({ rate }) => rate), theirs: replayed.map(({ rate }) => rate), reach: '≥ 0.75', floors: {
      'fsync, µs': fsyncMicros(shop.state), 'Redis SET of 300 B with its fsync, ms': median(await redisTimes(shop, 300)),
      'order and catalog, CPU-µs': median(placed.map(({ cpu_us: cpu }) => cpu)),
      'p50, ms': median(placed.map(({ latency_us: latency }) => latency.p50 / 1e3)) } });
  publishStatements(bench, one.transactions, median(wal));
}
