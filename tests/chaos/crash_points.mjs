// The sweep: kill -9 at every CrashPoint("…") of the sources, so that a new one is never left out.
import fs from 'node:fs';
import path from 'node:path';
import { sourceDirectory } from '../e2e/support/contract.mjs';
import { pause } from './scenarios/timing.mjs';

const LONGEST_WAIT_MS = 25000;
// Who passes the points of a shared room.
const PASSED_BY = { 'common/events/relay.cc': ['auth', 'catalog', 'order'], 'common/events/inbox.cc': ['notification'] };
// What has to happen while nobody of the service runs, for the point to be passed at all.
const PROVOKED_BY = { 'relay.mid_rewind': (suite) => suite.redis('events').flush() };

// [{point, services}], from the sources.
export function definedCrashPoints() {
  const found = [];
  for (const room of ['common', 'services']) {
    for (const file of fs.readdirSync(path.join(sourceDirectory, room), { recursive: true })) {
      if (!file.endsWith('.cc')) continue;
      const source = path.join(room, file);
      const text = fs.readFileSync(path.join(sourceDirectory, source), 'utf8');
      for (const [, point] of text.matchAll(/CrashPoint\("([^"]+)"\)/g)) found.push({ point, services: servicesOf(source) });
    }
  }
  return found;
}

function servicesOf(source) {
  const services = PASSED_BY[source] ?? [/^services\/(\w+)\//.exec(source)?.[1]];
  if (!services[0]) throw new Error(`${source} has crash points, but nobody is known to pass them`);
  return services;
}

// Each service's points one after the other, all services at the same time.
export async function armEveryCrashPoint(suite) {
  const points = definedCrashPoints();
  const services = [...new Set(points.flatMap((point) => point.services))];
  await Promise.all(services.map(async (service) => {
    for (const { point } of points.filter((each) => each.services.includes(service))) await dieAt(suite, service, point);
  }));
}

// All replicas, as some work is done by only one of them; until one has died there.
async function dieAt(suite, service, point) {
  const replicas = suite.replicasOf(service);
  const starts = replicas.map((process) => process.log().length);
  suite.tally.count(`crash ${service}`, point);
  await Promise.all(replicas.map((process) => process.end()));
  await PROVOKED_BY[point]?.(suite);
  await Promise.all(replicas.map((process) => process.start({ ARASTA_CRASH_POINT: point })));
  const isHit = () => replicas.some((process, index) => hitsIn(process.log(starts[index])).includes(point));
  for (const end = Date.now() + LONGEST_WAIT_MS; !isHit() && Date.now() < end;) await pause(100);
}

// The last words of those who died.
function hitsIn(log) {
  return [...log.matchAll(/"msg":"crash point","name":"([^"]+)"/g)].map(([, point]) => point);
}

// What died where.
export function crashPointFacts(suite) {
  const hits = new Set();
  for (const process of suite.processes) {
    for (const point of hitsIn(process.log())) hits.add(`${process.name} ${point}`);
  }
  const wanted = definedCrashPoints().flatMap(({ point, services }) => services.map((service) => `${service} ${point}`));
  return [{ invariant: 'F every crash point was hit', checked: wanted.length,
    violations: wanted.filter((each) => !hits.has(each)).map((each) => `missed: ${each}`) }];
}
