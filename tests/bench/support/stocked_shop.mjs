// A whole shop from deploy/up with 10,000 SKUs, in cleartext so that what is timed is not TLS, and customers.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { methodOf } from '../../e2e/support/contract.mjs';
import { eventually } from '../../e2e/support/eventually.mjs';
import { Shop } from '../../e2e/support/shop.mjs';
import { address, rowsOf } from '../../e2e/support/shopper.mjs';

export const SKUS = 10_000;
export const PRICE = 490;
export const skuOf = (i) => `SKU-${String(i % SKUS).padStart(5, '0')}`;

// Started by the first goal that needs it.
export async function stockedShop(bench) {
  if (bench.shop) return bench.shop;
  const shop = await Shop.start('bench', { ARASTA_TLS_CERT: '', ARASTA_TLS_KEY: '', ARASTA_TLS_CA: '' });
  bench.shop = shop;
  await shop.import(rowsOf(...Array.from({ length: SKUS }, (_, i) => [skuOf(i), `Thing ${i}`, PRICE, 1_000_000])));
  // Fresh statistics: what autovacuum would find out within a minute.
  for (const service of ['catalog', 'order']) await execute(shop, service, 'VACUUM ANALYZE');
  return shop;
}

export const pidsOf = (shop, ...services) => services.map((service) => shop.pidOf(service));

// Ends a service for the rest of the run.
export async function dismiss(shop, service) {
  const file = path.join(shop.state, 'run', `${service}.supervisor`);
  if (!fs.existsSync(file)) return;
  process.kill(Number(fs.readFileSync(file, 'utf8').split(' ')[0]), 'SIGTERM');
  await eventually(`${service} has ended`, () => shop.pidOf(service) === 0);
  fs.rmSync(file);
}

// PostgreSQL's first process; its backends are its children.
export function postgresPid(shop) {
  return Number(fs.readFileSync(path.join(shop.state, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);
}

export function psqlEnvironment(shop) {
  return { ...process.env, PGPASSWORD: fs.readFileSync(path.join(shop.state, 'secrets/postgres-superuser'), 'utf8').trim(),
    PGHOST: path.join(shop.state, 'postgres/socket'), PGPORT: '5432', PGUSER: 'postgres' };
}

// The lines a file of statements, or one statement, prints.
export async function execute(shop, database, statements) {
  const name = ['auth', 'catalog', 'order', 'notification'].includes(database) ? `arasta_${database}` : database;
  const child = spawn('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', name],
    { env: psqlEnvironment(shop), stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data) => { output += data; });
  child.stderr.on('data', (data) => { errors += data; });
  child.stdin.end(statements);
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`psql: ${errors}`);
  return output.split('\n').filter((line) => line !== '');
}

// Guests with their tokens, which are good for ten minutes.
export async function guests(shop, count) {
  const tokens = [];
  const makeSome = async () => {
    while (tokens.length < count) {
      const { tokens: { access_token: token, refresh_token: refresh } } = await shop.client.call('AuthService', 'CreateGuest', {});
      tokens.push({ token, refresh, principal: JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub });
    }
  };
  await Promise.all(Array.from({ length: 16 }, makeSome));
  return tokens.slice(0, count);
}

// The same guests with new tokens, for what begins long after they came.
export function refreshed(shop, customers) {
  return Promise.all(customers.map(async ({ refresh, principal }) => {
    const { tokens } = await shop.client.call('AuthService', 'RefreshToken', { refresh_token: refresh });
    return { token: tokens.access_token, refresh: tokens.refresh_token, principal };
  }));
}

// Requests for the load generator, one a guest: she puts a SKU into her cart, she buys what is in it.
export function additions(customers, skuFor) {
  const { path: target, encode } = methodOf('CartService', 'AddCartItem');
  return customers.map(({ token }, i) => ({ path: target, token,
    message: encode({ name: 'carts/me', sku: skuFor(i), quantity: 1 }) }));
}

export function purchases(customers) {
  const { path: target, encode } = methodOf('OrderService', 'PlaceOrder');
  return customers.map(({ token }) => ({ path: target, token, message: encode(purchase()) }));
}

// Of a cart with so many things of ours.
export const purchase = (things = 1) => ({ request_id: randomUUID(), payment_token: 'tok_approve',
  expected_total: { currency_code: 'EUR', minor_units: things * PRICE }, shipping_address: address, email: 'ada@mail.example' });
