// A customer, in the words of the stories: she talks through one client, with one token.
import { randomUUID } from 'node:crypto';
import { codes } from './contract.mjs';

export const address = { recipient: 'Ada Lovelace', lines: ['12 St James’s Square'], postal_code: 'SW1Y 4JH', locality: 'London',
  region_code: 'GB' };

export class Shopper {
  constructor(client) {
    this.client = client;
    this.email = `ada.${randomUUID()}@mail.example`;
    this.password = `correct horse ${randomUUID()}`;
  }

  static async guest(client) {
    const guest = new Shopper(client);
    const { tokens } = await client.call('AuthService', 'CreateGuest', {});
    guest.token = tokens.access_token;
    return guest;
  }

  static async registered(client) {
    const shopper = new Shopper(client);
    await shopper.register();
    await shopper.logIn();
    return shopper;
  }

  call(service, method, request, options = {}) {
    return this.client.call(service, method, request, { token: this.token, ...options });
  }

  async register() {
    await this.client.call('AuthService', 'Register', { email: this.email, password: this.password, display_name: 'Ada', locale: 'en' });
  }

  async logIn(guestToken = '') {
    const { tokens } = await this.client.call('AuthService', 'Login',
      { email: this.email, password: this.password, guest_token: guestToken });
    this.token = tokens.access_token;
    return tokens;
  }

  search(query) {
    return this.call('CatalogService', 'SearchProducts', { query });
  }

  addToCart(sku, quantity = 1) {
    return this.call('CartService', 'AddCartItem', { name: 'carts/me', sku, quantity });
  }

  cart() {
    return this.call('CartService', 'GetCart', { name: 'carts/me' });
  }

  placeOrder(total, { requestId = randomUUID(), paymentToken = 'tok_approve', ...options } = {}) {
    return this.call('OrderService', 'PlaceOrder', {
      request_id: requestId, payment_token: paymentToken, expected_total: total, shipping_address: address, email: this.email,
    }, options);
  }

  // As a patient client does: what is unknown or refused for load is asked again with the same request id,
  // and a pending order until it is decided.
  async placeOrderPatiently(total, { requestId = randomUUID(), seconds = 60, ...options } = {}) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      let pause = 200;
      try {
        const order = await this.placeOrder(total, { requestId, ...options });
        if (order.state !== 'STATE_PENDING') return order;
      } catch (error) {
        const unknown = [codes.UNAVAILABLE, codes.DEADLINE_EXCEEDED, codes.RESOURCE_EXHAUSTED, codes.CANCELLED];
        if (!unknown.includes(error.code)) throw error;
        pause = Math.max(pause, error.retryMs ?? 0);
        if (Date.now() > end) throw error;
      }
      if (Date.now() > end) throw new Error('the order stays pending');
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  order(name) {
    return this.call('OrderService', 'GetOrder', { name });
  }
}

// A small catalogue: a row of ImportProducts for each [sku, title, cents, stock].
export function rowsOf(...products) {
  return products.map(([sku, title, cents, onHand]) => ({
    title, description: `${title}, from our own shelves.`, category_path: ['Test', 'Things'],
    variants: [{ sku, prices: [{ currency_code: 'EUR', minor_units: cents }], on_hand: onHand }],
  }));
}
