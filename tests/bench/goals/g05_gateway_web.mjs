// G5: what browsers cost the gateway: gRPC-Web with everything that a call meets in production (a token, rate limits,
// metrics, a line in the access log), beside native gRPC passed on by a gateway that does nothing else (G4).
import { startGateway } from '../support/gateway.mjs';
import { costOf, writeRequests } from '../support/load.mjs';
import { interleave, median } from '../support/statistics.mjs';
import { combinations, ECHO, ECHO_PATH } from './g01_server_stack.mjs';

export const title = 'gateway taking gRPC-Web with token, rate limits, metrics and access log';

export async function run(bench) {
  const backend = await bench.program('shop', 'bench_shop');
  const plain = await startGateway(bench, backend);
  const complete = await startGateway(bench, backend, { complete: true });
  const native = { ...plain, requests: writeRequests(bench.directory, 'native', [{ path: `${ECHO_PATH}Echo`, message: ECHO }]) };
  const web = { ...complete, protocol: 'grpc-web',
    requests: writeRequests(bench.directory, 'web', [{ path: `${ECHO_PATH}EchoAsUser`, token: backend.token, message: ECHO }]) };
  for (const combination of combinations(bench)) await compare(bench, 'HTTP/2', native, { ...web, http: 2 }, combination);
  // A connection of HTTP/1.1 carries one call at a time.
  await compare(bench, 'HTTP/1.1', native, { ...web, http: 1 }, { inFlight: 16, connections: 16 });
}

async function compare(bench, version, native, web, { inFlight, connections }) {
  const [theirs, ours] = await interleave([native, web], bench.rounds, ({ pid, port, requests, protocol = 'grpc', http = 2 }) =>
    costOf(bench.bin, [pid], { port, requests, protocol, http, seconds: bench.seconds, inFlight, connections }));
  const cost = (reports) => reports.map(({ cpu_us: cpu }) => cpu);
  bench.compare({ goal: 'G5', name: `gateway, gRPC-Web over ${version}, ${inFlight} in flight, ${connections} connections`, unit: 'CPU-µs',
    peer: 'our G4 of the same run', ours: cost(ours), theirs: cost(theirs), reach: '≤ 1.3',
    floors: { 'through ours, calls/s': median(ours.map(({ rate }) => rate)) } });
}
