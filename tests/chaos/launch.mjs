// Children that do not outlive us, whatever ends us.
import { spawn } from 'node:child_process';
import fs from 'node:fs';

// Starts `command` with its output appended to the file `log`.
export function launch(command, { log, environment = process.env, asPostgres = false } = {}) {
  const output = fs.openSync(log, 'a');
  const user = asPostgres && process.getuid() === 0 ? ['--reuid=postgres', '--regid=postgres', '--init-groups'] : [];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...user, ...command], { stdio: ['ignore', output, output], env: environment, cwd: '/' });
  fs.closeSync(output);
  child.exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  return child;
}
