// SIGHUP, and for certificates nothing but their files: what is changed holds for what begins from then on, and
// what is wrong changes nothing.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import grpc from '@grpc/grpc-js';
import { ConfiguredGateway, Folder, makeCertificates } from './support/configured_gateway.mjs';
import { codes } from './support/contract.mjs';
import { eventually } from './support/eventually.mjs';
import { ForeignService, loadPackages, lookUp } from './support/foreign_service.mjs';
import * as testing from './support/test_service.mjs';

let folder, services, gateway, client;
const prefix = '/grpc.testing.TestService/';
const configFor = (service, routes = [{ prefix, backend: 'test', default_access: 'PUBLIC' }]) => ({
  descriptors: [folder.file('test.binpb')], backends: { test: { addresses: [service.address] } }, routes });

before(async () => {
  folder = new Folder();
  const descriptors = folder.compile('test.binpb', '/usr/share/grpc-proto', [testing.proto]);
  makeCertificates(folder, 'ca', ['shop']);
  services = [];
  for (let i = 0; i < 2; ++i) services.push(await ForeignService.start('./test_service.mjs', descriptors));
  gateway = await ConfiguredGateway.start(folder, configFor(services[0]), { environment: {
    ARASTA_GATEWAY_TLS_CERT: folder.file('shop.pem'), ARASTA_GATEWAY_TLS_KEY: folder.file('shop.key'),
    ARASTA_GATEWAY_CERTIFICATE_INTERVAL: '100ms' } });
  const credentials = grpc.credentials.createSsl(fs.readFileSync(folder.file('ca.pem')));
  client = new (lookUp(loadPackages(descriptors), testing.serviceName))(`localhost:${gateway.port}`, credentials);
});
after(async () => {
  client?.close();
  const code = await gateway?.stop();
  for (const service of services ?? []) await service.stop();
  folder.remove();
  assert.equal(code, 0);
});

// The status of one call.
const call = (method) => new Promise((resolve) => {
  client[method]({}, new grpc.Metadata(), { deadline: Date.now() + 20000 }, (error) => resolve(error?.code ?? codes.OK));
});

test('one that is wrong is refused, with its file and entry or line', async () => {
  const wrong = configFor(services[0]);
  wrong.routes[0].bakend = 'test';
  for (const [config, reason] of [['{\n"routes": [\n', /gateway\.json: .*line 3/], [wrong, /gateway\.json: routes\[0\]\.bakend: is not known/],
    [{ ...configFor(services[0]), descriptors: ['/none.binpb'] }, /none\.binpb/]]) {
    gateway.configure(config);
    const said = await gateway.reload();
    assert.equal(said.level, 'error');
    assert.match(said.error, reason);
    assert.equal(await call('EmptyCall'), codes.OK);
  }
});

test('under load no call is lost; routes and backends come and go', async () => {
  const failed = [];
  let calls = 0;
  let done = false;
  const caller = async () => {
    while (!done) {
      const code = await call('EmptyCall');
      if (code !== codes.OK) failed.push(code);
      calls += 1;
    }
  };
  const callers = [caller(), caller(), caller(), caller()];
  for (let i = 1; i <= 10; ++i) {
    const service = services[i % 2];
    // EmptyCall is always served; UnaryCall every other time.
    const route = { prefix: i % 2 ? `${prefix}EmptyCall` : prefix, backend: 'test', default_access: 'PUBLIC' };
    gateway.configure(configFor(service, [route]));
    assert.equal((await gateway.reload()).level, 'info');
    const before = calls;
    while (calls < before + 50) await new Promise(setImmediate);
    assert.equal(await call('UnaryCall'), i % 2 ? codes.UNIMPLEMENTED : codes.OK);
  }
  done = true;
  await Promise.all(callers);
  assert.deepEqual(failed, []);
});

test('a new certificate is shown, without a word to the gateway', async () => {
  const shown = () => new Promise((resolve, reject) => {
    const socket = tls.connect({ host: 'localhost', port: gateway.port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
  const before = await shown();
  makeCertificates(folder, 'ca', ['shop']);
  await eventually('another certificate is shown', async () => await shown() !== before);
});
