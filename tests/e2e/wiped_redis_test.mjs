// The event Redis forgets everything in the middle of a run: no notification is lost, none is sent twice.
import { after, before, test } from 'node:test';
import { eventually } from './support/eventually.mjs';
import { expectEverythingRight } from './support/settled.mjs';
import { Shop } from './support/shop.mjs';
import { rowsOf, Shopper } from './support/shopper.mjs';

const stock = { TEA: 1000 };
let shop;
before(async () => {
  shop = await Shop.start('wiped-redis');
  await shop.import(rowsOf(['TEA', 'Tea', 490, stock.TEA]));
});
after(() => shop?.stop());

async function buy(count) {
  await Promise.all(Array(count).fill().map(async () => {
    const buyer = await Shopper.guest(shop.client);
    await buyer.placeOrderPatiently((await buyer.addToCart('TEA')).total);
  }));
}

test('FLUSHALL between orders, and again and again while they come in', async () => {
  await buy(5);
  await shop.redis('events', 'FLUSHALL');
  const buying = buy(30);
  for (let round = 0; round < 5; ++round) {
    const before = await placed();
    await shop.redis('events', 'FLUSHALL');
    await eventually('more orders are placed', async () => (await placed()) > before || (await placed()) === 35);
  }
  await buying;
  await expectEverythingRight(shop, stock);
});

async function placed() {
  return (await shop.sql('order', `SELECT count(*)::int AS placed FROM orders WHERE state = 'PLACED'`))[0].placed;
}

test('the event Redis is killed and comes back', async () => {
  const buying = buy(10);
  await shop.restart('redis-events', {}, { kill: true });
  await buying;
  await buy(2);
  await expectEverythingRight(shop, stock);
});
