// Processes that are timed: started on loopback with a folder of their own, and what they cost.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';

const TICKS = Number(execFileSync('getconf', ['CLK_TCK']).toString());

export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// Fields of /proc/PID/stat after the command's name, or null when the process is gone.
function statOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

// A process and all below it: nginx, HAProxy and PostgreSQL work in children.
export function treeOf(root) {
  const children = new Map();
  for (const entry of fs.readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) && statOf(entry);
    if (!stat) continue;
    const parent = Number(stat[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const tree = [root];
  for (let i = 0; i < tree.length; ++i) tree.push(...(children.get(tree[i]) ?? []));
  return tree;
}

// User and system time of these processes, in µs, to the kernel's tick; with what their ended and awaited
// children took (PostgreSQL's backends).
export function cpuMicros(...roots) {
  let ticks = 0;
  for (const pid of new Set(roots.flatMap(treeOf))) {
    const stat = statOf(pid);
    if (stat) ticks += Number(stat[11]) + Number(stat[12]) + Number(stat[13]) + Number(stat[14]);
  }
  return ticks * 1e6 / TICKS;
}

export function residentMiB(pid) {
  const [, kb] = /^VmRSS:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kb) / 1024;
}

export async function portAnswers(port, seconds = 10) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const open = await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('close', () => {});
      socket.unref();
      socket.on('connect', () => socket.end());
    });
    if (open) return;
    if (Date.now() > end) throw new Error(`nobody listens on ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// By a process's admin port.
export async function isReady(port) {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  } catch {
    return false;
  }
}

// Everything a run has started, so that nothing is left behind.
export class Processes {
  constructor(directory) {
    this.directory = directory;
    this.running = [];
  }

  // `hello`: awaits a first line of JSON on stdout, which becomes the process's fields.
  async start(name, command, args = [], { environment = {}, hello = false } = {}) {
    const log = fs.openSync(path.join(this.directory, `${name}.log`), 'a');
    const child = spawn(command, args, { env: { ...process.env, ...environment }, cwd: this.directory,
      stdio: ['ignore', hello ? 'pipe' : log, log] });
    fs.closeSync(log);
    const started = { name, pid: child.pid, child };
    started.ended = new Promise((resolve) => child.once('exit', resolve));
    this.running.push(started);
    if (hello) Object.assign(started, await this.#greeting(started));
    return started;
  }

  #greeting({ name, child }) {
    return new Promise((resolve, reject) => {
      readline.createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
      child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: see ${this.directory}/${name}.log`)));
    });
  }

  async stop(started) {
    this.running = this.running.filter((other) => other !== started);
    started.child.kill('SIGTERM');
    const late = setTimeout(() => started.child.kill('SIGKILL'), 5000);
    await started.ended;
    clearTimeout(late);
  }

  async stopAll() {
    await Promise.all(this.running.map((started) => this.stop(started)));
  }
}
