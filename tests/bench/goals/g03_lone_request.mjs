// G3: a lone request now and then must not wait for a poller that sleeps: straight to a server of ours, and
// through the gateway.
import { startGateway } from '../support/gateway.mjs';
import { loadAllOk, writeRequests } from '../support/load.mjs';
import { isMet } from '../support/statistics.mjs';
import { ECHO, ECHO_PATH } from './g01_server_stack.mjs';

export const title = 'one request every 1.05 s';

const SECONDS = 26;

export async function run(bench) {
  const server = await bench.program('ours', 'bench_echo');
  const gateway = await startGateway(bench, server);
  const requests = writeRequests(bench.directory, 'lone', [{ path: `${ECHO_PATH}Echo`, message: ECHO }]);
  const subjects = [{ name: 'server', port: server.port }, { name: 'gateway and server', port: gateway.port }];
  const reports = await Promise.all(subjects.map(({ port }) =>
    loadAllOk(bench.bin, { port, requests, rate: 1 / 1.05, seconds: SECONDS })));
  reports.forEach(({ latency_us: latency }, i) => {
    const value = (latency.max - latency.p50) / 1e3;
    const reach = '≤ 5';
    bench.add({ goal: 'G3', name: `${subjects[i].name}: worst above median`, value, unit: 'ms', reach, met: isMet(value, reach),
      floors: { 'median, ms': latency.p50 / 1e3 } });
  });
}
