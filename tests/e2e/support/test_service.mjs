// grpc.testing.TestService, the service of gRPC's interoperability tests, as its description asks for it.
import grpc from '@grpc/grpc-js';

export const serviceName = 'grpc.testing.TestService';
export const proto = 'grpc/testing/test.proto';

const payload = (size) => ({ type: 'COMPRESSABLE', body: Buffer.alloc(size) });

// Metadata that comes back: x-grpc-test-echo-initial in front, x-grpc-test-echo-trailing-bin behind, and x-details-bin as
// the details of a failure.
function echoed(call, name) {
  const metadata = new grpc.Metadata();
  for (const value of call.metadata.get(name)) metadata.add(name, value);
  return metadata;
}

const failureOf = ({ response_status: status }) =>
  (status?.code ? { code: status.code, details: status.message } : null);

function write(call, { response_parameters: parameters }) {
  for (const { size } of parameters) call.write({ payload: payload(size) });
}

// With x-hang, StreamingOutputCall stays after its last message; it reports when it begins and when it is cancelled.
export const handlers = (report) => ({
  EmptyCall: (call, done) => done(null, {}),
  CacheableUnaryCall: (call, done) => done(null, { payload: payload(call.request.response_size) }),
  UnaryCall(call, done) {
    call.sendMetadata(echoed(call, 'x-grpc-test-echo-initial'));
    const trailing = echoed(call, 'x-grpc-test-echo-trailing-bin');
    const failure = failureOf(call.request);
    for (const details of call.metadata.get('x-details-bin')) trailing.set('grpc-status-details-bin', details);
    if (failure) return done({ ...failure, metadata: trailing });
    return done(null, { payload: payload(call.request.response_size) }, trailing);
  },
  StreamingOutputCall(call) {
    call.on('cancelled', () => report({ cancelled: Date.now() }));
    report({ begun: Date.now() });
    write(call, call.request);
    if (call.metadata.get('x-hang').length === 0) call.end();
  },
  StreamingInputCall(call, done) {
    let size = 0;
    call.on('data', (message) => { size += message.payload.body.length; });
    call.on('end', () => done(null, { aggregated_payload_size: size }));
  },
  FullDuplexCall(call) {
    call.on('data', (message) => {
      const failure = failureOf(message);
      if (failure) call.emit('error', failure);
      else write(call, message);
    });
    call.on('end', () => call.end());
  },
  HalfDuplexCall(call) {
    const requests = [];
    call.on('data', (message) => requests.push(message));
    call.on('end', () => {
      for (const request of requests) write(call, request);
      call.end();
    });
  },
});
