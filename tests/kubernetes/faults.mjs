// What a cluster does to a shop, and what has to come of it: each fault does its harm while customers buy, and yields a
// row for every time: {fault, target, seconds, calls, failed, silence, codes, violations}.
import { eventually } from '../e2e/support/eventually.mjs';
import { get, isReady, k, kubectl, lastEndOf, podsOf, restartsOf, script, settled } from './cluster.mjs';
import { processes } from './documents.mjs';
import { REPLICAS } from './staged.mjs';

// Where one of two is away, the other serves, and clients find it within this.
const LONGEST_SILENCE_S = 3;
// Calls that went wrong late are seen, too.
const AFTERWARDS_MS = 3000;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// What `harm` did to calls, whose `judge` tells what is wrong with that. `harm` may return violations of its own; `kind`
// makes it a fault by the history's terms, healed as soon as `harm` is over.
async function during({ customers }, { fault, target, kind, judge }, harm) {
  const mark = `${fault} ${target}`;
  await customers.note(mark);
  if (kind) await customers.note('fault', { kind, target });
  const began = Date.now();
  const violations = await harm() ?? [];
  const seconds = (Date.now() - began) / 1000;
  if (kind) await customers.note('healed');
  await pause(AFTERWARDS_MS);
  await customers.note(`${mark} is over`);
  const outcome = await customers.ask('outcome', { from: mark, to: `${mark} is over` });
  if (outcome.calls === 0) violations.push('nobody called');
  return { fault, target, seconds, ...outcome, violations: [...violations, ...judge(outcome)] };
}

const noneFails = ({ failed, examples }) => (failed > 0 ? [`${failed} calls failed: ${examples.join('; ')}`] : []);
const othersServe = ({ silence }) => (silence > LONGEST_SILENCE_S ? [`nobody was served for ${silence.toFixed(1)} s`] : []);
const isJudgedByInvariants = () => [];

async function* nothing(field) {
  yield during(field, { fault: 'nothing', target: '-', judge: noneFails }, () => pause(10000));
}

// Every pod is replaced; over when the last of the old ones is gone.
async function* rolling(field) {
  for (const name of processes) {
    yield during(field, { fault: 'rolling', target: name, judge: noneFails }, async () => {
      await k('rollout', 'restart', `deployment/${name}`);
      await k('rollout', 'status', `deployment/${name}`, '--timeout=300s');
      await settled(name, REPLICAS);
    });
  }
}

// A process of the pod's own user looks for the one that serves.
const FIND = (name) => `for each in /proc/[0-9]*; do
  [ "$(readlink $each/exe 2> /dev/null)" != /opt/arasta/bin/arasta-${name} ] || victim=\${each#/proc/}
done`;
const KILL = 'kill -9 $victim';
// The kernel kills the largest of a container that is out of memory: the server is offered, and then many who are
// smaller eat what is left. (A subshell's last command would take its place, and its memory.)
const STARVE = `echo 1000 > /proc/$victim/oom_score_adj
for each in {1..300}; do (printf -v much '%08000000d' 0; sleep 60; :) & done; wait`;

// One of a service's pods after `harm` was run in it: its container was started anew and is ready.
async function restarted({ metadata: { name: pod } }, service, before, harm) {
  // Whoever did it may have died of it.
  await kubectl(['exec', '-i', pod, '--', 'bash', '-s'], { input: `${FIND(service)}\n${harm}\n` }).catch(() => {});
  return eventually(`${pod} has been restarted`, async () => {
    const now = (await podsOf(service)).find(({ metadata }) => metadata.name === pod);
    return restartsOf(now) > before && lastEndOf(now) && isReady(now) && now;
  }, { seconds: 120 });
}

// `end` is how the container's former life has to be told of.
async function* strike(field, { fault, kind, harm, end, which }) {
  for (const name of processes) {
    yield during(field, { fault, target: name, kind, judge: othersServe }, async () => {
      const victim = (await settled(name, REPLICAS)).sort((a, b) => a.metadata.name.localeCompare(b.metadata.name))[which];
      const pod = await restarted(victim, name, restartsOf(victim), harm);
      ++field.restarts;
      const { exitCode, reason } = lastEndOf(pod);
      return end.test(`${exitCode} ${reason}`) ? [] : [`it ended with ${exitCode}, ${reason}`];
    });
  }
}

const kill = (field) => strike(field, { fault: 'kill -9', kind: 'kill', harm: KILL, end: /^137 /, which: 0 });
const memory = (field) => strike(field, { fault: 'out of memory', kind: 'memory limit', harm: STARVE, end: /^137 OOMKilled/, which: 1 });

// The pod is gone at once; another one takes its place and finds the volume.
async function* postgres(field) {
  const before = (await podsOf('postgres'))[0];
  yield during(field, { fault: 'pod lost', target: 'postgres', kind: 'postgres crash', judge: isJudgedByInvariants }, async () => {
    await k('delete', 'pod', 'postgres-0', '--grace-period=0', '--force');
    await eventually('PostgreSQL serves again', async () =>
      (await podsOf('postgres')).find((pod) => pod.metadata.uid !== before.metadata.uid && isReady(pod)), { seconds: 180 });
  });
}

// What of the processes a roll-out may change.
async function generations() {
  const { items } = await get('deployments', '-l', 'app.kubernetes.io/component=process');
  return items.map(({ metadata }) => `${metadata.name} ${metadata.generation}`).sort().join(', ');
}

// A roll-out whose migration fails stops there, and the old processes serve on; the next one goes through.
async function* migration(field) {
  const before = await generations();
  yield during(field, { fault: 'migration fails', target: 'order', judge: noneFails }, async () => {
    const { code, output } = await script('roll-out', field.broken);
    return [
      ...(code !== 0 && /migrate-order has failed/.test(output) ? [] : [`the roll-out did not stop: ${code}, ${output}`]),
      ...(await generations() === before ? [] : ['processes were changed'])];
  });
  yield during(field, { fault: 'migration mended', target: 'order', judge: noneFails }, async () => {
    const { code, output } = await script('roll-out', field.overlay);
    return code === 0 ? [] : [`the roll-out failed: ${code}, ${output}`];
  });
}

export const faults = { nothing, rolling, kill, memory, postgres, migration };

// After all of them: containers that ended without anybody's harm.
export async function unexpectedRestarts({ restarts }) {
  const pods = (await get('pods', '-l', 'app.kubernetes.io/component=process')).items;
  const all = pods.reduce((sum, pod) => sum + restartsOf(pod), 0);
  const told = pods.map((pod) => `${pod.metadata.name} ${restartsOf(pod)} (${lastEndOf(pod)?.reason ?? '-'})`);
  return { invariant: 'L4 no process ends but those that were killed', checked: pods.length,
    violations: all === restarts ? [] : [`${all} restarts, ${restarts} of them ours: ${told.join(', ')}`] };
}
