// G4: the gateway passes native gRPC on, beside the proxies of others: cleartext, no access log, all with a
// thread a core.
import { costOf, writeRequests } from '../support/load.mjs';
import { PROXIES, startProxies } from '../support/peers.mjs';
import { interleave, median } from '../support/statistics.mjs';
import { combinations, ECHO, ECHO_PATH } from './g01_server_stack.mjs';

export const title = 'gateway passing 100 B of native gRPC on';

const REACH = { nginx: '≤ 0.4', nghttpx: '≤ 1.0', HAProxy: '≤ 1.0' };

export async function run(bench) {
  const backend = await bench.program('bare echo', 'bench_bare_echo');
  const requests = writeRequests(bench.directory, 'passed-on', [{ path: `${ECHO_PATH}Echo`, message: ECHO }]);
  const proxies = await startProxies(bench, backend, Object.keys(REACH));
  for (const combination of combinations(bench)) {
    const taken = await interleave(proxies, bench.rounds, ({ pid, port }) =>
      costOf(bench.bin, [pid], { port, requests, seconds: bench.seconds, ...combination }));
    const direct = await costOf(bench.bin, [backend.pid], { port: backend.port, requests, seconds: bench.seconds, ...combination });
    const costs = Object.fromEntries(proxies.map(({ name }, i) => [name, taken[i].map(({ cpu_us: cpu }) => cpu)]));
    const floors = { 'bare call, CPU-µs': direct.cpu_us, 'through ours, calls/s': median(taken[0].map(({ rate }) => rate)) };
    for (const [peer, reach] of Object.entries(REACH)) {
      bench.compareWith(PROXIES[peer], { goal: 'G4', name: `gateway, ${combination.inFlight} in flight, ${combination.connections} connections`,
        unit: 'CPU-µs', ours: costs.gateway, theirs: costs[peer], reach, floors });
    }
  }
}
