// gRPC-Web by grpc-web, the client that browsers use, through the gateway. Node has no XMLHttpRequest, so
// it is given one.
import { createRequire } from 'node:module';
import { CallError, methodOf } from './contract.mjs';

const require = createRequire(import.meta.url);
globalThis.XMLHttpRequest = require('xhr2');
const { GrpcWebClientBase, MethodDescriptor, MethodType } = require('grpc-web');

function toCallError(error) {
  const details = error.metadata?.['grpc-status-details-bin'];
  return new CallError(error.code, error.message, details && Buffer.from(details, 'base64'));
}

function headersFor(token, seconds) {
  const headers = { deadline: String(Date.now() + seconds * 1000) };
  if (token) headers.authorization = `Bearer ${token}`;
  return headers;
}

function descriptorOf({ path, encode, decode }, type) {
  return new MethodDescriptor(path, type, Object, Object, encode, decode);
}

export class WebClient {
  // `format` is 'binary' (application/grpc-web+proto) or 'text' (application/grpc-web-text, base64).
  constructor(address, format) {
    this.base = `http://${address}`;
    this.client = new GrpcWebClientBase({ format });
  }

  call(service, method, request, { token, seconds = 20 } = {}) {
    const known = methodOf(service, method);
    return new Promise((resolve, reject) => {
      this.client.rpcCall(this.base + known.path, request, headersFor(token, seconds),
        descriptorOf(known, MethodType.UNARY),
        (error, response) => (error ? reject(toCallError(error)) : resolve(response)));
    });
  }

  // Calls `onMessage` for every message until the stream ends or it returns false.
  watch(service, method, request, onMessage, { token, seconds = 60 } = {}) {
    const known = methodOf(service, method);
    return new Promise((resolve, reject) => {
      const stream = this.client.serverStreaming(this.base + known.path, request, headersFor(token, seconds),
        descriptorOf(known, MethodType.SERVER_STREAMING));
      stream.on('data', (message) => {
        if (onMessage(message) !== false) return;
        resolve();
        stream.cancel();
      });
      stream.on('error', (error) => reject(toCallError(error)));
      stream.on('end', resolve);
    });
  }

  close() {}
}
