// One more instance of a service of the shop: deploy/up's own script starts it on ports of its own, and on a database
// of its own where a goal fills one with what is nobody else's.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { freePort, isReady } from './processes.mjs';
import { execute, psqlEnvironment } from './stocked_shop.mjs';

// Ready when it returns, with the milliseconds that took.
export async function startReplica(bench, shop, service, settings = []) {
  const [port, admin] = [await freePort(), await freePort()];
  const start = process.hrtime.bigint();
  const replica = await bench.processes.start(service, path.join(shop.state, 'run', `${service}.start`),
    [`ARASTA_LISTEN=127.0.0.1:${port}`, `ARASTA_ADMIN_LISTEN=127.0.0.1:${admin}`, ...settings]);
  while (!await isReady(admin)) {
    if (replica.child.exitCode !== null) throw new Error(`${service} ended with ${replica.child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return Object.assign(replica, { port, ms: Number(process.hrtime.bigint() - start) / 1e6 });
}

// A new database with the tables and grants of the service's. Its outbox is empty: there is nothing to tell anybody.
export async function copyDatabase(shop, service, name) {
  await execute(shop, 'postgres', `CREATE DATABASE ${name}`);
  execFileSync('bash', ['-c', `set -o pipefail; pg_dump arasta_${service} | psql -X -q -v ON_ERROR_STOP=1 -d ${name} > /dev/null`],
    { env: psqlEnvironment(shop), stdio: ['ignore', 'ignore', 'pipe'] });
  await execute(shop, name, 'TRUNCATE outbox; UPDATE outbox_partitions SET head = 0, published = 0');
}

// What a replica that is to use such a database is told. Its events go where nobody reads them: to the cache's Redis.
export function settingsFor(shop, service, database) {
  return [`ARASTA_DATABASE_URL=host='${shop.state}/postgres/socket' port=5432 dbname=${database} user=arasta_${service} ` +
    `passfile='${shop.state}/secrets/pgpass-arasta_${service}'`, `ARASTA_EVENTS_REDIS=unix:${shop.state}/redis-cache/redis.sock`];
}
