// Native gRPC by @grpc/grpc-js, through the gateway.
import grpc from '@grpc/grpc-js';
import { CallError, methodOf } from './contract.mjs';

const identity = (bytes) => bytes;

function metadataFor(token, headers = {}) {
  const metadata = new grpc.Metadata();
  if (token) metadata.set('authorization', `Bearer ${token}`);
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

function toCallError(error) {
  return new CallError(error.code, error.details, error.metadata?.get('grpc-status-details-bin')[0]);
}

export class NativeClient {
  // Clients of one address share a connection, unless they are `alone`.
  constructor(address, { alone = false } = {}) {
    this.client = new grpc.Client(address, grpc.credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': alone ? 1 : 0 });
  }

  call(service, method, request, { token, seconds = 20, headers } = {}) {
    const { path, encode, decode } = methodOf(service, method);
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(path, Buffer.from, decode, encode(request), metadataFor(token, headers),
        { deadline: Date.now() + seconds * 1000 },
        (error, response) => (error ? reject(toCallError(error)) : resolve(response)));
    });
  }

  // Starts a call and returns it, to be cancelled; `done` is called whatever becomes of it.
  start(path, bytes, token, done) {
    return this.client.makeUnaryRequest(path, Buffer.from, identity, bytes, metadataFor(token), { deadline: Date.now() + 20000 }, () => done());
  }

  // Sends bytes that are no message.
  callRaw(path, bytes, { token } = {}) {
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(path, identity, identity, bytes, metadataFor(token),
        { deadline: Date.now() + 20000 }, (error, response) => (error ? reject(toCallError(error)) : resolve(response)));
    });
  }

  // Sends every message of `requests` and returns the one answer.
  upload(service, method, requests, { token, seconds = 600 } = {}) {
    const { path, encode, decode } = methodOf(service, method);
    return new Promise((resolve, reject) => {
      const call = this.client.makeClientStreamRequest(path, Buffer.from, decode, metadataFor(token),
        { deadline: Date.now() + seconds * 1000 },
        (error, response) => (error ? reject(toCallError(error)) : resolve(response)));
      (async () => {
        for await (const request of requests) {
          if (!call.write(encode(request))) await new Promise((drained) => call.once('drain', drained));
        }
        call.end();
      })().catch(reject);
    });
  }

  // Calls `onMessage` for every message until the stream ends or it returns false.
  watch(service, method, request, onMessage, { token, seconds = 60 } = {}) {
    const { path, encode, decode } = methodOf(service, method);
    return new Promise((resolve, reject) => {
      const call = this.client.makeServerStreamRequest(path, Buffer.from, decode, encode(request),
        metadataFor(token), { deadline: Date.now() + seconds * 1000 });
      call.on('data', (message) => {
        if (onMessage(message) !== false) return;
        resolve();
        call.cancel();
      });
      call.on('error', (error) => reject(toCallError(error)));
      call.on('end', resolve);
    });
  }

  close() {
    this.client.close();
  }
}
