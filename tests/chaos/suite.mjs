// A whole shop that can be broken: PostgreSQL, two Redis, a mail sink and replicas of the five services, with a
// chaos proxy on every arrow between them.
//
//   const suite = await Suite.start({seed, state?, replicas?, environment?, buildDirectory?});
//   suite.gateways                    host:port of each gateway, for clients
//   suite.process(name, index)        .kill() .stop() .cont() .restart(env) .reload() .terminate() .log(), see service_process.mjs
//   suite.link(from, to)              one arrow ('order-0', 'postgres'), see proxy_client.mjs; links(from?, to?): several
//   suite.postgres  .crash() .start() .hold(service, sql)
//   suite.redis(which)                .kill() .start() .flush() .command(…words); which: events, cache
//   suite.sql(service, query)         rows as objects, not through a proxy
//   suite.databases()                 {service: conninfo} for chaos_check, not through a proxy
//   suite.mails()                     what the sink accepted: [{to, time, mail}]
//   suite.adminToken()                an access token of the administrator
//   suite.heal()                      every part runs, no link is disturbed
//   suite.settle()                    waits until nothing is under way; what it still waited for after 60 s, or ''
//   suite.effects(fits)               what the links whose names fit did: {resets: 3, …}
//   suite.tally                       the faults so far by kind
//   suite.stop()
//
// The parts that links go between: client, gateway-N, auth-N, catalog-N, order-N, notification-N, postgres,
// redis-events, redis-cache, smtp.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MailSink } from '../e2e/support/mail_sink.mjs';
import { NativeClient } from '../e2e/support/native_client.mjs';
import { eventually } from '../e2e/support/eventually.mjs';
import { buildDirectory as usualBuild } from '../e2e/support/contract.mjs';
import { ProxyClient } from './proxy_client.mjs';
import { ServiceProcess } from './service_process.mjs';
import { findUnsettled } from './settled.mjs';
import { Postgres, Redis } from './stores.mjs';
import { Tally } from './tally.mjs';

const run = promisify(execFile);
const here = path.dirname(fileURLToPath(import.meta.url));

const STORES = ['auth', 'catalog', 'order', 'notification'];
const REPLICAS = { gateway: 2, auth: 1, catalog: 2, order: 2, notification: 2 };
// Who calls whom; everybody asks auth for its keys.
const CALLS = { gateway: STORES, auth: [], catalog: ['auth'], order: ['auth', 'catalog'], notification: ['auth', 'order'] };
// The gateway shares its rate limits, and keeps nothing else.
const KEEPS = (name) => (name === 'gateway' ? ['redis-cache'] : ['postgres', 'redis-events', 'redis-cache']);

export class Suite {
  static async start({ seed = 1, state, replicas, environment = {}, buildDirectory = usualBuild } = {}) {
    const suite = new Suite({ state: state ?? fs.mkdtempSync('/tmp/arasta-chaos-'), replicas: { ...REPLICAS, ...replicas }, buildDirectory });
    try {
      await suite.bringUp(seed, environment);
    } catch (error) {
      await suite.stop();
      throw error;
    }
    return suite;
  }

  constructor({ state, replicas, buildDirectory }) {
    Object.assign(this, { state, replicas, buildDirectory, tally: new Tally(), arrows: new Map(), processes: [] });
    this.postgres = new Postgres(state, this.tally);
    this.redises = { events: new Redis(state, 'events', this.tally), cache: new Redis(state, 'cache', this.tally) };
  }

  async bringUp(seed, environment) {
    const template = path.join(this.buildDirectory, 'chaos/template.tar');
    fs.mkdirSync(path.dirname(template), { recursive: true });
    await run(path.join(here, 'prepare'), [this.state, template], { env: { ...process.env, ARASTA_BUILD_DIR: this.buildDirectory } });
    this.mail = await MailSink.start();
    this.proxy = await ProxyClient.start({ directory: this.state, seed, log: this.logFile('proxy'), tally: this.tally });
    await Promise.all([this.postgres.start(), this.redises.events.start(), this.redises.cache.start(), this.connectParts()]);
    for (const [name, count] of Object.entries(this.replicas)) {
      for (let index = 0; index < count; ++index) this.processes.push(this.makeProcess(name, index, environment));
    }
    await Promise.all(this.processes.map((process) => process.start()));
    await this.ready();
  }

  // Makes the links; those to services have their target when the service serves.
  async connectParts() {
    const each = (name) => Array.from({ length: this.replicas[name] }, (_, index) => `${name}-${index}`);
    const pairs = each('gateway').map((gateway) => ['client', gateway]);
    for (const [caller, callees] of Object.entries(CALLS)) {
      for (const from of each(caller)) {
        for (const to of callees.flatMap(each)) pairs.push([from, to]);
        for (const to of KEEPS(caller)) pairs.push([from, to]);
        if (caller === 'notification') pairs.push([from, 'smtp']);
      }
    }
    const targets = { postgres: { path: this.postgres.socket }, 'redis-events': { path: this.redises.events.socket },
      'redis-cache': { path: this.redises.cache.socket }, smtp: { host: '127.0.0.1', port: new URL(this.mail.url).port } };
    await Promise.all(pairs.map(async ([from, to]) => {
      const link = await this.proxy.add(from, to);
      this.arrows.set(link.name, link);
      if (targets[to]) await link.target(targets[to]);
    }));
  }

  makeProcess(name, index, environment) {
    const id = `${name}-${index}`;
    return new ServiceProcess({ name, index, program: path.join(this.buildDirectory, `bin/arasta-${name}`),
      environment: { ...process.env, ...this.settingsOf(name, id), ...environment }, logFile: this.logFile(id), tally: this.tally,
      onServing: (address) => {
        const [host, port] = address?.split(':') ?? [];
        const links = this.links(null, id).filter((link) => address || !link.led);
        return Promise.all(links.map((link) => link.target(address && { host, port: Number(port) })));
      } });
  }

  // What deploy/up would give the service, with every address that of a link.
  settingsOf(name, id) {
    const settings = Object.fromEntries(fs.readFileSync(path.join(this.state, `run/${name}.settings`), 'utf8').trim().split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
    const address = (to) => `127.0.0.1:${this.link(id, to).port}`;
    settings.ARASTA_LISTEN = settings.ARASTA_ADMIN_LISTEN = '127.0.0.1:0';
    for (const peer of STORES) {
      const replicas = this.links(id, peer).map((link) => `127.0.0.1:${link.port}`);
      settings[`ARASTA_${peer.toUpperCase()}_ADDRESS`] = replicas.join(',');
    }
    settings.ARASTA_CACHE_REDIS = address('redis-cache');
    if (name !== 'gateway') {
      settings.ARASTA_EVENTS_REDIS = address('redis-events');
      settings.ARASTA_DATABASE_URL = settings.ARASTA_DATABASE_URL
        .replace(/host=\S+ port=\d+/, `host=127.0.0.1 port=${this.link(id, 'postgres').port} sslmode=disable`);
    }
    // Dear passwords would only keep the processors from what is tested.
    if (name === 'auth') Object.assign(settings, { ARASTA_PROFILE: 'test', ARASTA_PASSWORD_MEMORY_KIB: '8', ARASTA_PASSWORD_PASSES: '1' });
    if (name === 'notification') {
      settings.ARASTA_SMTP_URL = `smtp://${address('smtp')}`;
      settings.ARASTA_SMTP_REQUIRE_TLS = 'false';
    }
    return settings;
  }

  logFile(name) {
    return path.join(this.state, `logs/${name}.log`);
  }

  get gateways() {
    return this.links('client').map((link) => `127.0.0.1:${link.port}`);
  }

  process(name, index = 0) {
    const found = this.processes.find((process) => process.id === `${name}-${index}`);
    if (!found) throw new Error(`no process ${name}-${index}`);
    return found;
  }

  // Those of a service; all without a name.
  replicasOf(name) {
    return this.processes.filter((process) => !name || process.name === name);
  }

  link(from, to) {
    const found = this.arrows.get(`${from}>${to}`);
    if (!found) throw new Error(`no link ${from}>${to}`);
    return found;
  }

  // Every link from and to; 'order' means all replicas of it, nothing means anybody.
  links(from, to) {
    const fits = (part, wanted) => !wanted || part === wanted || part.replace(/-\d+$/, '') === wanted;
    return [...this.arrows.values()].filter((link) => fits(link.from, from) && fits(link.to, to));
  }

  redis(which) {
    return this.redises[which];
  }

  sql(service, query) {
    return this.postgres.query(service, query);
  }

  databases() {
    return Object.fromEntries(STORES.map((service) => [service, this.postgres.conninfo(service)]));
  }

  mails() {
    return this.mail.mails;
  }

  // A client of ours, of the first gateway; for what is not measured.
  get client() {
    return (this.native ??= new NativeClient(this.gateways[0]));
  }

  async adminToken() {
    const password = fs.readFileSync(path.join(this.state, 'secrets/admin-password'), 'utf8').trim();
    const { tokens } = await this.client.call('AuthService', 'Login', { email: 'admin@arasta.example', password });
    return tokens.access_token;
  }

  async ready(seconds = 60) {
    let waiting = this.processes;
    await eventually('every process is ready', async () => {
      const ready = await Promise.all(waiting.map((process) => process.isReady()));
      waiting = waiting.filter((_, index) => !ready[index]);
      return waiting.length === 0;
    }, { seconds }).catch((error) => { throw new Error(`${error.message}: ${waiting.map(({ id }) => id)}`); });
  }

  async heal() {
    await this.proxy.heal();
    await Promise.all([this.postgres.start(), this.redises.events.start(), this.redises.cache.start()]);
    await Promise.all(this.processes.map(async (process) => {
      process.cont();
      if (!process.wanted) await process.start();
    }));
  }

  async settle(seconds = 60) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const unsettled = await findUnsettled(this);
      if (!unsettled || Date.now() > end) return unsettled;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  // What was done by us and by the links, by kind.
  async faults() {
    const faults = { ...this.tally.counts };
    for (const [kind, count] of Object.entries(await this.proxy.effects())) {
      if (kind !== 'connections' && count > 0) faults[`proxy ${kind}`] = count;
    }
    return faults;
  }

  // What links whose names fit did to connections, by kind.
  effects(fits) {
    return this.proxy.effects(fits);
  }

  async stop() {
    this.native?.close();
    await Promise.all(this.processes.map((process) => process.end()));
    await Promise.all([this.postgres.stop(), this.redises.events.stop(), this.redises.cache.stop()]);
    this.proxy?.stop();
    await this.mail?.stop();
    fs.rmSync(this.state, { recursive: true, force: true });
  }
}
