// One replica of a service under supervision: started again when it dies, unless it was meant to stay down.
import fs from 'node:fs';
import { eventually } from '../e2e/support/eventually.mjs';
import { launch } from './launch.mjs';

const RESTART_MS = 500;

export class ServiceProcess {
  // `onServing` is told the address it serves on, anew after each start, and null when it has died.
  constructor({ name, index, program, environment, logFile, tally, onServing }) {
    Object.assign(this, { name, index, program, environment, logFile, tally, onServing, id: `${name}-${index}` });
    Object.assign(this, { child: null, address: null, adminAddress: null, wanted: false, starts: 0, deaths: 0, restartMs: RESTART_MS });
  }

  // Starts it; resolves when it serves. `environment` and `prefix` (such as prlimit with its arguments) are
  // for this life only.
  async start(environment = {}, prefix = []) {
    this.wanted = true;
    ++this.starts;
    const from = fs.existsSync(this.logFile) ? fs.statSync(this.logFile).size : 0;
    const child = launch([...prefix, this.program, 'serve'], { log: this.logFile, environment: { ...this.environment, ...environment } });
    this.child = child;
    child.exited.then((end) => this.ended(child, end));
    const line = await eventually(`${this.id} serves`, () => this.child !== child || this.servingLine(from));
    if (line === true) return;
    this.address = line.address;
    this.adminAddress = line.admin_address;
    await this.onServing(line.address);
  }

  servingLine(from) {
    for (const text of this.log(from).split('\n')) {
      if (!text.includes('"msg":"serving"')) continue;
      try { return JSON.parse(text); } catch { /* not whole yet */ }
    }
    return null;
  }

  async ended(child, end) {
    if (this.child !== child) return;
    this.child = null;
    this.lastEnd = end;
    await this.onServing(null);
    if (!this.wanted) return;
    ++this.deaths;
    this.comeback = setTimeout(() => this.wanted && !this.child && this.start().catch(() => {}), this.restartMs);
  }

  // kill -9; the supervisor starts it again after `restartMs`.
  kill({ restartMs = RESTART_MS } = {}) {
    if (!this.child) return;
    this.tally.count(`kill ${this.name}`, this.id);
    this.restartMs = restartMs;
    this.child.kill('SIGKILL');
  }

  // A zombie until cont(): it neither runs nor dies.
  stop() {
    if (!this.child) return;
    this.tally.count(`stop ${this.name}`, this.id);
    this.child.kill('SIGSTOP');
  }

  cont() {
    this.child?.kill('SIGCONT');
  }

  // SIGHUP: it reads its files anew.
  reload() {
    this.tally.count(`reload ${this.name}`, this.id);
    this.child?.kill('SIGHUP');
  }

  // SIGTERM: it drains and ends; it stays down until restart(). Resolves with its exit code.
  async terminate() {
    if (!this.child) return null;
    this.tally.count(`terminate ${this.name}`, this.id);
    const { child } = this;
    this.wanted = false;
    child.kill('SIGTERM');
    return (await child.exited).code;
  }

  // A new process at once, whatever became of the old one.
  async restart(environment, prefix) {
    await this.end();
    await this.start(environment, prefix);
  }

  async end() {
    this.wanted = false;
    clearTimeout(this.comeback);
    const { child } = this;
    if (!child) return;
    child.kill('SIGKILL');
    await child.exited;
    this.child = null;
    await this.onServing(null);
  }

  // Whether /readyz says so.
  async isReady() {
    if (!this.child || !this.adminAddress) return false;
    return fetch(`http://${this.adminAddress}/readyz`, { signal: AbortSignal.timeout(1000) }).then(({ ok }) => ok, () => false);
  }

  // A counter's values by its label `method`.
  async callsByMethod(counter) {
    const calls = new Map();
    for (const { labels, value } of await this.metric(counter)) {
      const [, method] = /method="([^"]+)"/.exec(labels);
      calls.set(method, (calls.get(method) ?? 0) + value);
    }
    return calls;
  }

  // [{labels, value}]; none while it is down.
  async metric(name) {
    if (!this.child) return [];
    const text = await (await fetch(`http://${this.adminAddress}/metrics`, { signal: AbortSignal.timeout(5000) })).text();
    return text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .map((line) => ({ labels: line.slice(name.length, line.lastIndexOf(' ')), value: Number(line.slice(line.lastIndexOf(' ') + 1)) }));
  }

  // What it has written, from byte `from` on.
  log(from = 0) {
    const file = fs.openSync(this.logFile, 'r');
    try {
      const size = Math.max(0, fs.fstatSync(file).size - from);
      const bytes = Buffer.alloc(size);
      fs.readSync(file, bytes, 0, size, from);
      return bytes.toString();
    } finally {
      fs.closeSync(file);
    }
  }
}
