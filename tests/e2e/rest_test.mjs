// REST as programs and people meet it: plain fetch, the OpenAPI document, the reference in /docs.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { openApiOf } from './support/rest_client.mjs';
import { Shop } from './support/shop.mjs';
import { address, rowsOf } from './support/shopper.mjs';

let shop, base, token;
before(async () => {
  shop = await Shop.start('rest');
  base = `http://${shop.address}`;
  await shop.import(rowsOf(['TEA-GREEN', 'Green tea', 490, 100], ['TEA-BLACK', 'Black tea', 390, 50], ['CUP', 'Tea cup', 1250, 20]));
  token = (await json('POST', '/v1/guests')).tokens.accessToken;
});
after(() => shop?.stop());

function ask(method, path, body, headers = {}) {
  return fetch(base + path, { method, body: body && JSON.stringify(body),
    headers: { ...(body && { 'content-type': 'application/json' }), ...(token && { authorization: `Bearer ${token}` }), ...headers } });
}

async function json(method, path, body) {
  const response = await ask(method, path, body);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.equal(response.headers.get('content-type'), 'application/json');
  return JSON.parse(text);
}

async function refusal(status, ...asked) {
  const response = await ask(...asked);
  const error = await response.json();
  assert.equal(response.status, status, JSON.stringify(error));
  assert.deepEqual(Object.keys(error), ['code', 'message', 'details']);
  return { response, error, detail: (type) => error.details.find((one) => one['@type'] === `type.googleapis.com/google.rpc.${type}`) };
}

test('products are listed a page at a time, found and shown', async () => {
  const first = await json('GET', '/v1/products?pageSize=2');
  assert.equal(first.products.length, 2);
  const second = await json('GET', `/v1/products?page_size=2&page_token=${encodeURIComponent(first.nextPageToken)}`);
  assert.equal(second.products.length, 1);
  const [product] = first.products;
  assert.equal((await json('GET', `/v1/${product.name}?channel=web`)).title, product.title);
  const head = await ask('HEAD', `/v1/${product.name}`);
  assert.equal(head.status, 200);
  assert.ok(Number(head.headers.get('content-length')) > 0);
  const batch = await json('GET', `/v1/products:batchGet?names=${first.products.map(({ name }) => encodeURIComponent(name)).join('&names=')}`);
  assert.deepEqual(batch.products.map(({ name }) => name), first.products.map(({ name }) => name));
  assert.deepEqual((await json('GET', '/v1/products:search?query=green+tea&minPrice=100000')).products ?? [], []);
});

test('an order is placed and watched, in all the forms of a stream', async () => {
  await json('POST', '/v1/carts/me:addItem', { sku: 'CUP', quantity: 1 });
  const cart = await json('POST', '/v1/carts/me:addItem', { sku: 'TEA-GREEN', quantity: 2 });
  assert.deepEqual(cart.total, { currencyCode: 'EUR', minorUnits: '2230' });
  const order = await json('POST', '/v1/orders:place', { requestId: randomUUID(), paymentToken: 'tok_approve', expectedTotal: cart.total,
    shippingAddress: { recipient: address.recipient, lines: address.lines, postalCode: address.postal_code, locality: address.locality,
      regionCode: address.region_code }, email: 'ada@mail.example' });
  assert.equal(order.state, 'STATE_PLACED');
  assert.equal((await json('GET', `/v1/${order.name}`)).orderNumber, order.orderNumber);
  assert.deepEqual((await json('GET', '/v1/orders')).orders.map(({ name }) => name), [order.name]);

  const cancelled = await json('POST', `/v1/${order.name}:cancel`, { reason: 'too much tea' });
  assert.equal(cancelled.state, 'STATE_CANCELLED');
  const watch = async (accept) => (await ask('GET', `/v1/${order.name}:watch?afterSequence=1`, undefined, { accept })).text();
  const moves = JSON.parse(await watch('application/json')).map(({ entry }) => entry.action);
  assert.ok(moves.length > 2, String(moves));
  assert.deepEqual((await watch('application/x-ndjson')).trimEnd().split('\n').map((line) => JSON.parse(line).entry.action), moves);
  const events = (await watch('text/event-stream')).trimEnd().split('\n\n');
  assert.equal(events.pop(), 'event: end\ndata: {}');
  assert.deepEqual(events.map((event) => JSON.parse(event.replace(/^data: /, '')).entry.action), moves);
});

test('errors say in HTTP what is wrong', async () => {
  const field = await refusal(400, 'POST', '/v1/carts/me:addItem', { sku: 'CUP', quantity: -1 });
  assert.deepEqual(field.detail('BadRequest').fieldViolations.map((violation) => violation.field), ['quantity']);
  const typo = await refusal(400, 'GET', '/v1/products?categorie=tea');
  assert.deepEqual(typo.detail('BadRequest').fieldViolations.map((violation) => violation.field), ['categorie']);
  const number = await refusal(400, 'GET', '/v1/products?pageSize=many');
  assert.deepEqual(number.detail('BadRequest').fieldViolations.map((violation) => violation.field), ['page_size']);
  assert.equal((await refusal(404, 'GET', '/v1/products/no-such-thing')).detail('ErrorInfo').reason, 'NOT_FOUND');
  assert.equal((await refusal(404, 'GET', '/v1/nothing')).error.code, 5);
  assert.equal((await refusal(404, 'GET', '/v1/products/')).error.code, 5);
  assert.equal((await refusal(405, 'PUT', '/v1/products')).response.headers.get('allow'), 'GET, HEAD, POST');
  assert.equal((await refusal(403, 'POST', '/v1/products', { title: 'Mine' })).error.code, 7);
  const anonymous = await refusal(401, 'GET', '/v1/carts/me', undefined, { authorization: '' });
  assert.equal(anonymous.response.headers.get('www-authenticate'), 'Bearer realm="api"');
  const forged = await refusal(401, 'GET', '/v1/carts/me', undefined, { authorization: 'Bearer x' });
  assert.match(forged.response.headers.get('www-authenticate'), /invalid_token/);
  const full = await refusal(429, 'POST', '/v1/carts/me:addItem', { sku: 'TEA-BLACK', quantity: 999 })
    .catch(() => refusal(429, 'POST', '/v1/carts/me:addItem', { sku: 'TEA-BLACK', quantity: 999 }));
  assert.equal(full.detail('ErrorInfo').reason, 'CART_FULL');
  const form = await fetch(`${base}/v1/guests`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) });
  assert.equal(form.status, 415);
});

test('the OpenAPI document is valid and names every operation', async () => {
  const document = await openApiOf(shop.address);
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  assert.ok(valid, JSON.stringify(errors, null, 1));
  assert.equal(document.openapi, '3.1.0');
  const operations = Object.values(document.paths).flatMap(Object.values);
  assert.ok(operations.length > 35, `${operations.length} operations`);
  for (const { operationId, summary, description } of operations) assert.ok(summary && description, operationId);
});

test('the reference needs nothing from elsewhere', async () => {
  const response = await fetch(`${base}/docs`);
  assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
  const page = await response.text();
  assert.doesNotMatch(page, /(src|href|url\()=?["']?https?:/);
  assert.match(response.headers.get('content-security-policy'), /^default-src 'none'; connect-src 'self'/);
});
