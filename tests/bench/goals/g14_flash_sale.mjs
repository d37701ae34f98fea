// G14: a flash sale: 20,000 buyers want one of 100 units, 64 at a time. What it costs to refuse one when everything is
// gone, catalog and PostgreSQL together, beside G1's echo; and what the whole PlaceOrder costs that comes to nothing.
import { randomUUID } from 'node:crypto';
import { methodOf } from '../../e2e/support/contract.mjs';
import { rowsOf } from '../../e2e/support/shopper.mjs';
import { costOf, load, writeRequests } from '../support/load.mjs';
import { cpuMicros } from '../support/processes.mjs';
import { interleave, isMet, median } from '../support/statistics.mjs';
import { additions, execute, guests, pidsOf, postgresPid, PRICE, purchases, stockedShop } from '../support/stocked_shop.mjs';
import { ECHO, ECHO_PATH } from './g01_server_stack.mjs';

export const title = 'flash sale of 100 units to 20,000 buyers';

const UNITS = 100;
const BUYERS = 20_000;
// They alone are let in until everything is gone, so that the rest meets an empty shelf.
const FIRST = 1000;
// Buyers who go all the way to PlaceOrder.
const ORDERING = 320;
const FAILED_PRECONDITION = '9';
// Turned away at the door, or given up on a busy machine: that is no refusal. More than so many make no figure.
const MOST_LOST = 0.01;
const MANY = { inFlight: 64, connections: 4 };

const flashSku = (round) => `FLASH-${round}`;

// Sends each request once: `sold` of them have to succeed, all others to be refused.
async function refusals(bench, pids, sold, options) {
  const before = cpuMicros(...pids);
  const report = await load(bench.bin, { ...options, ...MANY, once: true, seconds: 300 });
  const refused = report.failed[FAILED_PRECONDITION] ?? 0;
  if (report.ok !== sold || report.sent - report.ok - refused > MOST_LOST * report.sent) {
    throw new Error(`${sold} should have been sold, and the rest refused: ${JSON.stringify(report)}`);
  }
  return { perCpuSecond: 1e6 * refused / (cpuMicros(...pids) - before), rate: refused / report.seconds };
}

// Of the reservations: the customers of the first thousand, and then of all others.
async function sellOut(bench, shop, round) {
  const { path, encode } = methodOf('InventoryService', 'ReserveStock');
  const asked = (count) => writeRequests(bench.directory, 'flash', Array.from({ length: count }, () => ({ path,
    message: encode({ order: `orders/${randomUUID()}`, generation: 1, lines: [{ sku: flashSku(round), quantity: 1 }], customer: 'guests/g' }) })));
  const pids = [...pidsOf(shop, 'catalog'), postgresPid(shop)];
  const send = { port: shop.portOf('catalog'), fields: 'x-arasta-peer:order' };
  await refusals(bench, pids, UNITS, { ...send, requests: asked(FIRST) });
  return refusals(bench, pids, 0, { ...send, requests: asked(BUYERS - FIRST) });
}

// Units that somebody holds beyond those there were, by the reservations themselves and by the counter.
async function oversold(shop) {
  const [units] = await execute(shop, 'catalog', `SELECT sum(greatest(held - ${UNITS}, 0) + greatest(reserved - ${UNITS}, 0)) FROM (
    SELECT s.sku, s.reserved, sum(l.quantity) AS held FROM stock s JOIN reservation_line l USING (sku)
    WHERE s.sku LIKE 'FLASH-%' GROUP BY s.sku) AS sales`);
  return Number(units);
}

export async function run(bench) {
  const shop = await stockedShop(bench);
  await shop.import(rowsOf(...Array.from({ length: bench.rounds + 1 }, (_, round) => [flashSku(round), `Flash ${round}`, PRICE, UNITS])));
  const echo = await bench.program('ours', 'bench_echo');
  const echoes = { port: echo.port, requests: writeRequests(bench.directory, 'flash-echo',
    [{ path: `${ECHO_PATH}EchoAsUser`, token: echo.token, message: ECHO }]) };
  const late = await guests(shop, ORDERING);
  await load(bench.bin, { port: shop.portOf('order'), ...MANY, once: true, seconds: 60,
    requests: writeRequests(bench.directory, 'flash-carts', additions(late, () => flashSku(0))) });

  const subjects = {
    reserving: (round) => sellOut(bench, shop, round),
    echo: async () => ({ perCpuSecond: 1e6 / (await costOf(bench.bin, [echo.pid], { ...echoes, ...MANY, seconds: bench.seconds })).cpu_us }),
    ordering: () => refusals(bench, [...pidsOf(shop, 'order', 'catalog'), postgresPid(shop)], 0,
      { port: shop.portOf('order'), requests: writeRequests(bench.directory, 'flash-orders', purchases(late)) }),
  };
  const [reserving, echoed, ordering] = await interleave(Object.values(subjects), bench.rounds, (subject, round) => subject(round));
  const cost = (taken) => taken.map(({ perCpuSecond }) => perCpuSecond);
  for (const [name, taken] of [['ReserveStock', reserving], ['PlaceOrder', ordering]]) {
    bench.compare({ goal: 'G14', name: `${name}, sold out, ${MANY.inFlight} in flight`, unit: 'refusals per CPU-s', peer: 'our own echo',
      ours: cost(taken), theirs: cost(echoed), reach: '≥ 0.7', floors: { 'refusals/s': median(taken.map(({ rate }) => rate)) } });
  }
  const beyond = await oversold(shop);
  bench.add({ goal: 'G14', name: `${UNITS} units, ${BUYERS.toLocaleString('en')} buyers: oversold`, value: beyond, unit: 'units', reach: '≤ 0',
    met: isMet(beyond, '≤ 0') });
}
