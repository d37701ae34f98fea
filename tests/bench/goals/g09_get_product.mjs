// G9: GetProduct from PostgreSQL, 32 at a time, beside the simplest look-up PostgreSQL can do.
import { methodOf } from '../../e2e/support/contract.mjs';
import { loadAllOk, writeRequests } from '../support/load.mjs';
import { fsyncMicros, pgbench } from '../support/floors.mjs';
import { costOf } from '../support/load.mjs';
import { interleave, median } from '../support/statistics.mjs';
import { execute, pidsOf, postgresPid, stockedShop } from '../support/stocked_shop.mjs';
import { statementsOf, scriptOf } from '../support/statements.mjs';

export const title = 'GetProduct from PostgreSQL';

const CLIENTS = 32;

export async function run(bench) {
  const shop = await stockedShop(bench);
  const { path, encode } = methodOf('CatalogService', 'GetProduct');
  const [id] = await execute(shop, 'catalog', 'SELECT id FROM product ORDER BY id LIMIT 1');
  const requests = writeRequests(bench.directory, 'get-product', [{ path, message: encode({ name: `products/${id}` }) }]);
  const once = { port: shop.portOf('catalog'), requests };
  await execute(shop, 'postgres', 'CREATE TABLE one_row (id int PRIMARY KEY, value int); INSERT INTO one_row VALUES (1, 1)');
  const lookUp = 'SELECT value FROM one_row WHERE id = 1;\n';
  const statements = await statementsOf(shop, ['catalog'], [id], () => loadAllOk(bench.bin, { ...once, inFlight: 1, once: true }));
  const same = scriptOf(statements, {});

  const amount = ['-T', Math.ceil(2 * bench.seconds)];
  const subjects = ['ours', 'one row', 'the same statements'];
  const [ours, oneRow, identical] = await interleave(subjects, bench.rounds, async (subject) => {
    if (subject === 'ours') {
      const report = await costOf(bench.bin, pidsOf(shop, 'catalog'), { ...once, inFlight: CLIENTS, connections: 4, seconds: bench.seconds });
      return report;
    }
    const script = subject === 'one row' ? lookUp : same;
    return { rate: (await pgbench(shop, subject === 'one row' ? 'postgres' : 'arasta_catalog', script, { clients: CLIENTS, amount })).tps };
  });
  const rate = (reports) => reports.map((report) => report.rate);
  bench.compare({ goal: 'G9', name: `GetProduct, ${CLIENTS} in flight`, unit: 'calls/s', peer: 'pgbench, one row', ours: rate(ours),
    theirs: rate(oneRow), reach: '≥ 0.6', floors: { 'pgbench, the same statements': median(rate(identical)),
      'statements a call': statements.length, 'catalog, CPU-µs': median(ours.map(({ cpu_us: cpu }) => cpu)) } });
  await execute(shop, 'postgres', 'DROP TABLE one_row');
}
