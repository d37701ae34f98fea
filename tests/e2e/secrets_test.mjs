// What nobody may read later: passwords, tokens, a card number, names and addresses are planted in everything that a
// customer sends, good and bad, in every protocol, and are in no log and no metric; neither are the shop's own secrets.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from './support/eventually.mjs';
import { RestClient } from './support/rest_client.mjs';
import { Shop } from './support/shop.mjs';
import { address, rowsOf, Shopper } from './support/shopper.mjs';

const services = ['gateway', 'auth', 'catalog', 'order', 'notification'];
// A well-known test number, which no bank has given to anybody.
const card = '4111111111111111';

let shop;
const planted = new Map();  // what it is, by the secret

before(async () => {
  shop = await Shop.start('secrets', { ARASTA_LOG_LEVEL: 'debug' });
  await shop.import(rowsOf(['TEA', 'Green tea', 490, 100]));
});
after(() => shop?.stop());

function plant(what, secret = `${what.replace(/\W/g, '-')}-${randomUUID()}`) {
  planted.set(secret, what);
  return secret;
}

const refused = (call) => call.then(() => assert.fail('accepted'), () => undefined);

// One customer's day, with all that can go wrong in it.
async function liveADay(client) {
  const ada = new Shopper(client);
  ada.email = `${plant('mailbox')}@mail.example`;
  plant('password', ada.password);
  await ada.register();
  await refused(client.call('AuthService', 'Login', { email: ada.email, password: plant('wrong password') }));
  await refused(client.call('AuthService', 'Login', { email: `no address ${plant('not an address')}`, password: plant('lost password') }));
  await refused(client.call('AuthService', 'Register', { email: ada.email, password: 'short', display_name: plant('name').repeat(20) }));
  const tokens = await ada.logIn();
  plant('access token', tokens.access_token.split('.')[2]);
  plant('refresh token', tokens.refresh_token);
  const renewed = await client.call('AuthService', 'RefreshToken', { refresh_token: tokens.refresh_token });
  plant('second refresh token', renewed.tokens.refresh_token);
  await refused(client.call('AuthService', 'RefreshToken', { refresh_token: plant('made-up refresh token') }));
  await refused(client.call('CartService', 'GetCart', { name: 'carts/me' }, { token: plant('made-up token') }));
  await ada.search(`tea ${plant('search')}`);
  const { total } = await ada.addToCart('TEA');
  const shipping_address = { ...address, recipient: plant('recipient'), lines: [plant('street')] };
  const order = { request_id: randomUUID(), expected_total: total, shipping_address, email: ada.email };
  await refused(ada.call('OrderService', 'PlaceOrder', { ...order, payment_token: `${plant('card', card)} ${plant('card holder')}` }));
  await refused(ada.call('OrderService', 'PlaceOrder', { ...order, request_id: plant('no UUID'), payment_token: 'tok_approve' }));
  await ada.call('OrderService', 'PlaceOrder', { ...order, request_id: randomUUID(), payment_token: 'tok_approve' });
  await eventually('the confirmation has come', () => shop.mail.confirmationsTo(ada.email).length > 0);
  return renewed.tokens.access_token;
}

// Where somebody puts it by mistake: the path, the query, header fields, a body that is no JSON.
async function misplace(token) {
  const get = (path, headers = {}) => fetch(`http://${shop.address}${path}`, { headers });
  await get(`/v1/products?access_token=${plant('token in a query')}`);
  await get(`/v1/orders/${plant('token in a path')}`);
  await get('/v1/carts/me', { authorization: `Basic ${plant('basic credentials')}` });
  await get('/v1/carts/me', { authorization: `Bearer ${token}`, cookie: `session=${plant('cookie')}`, 'x-api-key': plant('key') });
  await fetch(`http://${shop.address}/v1/auth:login`, { method: 'POST', headers: { 'content-type': 'application/json' },
    body: `{"password": "${plant('password in no JSON')}` });
}

const metricsOf = async (service) => (await fetch(`http://127.0.0.1:${shop.portOf(`${service}-admin`)}/metrics`)).text();

function* logs() {
  for (const name of fs.readdirSync(path.join(shop.state, 'logs'))) yield path.join(shop.state, 'logs', name);
  yield path.join(shop.state, 'postgres/server.log');
}

test('what was planted is in no log and no metric', async () => {
  await liveADay(shop.client);
  const rest = new RestClient(shop.address);
  await misplace(await liveADay(rest));
  for (const name of fs.readdirSync(path.join(shop.state, 'secrets'))) {
    const secret = fs.readFileSync(path.join(shop.state, 'secrets', name), 'utf8').trim();
    if (!secret.includes('\n')) plant(`secrets/${name}`, secret);
  }
  assert.ok(planted.size > 30, `${planted.size}`);

  const places = [...logs()].map((file) => [path.basename(file), fs.readFileSync(file, 'utf8')]);
  for (const service of services) places.push([`/metrics of ${service}`, await metricsOf(service)]);
  // The search would find it: the logs tell of these calls, by the service and by the gateway.
  for (const log of ['auth.log', 'order.log', 'gateway.log']) assert.match(places.find(([name]) => name === log)[1], /Login|PlaceOrder/, log);
  const found = places.flatMap(([place, text]) =>
    [...planted].filter(([secret]) => text.includes(secret)).map(([, what]) => `${what} in ${place}`));
  assert.deepEqual(found, []);
});
