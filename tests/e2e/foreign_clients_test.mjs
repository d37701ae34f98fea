// Connect, gRPC and gRPC-Web by the clients of Connect, over HTTP/1.1 and HTTP/2, in cleartext and TLS, in protobuf and
// JSON, compressed and not, through the gateway to a service that is none of ours; and curl.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { AnySchema, FileDescriptorSetSchema, MethodOptions_IdempotencyLevel, MethodOptionsSchema } from '@bufbuild/protobuf/wkt';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Code, ConnectError, createClient, decodeBinaryHeader, encodeBinaryHeader } from '@connectrpc/connect';
import * as node from '@connectrpc/connect-node';
import * as web from '@connectrpc/connect-web';
import { ConfiguredGateway, Folder, makeCertificates } from './support/configured_gateway.mjs';
import { ForeignService } from './support/foreign_service.mjs';
import * as testing from './support/test_service.mjs';

// The descriptors of gRPC's test service, where CacheableUnaryCall says that it has no side effects.
function compile(folder) {
  const file = folder.compile('testing.binpb', folder.path, [testing.proto]);
  const set = fromBinary(FileDescriptorSetSchema, fs.readFileSync(file));
  for (const { method } of set.file.flatMap((proto) => proto.service)) {
    for (const cacheable of method.filter(({ name }) => name === 'CacheableUnaryCall')) {
      cacheable.options = create(MethodOptionsSchema, { idempotencyLevel: MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS });
    }
  }
  fs.writeFileSync(file, toBinary(FileDescriptorSetSchema, set));
  return { file, service: createFileRegistry(set).getService(testing.serviceName) };
}

let folder, service, gateway, contract, baseUrl;
before(async () => {
  folder = new Folder();
  contract = compile(folder);
  makeCertificates(folder, 'shop-ca', ['shop', 'till']);
  service = await ForeignService.start('./test_service.mjs', contract.file);
  gateway = await ConfiguredGateway.start(folder, {
    descriptors: [contract.file],
    backends: { test: { addresses: [service.address] } },
    routes: [{ prefix: '/grpc.testing.TestService/', backend: 'test', default_access: 'PUBLIC' }],
  }, { environment: {
    ARASTA_GATEWAY_TLS_CERT: folder.file('shop.pem'), ARASTA_GATEWAY_TLS_KEY: folder.file('shop.key'), ARASTA_GATEWAY_CLEARTEXT: 'also',
    ARASTA_GATEWAY_CLIENT_CA: folder.file('shop-ca.pem'), ARASTA_GATEWAY_CLIENT_CERTS: 'optional' } });
  baseUrl = `http://${gateway.address}`;
});
after(async () => {
  await gateway?.stop();
  await service?.stop();
  folder.remove();
});

const gzip = { sendCompression: node.compressionGzip, compressMinBytes: 0, acceptCompression: [node.compressionGzip] };
const identity = { acceptCompression: [] };
const transports = {
  gRPC: (options) => node.createGrpcTransport({ baseUrl, ...options }),
  'gRPC-Web over HTTP/1.1': (options) => node.createGrpcWebTransport({ baseUrl, httpVersion: '1.1', ...options }),
  'gRPC-Web over HTTP/2': (options) => node.createGrpcWebTransport({ baseUrl, httpVersion: '2', ...options }),
  'gRPC-Web of browsers': (options) => web.createGrpcWebTransport({ baseUrl, ...options }),
  'Connect over HTTP/1.1': (options) => node.createConnectTransport({ baseUrl, httpVersion: '1.1', ...options }),
  'Connect over HTTP/2': (options) => node.createConnectTransport({ baseUrl, httpVersion: '2', ...options }),
  'Connect of browsers': (options) => web.createConnectTransport({ baseUrl, ...options }),
};
const ofBrowsers = (name) => name.endsWith('browsers');
const bothWays = (name) => name === 'gRPC' || name.endsWith('HTTP/2');

function* variants() {
  for (const [name, make] of Object.entries(transports)) {
    for (const format of name.startsWith('Connect') ? ['protobuf', 'JSON'] : ['protobuf']) {
      for (const encoding of ofBrowsers(name) ? ['identity'] : ['identity', 'gzip']) {
        const options = { ...(format === 'JSON' ? { useBinaryFormat: false } : name.startsWith('Connect') ? { useBinaryFormat: true } : {}),
          ...(encoding === 'gzip' ? gzip : identity) };
        yield { title: `${name}, ${format}, ${encoding}`, name, encoding, connect: () => createClient(contract.service, make(options)) };
      }
    }
  }
}

async function* each(messages) {
  yield* messages;
}

async function all(stream) {
  const messages = [];
  for await (const message of stream) messages.push(message);
  return messages;
}

async function failure(promise) {
  let error;
  await assert.rejects(promise, (thrown) => {
    error = thrown;
    return true;
  });
  assert.ok(error instanceof ConnectError, String(error));
  return error;
}

const bytes = Uint8Array.from([0, 1, 0xfe, 0xff, 44, 61]);
const sizes = (...numbers) => ({ responseParameters: numbers.map((size) => ({ size })) });
const sizesOf = (messages) => messages.map(({ payload }) => payload.body.length);

for (const { title, name, encoding, connect } of variants()) {
  describe(title, () => {
    let client;
    before(() => { client = connect(); });

    test('a unary call, its metadata and trailers', async () => {
      const headers = { 'x-grpc-test-echo-initial': 'first', 'x-grpc-test-echo-trailing-bin': encodeBinaryHeader(bytes) };
      let header, trailer;
      const answer = await client.unaryCall({ responseSize: 100000, payload: { body: new Uint8Array(200000) } },
        { headers, onHeader: (fields) => { header = fields; }, onTrailer: (fields) => { trailer = fields; } });
      assert.equal(answer.payload.body.length, 100000);
      // The others are gRPC, which leaves that to services; and browsers do it unseen.
      if (name.startsWith('Connect over')) assert.equal(header.get('content-encoding'), encoding === 'gzip' ? 'gzip' : null);
      assert.equal(header.get('x-grpc-test-echo-initial'), 'first');
      assert.deepEqual(decodeBinaryHeader(trailer.get('x-grpc-test-echo-trailing-bin')), bytes);
    });

    test('an error with its details and metadata', async () => {
      const detail = create(AnySchema, { typeUrl: 'type.googleapis.com/some.Detail', value: bytes });
      const message = '100 % größer\n';
      const status = new BinaryWriter().tag(1, 0).int32(9).tag(2, 2).string(message)
        .tag(3, 2).bytes(toBinary(AnySchema, detail)).finish();
      const error = await failure(client.unaryCall({ responseStatus: { code: 9, message } },
        { headers: { 'x-details-bin': encodeBinaryHeader(status), 'x-grpc-test-echo-trailing-bin': encodeBinaryHeader(bytes) } }));
      assert.equal(error.code, Code.FailedPrecondition);
      assert.equal(error.rawMessage, message);
      assert.deepEqual(decodeBinaryHeader(error.metadata.get('x-grpc-test-echo-trailing-bin')), bytes);
      assert.deepEqual(error.details.map(({ type, value }) => [type, value]), [['some.Detail', bytes]]);
    });

    test('a server stream', async () => {
      let header;
      const stream = client.streamingOutputCall(sizes(10, 200000, 0, 5), { onHeader: (fields) => { header = fields; } });
      assert.deepEqual(sizesOf(await all(stream)), [10, 200000, 0, 5]);
      if (name.startsWith('Connect over')) assert.equal(header.get('connect-content-encoding'), encoding === 'gzip' ? 'gzip' : null);
    });

    test('a method that the service has not', async () => {
      assert.equal((await failure(client.unimplementedCall({}))).code, Code.Unimplemented);
    });

    test('a deadline, of which the service learns', async () => {
      const cancelled = new Promise((resolve) => service.on('report', (report) => report.cancelled && resolve()));
      const stream = client.streamingOutputCall(sizes(1), { timeoutMs: 300, headers: { 'x-hang': '1' } });
      assert.equal((await failure(all(stream))).code, Code.DeadlineExceeded);
      await cancelled;
    });

    test('an abort, of which the service learns', async () => {
      const cancelled = new Promise((resolve) => service.on('report', (report) => report.cancelled && resolve()));
      const abort = new AbortController();
      const stream = client.streamingOutputCall(sizes(1), { signal: abort.signal, headers: { 'x-hang': '1' } });
      const error = await failure((async () => {
        for await (const { payload } of stream) {
          assert.equal(payload.body.length, 1);
          abort.abort();
        }
      })());
      assert.equal(error.code, Code.Canceled);
      await cancelled;
    });

    if (ofBrowsers(name)) return;
    test('a client stream', async () => {
      const messages = [0, 10, 70000, 3].map((size) => ({ payload: { body: new Uint8Array(size) } }));
      assert.equal((await client.streamingInputCall(each(messages))).aggregatedPayloadSize, 70013);
    });

    if (!bothWays(name)) return;
    test('both directions in turns', async () => {
      const asked = [3, 70000, 0];
      const answers = [];
      let answered;
      async function* requests() {
        for (const size of asked) {
          const next = new Promise((resolve) => { answered = resolve; });
          yield sizes(size);
          await next;
        }
      }
      for await (const { payload } of client.fullDuplexCall(requests())) {
        answers.push(payload.body.length);
        answered();
      }
      assert.deepEqual(answers, asked);
    });
  });
}

describe('TLS', () => {
  const read = (name) => fs.readFileSync(folder.file(name));
  const own = () => ({ cert: read('till.pem'), key: read('till.key') });
  for (const [name, make] of Object.entries(transports).filter(([known]) => !ofBrowsers(known))) {
    for (const certified of [false, true]) {
      test(`${name}${certified ? ', with a certificate of the client' : ''}`, async () => {
        const nodeOptions = { ca: read('shop-ca.pem'), ...(certified ? own() : {}) };
        const client = createClient(contract.service, make({ baseUrl: `https://localhost:${gateway.port}`, nodeOptions }));
        assert.equal((await client.unaryCall({ responseSize: 70000 })).payload.body.length, 70000);
        assert.deepEqual(sizesOf(await all(client.streamingOutputCall(sizes(1, 70000)))), [1, 70000]);
      });
    }
  }
});

test('browsers of Connect get their answers compressed', async () => {
  const encodings = [];
  const client = createClient(contract.service, web.createConnectTransport({ baseUrl, fetch: async (url, init) => {
    const answer = await fetch(url, init);
    encodings.push(answer.headers.get('content-encoding'));
    return answer;
  } }));
  assert.equal((await client.unaryCall({ responseSize: 100000 })).payload.body.length, 100000);
  assert.equal((await client.unaryCall({ responseSize: 100 })).payload.body.length, 100);
  assert.deepEqual(encodings, ['gzip', null]);
});

describe('Connect’s GET', () => {
  for (const useBinaryFormat of [true, false]) {
    test(`of a browser, ${useBinaryFormat ? 'protobuf' : 'JSON'}`, async () => {
      const methods = [];
      const client = createClient(contract.service, web.createConnectTransport({ baseUrl, useHttpGet: true, useBinaryFormat,
        fetch: (url, init) => {
          methods.push(init.method);
          return fetch(url, init);
        } }));
      assert.equal((await client.cacheableUnaryCall({ responseSize: 3, payload: { body: bytes } })).payload.body.length, 3);
      await client.unaryCall({});
      assert.deepEqual(methods, ['GET', 'POST']);
    });

    test(`of a compressed message, ${useBinaryFormat ? 'protobuf' : 'JSON'}`, async () => {
      const client = createClient(contract.service, node.createConnectTransport({ baseUrl, httpVersion: '1.1', useHttpGet: true,
        useBinaryFormat, ...gzip }));
      assert.equal((await client.cacheableUnaryCall({ responseSize: 3 })).payload.body.length, 3);
    });
  }
});

describe('curl', () => {
  const curl = (...args) => {
    const output = execFileSync('curl', ['-s', '-w', '\n%{http_code} %{content_type}', ...args], { encoding: 'utf8' });
    const [, body, status, type] = /^([^]*)\n(\d+) (.*)$/.exec(output);
    return { body, status, type };
  };
  const url = (method) => `${baseUrl}/grpc.testing.TestService/${method}`;
  const post = (method, body, ...more) => curl('-H', 'content-type: application/json', '-d', body, ...more, url(method));

  for (const version of ['--http1.1', '--http2-prior-knowledge']) {
    test(`JSON in, JSON out, ${version}`, () => {
      assert.deepEqual(post('UnaryCall', '{"responseSize": 3}', version),
        { body: '{"payload":{"body":"AAAA"}}', status: '200', type: 'application/json' });
      const refused = post('UnaryCall', '{"responseSize": "three"}', version);
      assert.equal(refused.status, '400');
      assert.equal(JSON.parse(refused.body).code, 'invalid_argument');
      const failed = post('UnaryCall', '{"responseStatus": {"code": 5, "message": "gone"}}', version);
      assert.deepEqual([failed.status, JSON.parse(failed.body)], ['404', { code: 'not_found', message: 'gone' }]);
    });
  }

  test('a GET', () => {
    assert.equal(curl(`${url('CacheableUnaryCall')}?connect=v1&encoding=json&message=%7B%22responseSize%22:3%7D`).body,
      '{"payload":{"body":"AAAA"}}');
  });
});
