// The suite's PostgreSQL and its two Redis, each a process that can be broken.
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../e2e/support/eventually.mjs';
import { launch } from './launch.mjs';

const run = promisify(execFile);
const postgresBin = fs.readdirSync('/usr/lib/postgresql').map(Number).sort((a, b) => a - b)
  .map((version) => `/usr/lib/postgresql/${version}/bin`).pop();

export class Postgres {
  constructor(state, tally) {
    Object.assign(this, { state, tally, home: path.join(state, 'postgres') });
    this.environment = { ...process.env, PGPASSFILE: path.join(state, 'secrets/pgpass-postgres') };
  }

  get socket() {
    return path.join(this.home, 'socket/.s.PGSQL.5432');
  }

  // Without fsync: what we kill are processes, not the machine, and others share its disk.
  async start() {
    if (this.child) return;
    const child = launch([path.join(postgresBin, 'postgres'), '-D', path.join(this.home, 'data'), '-c', 'fsync=off',
      '-c', `unix_socket_directories=${path.join(this.home, 'socket')}`],
    { log: path.join(this.state, 'logs/postgres.log'), asPostgres: true });
    this.child = child;
    child.exited.then(() => { if (this.child === child) this.child = null; });
    await eventually('PostgreSQL serves', () => this.isReady());
  }

  isReady() {
    return run(path.join(postgresBin, 'pg_isready'), ['-q', '-h', path.join(this.home, 'socket'), '-p', '5432']).then(() => true, () => false);
  }

  // Immediate stop: every backend dies where it stands, and the next start recovers from the log.
  async crash() {
    this.tally.count('postgres crash');
    await this.stop();
  }

  async stop() {
    const { child } = this;
    if (!child) return;
    child.kill('SIGQUIT');
    await child.exited;
  }

  conninfo(service) {
    return `host=${path.join(this.home, 'socket')} port=5432 user=postgres dbname=arasta_${service} `
      + `passfile=${this.environment.PGPASSFILE}`;
  }

  // The rows of a query as objects.
  async query(service, sql) {
    const { stdout } = await run('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', this.conninfo(service),
      '-c', `SELECT coalesce(json_agg(row), '[]') FROM (${sql}) AS row`], { env: this.environment, maxBuffer: 64 << 20 });
    return JSON.parse(stdout);
  }

  async execute(service, sql) {
    await run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', this.conninfo(service), '-c', sql], { env: this.environment });
  }

  // Runs `sql` in a transaction that stays open, with its locks, until the returned function is called. Throws where
  // that can't be had.
  async hold(service, sql) {
    const session = spawn('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', this.conninfo(service)],
      { env: this.environment, stdio: ['pipe', 'pipe', 'ignore'] });
    session.stdin.on('error', () => {});
    const held = new Promise((resolve) => session.stdout.on('data', (text) => String(text).includes('held') && resolve()));
    const ended = new Promise((resolve) => session.once('exit', resolve));
    session.stdin.write(`BEGIN; ${sql}; SELECT 'held';\n`);
    const failed = ended.then(() => { throw new Error(`not held: ${sql}`); });
    await Promise.race([held, failed]);
    return async () => {
      session.stdin.end('ROLLBACK;\n');
      await ended;
    };
  }
}

export class Redis {
  // `which` is events or cache.
  constructor(state, which, tally) {
    Object.assign(this, { state, which, tally, home: path.join(state, `redis-${which}`) });
  }

  get socket() {
    return path.join(this.home, 'redis.sock');
  }

  async start() {
    if (this.child) return;
    const child = launch(['redis-server', path.join(this.home, 'redis.conf')], { log: path.join(this.state, `logs/redis-${this.which}.log`) });
    this.child = child;
    child.exited.then(() => { if (this.child === child) this.child = null; });
    await eventually(`Redis ${this.which} answers`, async () => (await this.command('PING').catch(() => '')) === 'PONG');
  }

  async kill() {
    this.tally.count(`redis ${this.which} kill`);
    await this.stop();
  }

  async stop() {
    const { child } = this;
    if (!child) return;
    child.kill('SIGKILL');
    await child.exited;
  }

  // What was kept on disk is gone as well. Only while it does not run.
  forget() {
    this.tally.count(`redis ${this.which} emptied`);
    for (const name of fs.readdirSync(this.home)) {
      if (name !== 'redis.conf') fs.rmSync(path.join(this.home, name), { recursive: true });
    }
  }

  // Copies what is on disk, for restore(). Both only while it does not run.
  keep() {
    fs.rmSync(`${this.home}.kept`, { recursive: true, force: true });
    fs.cpSync(this.home, `${this.home}.kept`, { recursive: true, filter: (source) => !source.endsWith('.sock') });
  }

  restore() {
    this.tally.count(`redis ${this.which} restored`);
    fs.rmSync(this.home, { recursive: true });
    fs.cpSync(`${this.home}.kept`, this.home, { recursive: true });
  }

  async flush() {
    this.tally.count(`redis ${this.which} flush`);
    await this.command('FLUSHALL');
  }

  async command(...words) {
    const { stdout } = await run('redis-cli', ['-s', this.socket, ...words]);
    return stdout.trim();
  }
}
