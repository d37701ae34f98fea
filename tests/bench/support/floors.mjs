// What the machine itself can do in this very minute: a flush to disk, and PostgreSQL and Redis by their own
// benchmark programs.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { psqlEnvironment } from './stocked_shop.mjs';
import { median } from './statistics.mjs';

const run = promisify(execFile);
const PGBENCH = path.join(fs.readdirSync('/usr/lib/postgresql').sort((a, b) => a - b).map((version) => `/usr/lib/postgresql/${version}/bin`).at(-1),
  'pgbench');

// µs that a write of 8 KiB and its flush take on the disk of `directory`, a hundred times.
export function fsyncTimes(directory) {
  const file = path.join(directory, 'fsync');
  const fd = fs.openSync(file, 'w');
  const page = Buffer.alloc(8192, 'x');
  const times = [];
  for (let i = 0; i < 100; ++i) {
    const start = process.hrtime.bigint();
    fs.writeSync(fd, page, 0, page.length, (i % 64) * page.length);
    fs.fdatasyncSync(fd);
    times.push(Number(process.hrtime.bigint() - start) / 1e3);
  }
  fs.closeSync(fd);
  fs.rmSync(file);
  return times;
}

export const fsyncMicros = (directory) => median(fsyncTimes(directory));

// Runs a pgbench script; `amount` is ['-t', transactions a client] or ['-T', seconds]. Returns tps and ms.
export async function pgbench(shop, database, script, { clients, amount }) {
  const file = path.join(shop.state, 'pgbench.sql');
  fs.writeFileSync(file, script);
  const { stdout } = await run(PGBENCH, ['-n', '-M', 'prepared', '-c', clients, '-j', 2, ...amount, '-f', file, database].map(String),
    { env: psqlEnvironment(shop), maxBuffer: 16 << 20 }).catch(({ stderr }) => { throw new Error(stderr.slice(0, 500)); });
  const failed = Number(/number of failed transactions: (\d+)/.exec(stdout)?.[1] ?? 0);
  if (failed > 0) throw new Error(`pgbench: ${failed} transactions failed`);
  if (!stdout.includes('tps = ')) throw new Error(`pgbench came to nothing: ${stdout}`);
  return { tps: Number(/tps = ([\d.]+)/.exec(stdout)[1]), ms: Number(/latency average = ([\d.]+)/.exec(stdout)[1]) };
}

// Milliseconds of each run of a script by one client, which takes one of `scripts` at random every time.
export async function pgbenchTimes(shop, database, scripts, amount) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'arasta-pgbench-'));
  const files = scripts.flatMap((script, i) => {
    const file = path.join(directory, `${i}.sql`);
    fs.writeFileSync(file, script);
    return ['-f', file];
  });
  await run(PGBENCH, ['-n', '-M', 'prepared', '-l', `--log-prefix=${directory}/times`, ...amount, ...files, database].map(String),
    { env: psqlEnvironment(shop), maxBuffer: 16 << 20 }).catch(({ stderr }) => { throw new Error(stderr.slice(0, 500)); });
  const log = fs.readdirSync(directory).find((name) => name.startsWith('times'));
  const times = fs.readFileSync(path.join(directory, log), 'utf8').trim().split('\n').map((line) => Number(line.split(' ')[2]) / 1e3);
  fs.rmSync(directory, { recursive: true });
  return times;
}

const redisSocket = (shop) => path.join(shop.state, 'redis-events/redis.sock');

// SETs a second of `bytes` by `clients` on the event Redis, which flushes its log before it answers.
export async function redisFloor(shop, bytes, clients = 16) {
  const count = 3000;
  const { stdout } = await run('redis-benchmark', ['-s', redisSocket(shop), '-t', 'set', '-d', bytes, '-c', clients, '-n', count, '--csv'].map(String));
  return { count, per_second: Number(stdout.trim().split('\n').at(-1).split(',')[1].replaceAll('"', '')) };
}

// Milliseconds that each of a hundred such SETs takes, one after the other.
export async function redisTimes(shop, bytes) {
  const socket = net.connect(redisSocket(shop));
  const times = [];
  const value = 'x'.repeat(bytes);
  for (let i = 0; i < 100; ++i) {
    const start = process.hrtime.bigint();
    socket.write(`SET bench:floor ${value}\r\n`);
    await once(socket, 'data');
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  socket.end();
  return times;
}
