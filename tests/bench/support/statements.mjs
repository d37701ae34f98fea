// What a use case says to PostgreSQL, read from the server's own log, and a pgbench script that says the same.
import fs from 'node:fs';
import path from 'node:path';
import { eventually } from '../../e2e/support/eventually.mjs';
import { execute } from './stocked_shop.mjs';

const PREFIX = /^@(\d+\.\d+)@(\d+)@([^@]*)@(LOG|DETAIL): {2}(.*)$/;

// Sets what is logged. The reload is asynchronous: when a new session has it, all others have been told.
async function setting(shop, statements, logs) {
  await execute(shop, 'postgres', `${statements}; SELECT pg_reload_conf();`);
  await eventually('the log is set', async () => (await execute(shop, 'postgres', 'SHOW log_statement'))[0] === logs);
}

// The log's entries: {time, pid, database, text, parameters: [string or null, …]}.
export function parseLog(log) {
  const entries = [];
  let open = null;
  for (const line of log.split('\n')) {
    const match = PREFIX.exec(line);
    if (!match) {
      if (open && line.startsWith('\t')) open.text += `\n${line.slice(1)}`;
      continue;
    }
    const [, time, pid, database, level, text] = match;
    open = { time: Number(time), pid: Number(pid), database, level, text };
    entries.push(open);
  }
  const statements = [];
  for (const entry of entries) {
    const executed = entry.level === 'LOG' && /^(?:statement|execute [^:]*): ([^]*)$/.exec(entry.text);
    if (executed) {
      statements.push({ ...entry, text: executed[1].trim(), parameters: [] });
    } else if (entry.level === 'DETAIL' && entry.text.startsWith('parameters: ')) {
      const last = statements.findLast(({ pid }) => pid === entry.pid);
      if (last) last.parameters = parametersOf(entry.text);
    }
  }
  return statements;
}

// "parameters: $1 = 'it''s', $2 = NULL".
export function parametersOf(text) {
  return [...text.matchAll(/\$\d+ = (?:NULL|'((?:[^']|'')*)')/g)].map(([, value]) => value?.replaceAll("''", "'") ?? null);
}

const isBegin = ({ text }) => /^(BEGIN|START TRANSACTION)/i.test(text);
const isEnd = ({ text }) => /^(COMMIT|END|ROLLBACK|ABORT)/i.test(text);

// The transactions (arrays of statements, in the order in which they ended) that mention one of `words`.
export function transactionsWith(statements, words) {
  const open = new Map();
  const found = [];
  for (const statement of statements) {
    const { pid } = statement;
    if (isBegin(statement)) open.set(pid, []);
    const transaction = open.get(pid) ?? [];
    transaction.push(statement);
    if (open.has(pid) && !isEnd(statement)) continue;
    open.delete(pid);
    const said = transaction.flatMap(({ text, parameters }) => [text, ...parameters]).join('\n');
    if (words.some((word) => said.includes(word))) found.push(transaction);
  }
  return found;
}

export async function logged(shop, databases, act) {
  const file = path.join(shop.state, 'postgres/server.log');
  await setting(shop, "ALTER SYSTEM SET log_line_prefix = '@%n@%p@%d@'; ALTER SYSTEM SET log_statement = 'all'", 'all');
  const from = fs.statSync(file).size;
  try {
    await act();
    await new Promise((resolve) => setTimeout(resolve, 500));
  } finally {
    await setting(shop, 'ALTER SYSTEM RESET log_statement; ALTER SYSTEM RESET log_line_prefix', 'none');
  }
  const log = fs.readFileSync(file).subarray(from).toString();
  return parseLog(log).filter(({ database }) => databases.some((name) => database === `arasta_${name}`));
}

// The statements that `act` causes in transactions that mention one of `words`.
export async function statementsOf(shop, databases, words, act) {
  return transactionsWith(await logged(shop, databases, act), words).flat();
}

// A literal without a colon, as pgbench takes :name for a variable even inside quotes.
export function literal(value) {
  if (value === null) return 'NULL';
  return `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll(':', '\\x3a')}'`;
}

// With its own literals like that.
const withoutColons = (text) => text.replace(/'((?:[^']|'')*)'/g,
  (whole, value) => (value.includes(':') ? literal(value.replaceAll("''", "'")) : whole));

// pgbench's script of statements. `variables` maps a value that must differ from run to run to an SQL expression
// of text; they are all asked for in one SELECT ahead of the rest.
export function scriptOf(statements, variables, rewrite = (text) => text) {
  const words = Object.keys(variables);
  const computed = new Map();
  const argument = (value) => {
    const found = value === null ? [] : words.filter((word) => value.includes(word));
    if (found.length === 0) return literal(value);
    if (!computed.has(value)) computed.set(value, `v${computed.size}`);
    return `:${computed.get(value)}`;
  };
  const body = statements.map((statement) => {
    // A parameter of concat() has no type but that of its other mentions, which are parameters of their own here.
    const text = withoutColons(statement.text).replace(/(?<=concat\()(\$\d+)/g, '$1::text').replace(/\$(\d+)/g, (_, n) => argument(statement.parameters[n - 1]));
    return `${rewrite(text, statement).replace(/\s*\n\s*/g, ' ').replace(/;?\s*$/, '')};`;
  });
  const expressionOf = (value) => {
    const pieces = value.split(new RegExp(`(${words.join('|')})`));
    return pieces.filter((piece) => piece !== '').map((piece) => variables[piece] ?? literal(piece)).join(' || ');
  };
  const columns = [...computed].map(([value, name]) => `${expressionOf(value)} AS ${name}`);
  const ask = columns.length === 0 ? [] : [`SELECT ${columns.join(', ')} FROM (SELECT nextval('run') AS n) AS run \\gset`];
  return `${[...ask, ...body].join('\n')}\n`;
}
