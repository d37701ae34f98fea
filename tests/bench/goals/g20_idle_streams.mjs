// G20: what 5,000 streams that say nothing cost the gateway: watches of a backend's health, from clients with 500
// each.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import grpc from '@grpc/grpc-js';
import { freePort, isReady, residentMiB } from '../support/processes.mjs';
import { isMet } from '../support/statistics.mjs';

export const title = '5,000 idle streams through the gateway';

const STREAMS = 5000;
const CLIENTS = 10;
const GRPC_PROTO = '/usr/share/grpc-proto';
const WATCH = '/grpc.health.v1.Health/Watch';

const threads = (pid) => fs.readdirSync(`/proc/${pid}/task`).length;

async function startGateway(bench, backend) {
  const descriptors = path.join(bench.directory, 'health.binpb');
  execFileSync('protoc', [`-I${GRPC_PROTO}`, `--descriptor_set_out=${descriptors}`, 'grpc/health/v1/health.proto']);
  const file = path.join(bench.directory, 'gateway.json');
  fs.writeFileSync(file, JSON.stringify({ backends: { echo: { addresses: [`127.0.0.1:${backend.port}`] } },
    routes: [{ prefix: '/grpc.health.v1.Health/', backend: 'echo', default_access: 'PUBLIC' }] }));
  const [port, admin] = [await freePort(), await freePort()];
  const gateway = await bench.processes.start('gateway', path.join(bench.bin, 'arasta-gateway'), [], { environment: {
    ARASTA_PROFILE: 'local', ARASTA_LISTEN: `127.0.0.1:${port}`, ARASTA_ADMIN_LISTEN: `127.0.0.1:${admin}`,
    ARASTA_GATEWAY_DESCRIPTORS: descriptors, ARASTA_GATEWAY_CONFIG: file } });
  while (!await isReady(admin)) {
    if (gateway.child.exitCode !== null) throw new Error(`the gateway ended with ${gateway.child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { ...gateway, port };
}

// Resolves when every one of these streams has said its first word.
function watch(port, count) {
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  const bytes = (value) => value;
  const first = Array.from({ length: count }, () => new Promise((resolve, reject) => {
    client.makeServerStreamRequest(WATCH, bytes, bytes, Buffer.alloc(0)).once('data', resolve).on('error', reject);
  }));
  return { client, open: Promise.all(first) };
}

export async function run(bench) {
  const backend = await bench.program('echo', 'bench_echo');
  const gateway = await startGateway(bench, backend);
  const [emptyMemory, emptyThreads] = [residentMiB(gateway.pid), threads(gateway.pid)];
  const clients = Array.from({ length: CLIENTS }, () => watch(gateway.port, STREAMS / CLIENTS));
  await Promise.all(clients.map(({ open }) => open));
  const memory = residentMiB(gateway.pid);
  const added = threads(gateway.pid) - emptyThreads;
  for (const { client } of clients) client.close();
  bench.add({ goal: 'G20', name: 'gateway with 5,000 idle streams, memory', value: memory, unit: 'MiB', reach: '≤ 150',
    met: isMet(memory, '≤ 150'), floors: { 'empty, MiB': emptyMemory } });
  bench.add({ goal: 'G20', name: 'gateway with 5,000 idle streams, threads more', value: added, unit: 'threads', reach: '≤ 0', met: isMet(added, '≤ 0') });
}
