// Takes descriptors away from a process that runs, and tells whether it has come to feel it.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { promisify } from 'node:util';
import { pause } from './scenarios/timing.mjs';

const run = promisify(execFile);

const LISTENS = '0A';
const CALLERS = 10;
const EVERY_MS = 50;

function numbersOf(pid) {
  return new Set(fs.readdirSync(`/proc/${pid}/fd`).map(Number));
}

// The least limit under which `free` numbers are not in use: what is open above it stays, and what was closed in the
// middle counts as free.
export function limitLeaving(numbers, free) {
  let limit = 0;
  for (let left = free; left > 0; ++limit) if (!numbers.has(limit)) --left;
  return limit;
}

// A thread that waits in accept() has a number already, which shows nowhere: the one of the admin port.
function isFull(numbers, limit) {
  return Array.from({ length: limit }, (_, number) => number).filter((number) => !numbers.has(number)).length <= 1;
}

// Somebody has connected and waits, or nobody listens any more: gRPC closes a listener that could not accept.
function acceptsNobody(port) {
  const rows = fs.readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1).map((row) => row.trim().split(/\s+/));
  const listeners = rows.filter(([, local, , state]) => state === LISTENS && parseInt(local.split(':')[1], 16) === port);
  return listeners.length === 0 || listeners.some((row) => parseInt(row[4].split(':')[1], 16) > 0);
}

// Leaves `process` three descriptors for so long, while `harass` has everybody connect anew. Returns whether it ran out:
// every number was taken while it accepted nobody (EMFILE), or it ended itself for that.
export async function starve(process, milliseconds, harass) {
  const { pid } = process.child;
  const port = Number(process.address.split(':')[1]);
  const [, hard] = /Max open files\s+\d+\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/limits`, 'utf8'));
  const limit = limitLeaving(numbersOf(pid), 3);
  const limitTo = (most) => run('prlimit', ['--pid', String(pid), `--nofile=${most}:${hard}`]);
  await limitTo(limit);
  await harass();
  const callers = Array.from({ length: CALLERS }, () => net.connect({ host: '127.0.0.1', port }).on('error', () => {}));
  let ranOut = false;
  for (const end = Date.now() + milliseconds; Date.now() < end; await pause(EVERY_MS)) ranOut ||= hasRunOut(process, pid, limit, port);
  for (const caller of callers) caller.destroy();
  await limitTo(hard).catch(() => {});  // it may have ended itself, to be started anew
  return ranOut;
}

function hasRunOut({ child }, pid, limit, port) {
  if (child?.pid !== pid) return true;
  try {
    return isFull(numbersOf(pid), limit) && acceptsNobody(port);
  } catch {
    return false;  // it is just ending
  }
}
