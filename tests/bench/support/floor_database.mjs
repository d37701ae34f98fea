// A database in which pgbench can say what several services say to theirs: the first one's tables as they are, those of
// each other in a schema of its name.
import { execFileSync } from 'node:child_process';
import { psqlEnvironment, execute } from './stocked_shop.mjs';

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

function copySchema(shop, service, name) {
  const copy = `set -o pipefail
    psql -X -q -d ${name} -c 'CREATE SCHEMA ${service}'
    pg_dump --no-owner --no-privileges arasta_${service} | sed -E 's/\\bpublic\\./${service}./g; s/SCHEMA public/SCHEMA ${service}/' |
      psql -X -q -v ON_ERROR_STOP=1 -d ${name} > /dev/null`;
  execFileSync('bash', ['-c', copy], { env: psqlEnvironment(shop), stdio: ['ignore', 'ignore', 'pipe'] });
}

// Makes it anew. Returns how statements have to be rewritten for it: tables that several services have are named with
// their schema.
export async function makeFloor(shop, name, [first, ...others]) {
  await execute(shop, 'postgres', `DROP DATABASE IF EXISTS ${name}`);
  await execute(shop, 'postgres', `CREATE DATABASE ${name}`);
  execFileSync('bash', ['-c', `set -o pipefail
    pg_dump --no-owner --no-privileges arasta_${first} | psql -X -q -v ON_ERROR_STOP=1 -d ${name} > /dev/null`],
  { env: psqlEnvironment(shop), stdio: ['ignore', 'ignore', 'pipe'] });
  for (const service of others) copySchema(shop, service, name);
  await execute(shop, name, `ALTER DATABASE ${name} SET search_path = public, ${others.join(', ')}; CREATE SEQUENCE run; VACUUM ANALYZE`);
  const several = await execute(shop, name, `SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
    WHERE nspname IN ('public', '${others.join("', '")}') GROUP BY relname HAVING count(*) > 1`);
  const shared = new RegExp(`\\b(${several.join('|')})\\b`, 'g');
  return (text, { database }) => (database === `arasta_${first}` || several.length === 0 ? text
    : text.replace(shared, `${database.replace('arasta_', '')}.$1`));
}

// What differs from run to run, as expressions of run.n: `skus`, given as such expressions, and every UUID that is none
// of `fixed`.
export function variablesOf(transactions, skus, fixed = new Set()) {
  const parameters = transactions.flat().flatMap((statement) => statement.parameters).filter((value) => value !== null);
  const ids = new Set(parameters.flatMap((value) => value.match(UUID) ?? []).filter((id) => !fixed.has(id)));
  const variables = { ...skus };
  [...ids].forEach((id, i) => { variables[id] = `md5('${i}/' || run.n)::uuid::text`; });
  return variables;
}
