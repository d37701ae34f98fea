// The echo of bench_bare_echo by @grpc/grpc-js. Prints {"port":…}.
import grpc from '@grpc/grpc-js';
import protobuf from 'protobufjs';

const { root } = protobuf.parse(`syntax = "proto3";
  message EchoRequest { string text = 1; }
  message EchoResponse { string text = 1; }`);
const Request = root.lookupType('EchoRequest');
const Response = root.lookupType('EchoResponse');
const method = {
  path: '/arasta.testing.v1.EchoService/EchoAsUser', requestStream: false, responseStream: false,
  requestDeserialize: (bytes) => Request.decode(bytes),
  responseSerialize: (message) => Response.encode(message).finish(),
};

const server = new grpc.Server();
server.addService({ EchoAsUser: method }, { EchoAsUser: (call, answer) => answer(null, { text: call.request.text }) });
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(JSON.stringify({ port }));
});
process.on('SIGTERM', () => process.exit(0));
