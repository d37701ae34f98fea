// A service that is none of ours, by @grpc/grpc-js in a process of its own.
import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';

// The packages of a descriptor set with their clients and services, names as in the proto.
export function loadPackages(descriptorFile) {
  return grpc.loadPackageDefinition(loadFileDescriptorSetFromBuffer(fs.readFileSync(descriptorFile),
    { keepCase: true, longs: String, enums: String, defaults: true }));
}

export const lookUp = (packages, name) => name.split('.').reduce((found, part) => found[part], packages);

// Emits what its handlers report: ('report', {…}).
export class ForeignService extends EventEmitter {
  // `module` exports serviceName and handlers(report), where report({…}) reaches this object.
  static async start(module, descriptorFile) {
    const service = new ForeignService();
    service.process = fork(fileURLToPath(import.meta.url), [new URL(module, import.meta.url).href, descriptorFile]);
    service.process.on('message', (message) => service.emit('report', message));
    [{ port: service.port }] = await once(service, 'report');
    return service;
  }

  get address() {
    return `127.0.0.1:${this.port}`;
  }

  async stop() {
    this.process.disconnect();
    if (this.process.exitCode === null) await once(this.process, 'exit');
  }
}

async function serve(module, descriptorFile) {
  process.on('disconnect', () => process.exit());
  const { serviceName, handlers } = await import(module);
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
  server.addService(lookUp(loadPackages(descriptorFile), serviceName).service, handlers((message) => process.send(message)));
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.send({ port });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve(process.argv[2], process.argv[3]);
