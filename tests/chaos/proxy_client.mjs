// The suite's side of the chaos proxy (proxy.mjs): starts it and sends it commands.
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from '../e2e/support/eventually.mjs';
import { launch } from './launch.mjs';

const program = path.join(path.dirname(fileURLToPath(import.meta.url)), 'proxy.mjs');

// One arrow between two parts, such as order-0 → postgres.
export class Link {
  constructor(proxy, from, to, port) {
    Object.assign(this, { proxy, from, to, port });
  }

  get name() {
    return `${this.from}>${this.to}`;
  }

  // What new connections reach: {host, port}, {path}, or null while nobody is there.
  target(to) {
    this.led = false;
    return this.proxy.ask({ op: 'target', link: this.name, to });
  }

  // As a load balancer leads clients past a process that is about to end: to another one, until its next start.
  lead(to) {
    this.led = true;
    return this.proxy.ask({ op: 'target', link: this.name, to });
  }

  // A fault as proxy.mjs describes it, until it is healed or replaced.
  set(fault) {
    for (const kind of Object.keys(fault)) if (kind !== 'direction') this.proxy.tally.count(`link ${kind}`, this.name);
    return this.proxy.ask({ op: 'set', link: this.name, fault });
  }

  heal() {
    return this.proxy.ask({ op: 'heal', link: this.name });
  }

  reset() {
    this.proxy.tally.count('link reset', this.name);
    return this.proxy.ask({ op: 'reset', link: this.name });
  }
}

export class ProxyClient {
  // `tally` counts the faults that links are given.
  static async start({ directory, seed, log, tally }) {
    const socketPath = path.join(directory, 'proxy.sock');
    const child = launch([process.execPath, program, socketPath, String(seed)], { log });
    const proxy = new ProxyClient(child, tally);
    proxy.socket = await eventually('the proxy listens', () => connect(socketPath));
    child.exited.then(() => proxy.died(log));
    readline.createInterface({ input: proxy.socket }).on('line', (line) => proxy.answered(JSON.parse(line)));
    return proxy;
  }

  constructor(child, tally) {
    Object.assign(this, { child, tally, waiting: new Map(), nextId: 1 });
  }

  ask(command) {
    const id = this.nextId++;
    this.socket.write(`${JSON.stringify({ id, ...command })}\n`);
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  // Whatever was asked of it can't be answered any more, nor what will be.
  died(log) {
    const error = new Error(`the proxy has died, see ${log}`);
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
    this.ask = () => Promise.reject(error);
  }

  answered({ id, error, ...answer }) {
    const { resolve, reject } = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) reject(new Error(error));
    else resolve(answer);
  }

  async add(from, to) {
    const { port } = await this.ask({ op: 'add', link: `${from}>${to}` });
    return new Link(this, from, to, port);
  }

  heal() {
    return this.ask({ op: 'heal' });
  }

  // What the links did, or those whose name fits, summed: {resets: 3, cuts: 1, …}.
  async effects(fits = () => true) {
    const { counts } = await this.ask({ op: 'counts' });
    const sums = {};
    for (const [name, link] of Object.entries(counts)) {
      if (!fits(name)) continue;
      for (const [kind, count] of Object.entries(link)) sums[kind] = (sums[kind] ?? 0) + count;
    }
    return sums;
  }

  stop() {
    this.died = () => {};
    this.socket?.destroy();
    this.child.kill('SIGKILL');
  }
}

function connect(socketPath) {
  return new Promise((resolve) => {
    const socket = net.connect(socketPath, () => resolve(socket));
    socket.on('error', () => resolve(null));
  });
}
