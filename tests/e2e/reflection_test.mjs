// What grpcurl does, step by step, by @grpc/grpc-js: list, describe, and a call, with no proto at hand but
// reflection's own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import grpc from '@grpc/grpc-js';
import { loadFileDescriptorSetFromObject, loadSync } from '@grpc/proto-loader';
import descriptor from 'protobufjs/ext/descriptor/index.js';
import { ConfiguredGateway, Folder } from './support/configured_gateway.mjs';
import { ForeignService, lookUp } from './support/foreign_service.mjs';
import * as library from './support/library_service.mjs';

const OPTIONS = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true };

let folder, service, gateway;
before(async () => {
  folder = new Folder();
  folder.write(library.proto, library.contract);
  const descriptors = folder.compile('all.binpb', folder.path, [library.proto]);
  service = await ForeignService.start('./library_service.mjs', descriptors);
  gateway = await ConfiguredGateway.start(folder, {
    descriptors: [descriptors],
    backends: { desk: { addresses: [service.address] } },
    routes: [{ prefix: '/city.library.', backend: 'desk', default_access: 'PUBLIC' }],
  });
});
after(async () => {
  await gateway?.stop();
  await service?.stop();
  folder.remove();
});

function connect(Client) {
  const client = new Client(gateway.address, grpc.credentials.createInsecure());
  after(() => client.close());
  return client;
}

// One stream that asks after each answer.
class Reflection {
  constructor(version) {
    const packages = grpc.loadPackageDefinition(
      loadSync(`grpc/reflection/${version}/reflection.proto`, { ...OPTIONS, includeDirs: ['/usr/share/grpc-proto'] }));
    this.stream = connect(packages.grpc.reflection[version].ServerReflection).ServerReflectionInfo();
    this.answers = this.stream[Symbol.asyncIterator]();
  }

  async ask(request) {
    this.stream.write(request);
    const { value } = await this.answers.next();
    return value[value.message_response];
  }

  async end() {
    this.stream.end();
    assert.equal((await this.answers.next()).done, true);
  }
}

for (const version of ['v1', 'v1alpha']) {
  test(`grpc.reflection.${version} is enough to find a service and to call it`, async () => {
    const reflection = new Reflection(version);
    const { service: services } = await reflection.ask({ list_services: '' });
    assert.deepEqual(services.map(({ name }) => name),
      [library.serviceName, 'grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection']);

    const { file_descriptor_proto: files } = await reflection.ask({ file_containing_symbol: library.serviceName });
    const set = { file: files.map((file) => descriptor.FileDescriptorProto.decode(file)) };
    const packages = grpc.loadPackageDefinition(loadFileDescriptorSetFromObject(
      descriptor.FileDescriptorSet.toObject(descriptor.FileDescriptorSet.fromObject(set)), OPTIONS));
    const desk = connect(lookUp(packages, library.serviceName));
    const book = await new Promise((resolve, reject) => {
      desk.Lend({ title: 'Emma', pages: '474' }, (error, response) => (error ? reject(error) : resolve(response)));
    });
    assert.equal(book.pages, '474');

    const missing = await reflection.ask({ file_containing_symbol: 'city.library.Attic' });
    assert.equal(missing.error_code, grpc.status.NOT_FOUND);
    await reflection.end();
  });
}
