// The load generator, bench_load, and the requests it is given.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { cpuMicros } from './processes.mjs';

const run = promisify(execFile);

// A line of a request file: verb, path, token, message.
export function requestLine({ verb = 'POST', path: target, token = '', message = Buffer.alloc(0) }) {
  return [verb, target, token, Buffer.from(message).toString('base64')].join('\t');
}

export function writeRequests(directory, name, requests) {
  const file = path.join(directory, `${name}.requests`);
  fs.writeFileSync(file, requests.map(requestLine).join('\n') + '\n');
  return file;
}

// Options are bench_load's flags in camelCase. Returns its report.
export async function load(bin, options) {
  const flags = Object.entries(options).map(([name, value]) =>
    `--${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}=${value}`);
  const { stdout } = await run(path.join(bin, 'bench_load'), flags, { maxBuffer: 1 << 20 });
  return JSON.parse(stdout);
}

// The same, where anything but success is an error.
export async function loadAllOk(bin, options) {
  const report = await load(bin, options);
  if (report.ok === 0 || Object.keys(report.failed).length > 0) {
    throw new Error(`not every request succeeded: ${JSON.stringify(report)}`);
  }
  return report;
}

// A run with the CPU-µs that `pids` and all below them spent on each of its requests.
export async function costOf(bin, pids, options) {
  const before = cpuMicros(...pids);
  const report = await loadAllOk(bin, options);
  return { ...report, cpu_us: (cpuMicros(...pids) - before) / report.ok };
}
