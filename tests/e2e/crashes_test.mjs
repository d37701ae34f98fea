// kill -9 where it hurts: a process dies at a named point in the middle of an order, is started again by its
// supervisor, and everything comes right without anybody's help.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from './support/eventually.mjs';
import { expectEverythingRight } from './support/settled.mjs';
import { Shop } from './support/shop.mjs';
import { rowsOf, Shopper } from './support/shopper.mjs';

const stock = { TEA: 1000 };
let shop;
before(async () => {
  shop = await Shop.start('crashes');
  await shop.import(rowsOf(['TEA', 'Tea', 490, stock.TEA]));
});
after(() => shop?.stop());

for (const [service, point] of [
  ['order', 'order.after_claim'],
  ['order', 'order.after_authorise'],
  ['catalog', 'catalog.after_reserve'],
  ['order', 'relay.after_xadd'],
]) {
  test(`${service} dies at ${point}`, async () => {
    // The death comes to one of several orders that are under way.
    const buyers = await Promise.all(Array(4).fill().map(() => Shopper.guest(shop.client)));
    const totals = await Promise.all(buyers.map(async (buyer) => (await buyer.addToCart('TEA', 2)).total));
    await shop.restart(service, { ARASTA_CRASH_POINT: `${point}:2` });
    const doomed = shop.pidOf(service);
    const orders = await Promise.all(buyers.map((buyer, index) => buyer.placeOrderPatiently(totals[index], { seconds: 90 })));
    await eventually(`${service} has died and is back`, () => ![0, doomed].includes(shop.pidOf(service)));
    assert.deepEqual(orders.map(({ state }) => state), Array(4).fill('STATE_PLACED'));
    await expectEverythingRight(shop, stock);
  });
}

test('the order service is killed outright while orders come in', async () => {
  const buyers = await Promise.all(Array(8).fill().map(() => Shopper.guest(shop.client)));
  const totals = await Promise.all(buyers.map(async (buyer) => (await buyer.addToCart('TEA', 1)).total));
  const placing = Promise.all(buyers.map((buyer, index) => buyer.placeOrderPatiently(totals[index], { seconds: 90 })));
  process.kill(shop.pidOf('order'), 'SIGKILL');
  const orders = await placing;
  assert.deepEqual(orders.map(({ state }) => state), Array(8).fill('STATE_PLACED'));
  await expectEverythingRight(shop, stock);
});
