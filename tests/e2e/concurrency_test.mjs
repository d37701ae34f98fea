// Ten units and two hundred buyers at once; fifty times the same order; ten orders of one cart.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { codes } from './support/contract.mjs';
import { eventually } from './support/eventually.mjs';
import { expectEverythingRight } from './support/settled.mjs';
import { Shop } from './support/shop.mjs';
import { rowsOf, Shopper } from './support/shopper.mjs';

const stock = { RARE: 10, COMMON: 100 };
let shop;
before(async () => {
  shop = await Shop.start('concurrency');
  await shop.import(rowsOf(['RARE', 'Rare tea', 9900, stock.RARE], ['COMMON', 'Common tea', 290, stock.COMMON]));
});
after(() => shop?.stop());

// Does `work` for every item, at most `width` at a time.
async function eachAtMost(width, items, work) {
  const results = new Array(items.length);
  let next = 0;
  await Promise.all(Array.from({ length: width }, async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]);
    }
  }));
  return results;
}

test('ten units and two hundred buyers: ten orders, one hundred and ninety clean refusals', async () => {
  const buyers = await eachAtMost(10, Array(200).fill(), async () => {
    const buyer = await Shopper.guest(shop.client);
    buyer.total = (await buyer.addToCart('RARE')).total;
    return buyer;
  });
  const answers = await Promise.all(buyers.map((buyer) => buyer.placeOrderPatiently(buyer.total, { seconds: 120 }).catch((error) => error)));
  const placed = answers.filter(({ state }) => state === 'STATE_PLACED');
  const refused = answers.filter(({ code, reason }) => code === codes.FAILED_PRECONDITION && reason === 'INSUFFICIENT_STOCK');
  assert.equal(placed.length, 10, summary(answers));
  assert.equal(refused.length, 190, summary(answers));
});

test('fifty identical orders: one order, one charge, fifty answers that name it', async () => {
  const buyer = await Shopper.guest(shop.client);
  const { total } = await buyer.addToCart('COMMON', 3);
  const requestId = randomUUID();
  const orders = await Promise.all(Array(50).fill().map(() => buyer.placeOrderPatiently(total, { requestId })));
  assert.equal(new Set(orders.map(({ name }) => name)).size, 1);
  assert.ok(orders.every(({ state }) => state === 'STATE_PLACED'));
  const { orders: listed } = await buyer.call('OrderService', 'ListOrders', {});
  assert.equal(listed.length, 1);
});

test('ten orders of one cart: one is placed and captured, nine are refused', async () => {
  const buyer = await Shopper.guest(shop.client);
  const { total } = await buyer.addToCart('COMMON', 2);
  const answers = await Promise.all(Array(10).fill().map(() => buyer.placeOrderPatiently(total).catch((error) => error)));
  const placed = answers.filter(({ state }) => state === 'STATE_PLACED');
  const refused = answers.filter(({ code, reason }) => (code === codes.ABORTED && ['ORDER_IN_PROGRESS', 'CART_CHANGED'].includes(reason))
    || (code === codes.FAILED_PRECONDITION && reason === 'CART_EMPTY'));
  assert.equal(placed.length, 1, summary(answers));
  assert.equal(refused.length, 9, summary(answers));
  const { orders } = await buyer.call('OrderService', 'ListOrders', {});
  assert.deepEqual(orders.map(({ name }) => name), placed.map(({ name }) => name));
  const captured = await eventually('the money is captured', async () => {
    const { payment } = await buyer.order(placed[0].name);
    return payment.state === 'STATE_CAPTURED' && payment.captured_amount;
  });
  assert.deepEqual(captured, total);
  assert.deepEqual((await buyer.cart()).lines, []);
});

test('afterwards money, stock, orders, events and mail are right', () => expectEverythingRight(shop, stock));

function summary(answers) {
  const counts = {};
  for (const { state, code, reason, message } of answers) {
    const key = state ?? (reason || `${code} ${message}`);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return JSON.stringify(counts);
}
