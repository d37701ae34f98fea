// A customer of the workload: one thing after the other, now and then in three tabs, every call in the history.
import { randomUUID } from 'node:crypto';
import { address } from '../e2e/support/shopper.mjs';
import { Session } from './session.mjs';

// How a checkout may go, and how often of ten.
const PAYMENTS = spread({ tok_approve: 6, tok_decline: 1, tok_insufficient_funds: 1, tok_slow: 1, tok_timeout_after_execute: 1 });
const REPEATS = 3;

// A list to pick from, in which each name is as often as it says.
export function spread(weights) {
  return Object.entries(weights).flatMap(([name, weight]) => Array(weight).fill(name));
}

export class Customer {
  // `tabs` are clients of gateways; the first is used for most. `shelf` knows the SKUs.
  constructor({ name, random, history, tabs, shelf }) {
    Object.assign(this, { name, random, history, tabs, shelf, orders: [] });
    this.session = new Session((...call) => this.say(...call), `${name}.${randomUUID()}@mail.example`, `correct horse ${randomUUID()}`);
  }

  say(op, service, method, request, { args = {}, pick, public: open = false, tab = 0, seconds = 10,
    token = open ? undefined : this.session.accessToken } = {}) {
    return this.history.record(this.name, op, { ...(open ? {} : this.session.args), ...args },
      () => this.tabs[tab].call(service, method, request, { token, seconds }), pick);
  }

  browse() {
    const sku = this.shelf.any(this.random);
    return this.say('GetProduct', 'CatalogService', 'GetProduct', { name: this.shelf.productOf(sku) },
      { args: { sku }, pick: ({ variants }) => ({ price: Number(variants[0].price.minor_units), available: Number(variants[0].available) }) });
  }

  search() {
    return this.say('SearchProducts', 'CatalogService', 'SearchProducts', { query: this.random.pick(['tea', 'green tee', 'hot', '']) },
      { pick: ({ products }) => ({ found: products.length }) });
  }

  cart() {
    return this.say('GetCart', 'CartService', 'GetCart', { name: 'carts/me' }, { pick: tellCart });
  }

  add() {
    return this.put(this.shelf.any(this.random), this.random.integer(1, 2));
  }

  // What is not known is asked again with the same request id, so it counts once.
  async put(sku, quantity) {
    const requestId = randomUUID();
    for (let tries = 0; tries < REPEATS; ++tries) {
      const added = await this.say('AddCartItem', 'CartService', 'AddCartItem',
        { name: 'carts/me', sku, quantity, request_id: requestId }, { args: { sku, quantity, request: requestId }, pick: tellCart });
      if (!added.unknown) return added;
    }
    return undefined;
  }

  async change() {
    const cart = await this.cart();
    if (!cart.ok || cart.response.lines.length === 0) return;
    const { sku } = this.random.pick(cart.response.lines);
    const quantity = this.random.integer(0, 3);
    if (quantity === 0) {
      await this.remove(sku);
    } else {
      await this.say('UpdateCartItem', 'CartService', 'UpdateCartItem', { name: 'carts/me', sku, quantity }, { args: { sku, quantity }, pick: tellCart });
    }
  }

  remove(sku) {
    return this.say('RemoveCartItem', 'CartService', 'RemoveCartItem', { name: 'carts/me', sku }, { args: { sku }, pick: tellCart });
  }

  // Buys what is in the cart, putting something in first. The request id is the recipient's name too, which is
  // how the order's row can be told even when no answer named it.
  async buy({ payment = this.random.pick(PAYMENTS), beside } = {}) {
    const added = await this.add();
    const cart = added?.ok ? added.response : undefined;
    if (!cart?.total) return;
    const requestId = randomUUID();
    const place = (tab) => this.place(requestId, cart, payment, tab);
    const second = beside ?? (this.random.chance(0.2) ? () => place(1) : undefined);
    const [first, other] = await Promise.all([place(0), second?.()]);
    this.keep(first);
    this.keep(other);
    if (first.reason === 'INSUFFICIENT_STOCK') await this.remove(first.error.metadata.sku);
    let last = first;
    for (let tries = 0; tries < REPEATS && (last.unknown || this.random.chance(0.1)); ++tries) {
      last = await place(this.random.integer(0, 1));
      this.keep(last);
    }
  }

  place(requestId, { total, lines }, payment, tab) {
    return this.say('PlaceOrder', 'OrderService', 'PlaceOrder',
      { request_id: requestId, payment_token: payment, expected_total: total, shipping_address: { ...address, recipient: requestId } },
      { tab, args: { request: requestId, payment, total: Number(total.minor_units), skus: lines.map(({ sku }) => sku) }, pick: tellOrder });
  }

  keep(answer) {
    if (answer?.ok && answer.response.name && !this.orders.includes(answer.response.name)) this.orders.push(answer.response.name);
  }

  // An order that is still being placed is stopped from the other tab, which finds it in the list.
  async buyAndThinkAgain() {
    await this.buy({ payment: 'tok_slow', beside: () => this.cancelPending() });
  }

  async cancelPending() {
    for (let looks = 0; looks < 10; ++looks) {
      const listed = await this.list(1);
      const pending = listed.ok && listed.response.orders.find(({ state }) => state === 'STATE_PENDING');
      if (pending) return this.cancelNamed(pending.name, 1);
    }
    return undefined;
  }

  async cancel() {
    if (this.orders.length > 0) await this.cancelNamed(this.random.pick(this.orders));
  }

  cancelNamed(name, tab = 0) {
    return this.say('CancelOrder', 'OrderService', 'CancelOrder', { name, reason: 'thought again' },
      { tab, args: { order: name }, pick: tellOrder });
  }

  read() {
    if (this.orders.length === 0) return this.list();
    const name = this.random.pick(this.orders);
    return this.say('GetOrder', 'OrderService', 'GetOrder', { name }, { args: { order: name }, pick: tellOrder });
  }

  list(tab = 0) {
    return this.say('ListOrders', 'OrderService', 'ListOrders', { page_size: 100 },
      { tab, pick: ({ orders, next_page_token: next }) => ({ orders: orders.map(tellOrder), more: next !== '' }) });
  }

  // Watches the newest order until its money has settled, or for two seconds.
  async watch() {
    const name = this.orders.at(-1);
    if (!name) return;
    const moves = [];
    const token = this.session.accessToken;
    await this.history.record(this.name, 'WatchOrder', { ...this.session.args, order: name }, () =>
      this.tabs[0].watch('OrderService', 'WatchOrder', { name }, ({ entry }) => {
        moves.push({ sequence: Number(entry.sequence), state: entry.state, payment: entry.payment_state });
        return !['STATE_CAPTURED', 'STATE_VOIDED', 'STATE_REFUNDED', 'STATE_DECLINED'].includes(entry.payment_state);
      }, { token, seconds: 2 }).catch((error) => {
        if (error.code !== 4) throw error;  // our own two seconds
      }), () => ({ moves }));
  }
}

function tellOrder({ name, etag, state, totals, lines, payment, customer, shipping_address: to }) {
  return { order: name, version: Number(etag), state, customer, request: to?.recipient, total: Number(totals.total.minor_units),
    payment: payment?.state, lines: lines.map(({ sku, quantity, unit_price: price }) => ({ sku, quantity, price: Number(price.minor_units) })) };
}

function tellCart({ etag, lines, total }) {
  return { version: Number(etag), total: Number(total?.minor_units ?? 0), lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) };
}
