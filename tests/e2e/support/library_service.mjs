// A contract of a stranger: no options of ours, no package like ours.
import grpc from '@grpc/grpc-js';

export const serviceName = 'city.library.Desk';
export const proto = 'library.proto';
export const contract = `syntax = "proto3";
package city.library;

message Book { string title = 1; int64 pages = 2; bytes scan = 3; }
message Shelf { string topic = 1; }

service Desk {
  rpc Lend(Book) returns (Book) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Browse(Shelf) returns (stream Book);
}
`;

export const handlers = () => ({
  Lend(call, done) {
    if (call.request.title === '') return done({ code: grpc.status.NOT_FOUND, details: 'no such book: “”' });
    return done(null, call.request);
  },
  Browse(call) {
    for (let pages = 1; pages <= 3; ++pages) call.write({ title: call.request.topic, pages });
    call.end();
  },
});
