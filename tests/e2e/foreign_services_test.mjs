// Any service by configuration: the gateway, without a rebuild, in front of two services that it has never heard
// of, over TLS, with the clients of @grpc/grpc-js.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { after, before, test } from 'node:test';
import grpc from '@grpc/grpc-js';
import { ConfiguredGateway, Folder, makeCertificates } from './support/configured_gateway.mjs';
import { buildDirectory, codes } from './support/contract.mjs';
import { ForeignService, loadPackages, lookUp } from './support/foreign_service.mjs';
import * as library from './support/library_service.mjs';
import * as testing from './support/test_service.mjs';

let folder, services, gateway, config, packages;
before(async () => {
  folder = new Folder();
  folder.write(library.proto, library.contract);
  const descriptors = folder.compile('all.binpb', folder.path, [library.proto, testing.proto]);
  packages = loadPackages(descriptors);
  makeCertificates(folder, 'shop-ca', ['shop', 'till']);
  makeCertificates(folder, 'other-ca', ['stranger']);
  services = {
    desk: await ForeignService.start('./library_service.mjs', descriptors),
    test: await ForeignService.start('./test_service.mjs', descriptors),
  };
  config = {
    descriptors: [descriptors],
    backends: { desk: { addresses: [services.desk.address] }, test: { addresses: [services.test.address] } },
    routes: [
      { prefix: '/city.library.', backend: 'desk', default_access: 'PUBLIC', max_request_bytes: 2000 },
      { prefix: '/grpc.testing.TestService/', backend: 'test', default_access: 'PUBLIC', max_deadline_ms: 60000 },
      { prefix: '/grpc.testing.TestService/HalfDuplexCall', backend: 'test', default_access: 'PUBLIC', max_deadline_ms: 100 },
    ],
  };
  gateway = await ConfiguredGateway.start(folder, config, { environment: {
    ARASTA_GATEWAY_TLS_CERT: folder.file('shop.pem'), ARASTA_GATEWAY_TLS_KEY: folder.file('shop.key'),
    ARASTA_GATEWAY_CLIENT_CA: folder.file('shop-ca.pem'), ARASTA_GATEWAY_CLIENT_CERTS: 'optional' } });
});
after(async () => {
  const code = await gateway?.stop();
  for (const service of Object.values(services ?? {})) await service.stop();
  folder.remove();
  assert.equal(code, 0);
});

const read = (name) => fs.readFileSync(folder.file(name));
const clients = [];
after(() => clients.forEach((client) => client.close()));

// A client over a connection of its own; with the certificate of `name` where one is named.
function connect(service, name) {
  const credentials = grpc.credentials.createSsl(read('shop-ca.pem'), name && read(`${name}.key`), name && read(`${name}.pem`));
  const client = new (lookUp(packages, service))(`localhost:${gateway.port}`, credentials, { 'grpc.use_local_subchannel_pool': 1 });
  clients.push(client);
  return client;
}

// The answer of a call that answers once, or its error thrown.
const once = (client, method, request, metadata = new grpc.Metadata()) => new Promise((resolve, reject) => {
  client[method](request, metadata, { deadline: Date.now() + 20000 },
    (error, response) => (error ? reject(error) : resolve(response)));
});
const all = (call) => new Promise((resolve, reject) => {
  const messages = [];
  call.on('data', (message) => messages.push(message));
  call.on('error', reject);
  call.on('end', () => resolve(messages));
});
const failsWith = (code) => (error) => {
  assert.equal(error.code, code, error.message);
  return true;
};

test('a contract of a stranger is served', async () => {
  const desk = connect(library.serviceName);
  assert.deepEqual(await once(desk, 'Lend', { title: 'Emma', pages: '474', scan: Buffer.alloc(0) }),
    { title: 'Emma', pages: '474', scan: Buffer.alloc(0) });
  await assert.rejects(once(desk, 'Lend', {}), (error) => failsWith(codes.NOT_FOUND)(error) && error.details === 'no such book: “”');
  assert.deepEqual((await all(desk.Browse({ topic: 'sea' }))).map(({ title, pages }) => title + pages), ['sea1', 'sea2', 'sea3']);
});

test('all four kinds of call are', async () => {
  const client = connect(testing.serviceName);
  assert.equal((await once(client, 'UnaryCall', { response_size: 100000 })).payload.body.length, 100000);
  const sizes = [{ size: 10 }, { size: 200000 }, { size: 0 }];
  assert.deepEqual((await all(client.StreamingOutputCall({ response_parameters: sizes }))).map(({ payload }) => payload.body.length),
    [10, 200000, 0]);
  const total = new Promise((resolve, reject) => {
    const upload = client.StreamingInputCall((error, response) => (error ? reject(error) : resolve(response)));
    for (let i = 0; i < 5; ++i) upload.write({ payload: { body: Buffer.alloc(50000) } });
    upload.end();
  });
  assert.equal((await total).aggregated_payload_size, 250000);
  const chat = client.FullDuplexCall();
  chat.write({ response_parameters: [{ size: 1 }] });
  const answers = [];
  await new Promise((resolve, reject) => {
    chat.on('data', ({ payload }) => {
      answers.push(payload.body.length);
      if (answers.length < 3) chat.write({ response_parameters: [{ size: answers.length + 1 }] });
      else chat.end();
    });
    chat.on('error', reject);
    chat.on('end', resolve);
  });
  assert.deepEqual(answers, [1, 2, 3]);
});

test('each route has limits of its own', async () => {
  const desk = connect(library.serviceName);
  assert.equal((await once(desk, 'Lend', { title: 'Emma', scan: Buffer.alloc(1900) })).scan.length, 1900);
  await assert.rejects(once(desk, 'Lend', { title: 'Emma', scan: Buffer.alloc(2000) }), failsWith(codes.RESOURCE_EXHAUSTED));
  const client = connect(testing.serviceName);
  await once(client, 'UnaryCall', { payload: { body: Buffer.alloc(1000000) } });
  const started = Date.now();
  await assert.rejects(all(client.HalfDuplexCall()), failsWith(codes.DEADLINE_EXCEEDED));
  assert.ok(Date.now() - started < 5000);
});

test('a browser’s gRPC-Web is served, over HTTP/1.1 and TLS', async () => {
  const body = Buffer.concat([Buffer.from([0, 0, 0, 0, 6, 0x0a, 4]), Buffer.from('Emma')]);
  const answer = await new Promise((resolve, reject) => {
    const request = https.request({ host: 'localhost', port: gateway.port, path: '/city.library.Desk/Lend', method: 'POST',
      ca: read('shop-ca.pem'), headers: { 'content-type': 'application/grpc-web+proto' } }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(parts) }));
    });
    request.on('error', reject);
    request.end(body);
  });
  assert.equal(answer.status, 200);
  assert.match(answer.body.toString('latin1'), /^\0{4}[^]\n\x04Emma[^]*grpc-status:0\r\n/);
});

test('certificates of clients are looked at', async () => {
  await once(connect(testing.serviceName, 'till'), 'EmptyCall', {});
  await once(connect(testing.serviceName), 'EmptyCall', {});
  await assert.rejects(once(connect(testing.serviceName, 'stranger'), 'EmptyCall', {}), failsWith(codes.UNAVAILABLE));
});

test('a configuration that is wrong says where', () => {
  const check = (text) => spawnSync(path.join(buildDirectory, 'bin/arasta-gateway'), ['--check-config'], { encoding: 'utf8',
    env: { ARASTA_PROFILE: 'test', ARASTA_GATEWAY_CONFIG: folder.write('wrong.json', text) } });
  const wrong = structuredClone(config);
  wrong.routes[1].backend = 'nobody';
  wrong.routes[2].max_deadline = 100;
  const refused = check(JSON.stringify(wrong));
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /wrong\.json: routes\[1\]\.backend: /);
  assert.match(refused.stderr, /wrong\.json: routes\[2\]\.max_deadline: /);
  assert.match(check('{\n  "routes": [,]\n}').stderr, /wrong\.json: .*line 2/);
  assert.equal(check(JSON.stringify(config)).status, 0);
});
