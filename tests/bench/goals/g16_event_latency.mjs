// G16: from an order's commit to its effect in notification, at half the load that order carries, beside the three
// flushes that have to happen in line. What order carries is taken anew in each round: at a load that is half of
// another minute's, the waiting says more of the machine than of us. The outbox row bears the start of its
// transaction and the inbox row that of its own: what the first is early by, its flush, is what the second is early by.
import { eventually } from '../../e2e/support/eventually.mjs';
import { fsyncTimes, redisTimes } from '../support/floors.mjs';
import { loadAllOk, writeRequests } from '../support/load.mjs';
import { median, percentile } from '../support/statistics.mjs';
import { additions, execute, guests, purchases, skuOf, stockedShop } from '../support/stocked_shop.mjs';

export const title = 'commit to effect in the consumer at half load';

const PROBE = 320;
const SECONDS = 3;

const timesOf = (rows) => new Map(rows.map((row) => row.split('|')).map(([id, time]) => [id, Number(time)]));

// What `load` placed, with its orders' delays in ms once all have had their effect.
async function delaysOf(shop, load) {
  const [from] = await execute(shop, 'order', 'SELECT coalesce(max(id), 0) FROM outbox');
  const report = await load();
  const committed = timesOf(await execute(shop, 'order', `SELECT event_id, extract(epoch FROM create_time) FROM outbox
    WHERE id > ${from} AND type = 'arasta.order.v1.OrderPlaced'`));
  const applied = await eventually('every order has its effect', async () => {
    const found = timesOf(await execute(shop, 'notification', `SELECT event_id, extract(epoch FROM apply_time) FROM inbox
      WHERE apply_time > now() - interval '2 minutes'`));
    return [...committed.keys()].every((id) => found.has(id)) && found;
  });
  return { report, delays: [...committed].map(([id, time]) => (applied.get(id) - time) * 1e3) };
}

export async function run(bench) {
  const shop = await stockedShop(bench);
  const port = shop.portOf('order');
  const file = (name, requests) => writeRequests(bench.directory, name, requests);
  const fill = (customers) => loadAllOk(bench.bin, { port, once: true, inFlight: 32, connections: 4, seconds: 60,
    requests: file('effect-additions', additions(customers, (i) => skuOf(i * 13))) });
  const place = async (customers, pace) => {
    await fill(customers);
    return delaysOf(shop, () => loadAllOk(bench.bin, { port, connections: 4, once: true, seconds: 60, ...pace,
      requests: file('effect-purchases', purchases(customers)) }));
  };
  const probes = await guests(shop, PROBE);
  const rates = [];
  const figures = { p50: { ours: [], floor: [] }, p99: { ours: [], floor: [] } };
  for (let round = 0; round <= bench.rounds; ++round) {
    const rate = (await place(probes, { inFlight: 32 })).report.rate / 2;
    const { delays } = await place(await guests(shop, Math.ceil(rate * SECONDS)), { rate });
    if (round === 0) continue;
    rates.push(rate);
    const [disk, redis] = [fsyncTimes(shop.state), await redisTimes(shop, 300)];
    for (const [name, { ours, floor }] of Object.entries(figures)) {
      const percent = Number(name.slice(1));
      ours.push(percentile(delays, percent));
      floor.push(2 * percentile(disk, percent) / 1e3 + percentile(redis, percent));
    }
  }
  Object.entries(figures).forEach(([name, { ours, floor }]) => bench.compare({ goal: 'G16',
    name: `order to notification at half load, ${name}`, unit: 'ms', peer: 'two fsyncs and an AOF fsync', ours, theirs: floor,
    reach: name === 'p50' ? '≤ 1.5' : '≤ 2.5', floors: { 'orders/s': median(rates) } }));
}
