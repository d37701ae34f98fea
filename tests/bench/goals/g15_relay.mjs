// G15: catalog's relay draining a backlog, beside COPY out of PostgreSQL into pipelined XADDs.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { eventually } from '../../e2e/support/eventually.mjs';
import { fsyncMicros, redisFloor } from '../support/floors.mjs';
import { interleave } from '../support/statistics.mjs';
import { execute, psqlEnvironment, stockedShop } from '../support/stocked_shop.mjs';

export const title = 'relay draining a backlog';

const run_ = promisify(execFile);
const BACKLOG = 20_000;
const BACKLOG_IN_FULL = 200_000;

const insertion = (count) => `INSERT INTO outbox (event_id, partition, aggregate, aggregate_version, type, traceparent, payload)
  SELECT gen_random_uuid(), n % 8, 'products/' || n, 1, 'arasta.catalog.v1.ProductUpdated',
         '00-17f88584736499a995dfcffe43fefa9c-a62b580081c2f64b-01', convert_to(repeat('x', 200), 'UTF8')
  FROM generate_series(1, ${count}) AS n`;

const copyOut = `COPY (SELECT 'XADD bench:' || partition || ' * event_id ' || event_id || ' type ' || type || ' traceparent ' || traceparent
  || ' payload ' || convert_from(payload, 'UTF8') FROM backlog) TO STDOUT`;

export async function run(bench) {
  const shop = await stockedShop(bench);
  const count = bench.full ? BACKLOG_IN_FULL : BACKLOG;
  const published = async () => Number((await execute(shop, 'catalog', 'SELECT sum(published) FROM outbox_partitions'))[0]);
  const ours = async () => {
    const before = await published();
    await execute(shop, 'catalog', insertion(count));
    const start = process.hrtime.bigint();
    await eventually('the backlog is drained', async () => await published() - before >= count);
    return count / (Number(process.hrtime.bigint() - start) / 1e9);
  };
  await execute(shop, 'postgres', `CREATE TABLE backlog AS SELECT gen_random_uuid() AS event_id, n % 8 AS partition,
    'arasta.catalog.v1.ProductUpdated' AS type, '00-17f88584736499a995dfcffe43fefa9c-a62b580081c2f64b-01' AS traceparent,
    convert_to(repeat('x', 200), 'UTF8') AS payload FROM generate_series(1, ${count}) AS n`);
  const floor = async () => {
    const start = process.hrtime.bigint();
    await run_('bash', ['-c', `set -o pipefail; psql -X -q -d postgres -c "$1" | redis-cli -s "$2" --pipe`, 'copy', copyOut,
      `${shop.state}/redis-events/redis.sock`], { env: psqlEnvironment(shop) });
    return count / (Number(process.hrtime.bigint() - start) / 1e9);
  };
  const [relayed, copied] = await interleave([ours, floor], bench.rounds, (subject) => subject());
  await execute(shop, 'postgres', 'DROP TABLE backlog');
  for (let partition = 0; partition < 8; ++partition) await shop.redis('events', 'DEL', `bench:${partition}`);
  const redis = await redisFloor(shop, 300);
  bench.compare({ goal: 'G15', name: `relay, ${count} events`, unit: 'events/s', peer: 'COPY into redis-cli --pipe', ours: relayed,
    theirs: copied, reach: '≥ 0.6', floors: { 'fsync, µs': fsyncMicros(shop.state), 'Redis SETs of 300 B a second, 16 clients': redis.per_second } });
}
