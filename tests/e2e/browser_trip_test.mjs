// The shop in headless Chromium, through TLS: a customer on a page of another origin, and a developer who reads /docs.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Chromium } from './support/chromium.mjs';
import { Folder, makeCertificates } from './support/configured_gateway.mjs';
import { descriptorSet } from './support/contract.mjs';
import { eventually } from './support/eventually.mjs';
import { openApiOf } from './support/rest_client.mjs';
import { Shop } from './support/shop.mjs';
import { address, rowsOf } from './support/shopper.mjs';
import { WebSite } from './support/web_site.mjs';

let folder, shop, site, chromium, base, docs;
before(async () => {
  folder = new Folder();
  makeCertificates(folder, 'shop-ca', ['shop']);
  shop = await Shop.start('browser', { ARASTA_GATEWAY_TLS_CERT: folder.file('shop.pem'), ARASTA_GATEWAY_TLS_KEY: folder.file('shop.key'),
    ARASTA_GATEWAY_CLEARTEXT: 'also' });
  base = `https://localhost:${shop.portOf('gateway')}`;
  await shop.import(rowsOf(['TEA-GREEN', 'Green tea', 490, 100], ['CUP', 'Tea cup', 1250, 20]));
  await eventually('the search finds green tea', async () => {
    const { products } = await shop.client.call('CatalogService', 'SearchProducts', { query: 'green tea' });
    return products.length > 0;
  });
  site = await WebSite.start(descriptorSet);
  chromium = await Chromium.start({ trusted: [fs.readFileSync(folder.file('shop.pem'))] });
  docs = await chromium.open(`${base}/docs`);
  await docs.until(() => document.querySelector('section'));
});
after(async () => {
  await chromium?.stop();
  await site?.stop();
  await shop?.stop();
  folder?.remove();
});

let ada;
test('a customer registers, logs in, searches, orders and watches', async () => {
  const page = await chromium.open(site.origin);
  const { recipient, lines, postal_code: postalCode, locality, region_code: regionCode } = address;
  ada = await page.call('/shopping.mjs', 'goShopping', base, { email: `ada.${randomUUID()}@mail.example`, password: `correct horse ${randomUUID()}`,
    shippingAddress: { recipient, lines, postalCode, locality, regionCode } });
  assert.equal(ada.title, 'Green tea');
  assert.equal(ada.total, 980);
  assert.equal(ada.moves.at(-1), 'PLACED');
  assert.deepEqual(page.problems, []);
  await page.close();
});

test('/docs has every operation of the contract, and nothing is wrong with it', async () => {
  const { paths } = await openApiOf(shop.address);
  const operations = Object.values(paths).flatMap(Object.values).map(({ operationId }) => operationId).sort();
  assert.deepEqual(await docs.run(() => [...document.querySelectorAll('section')].map(({ id }) => id).sort()), operations);
  assert.deepEqual(await docs.run(() => [...document.querySelectorAll('nav a')].map(({ hash }) => hash.slice(1)).sort()), operations);
  assert.deepEqual(docs.problems, []);
});

test('/docs is read with the keyboard alone', async () => {
  await docs.press('/', 191);
  await docs.type('search product');
  await docs.press('Enter', 13);
  await docs.until(() => location.hash === '#CatalogService_SearchProducts');
  const shown = await docs.run(() => [...document.querySelectorAll('nav a')].filter(({ offsetParent }) => offsetParent).length);
  assert.ok(shown >= 1 && shown < 10, String(shown));
});

// Fills in the form of an operation and sends it; returns what is answered, once that has begun.
async function tryIt(operation, values) {
  await docs.run((id) => { document.querySelector(`[id="${id}"] .try`).open = true; }, operation);
  await docs.until((id) => document.querySelector(`[id="${id}"] form`), operation);
  await docs.run((id, given) => {
    const form = document.querySelector(`[id="${id}"] form`);
    for (const [name, value] of Object.entries(given)) form.elements.namedItem(name).value = value;
    form.dispatchEvent(new Event('input'));
    form.requestSubmit();
  }, operation, values);
  await docs.until((id) => document.querySelector(`[id="${id}"] [aria-live] pre`)?.textContent, operation);
  return docs.run((id) => document.querySelector(`[id="${id}"] [aria-live]`).innerText, operation);
}

test('what /docs lets one try is real', async () => {
  assert.match(await tryIt('CatalogService_SearchProducts', { query: 'green tea' }), /^200 [^]*"title": "Green tea"/);
  assert.match(await tryIt('CartService_GetCart', { cart: 'me' }), /^401 [^]*TOKEN_REQUIRED/);
  await tryIt('AuthService_CreateGuest', { 'request body': '{}' });
  await docs.until(() => document.querySelector('[id="AuthService_CreateGuest"] .use'));
  await docs.run(() => document.querySelector('[id="AuthService_CreateGuest"] .use').click());
  const cart = await tryIt('CartService_AddCartItem', { cart: 'me', 'request body': '{"sku": "CUP", "quantity": 3}' });
  assert.match(cart, /^200 [^]*"minorUnits": "3750"/);
  const command = await docs.run(() => document.querySelector('[id="CartService_AddCartItem"] [aria-label="For curl"]').textContent);
  assert.match(command, /^curl -X POST 'https:\/\/localhost:\d+\/v1\/carts\/me:addItem'[^]*Bearer \$TOKEN[^]*-d '\{"sku": "CUP", "quantity": 3\}'$/);
});

test('/docs shows a stream as it comes, until it is stopped', async () => {
  await docs.run((token) => { document.getElementById('token').value = token; }, ada.token);
  assert.match(await tryIt('OrderService_WatchOrder', { order: ada.order.split('/')[1] }), /^200 [^]*"action":"/);
  await docs.run(() => [...document.querySelectorAll('[id="OrderService_WatchOrder"] button')].find(({ innerText }) => innerText === 'Stop').click());
  await docs.until(() => /Stopped\./.test(document.querySelector('[id="OrderService_WatchOrder"] [aria-live]').innerText));
});

// WCAG's contrast of an element's text, at least 1.
function contrastOf(selector) {
  const luminance = (colour) => {
    const [red, green, blue] = colour.match(/\d+/g).map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const element = document.querySelector(selector);
  const [dark, light] = [getComputedStyle(element).color, getComputedStyle(document.body).backgroundColor].map(luminance).sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

for (const scheme of ['light', 'dark']) {
  test(`/docs is legible where it is ${scheme}, also on a phone`, async () => {
    for (const width of [1280, 360]) {
      await docs.showOn({ width, scheme });
      assert.ok(await docs.run(() => document.documentElement.scrollWidth <= innerWidth), `${width} wide is enough`);
      for (const selector of ['main', '.dim', '.get', '.post', '.patch', '.delete', 'main a']) {
        const contrast = await docs.run(contrastOf, selector);
        assert.ok(contrast >= 4.5, `${selector}: ${contrast}`);
      }
    }
    const background = await docs.run(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(/^rgb\(2\d\d/.test(background), scheme === 'light', background);
  });
}
