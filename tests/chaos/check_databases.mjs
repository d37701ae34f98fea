// Runs chaos_check, which judges the databases by themselves:
//   await checkDatabases(suite, {always}) → [{invariant, checked, violations}]
// With `always` only what must hold at every moment, under load too. Throws when a database can't be read.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildDirectory } from '../e2e/support/contract.mjs';

const run = promisify(execFile);
const program = path.join(buildDirectory, 'tests/chaos/chaos_check');

export async function checkDatabases(suite, { always = false } = {}) {
  const databases = Object.entries(suite.databases()).map(([service, conninfo]) => `${service}=${conninfo}`);
  const words = ['--json', ...(always ? ['--always'] : []), ...databases];
  const { stdout } = await run(program, words, { maxBuffer: 64 << 20 }).catch((end) => {
    if (end.code !== 1) throw end;  // 1 says that something is broken, which is an answer
    return end;
  });
  return JSON.parse(stdout);
}
