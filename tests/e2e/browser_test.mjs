// Headless Chromium, on a page of another origin, calls a service that is none of ours by every protocol that pages speak:
// through TLS, where ALPN chooses HTTP/2, and over HTTP/1.1 in cleartext.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Chromium } from './support/chromium.mjs';
import { codes } from './support/contract.mjs';
import { ConfiguredGateway, Folder, makeCertificates } from './support/configured_gateway.mjs';
import { ForeignService } from './support/foreign_service.mjs';
import * as library from './support/library_service.mjs';
import { WebSite } from './support/web_site.mjs';

const protocols = ['gRPC-Web, by Connect', 'gRPC-Web, binary', 'gRPC-Web, text', 'Connect, JSON', 'Connect, protobuf', 'Connect, by GET',
  'REST', 'REST, as events'];
// XMLHttpRequest shows binary answers when they are complete, and not before.
const tellsBeginning = (protocol) => protocol !== 'gRPC-Web, binary';

let folder, service, gateway, site, chromium, page;
before(async () => {
  folder = new Folder();
  folder.write(library.proto, library.contract);
  const descriptors = folder.compile('library.binpb', folder.path, [library.proto]);
  makeCertificates(folder, 'shop-ca', ['shop']);
  site = await WebSite.start(fs.readFileSync(descriptors));
  service = await ForeignService.start('./library_service.mjs', descriptors);
  gateway = await ConfiguredGateway.start(folder, {
    descriptors: [descriptors],
    backends: { desk: { addresses: [service.address] } },
    routes: [{ prefix: '/city.library.', backend: 'desk', default_access: 'PUBLIC' }],
    cors: { exposed_headers: ['x-due'] },
  }, { environment: {
    ARASTA_GATEWAY_TLS_CERT: folder.file('shop.pem'), ARASTA_GATEWAY_TLS_KEY: folder.file('shop.key'),
    ARASTA_GATEWAY_CLEARTEXT: 'also', ARASTA_GATEWAY_CORS_ORIGINS: site.origin } });
  chromium = await Chromium.start({ trusted: [fs.readFileSync(folder.file('shop.pem'))] });
  page = await chromium.open(site.origin);
});
after(async () => {
  await chromium?.stop();
  const code = await gateway?.stop();
  await service?.stop();
  await site?.stop();
  folder.remove();
  assert.equal(code, 0);
});

const inPage = (name, ...args) => page.call('/library.mjs', name, ...args);

// The service's next report in which `what` is `value`.
const reported = (what, value) => new Promise((resolve) => {
  service.on('report', function hear(report) {
    if (report[what] !== value) return;
    service.off('report', hear);
    resolve(report);
  });
});

// From the abort in the page to the service's handler, in milliseconds.
const delays = [];

for (const [scheme, version] of [['https', 'h2'], ['http', 'http/1.1']]) {
  describe(scheme, () => {
    let address;
    before(() => { address = `${scheme}://localhost:${gateway.port}`; });

    for (const protocol of protocols) {
      describe(protocol, () => {
        test('an answer and its trailer', async () => {
          assert.deepEqual(await inPage('lend', protocol, address, 'Großer Atlas'), { title: 'Großer Atlas', due: 'in two weeks' });
        });

        test('an error', async () => {
          const error = await inPage('lend', protocol, address, '');
          assert.deepEqual(error, { code: codes.NOT_FOUND, message: 'no such book: “”' });
        });

        test('a server stream', async () => {
          assert.deepEqual(await inPage('browse', protocol, address, 'sea'), [1, 2, 3]);
        });

        for (const [topic, when] of [['silent', 'before the first message'], ['endless', 'after it']]) {
          test(`an abort ${when}, of which the service learns`, async () => {
            const begun = reported('begun', topic);
            const cancelled = reported('cancelled', topic);
            const first = inPage('begin', protocol, address, topic, topic === 'endless' && tellsBeginning(protocol));
            await begun;
            await first;
            const at = await inPage('giveUp');
            delays.push((await cancelled).at - at);
          });
        }
      });
    }

    test(`all of it over ${version}`, () => {
      const versions = page.answers.filter(({ url }) => url.startsWith(address)).map((answer) => answer.protocol);
      assert.ok(versions.length >= 3 * protocols.length, String(versions.length));
      assert.deepEqual([...new Set(versions)], [version]);
    });

    test('a page that is closed, of which the service learns', async () => {
      const begun = reported('begun', 'endless');
      const cancelled = reported('cancelled', 'endless');
      const tab = await chromium.open(site.origin);
      await tab.call('/library.mjs', 'begin', 'Connect, JSON', address, 'endless', true);
      await begun;
      await tab.close();
      await cancelled;
    });
  });
}

test('half of the aborts reach the service within 50 ms', () => {
  delays.sort((a, b) => a - b);
  assert.ok(delays[Math.floor(delays.length / 2)] <= 50, delays.join(' '));
});

test('a page of an origin that is not allowed can’t call, nor see what there is', async () => {
  let lent = 0;
  const count = (report) => { lent += 'lent' in report; };
  service.on('report', count);
  const stranger = await chromium.open(site.otherOrigin);
  for (const scheme of ['https', 'http']) {
    for (const protocol of protocols) {
      // A GET without fields of its own is made without asking before; its answer is not shown.
      const reached = /^REST|GET$/.test(protocol) && reported('lent', 'Emma');
      stranger.problems.length = 0;
      const answer = await stranger.call('/library.mjs', 'lend', protocol, `${scheme}://localhost:${gateway.port}`, 'Emma');
      assert.ok(!('title' in answer), protocol);
      assert.match(stranger.problems.join('\n'), /blocked by CORS policy/, protocol);
      await reached;
    }
  }
  assert.equal(lent, 6);
  await stranger.close();
  service.off('report', count);
});
