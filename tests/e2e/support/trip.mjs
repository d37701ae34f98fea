// One shopping trip, told with one client: the same story for every protocol.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from './eventually.mjs';
import { expectEverythingRight } from './settled.mjs';
import { Shop } from './shop.mjs';
import { address, rowsOf, Shopper } from './shopper.mjs';

export function tellTheTrip(story, makeClient) {
  let shop, client;
  before(async () => {
    shop = await Shop.start(story);
    client = makeClient(shop.address);
  });
  after(async () => {
    client?.close();
    await shop?.stop();
  });

  test(`a shopping trip by ${story}`, async () => {
    const report = await shop.import(rowsOf(['TEA-GREEN', 'Green tea', 490, 100], ['TEA-BLACK', 'Black tea', 390, 50], ['CUP', 'Tea cup', 1250, 20]));
    assert.equal(report.created_count, '3');

    // She looks around as a guest, and takes something along when she logs in.
    const ada = new Shopper(client);
    const { tokens: guest } = await client.call('AuthService', 'CreateGuest', {});
    ada.token = guest.access_token;
    await ada.addToCart('CUP', 1);
    await ada.register();
    const session = await ada.logIn(guest.access_token);
    assert.match(session.principal, /^users\//);
    assert.equal((await ada.call('AuthService', 'GetMe', {})).user.email, ada.email);

    const found = await eventually('the search finds green tea', async () => {
      const { products } = await ada.search('green tea');
      return products.find(({ title }) => title === 'Green tea');
    });
    assert.deepEqual(found.variants[0].price, { currency_code: 'EUR', minor_units: '490' });

    const cart = await ada.addToCart('TEA-GREEN', 2);
    assert.deepEqual(cart.lines.map(({ sku, quantity }) => [sku, quantity]), [['CUP', 1], ['TEA-GREEN', 2]]);
    assert.deepEqual(cart.total, { currency_code: 'EUR', minor_units: '2230' });

    const order = await ada.placeOrderPatiently(cart.total);
    assert.equal(order.state, 'STATE_PLACED');
    assert.equal(order.customer, session.principal);
    assert.deepEqual(order.totals.total, cart.total);
    assert.equal(order.shipping_address.recipient, address.recipient);
    assert.deepEqual((await ada.cart()).lines, []);

    // Watching tells every move up to the captured payment, without gaps.
    const moves = [];
    await client.watch('OrderService', 'WatchOrder', { name: order.name }, ({ entry }) => {
      moves.push(entry);
      return entry.payment_state !== 'STATE_CAPTURED';
    }, { token: ada.token });
    assert.deepEqual(moves.map(({ sequence }) => Number(sequence)), moves.map((_, index) => index + 1));
    assert.ok(moves.some(({ action }) => action === 'PLACED'), JSON.stringify(moves));

    const listed = await ada.call('OrderService', 'ListOrders', {});
    assert.deepEqual(listed.orders.map(({ name }) => name), [order.name]);

    // The mail: exactly one, also after the next one has come.
    const [mail] = await eventually('the confirmation has come', () => {
      const mails = shop.mail.confirmationsTo(ada.email);
      return mails.length > 0 && mails;
    });
    assert.equal(mail.subject, `Your order ${order.order_number}`);
    assert.match(mail.text, /Green tea/);
    assert.match(mail.text, /22[.,]30/);
    const second = await ada.placeOrderPatiently((await ada.addToCart('TEA-BLACK', 1)).total);
    await eventually('the second confirmation has come', () => shop.mail.confirmationsTo(ada.email).length >= 2);
    assert.deepEqual(shop.mail.confirmationsTo(ada.email).map(({ subject }) => subject).sort(),
      [`Your order ${order.order_number}`, `Your order ${second.order_number}`].sort());
    const { notifications } = await ada.call('NotificationService', 'ListNotifications', {});
    assert.ok(notifications.some(({ subject }) => subject === order.name), JSON.stringify(notifications));

    await ada.call('AuthService', 'Logout', {});
    await expectEverythingRight(shop, { 'TEA-GREEN': 100, 'TEA-BLACK': 50, CUP: 20 });
  });
}
