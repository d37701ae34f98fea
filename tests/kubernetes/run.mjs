// tests/run kubernetes: the shop on a real cluster, whichever KUBECTL reaches, rolled out from nothing; a shopping trip
// through the gateway's Service, then faults while customers buy, then every invariant.
//   --overlay NAME      of deploy/kubernetes/overlays: local, or lab
//   --faults NAME,…     some of them; none leaves it at the trip, with the overlay as it is
//   --seed S            who buys what
//   --set NAME=VALUE    tells every process so; ARASTA_DRAIN_DELAY=0s must come out red
//   --keep              leaves the shop where it is
// Exits 1 when something is wrong, 2 when it was not understood. Never touches a shop that is there already.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { completed, get, k, kubectl, namespace, script, settled } from './cluster.mjs';
import { Customers } from './customers.mjs';
import { folder, ofKind, processes, render } from './documents.mjs';
import { faults, unexpectedRestarts } from './faults.mjs';
import { imageOf, REPLICAS, stage, staged, written } from './staged.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const output = path.join(root, 'build/kubernetes');

function parse(args) {
  const { values } = parseArgs({ args, options: { overlay: { type: 'string', default: 'local' }, faults: { type: 'string' },
    seed: { type: 'string', default: '1' }, set: { type: 'string', multiple: true, default: [] }, keep: { type: 'boolean' } } });
  const chosen = values.faults === 'none' ? [] : values.faults?.split(',') ?? Object.keys(faults);
  const unknown = chosen.filter((name) => !faults[name]);
  if (unknown.length > 0) throw new Error(`no fault ${unknown}; there are ${Object.keys(faults).join(', ')}`);
  return { ...values, faults: chosen, seed: Number(values.seed), settings: Object.fromEntries(values.set.map((pair) => pair.split(/=(.*)/s, 2))) };
}

async function rollOut(overlay) {
  await k('apply', '-f', path.join(folder, 'overlays/local/namespace.yaml'));
  for (const [name, ...args] of [['make-secrets', '--certificates'], ['roll-out', overlay]]) {
    const { code, output: said } = await script(name, ...args);
    if (code !== 0) throw new Error(`${name} failed (${code}):\n${said}`);
  }
}

// As somebody without the tests would look whether it works.
async function makeTrip(documents) {
  await k('create', 'configmap', 'demo-catalogue', `--from-file=${path.join(root, 'deploy/demo/catalog.jsonl')}`);
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify(written('trip.yaml', imageOf(documents))[0]) });
  const arrived = await completed('trip');
  console.log(await k('logs', 'job/trip', '--all-containers'));
  if (!arrived) throw new Error('the shopping trip failed');
}

async function breakThings(field, chosen, seed) {
  await Promise.all([settled('customers', 1), ...processes.map((name) => settled(name, REPLICAS))]);
  field.customers = new Customers();
  const rows = [];
  try {
    await field.customers.ask('begin', { seed });
    printHeader();
    for (const name of chosen) {
      for await (const row of faults[name](field)) {
        printRow(row);
        rows.push(row);
      }
    }
    const { calls, stalled, facts } = await field.customers.ask('end');
    facts.push(await unexpectedRestarts(field));
    printFacts(facts, calls, stalled);
    return { rows, facts, calls };
  } finally {
    await keepEvidence(field.customers);
    field.customers.goHome();
  }
}

function printHeader() {
  console.log(`${'fault'.padEnd(18)} ${'of'.padEnd(14)} ${'s'.padStart(6)} ${'calls'.padStart(7)} ${'failed'.padStart(7)} ${'silence'.padStart(8)}`);
}

function printRow({ fault, target, seconds, calls, failed, silence, codes, violations }) {
  const told = Object.entries(codes).map(([code, count]) => `${count} ${code}`).join(', ');
  console.log(`${fault.padEnd(18)} ${target.padEnd(14)} ${seconds.toFixed(1).padStart(6)} ${String(calls).padStart(7)} ${String(failed).padStart(7)} `
    + `${silence.toFixed(1).padStart(6)} s  ${told}`);
  for (const violation of violations) console.log(`    ${violation}`);
}

function printFacts(facts, calls, stalled) {
  console.log(`\n${calls} calls; the machine was too busy to run for up to ${stalled.toFixed(1)} s`);
  for (const { invariant, checked, violations } of facts) {
    console.log(`${String(checked).padStart(9)}  ${invariant}${violations.length > 0 ? `: ${violations.length} violations` : ''}`);
    for (const violation of violations.slice(0, 5)) console.log(`    ${String(violation).slice(0, 300)}`);
  }
}

// What is needed to understand what went wrong.
async function keepEvidence(customers) {
  const history = await customers.ask('history').catch(() => []);
  fs.writeFileSync(path.join(output, 'history.jsonl'), history.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  for (const { metadata: { name } } of (await get('pods')).items) {
    fs.writeFileSync(path.join(output, `${name}.log`), await k('logs', name, '--all-containers').catch((error) => error.message));
  }
  fs.writeFileSync(path.join(output, 'events'), await k('get', 'events', '--sort-by=.lastTimestamp'));
}

// Volumes are nobody's namespace, and stay bound to the claim of a shop that is gone.
async function clearAway(documents) {
  await k('delete', 'namespace', namespace);
  for (const { metadata: { name } } of ofKind(documents, 'PersistentVolume')) await k('delete', 'persistentvolume', name);
}

async function main({ overlay, faults: chosen, seed, settings, keep }) {
  if (await k('get', 'namespace', namespace, '--ignore-not-found', '-o', 'name')) {
    throw new Error(`There is a namespace ${namespace} already; it is left alone.`);
  }
  fs.rmSync(output, { recursive: true, force: true });
  fs.mkdirSync(output, { recursive: true });
  const documents = render(overlay);
  const field = { restarts: 0, overlay: path.join(folder, 'overlays', overlay) };
  if (chosen.length > 0) {
    field.overlay = stage(path.join(output, 'overlay'), staged(overlay, { settings }));
    field.broken = stage(path.join(output, 'broken'), staged(overlay, { settings, broken: true }));
  }
  try {
    await rollOut(field.overlay);
    await makeTrip(documents);
    if (chosen.length === 0) return 0;
    const { rows, facts } = await breakThings(field, chosen, seed);
    return [...rows, ...facts].some(({ violations }) => violations.length > 0) ? 1 : 0;
  } finally {
    if (!keep) await clearAway(documents);
  }
}

let options;
try {
  options = parse(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
process.exitCode = await main(options).catch((error) => {
  console.error(error.message);
  return 1;
});
