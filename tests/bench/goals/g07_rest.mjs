// G7: a product page of 2 KiB as REST: what it costs the gateway, and grpc-gateway with the same backend.
import { isDeepStrictEqual } from 'node:util';
import path from 'node:path';
import { GRPC_GATEWAY } from '../support/built_peers.mjs';
import { absence } from '../support/debian.mjs';
import { startGateway } from '../support/gateway.mjs';
import { costOf, writeRequests } from '../support/load.mjs';
import { interleave, median } from '../support/statistics.mjs';
import { combinations } from './g01_server_stack.mjs';

export const title = 'gateway answering a product page of 2 KiB in JSON';

// The page as one of them answers it.
async function pageOf({ port }, product) {
  const response = await fetch(`http://127.0.0.1:${port}${product}`);
  if (!response.ok) throw new Error(`the page is answered with ${response.status}: ${await response.text()}`);
  return response.text();
}

export async function run(bench) {
  const backend = await bench.program('shop', 'bench_shop');
  const subjects = [await startGateway(bench, backend,
    { prefix: '/arasta.catalog.v1.', descriptors: path.join(bench.build, 'protos/arasta.binpb') })];
  if (!absence(GRPC_GATEWAY.packages)) subjects.push(await GRPC_GATEWAY.start(bench, backend));
  const [page, ...others] = await Promise.all(subjects.map((subject) => pageOf(subject, backend.product)));
  if (others.some((other) => !isDeepStrictEqual(JSON.parse(other), JSON.parse(page)))) throw new Error(`not the same page: ${page}\n${others}`);

  const requests = writeRequests(bench.directory, 'page', [{ verb: 'GET', path: backend.product }]);
  // A connection of HTTP/1.1 carries one request at a time.
  for (const settings of [...combinations(bench), { http: 1, inFlight: 16, connections: 16 }]) {
    const { http = 2, inFlight, connections } = settings;
    const [ours, theirs] = await interleave(subjects, bench.rounds, ({ pid, port }) =>
      costOf(bench.bin, [pid], { port, requests, protocol: 'json', http, seconds: bench.seconds, inFlight, connections }));
    const cost = (reports) => reports?.map(({ cpu_us: cpu }) => cpu);
    bench.compareWith(GRPC_GATEWAY, { goal: 'G7', unit: 'CPU-µs', reach: '≤ 0.35', ours: cost(ours), theirs: cost(theirs),
      name: `product page over HTTP/${http === 1 ? '1.1' : http}, ${inFlight} in flight, ${connections} connections`,
      floors: { 'page, bytes': Buffer.byteLength(page), 'through ours, pages/s': median(ours.map(({ rate }) => rate)) } });
  }
}
