// G19: what a service takes when it does nothing, and how soon after its start it serves: another replica of each
// beside the one that runs.
import path from 'node:path';
import { freePort, isReady, residentMiB } from '../support/processes.mjs';
import { isMet, median } from '../support/statistics.mjs';
import { stockedShop } from '../support/stocked_shop.mjs';

export const title = 'idle memory, and start to ready';

const SERVICES = ['auth', 'catalog', 'order', 'notification', 'gateway'];
const STARTS = 5;

// The replica's milliseconds to readiness, and its memory then; deploy/up's own script starts it.
async function startOne(bench, shop, service) {
  const port = await freePort();
  const start = process.hrtime.bigint();
  const replica = await bench.processes.start(service, path.join(shop.state, 'run', `${service}.start`),
    ['ARASTA_LISTEN=127.0.0.1:0', `ARASTA_ADMIN_LISTEN=127.0.0.1:${port}`]);
  while (!await isReady(port)) {
    if (replica.child.exitCode !== null) throw new Error(`${service} ended with ${replica.child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  const memory = residentMiB(replica.pid);
  await bench.processes.stop(replica);
  return { ms, memory };
}

export async function run(bench) {
  const shop = await stockedShop(bench);
  for (const service of SERVICES) {
    const taken = [];
    for (let i = 0; i < STARTS; ++i) taken.push(await startOne(bench, shop, service));
    const memory = median(taken.map((one) => one.memory));
    const ms = median(taken.map((one) => one.ms));
    bench.add({ goal: 'G19', name: `${service}, idle memory`, value: memory, unit: 'MiB', reach: '≤ 25', met: isMet(memory, '≤ 25') });
    bench.add({ goal: 'G19', name: `${service}, start to ready`, value: ms, unit: 'ms', reach: '≤ 300', met: isMet(ms, '≤ 300') });
  }
}
