// Real input: the machine's own package index as a catalogue of tens of thousands of products, imported,
// searched and ordered from.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import { after, before, test } from 'node:test';
import { expectEverythingRight } from './support/settled.mjs';
import { Shop } from './support/shop.mjs';
import { Shopper } from './support/shopper.mjs';

let shop;
before(async () => { shop = await Shop.start('debian-catalogue'); });
after(() => shop?.stop());

// A product a package: name, section as category, size in bytes as its price in cents.
async function packages() {
  const index = spawn('apt-cache', ['dumpavail'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const found = new Map();
  let fields = {}, last = '';
  const close = () => {
    if (fields.Package && !found.has(fields.Package)) found.set(fields.Package, rowOf(fields));
    fields = {};
  };
  for await (const line of readline.createInterface({ input: index.stdout })) {
    if (line === '') close();
    else if (line.startsWith(' ')) fields[last] += `\n${line.trim()}`;
    else {
      const colon = line.indexOf(':');
      last = line.slice(0, colon);
      fields[last] = line.slice(colon + 1).trim();
    }
  }
  close();
  return [...found.values()];
}

function rowOf({ Package: name, Section: section = 'misc', Size: size = '1', 'Description-en': long, Description: short, Version: version = '' }) {
  return {
    title: name, description: (long ?? short ?? '').slice(0, 5000), category_path: ['Debian', ...section.split('/')],
    // A map is a list of entries where no code was generated.
    attributes: [{ key: 'version', value: version }],
    variants: [{ sku: name, prices: [{ currency_code: 'EUR', minor_units: Math.max(1, Math.ceil(Number(size) / 1000)) }], on_hand: 10 }],
  };
}

test('60,000 packages are imported, found and bought', async () => {
  const rows = await packages();
  assert.ok(rows.length >= 60000, `only ${rows.length} packages in the index: is it up to date?`);
  const report = await shop.import(rows);
  assert.deepEqual({ ...report, errors: report.errors.slice(0, 3) },
    { row_count: String(rows.length), created_count: String(rows.length), updated_count: '0', unchanged_count: '0', error_count: '0', errors: [] });

  const buyer = await Shopper.registered(shop.client);
  const { products } = await buyer.search('postgresql');
  assert.ok(products.length > 0 && products.every(({ title, description }) => /postgres/i.test(title + description)), JSON.stringify(products.map(({ title }) => title)));
  const exact = (await buyer.search('libnghttp2-dev')).products[0];
  assert.equal(exact.title, 'libnghttp2-dev');
  const misspelt = (await buyer.search('postgersql')).products;
  assert.ok(misspelt.some(({ title, description }) => /postgresql/i.test(title + description)), `typos are forgiven: ${JSON.stringify(misspelt)}`);

  let pages = 0, token = '';
  const seen = new Set();
  do {
    const page = await buyer.call('CatalogService', 'ListProducts', { page_size: 100, page_token: token, category: exact.category });
    for (const { name } of page.products) {
      assert.ok(!seen.has(name), 'a product stands on two pages');
      seen.add(name);
    }
    token = page.next_page_token;
  } while (token && ++pages < 20);
  assert.ok(seen.size > 100, `${seen.size} products listed`);

  await buyer.addToCart('libnghttp2-dev', 2);
  const { total } = await buyer.addToCart('redis-server', 1);
  const order = await buyer.placeOrderPatiently(total);
  assert.equal(order.state, 'STATE_PLACED');
  await expectEverythingRight(shop, { 'libnghttp2-dev': 10, 'redis-server': 10 });
});
