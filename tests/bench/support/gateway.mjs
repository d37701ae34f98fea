// Our gateway, in front of one backend.
import fs from 'node:fs';
import path from 'node:path';
import { freePort, portAnswers } from './processes.mjs';

// With nothing to do but to pass calls of `prefix` on, unless `complete`: then it also writes its access log, has
// the backend's keys to check tokens with, and charges calls to the limits of reading, which nobody reaches here.
export async function startGateway(bench, backend, { prefix = '/arasta.testing.v1.', descriptors = bench.descriptors,
  complete = false } = {}) {
  const name = complete ? 'gateway-complete' : 'gateway';
  // The name tells where keys come from.
  const backendName = complete ? 'auth' : 'backend';
  const file = path.join(bench.directory, `${name}.json`);
  fs.writeFileSync(file, JSON.stringify({ backends: { [backendName]: { addresses: [`127.0.0.1:${backend.port}`] } },
    routes: [{ prefix, backend: backendName, ...(complete && { default_rate_class: 'READ' }) }] }));
  const port = await freePort();
  const started = await bench.processes.start(name, path.join(bench.bin, 'arasta-gateway'), [], { environment: {
    ARASTA_PROFILE: 'local', ARASTA_LISTEN: `127.0.0.1:${port}`, ARASTA_GATEWAY_ACCESS_LOG: String(complete),
    ARASTA_GATEWAY_DESCRIPTORS: descriptors, ARASTA_GATEWAY_CONFIG: file } });
  await portAnswers(port);
  return { ...started, port };
}
