// The one who fills the shelves: brings the catalogue in, restocks, and changes prices, all in the history.
import { randomUUID } from 'node:crypto';

export class Staff {
  constructor({ suite, random, history, client, shelf }) {
    Object.assign(this, { suite, random, history, client, shelf, token: undefined, lastPrice: 1000 });
  }

  say(op, service, method, request, args, pick) {
    return this.history.record('staff', op, args, () => this.client.call(service, method, request, { token: this.token }), pick);
  }

  // The catalogue, before anybody buys. A run over a shop that has it already sets the shelves anew.
  async stock() {
    this.token = await this.suite.adminToken();
    const rows = this.shelf.rows();
    const report = await this.client.upload('CatalogAdminService', 'ImportProducts', [{ rows }], { token: this.token });
    if (Number(report.error_count) > 0) throw new Error(`the import failed: ${JSON.stringify(report.errors)}`);
    for (let page; page !== ''; ) {
      const { products, next_page_token: next } = await this.client.call('CatalogService', 'ListProducts', { page_size: 100, page_token: page });
      for (const { name, variants } of products) for (const { sku } of variants) this.shelf.products[sku] = name;
      page = next;
    }
    const prices = Object.fromEntries(rows.map(({ variants: [{ sku, prices: [{ minor_units: price }] }] }) => [sku, price]));
    this.history.write({ client: 'staff', op: 'Stock', type: 'invoke', id: ++this.history.lastId, args: { units: this.shelf.initial, prices } });
    this.history.write({ client: 'staff', op: 'Stock', type: 'ok', id: this.history.lastId });
  }

  async work(signal) {
    while (!signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, this.random.integer(100, 600)));
      const done = await (this.random.chance(0.5) ? this.adjust() : this.reprice());
      if (!done.ok && done.code === 16) await this.suite.adminToken().then((token) => { this.token = token; }, () => {});
    }
  }

  // Now and then a few more of the hot one; a repeat of an unknown answer counts once.
  async adjust() {
    const sku = this.random.chance(0.5) ? this.shelf.hot : this.random.pick(this.shelf.cold);
    const delta = this.random.integer(1, 3);
    const requestId = randomUUID();
    let adjusted;
    for (let tries = 0; tries < 3 && (tries === 0 || adjusted.unknown); ++tries) {
      adjusted = await this.say('AdjustStock', 'CatalogAdminService', 'AdjustStock',
        { name: `stock/${sku}`, request_id: requestId, delta, note: 'delivery' }, { sku, delta, request: requestId });
    }
    return adjusted;
  }

  // Every price is a new one, so an order tells when it was quoted.
  async reprice() {
    const sku = this.shelf.any(this.random);
    const price = ++this.lastPrice;
    const product = { name: this.shelf.productOf(sku), variants: [{ sku, prices: [{ amount: { currency_code: 'EUR', minor_units: price } }] }] };
    return this.say('SetPrice', 'CatalogAdminService', 'UpdateProduct',
      { product, update_mask: { paths: ['variants'] } }, { sku, price });
  }
}
