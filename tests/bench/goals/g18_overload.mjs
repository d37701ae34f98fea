// G18: twice, five and ten times as many requests as catalog can answer, whether it answers or not: what is still
// answered within the second that the callers wait, beside what it answers at its best.
import { methodOf } from '../../e2e/support/contract.mjs';
import { load, writeRequests } from '../support/load.mjs';
import { median } from '../support/statistics.mjs';
import { execute, stockedShop } from '../support/stocked_shop.mjs';

export const title = 'overload, in an open loop';

const REACH = { 2: '≥ 0.9', 5: '≥ 0.85', 10: '≥ 0.8' };

export async function run(bench) {
  const shop = await stockedShop(bench);
  const { path, encode } = methodOf('CatalogService', 'GetProduct');
  const [id] = await execute(shop, 'catalog', 'SELECT id FROM product ORDER BY id LIMIT 1');
  const requests = writeRequests(bench.directory, 'overload', [{ path, message: encode({ name: `products/${id}` }) }]);
  const send = { port: shop.portOf('catalog'), requests, connections: 16, seconds: bench.seconds };
  // On a busy machine it sheds some of these already.
  const peak = () => load(bench.bin, { ...send, inFlight: 32 });
  await peak();
  const figures = Object.keys(REACH).map((factor) => ({ factor: Number(factor), goodput: [], peaks: [], p99: [] }));
  for (let round = 0; round < bench.rounds; ++round) {
    for (const figure of figures) {
      const { rate } = await peak();
      const report = await load(bench.bin, { ...send, rate: rate * figure.factor, fields: 'grpc-timeout:1S', within: 1, patience: 1 });
      figure.peaks.push(rate);
      figure.goodput.push(report.ok / bench.seconds);
      figure.p99.push(report.latency_us.p99 / 1e3);
    }
  }
  for (const { factor, goodput, peaks, p99 } of figures) {
    bench.compare({ goal: 'G18', name: `GetProduct at ${factor}× its peak`, unit: 'answers/s', peer: 'its own peak', ours: goodput, theirs: peaks,
      reach: REACH[factor], floors: { 'p99 of the answered, ms': median(p99) } });
  }
}
