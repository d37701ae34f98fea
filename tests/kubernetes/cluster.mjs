// The cluster that KUBECTL reaches, seen from outside of it: the shop's namespace, its pods, its roll-outs.
import { execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { eventually } from '../e2e/support/eventually.mjs';
import { folder } from './documents.mjs';

export const namespace = 'arasta';

const [program, ...words] = (process.env.KUBECTL ?? 'kubectl').split(' ');
const inNamespace = (args) => [...words, '--namespace', namespace, ...args];

// What kubectl says, given `input`; rejects with its complaint where it fails.
export function kubectl(args, { input } = {}) {
  return new Promise((resolve, reject) => {
    const child = execFile(program, inNamespace(args), { maxBuffer: 64 << 20 }, (error, stdout, stderr) =>
      (error ? reject(new Error(`kubectl ${args.join(' ')}: ${stderr || error.message}`)) : resolve(stdout.trim())));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

export const k = (...args) => kubectl(args);
export const get = async (...args) => JSON.parse(await k('get', ...args, '-o', 'json'));

// A process of ours that speaks with one in a pod.
export function execIn(pod, ...command) {
  return spawn(program, inNamespace(['exec', '-i', pod, '--', ...command]), { stdio: ['pipe', 'pipe', 'inherit'] });
}

// Runs one of deploy/kubernetes' scripts; {code, output} of it.
export function script(name, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(folder, name), args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { output += text; });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

export async function podsOf(name) {
  return (await get('pods', '-l', `app.kubernetes.io/name=${name}`)).items;
}

export const isReady = ({ metadata, status }) => !metadata.deletionTimestamp &&
  (status.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');

// Of the one container that our pods have.
export const restartsOf = ({ status }) => status.containerStatuses?.[0].restartCount ?? 0;
export const lastEndOf = ({ status }) => status.containerStatuses?.[0].lastState?.terminated;

// A pod whose process has ended stays on the list until its node has cleared it away.
const isOver = ({ metadata, status }) => metadata.deletionTimestamp && !status.containerStatuses?.some(({ state }) => state.running);

// Waits until a service has `count` pods, all of them ready, and no other one's process runs.
export function settled(name, count) {
  return eventually(`${count} pods of ${name} are ready, and no others there`, async () => {
    const pods = (await podsOf(name)).filter((pod) => !isOver(pod));
    return pods.length === count && pods.every(isReady) && pods;
  }, { seconds: 180 });
}

// Waits for a Job to come to either end; true where it succeeded. One that fails never completes.
export async function completed(job) {
  const ended = await eventually(`${job} ends`, async () =>
    (await get('job', job)).status.conditions?.find(({ type, status }) => ['Complete', 'Failed'].includes(type) && status === 'True'),
  { seconds: 600 });
  return ended.type === 'Complete';
}
