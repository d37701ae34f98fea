// Bad input through the gateway, in every protocol: a typed error naming the field, nothing lost, nothing leaked.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { CallError, codes } from './support/contract.mjs';
import { NativeClient } from './support/native_client.mjs';
import { RestClient } from './support/rest_client.mjs';
import { expectEverythingRight } from './support/settled.mjs';
import { Shop } from './support/shop.mjs';
import { address, rowsOf, Shopper } from './support/shopper.mjs';
import { WebClient } from './support/web_client.mjs';

const stock = { TEA: 100 };
let shop, ada, eve, order;
before(async () => {
  shop = await Shop.start('bad-input');
  await shop.import(rowsOf(['TEA', 'Tea', 490, stock.TEA]));
  ada = await Shopper.guest(shop.client);
  order = await ada.placeOrderPatiently((await ada.addToCart('TEA')).total);
  eve = await Shopper.guest(shop.client);
});
after(() => shop?.stop());

// What an error must never show.
const LEAKS = /select |insert |update .* set|pg_|postgres|libpq|psql|host=|dbname|password=|passfile|\.cc:\d|\.so|0x[0-9a-f]{8}|std::|pqxx|hiredis|\/tmp\/|backtrace/i;

async function refusal(call) {
  let error;
  await assert.rejects(call, (thrown) => {
    error = thrown;
    return true;
  });
  assert.ok(error instanceof CallError, String(error));
  assert.doesNotMatch(JSON.stringify([error.status, error.reason, error.metadata, error.fields]), LEAKS);
  return error;
}

const protocols = {
  'native gRPC': () => new NativeClient(shop.address),
  'gRPC-Web, binary': () => new WebClient(shop.address, 'binary'),
  'gRPC-Web, text': () => new WebClient(shop.address, 'text'),
  REST: () => new RestClient(shop.address),
};
const placing = (changes) => ({ request_id: randomUUID(), payment_token: 'tok_approve', email: 'eve@mail.example', shipping_address: address,
  expected_total: { currency_code: 'EUR', minor_units: '490' }, ...changes });

for (const [protocol, connect] of Object.entries(protocols)) {
  describe(protocol, () => {
    let client;
    before(() => { client = connect(); });
    after(() => client.close());
    const asEve = (service, method, request) => client.call(service, method, request, { token: eve.token });

    test('a quantity below one', async () => {
      for (const quantity of [-1, 0, 1000]) {
        const error = await refusal(asEve('CartService', 'AddCartItem', { name: 'carts/me', sku: 'TEA', quantity }));
        assert.equal(error.code, codes.INVALID_ARGUMENT);
        assert.deepEqual(error.fields, ['quantity']);
      }
    });

    test('an unknown SKU', async () => {
      for (const sku of ['NO-SUCH-TEA', '\' OR 1=1; DROP TABLE stock; --', '../../etc/passwd', '%s%s%n']) {
        const error = await refusal(asEve('CartService', 'AddCartItem', { name: 'carts/me', sku, quantity: 1 }));
        assert.ok([codes.NOT_FOUND, codes.INVALID_ARGUMENT].includes(error.code), error.message);
        assert.notEqual(error.reason, '');
      }
    });

    test('another’s order and cart', async () => {
      for (const [service, method, request] of [
        ['OrderService', 'GetOrder', { name: order.name }],
        ['OrderService', 'CancelOrder', { name: order.name }],
        ['OrderService', 'ListOrderHistory', { parent: order.name }],
        ['CartService', 'GetCart', { name: `carts/${order.customer.split('/')[1]}` }],
      ]) {
        const error = await refusal(asEve(service, method, request));
        assert.equal(error.code, codes.NOT_FOUND, method);
        assert.equal(error.reason, 'NOT_FOUND', method);
      }
      const unknown = await refusal(asEve('OrderService', 'GetOrder', { name: `orders/${randomUUID()}` }));
      const foreign = await refusal(asEve('OrderService', 'GetOrder', { name: order.name }));
      assert.equal(unknown.status.replace(/orders\/\S+/, ''), foreign.status.replace(/orders\/\S+/, ''));
    });

    test('a bad page token', async () => {
      for (const [service, method] of [['OrderService', 'ListOrders'], ['CatalogService', 'ListProducts'], ['CatalogService', 'SearchProducts'],
        ['NotificationService', 'ListNotifications']]) {
        for (const token of ['x', 'AAAA', Buffer.from('{"id": 1}').toString('base64url')]) {
          const error = await refusal(asEve(service, method, { page_token: token }));
          assert.equal(error.code, codes.INVALID_ARGUMENT, method);
          assert.deepEqual(error.fields, ['page_token'], method);
        }
        const error = await refusal(asEve(service, method, { page_size: -1 }));
        assert.deepEqual(error.fields, ['page_size'], method);
      }
    });

    test('a malformed order', async () => {
      for (const [changes, field] of [
        [{ request_id: 'not-a-uuid' }, 'request_id'],
        [{ payment_token: '' }, 'payment_token'],
        [{ expected_total: null }, 'expected_total'],
        [{ expected_total: { currency_code: 'euros', minor_units: '1' } }, 'expected_total.currency_code'],
        [{ shipping_address: { ...address, region_code: 'Germany' } }, 'shipping_address.region_code'],
        [{ shipping_address: { ...address, lines: [] } }, 'shipping_address.lines'],
      ]) {
        const error = await refusal(asEve('OrderService', 'PlaceOrder', placing(changes)));
        assert.equal(error.code, codes.INVALID_ARGUMENT, field);
        assert.ok(error.fields.includes(field), `${field}: ${error.message}`);
      }
    });

    test('no token, a wrong one, one of the wrong kind', async () => {
      const withToken = (token, service = 'CartService', method = 'GetCart', request = { name: 'carts/me' }) =>
        refusal(client.call(service, method, request, { token }));
      assert.equal((await withToken('')).code, codes.UNAUTHENTICATED);
      const [header, payload] = eve.token.split('.');
      const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
      for (const token of ['nonsense', `${eve.token}x`, `${none}.${payload}.`, `${header}.${payload}.${'A'.repeat(86)}`, eve.token.slice(0, -8)]) {
        const error = await withToken(token);
        assert.equal(error.code, codes.UNAUTHENTICATED, token);
      }
      assert.equal((await withToken(eve.token, 'CatalogAdminService', 'ListStock', {})).code, codes.PERMISSION_DENIED);
    });

    test('a method that is not there, and one that is not for clients', async () => {
      if (!(client instanceof NativeClient)) return;
      for (const path of ['/arasta.order.v1.OrderService/NoSuchMethod', '/arasta.nothing.v1.Nothing/Nothing',
        '/arasta.catalog.v1.InventoryService/ReserveStock', '/arasta.auth.v1.AuthInternalService/GetContact']) {
        const error = await refusal(client.callRaw(path, Buffer.alloc(0), { token: await shop.adminToken() }));
        assert.ok([codes.UNIMPLEMENTED, codes.PERMISSION_DENIED, codes.NOT_FOUND].includes(error.code), `${path}: ${error.message}`);
      }
    });
  });
}

test('garbage instead of a message', async () => {
  for (const bytes of [Buffer.from('ffffffff', 'hex'), Buffer.alloc(1000, 0xff), Buffer.from('{"name": "carts/me"}')]) {
    const error = await refusal(shop.client.callRaw('/arasta.order.v1.CartService/GetCart', bytes, { token: eve.token }));
    assert.equal(error.code, codes.INVALID_ARGUMENT);
  }
});

test('text that is no UTF-8', async () => {
  const name = Buffer.from([0x0a, 3, 0xc3, 0x28, 0xff]);  // field 1, three bytes
  const error = await refusal(shop.client.callRaw('/arasta.order.v1.CartService/GetCart', name, { token: eve.token }));
  assert.equal(error.code, codes.INVALID_ARGUMENT);
  assert.match(JSON.stringify(error.fields), /name/);
});

test('too much of a message', async () => {
  for (const [field, size] of [['password', 2000], ['password', 5 << 20]]) {
    const error = await refusal(shop.client.call('AuthService', 'Register', { email: 'eve@mail.example', [field]: 'x'.repeat(size) }));
    assert.ok([codes.INVALID_ARGUMENT, codes.RESOURCE_EXHAUSTED].includes(error.code), error.message);
  }
});

test('too much of a header, and bytes that are no HTTP', async () => {
  assert.ok([codes.RESOURCE_EXHAUSTED, codes.UNAUTHENTICATED, codes.INTERNAL, codes.UNAVAILABLE, codes.UNKNOWN, codes.INVALID_ARGUMENT].includes(
    (await refusal(shop.client.call('CartService', 'GetCart', { name: 'carts/me' }, { token: 'x'.repeat(20000) }))).code));
  const answer = await new Promise((resolve) => {
    const request = http.request({ host: '127.0.0.1', port: shop.portOf('gateway'), method: 'POST', path: '/arasta.order.v1.CartService/GetCart',
      headers: { 'content-type': 'text/html', 'content-length': '5' } }, (response) => {
      let body = '';
      response.on('data', (part) => { body += part; });
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    request.end('hello');
  });
  assert.ok(answer.status >= 400 && answer.status < 500, JSON.stringify(answer));
  assert.doesNotMatch(answer.body, LEAKS);
});

test('of all that, the logs have lines of JSON and nothing else', async () => {
  for (const service of ['gateway', 'auth', 'catalog', 'order', 'notification']) {
    for (const line of shop.logOf(service).split('\n').filter(Boolean)) assert.doesNotThrow(() => JSON.parse(line), `${service}: ${line}`);
  }
});

test('afterwards nothing is lost, and Ada’s order is as it was', async () => {
  assert.equal((await ada.order(order.name)).state, 'STATE_PLACED');
  await expectEverythingRight(shop, stock);
});
