// G13: reservations of one hot SKU, 64 at a time, beside what everybody writes first: one row, one UPDATE, one
// commit.
import { randomUUID } from 'node:crypto';
import { methodOf } from '../../e2e/support/contract.mjs';
import { fsyncMicros, pgbench } from '../support/floors.mjs';
import { loadAllOk, writeRequests } from '../support/load.mjs';
import { interleave } from '../support/statistics.mjs';
import { execute, skuOf, stockedShop } from '../support/stocked_shop.mjs';

export const title = 'one hot SKU';

const IN_FLIGHT = 64;
const MOST = 30_000;

export async function run(bench) {
  const shop = await stockedShop(bench);
  const { path, encode } = methodOf('InventoryService', 'ReserveStock');
  const reservations = () => Array.from({ length: MOST }, () => ({ path,
    message: encode({ order: `orders/${randomUUID()}`, generation: 1, lines: [{ sku: skuOf(1), quantity: 1 }], customer: 'guests/g' }) }));
  const ours = async () => loadAllOk(bench.bin, { port: shop.portOf('catalog'), fields: 'x-arasta-peer:order',
    requests: writeRequests(bench.directory, 'reservations', reservations()), once: true,
    inFlight: IN_FLIGHT, connections: 4, seconds: bench.seconds });
  await execute(shop, 'postgres', 'CREATE TABLE naive (sku text PRIMARY KEY, available int); INSERT INTO naive VALUES (\'hot\', 100000000)');
  const naive = async () => pgbench(shop, 'postgres', "UPDATE naive SET available = available - 1 WHERE sku = 'hot' AND available >= 1;\n",
    { clients: IN_FLIGHT, amount: ['-T', Math.ceil(2 * bench.seconds)] });
  const [reserved, updated] = await interleave([ours, naive], bench.rounds, (subject) => subject());
  const flush = fsyncMicros(shop.state);
  // The goal is about waiting for the disk: where that is quick, the figure is published and nothing more.
  const slowDisk = flush >= 500;
  bench.compare({ goal: 'G13', name: `hot SKU, ${IN_FLIGHT} in flight`, unit: 'reservations/s', peer: 'pgbench, UPDATE of one row',
    ours: reserved.map(({ rate }) => rate), theirs: updated.map(({ tps }) => tps), reach: slowDisk ? '≥ 10' : null,
    floors: { 'fsync, µs': flush } });
  await execute(shop, 'postgres', 'DROP TABLE naive');
}
