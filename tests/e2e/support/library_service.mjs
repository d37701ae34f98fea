// A contract of a stranger: no options of ours, no package like ours.
import grpc from '@grpc/grpc-js';

export const serviceName = 'city.library.Desk';
export const proto = 'library.proto';
export const contract = `syntax = "proto3";
package city.library;
import "google/api/annotations.proto";

message Book { string title = 1; int64 pages = 2; bytes scan = 3; }
message Shelf { string topic = 1; }

service Desk {
  rpc Lend(Book) returns (Book) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (google.api.http) = {get: "/v1/books:lend"};
  }
  rpc Browse(Shelf) returns (stream Book) {
    option (google.api.http) = {get: "/v1/shelves/{topic}/books"};
  }
}
`;

// Browse stays after the first book of the topic "endless", before that of "silent"; it reports when it begins, and when it is
// cancelled.
export const handlers = (report) => ({
  Lend(call, done) {
    const { title } = call.request;
    if (title === '') return done({ code: grpc.status.NOT_FOUND, details: 'no such book: “”' });
    report({ lent: title });
    const trailing = new grpc.Metadata();
    trailing.set('x-due', 'in two weeks');
    return done(null, call.request, trailing);
  },
  Browse(call) {
    const { topic } = call.request;
    call.on('cancelled', () => report({ cancelled: topic, at: Date.now() }));
    report({ begun: topic });
    if (topic === 'silent') return;
    for (let pages = 1; pages <= (topic === 'endless' ? 1 : 3); ++pages) call.write({ title: topic, pages });
    if (topic !== 'endless') call.end();
  },
});
