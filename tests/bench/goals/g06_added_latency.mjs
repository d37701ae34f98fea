// G6: what the gateway adds to a call's latency at three tenths of what the slower of the two can carry, beside nginx.
import { loadAllOk, writeRequests } from '../support/load.mjs';
import { PROXIES, startProxies } from '../support/peers.mjs';
import { interleave } from '../support/statistics.mjs';
import { ECHO, ECHO_PATH } from './g01_server_stack.mjs';

export const title = 'latency that the gateway adds at 30 % load';

export async function run(bench) {
  const backend = await bench.program('bare echo', 'bench_bare_echo');
  const requests = writeRequests(bench.directory, 'added', [{ path: `${ECHO_PATH}Echo`, message: ECHO }]);
  const proxies = await startProxies(bench, backend, ['nginx']);
  const peaks = [];
  for (const { port } of proxies) {
    peaks.push((await loadAllOk(bench.bin, { port, requests, inFlight: 64, connections: 4, seconds: bench.seconds })).rate);
  }
  const rate = Math.round(Math.min(...peaks) * 0.3);
  const subjects = [backend, ...proxies];
  const [direct, gateway, nginx] = await interleave(subjects, bench.rounds, ({ port }) =>
    loadAllOk(bench.bin, { port, requests, rate, connections: 4, seconds: bench.seconds }));
  for (const percentile of ['p50', 'p99']) {
    // Less than a microsecond is the noise of two measurements.
    const added = (reports) => reports?.map(({ latency_us: latency }, i) => Math.max(1, latency[percentile] - direct[i].latency_us[percentile]));
    bench.compareWith(PROXIES.nginx, { goal: 'G6', name: `gateway, added ${percentile} at 30 % load`, unit: 'µs',
      ours: added(gateway), theirs: added(nginx), reach: '≤ 1.0', floors: { 'calls/s': rate, [`direct ${percentile}, µs`]: direct[0].latency_us[percentile] } });
  }
}
