// G19: what a service takes when it does nothing, and how soon after its start it serves: another replica of each
// beside the one that runs.
import { residentMiB } from '../support/processes.mjs';
import { startReplica } from '../support/replica.mjs';
import { isMet, median } from '../support/statistics.mjs';
import { stockedShop } from '../support/stocked_shop.mjs';

export const title = 'idle memory, and start to ready';

const SERVICES = ['auth', 'catalog', 'order', 'notification', 'gateway'];
const STARTS = 5;

// The replica's milliseconds to readiness, and its memory then.
async function startOne(bench, shop, service) {
  const replica = await startReplica(bench, shop, service);
  const memory = residentMiB(replica.pid);
  await bench.processes.stop(replica);
  return { ms: replica.ms, memory };
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
