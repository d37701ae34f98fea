// A whole shop of its own, made by deploy/up: state folder, ports, databases, certificates and mail sink.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildDirectory, sourceDirectory } from './contract.mjs';
import { MailSink } from './mail_sink.mjs';
import { NativeClient } from './native_client.mjs';

const run = promisify(execFile);
const leftovers = path.join(buildDirectory, 'e2e');
const deploy = (command) => path.join(sourceDirectory, 'deploy', command);

// Ends the shop in `state` and removes every trace of it.
async function demolish(state, record) {
  await run(deploy('down'), ['--state', state]);
  fs.rmSync(state, { recursive: true, force: true });
  fs.rmSync(record, { force: true });
}

// What earlier runs left when they were killed.
export async function demolishLeftovers(story) {
  if (!fs.existsSync(leftovers)) return;
  for (const name of fs.readdirSync(leftovers)) {
    const record = path.join(leftovers, name);
    if (!story || name === story) await demolish(fs.readFileSync(record, 'utf8'), record);
  }
}

export class Shop {
  // `story` names what is left behind if the test is killed. `environment` is for all services.
  static async start(story, environment = {}) {
    await demolishLeftovers(story);
    fs.mkdirSync(leftovers, { recursive: true });
    const state = fs.mkdtempSync('/tmp/arasta-e2e-');
    const record = path.join(leftovers, story);
    fs.writeFileSync(record, state);
    const mail = await MailSink.start();
    const shop = new Shop(state, record, mail);
    try {
      await run(deploy('up'), ['--state', state, '--no-demo', '--detach'],
        { env: { ...process.env, ARASTA_BUILD_DIR: buildDirectory, ARASTA_SMTP_URL: mail.url,
          ARASTA_SMTP_REQUIRE_TLS: 'false', ...environment } });
    } catch (error) {
      await shop.stop();
      throw new Error(`deploy/up failed: ${error.stdout}${error.stderr}`);
    }
    return shop;
  }

  constructor(state, record, mail) {
    Object.assign(this, { state, record, mail });
  }

  portOf(name) {
    return Number(new RegExp(`^${name}=(\\d+)$`, 'm').exec(fs.readFileSync(path.join(this.state, 'ports'), 'utf8'))[1]);
  }

  get address() {
    return `127.0.0.1:${this.portOf('gateway')}`;
  }

  // Native gRPC, for what is not the point of a story.
  get client() {
    return (this.native ??= new NativeClient(this.address));
  }

  async adminToken() {
    const password = fs.readFileSync(path.join(this.state, 'secrets/admin-password'), 'utf8').trim();
    const { tokens } = await this.client.call('AuthService', 'Login', { email: 'admin@arasta.example', password });
    return tokens.access_token;
  }

  // Imports rows and returns the report; `rows` may be an array.
  async import(rows) {
    const token = await this.adminToken();
    return this.client.upload('CatalogAdminService', 'ImportProducts', batches(rows, 500), { token });
  }

  // The rows of a query on the database of `service`, as objects.
  async sql(service, query) {
    const password = fs.readFileSync(path.join(this.state, 'secrets/postgres-superuser'), 'utf8').trim();
    const { stdout } = await run('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', path.join(this.state, 'postgres/socket'),
      '-p', '5432', '-U', 'postgres', '-d', `arasta_${service}`, '-c', `SELECT coalesce(json_agg(row), '[]') FROM (${query}) AS row`],
      { env: { ...process.env, PGPASSWORD: password }, maxBuffer: 64 << 20 });
    return JSON.parse(stdout);
  }

  // What breaks an invariant (tests/chaos), a line each.
  async violations() {
    const password = fs.readFileSync(path.join(this.state, 'secrets/postgres-superuser'), 'utf8').trim();
    const databases = ['auth', 'catalog', 'order', 'notification'].map((service) =>
      `${service}=host=${path.join(this.state, 'postgres/socket')} port=5432 user=postgres dbname=arasta_${service}`);
    try {
      await run(path.join(buildDirectory, 'tests/chaos/chaos_check'), databases,
        { env: { ...process.env, PGPASSWORD: password } });
      return [];
    } catch (broken) {
      if (broken.code !== 1) throw broken;
      return broken.stdout.trim().split('\n');
    }
  }

  // One command on the Redis of events or cache.
  async redis(which, ...command) {
    const { stdout } = await run('redis-cli', ['-s', path.join(this.state, `redis-${which}/redis.sock`), ...command]);
    return stdout.trim();
  }

  // Starts a service anew; `environment` holds for that one process, not for the one after it.
  async restart(service, environment = {}, { kill = false } = {}) {
    const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    await run(deploy('restart'), ['--state', this.state, ...(kill ? ['--kill'] : []), service, ...settings]);
  }

  // The process id of a service that runs; 0 while none does.
  pidOf(service) {
    try {
      return Number(fs.readFileSync(path.join(this.state, 'run', `${service}.pid`), 'utf8').split(' ')[0]);
    } catch {
      return 0;
    }
  }

  logOf(service) {
    return fs.readFileSync(path.join(this.state, 'logs', `${service}.log`), 'utf8');
  }

  async stop() {
    this.native?.close();
    await demolish(this.state, this.record);
    await this.mail.stop();
  }
}

function* batches(rows, size) {
  for (let start = 0; start < rows.length; start += size) yield { rows: rows.slice(start, start + size) };
}
