// G1, G2: an echo of 100 bytes through our whole server stack, beside gRPC alone and beside that of other languages.
import { ECHO_SERVERS } from '../support/built_peers.mjs';
import { makeCertificate } from '../support/certificate.mjs';
import { absence } from '../support/debian.mjs';
import { costOf, writeRequests } from '../support/load.mjs';
import { interleave, median } from '../support/statistics.mjs';

export const title = 'unary echo of 100 B through our server stack';

// EchoRequest{text: 100 bytes}.
export const ECHO = Buffer.concat([Buffer.from([0x0a, 100]), Buffer.alloc(100, 'x')]);
export const ECHO_PATH = '/arasta.testing.v1.EchoService/';

const REACH = { 'Go gRPC': '≥ 1.2', 'gRPC-Java': '≥ 1.2', 'grpc-js': '≥ 3' };

const COMBINATIONS = [{ inFlight: 64, connections: 4 }];
const ALL_COMBINATIONS = [1, 16, 64, 256].flatMap((inFlight) =>
  [1, 4, 16].filter((connections) => connections <= inFlight).map((connections) => ({ inFlight, connections })));

export const combinations = (bench) => (bench.full ? ALL_COMBINATIONS : COMBINATIONS);

export async function run(bench) {
  const bare = await bench.program('bare echo', 'bench_bare_echo');
  const ours = await bench.program('ours', 'bench_echo');
  const others = [];
  for (const peer of ECHO_SERVERS.filter(({ packages }) => !absence(packages))) others.push({ ...await peer.start(bench), ...peer });
  // The same bytes for all: the peers do not look at the token.
  const requests = writeRequests(bench.directory, 'echo',
    [{ path: `${ECHO_PATH}EchoAsUser`, token: ours.token, message: ECHO }]);
  for (const combination of combinations(bench)) {
    const where = `${combination.inFlight} in flight, ${combination.connections} connections`;
    const [stack, alone, ...theirs] = await interleave([ours, bare, ...others], bench.rounds, ({ pid, port, warmUpSeconds }, round) =>
      costOf(bench.bin, [pid], { port, requests, seconds: round === 0 && warmUpSeconds || bench.seconds, ...combination }));
    const cost = (reports) => reports.map(({ cpu_us: cpu }) => cpu);
    const perCpuSecond = (reports) => reports?.map(({ cpu_us: cpu }) => 1e6 / cpu);
    const floors = { 'bare call, CPU-µs': median(cost(alone)), 'ours, calls/s': median(stack.map(({ rate }) => rate)) };
    bench.compare({ goal: 'G1', name: `server stack, ${where}`, unit: 'CPU-µs', peer: 'bare completion queues',
      ours: cost(stack), theirs: cost(alone), reach: '≤ 1.3', floors });
    for (const peer of ECHO_SERVERS) {
      bench.compareWith(peer, { goal: 'G2', name: `server stack, ${where}`, unit: 'calls per CPU-s', ours: perCpuSecond(stack),
        theirs: perCpuSecond(theirs[others.findIndex(({ name }) => name === peer.name)]), reach: REACH[peer.name], floors });
    }
  }
  await runOverTls(bench);
}

// As among our processes: both sides show a certificate; the bare server asks for none.
async function runOverTls(bench) {
  const { cert, key } = makeCertificate(bench.directory);
  const bare = await bench.program('bare echo over TLS', 'bench_bare_echo', [cert, key]);
  const ours = await bench.program('ours over TLS', 'bench_echo', [cert, key, cert]);
  const requests = writeRequests(bench.directory, 'echo-tls', [{ path: `${ECHO_PATH}EchoAsUser`, token: ours.token, message: ECHO }]);
  for (const combination of combinations(bench)) {
    const [stack, alone] = await interleave([ours, bare], bench.rounds, ({ pid, port }) =>
      costOf(bench.bin, [pid], { port, requests, seconds: bench.seconds, tls: true, cert, key, ...combination }));
    const cost = (reports) => reports.map(({ cpu_us: cpu }) => cpu);
    bench.compare({ goal: 'G1', name: `server stack over TLS, ${combination.inFlight} in flight, ${combination.connections} connections`,
      unit: 'CPU-µs', peer: 'bare completion queues over TLS', ours: cost(stack), theirs: cost(alone), reach: '≤ 1.3' });
  }
}
