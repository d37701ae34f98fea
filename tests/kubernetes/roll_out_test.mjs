// deploy/kubernetes/roll-out against a cluster that notes what it is asked: what is applied when, and by which settings.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { find, folder, processes, render } from './documents.mjs';
import { stage } from './staged.mjs';

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'arasta-roll-out-'));
after(() => fs.rmSync(work, { recursive: true }));

// Renders as kubectl does; keeps what is applied or replaced, in files; says of Jobs and settings what it was given.
const cluster = `#!/bin/bash
[ "$1" != kustomize ] || exec kubectl "$@" 2> /dev/null
cd "$CLUSTER"
shift 2
case "$1 $2" in
  'get jobs') cat jobs ;;
  'get configmaps') cat configmaps 2> /dev/null || printf 'apiVersion: v1\\nitems: []\\nkind: List\\n' ;;
  'get deployments') echo deployment.apps/order ;;
  'apply -f') echo "apply $5" >> asked && cp "$3" "applied \${5##* }" ;;
  'replace -f') echo replace >> asked && cp "$3" replaced ;;
  'rollout status') [ ! -e stuck ] ;;
  'delete jobs' | 'get pods' | 'logs '*) echo "$1 $2" >> asked ;;
  *) echo "never heard of $*" >&2; exit 1 ;;
esac
`;
fs.writeFileSync(path.join(work, 'kubectl'), cluster, { mode: 0o755 });

let number = 0;
// {code, asked, processes, replaced} of a roll-out of `documents`.
function rolledOut(documents, { jobs = 'migrate-order Complete\n', configmaps, stuck } = {}) {
  const directory = fs.mkdtempSync(path.join(work, `${number++}-`));
  fs.writeFileSync(path.join(directory, 'jobs'), jobs);
  if (stuck) fs.writeFileSync(path.join(directory, 'stuck'), '');
  if (configmaps) fs.writeFileSync(path.join(directory, 'configmaps'), configmaps);
  const { status, stderr } = spawnSync(path.join(folder, 'roll-out'), [stage(path.join(directory, 'overlay'), documents)],
    { encoding: 'utf8', env: { ...process.env, KUBECTL: path.join(work, 'kubectl'), CLUSTER: directory } });
  const read = (name) => (fs.existsSync(path.join(directory, name)) ? fs.readFileSync(path.join(directory, name), 'utf8') : undefined);
  const applied = read('applied process');
  return { code: status, stderr, asked: read('asked').trim().split('\n'), replaced: read('replaced'),
    processes: applied && parseAllDocuments(applied).map((document) => document.toJS()) };
}

const settingsOf = ({ processes: documents, stderr }) => Object.fromEntries(processes.map((name) =>
  [name, (find(documents ?? assert.fail(stderr), 'Deployment', name).spec.template.metadata.annotations ?? {})['arasta.example/settings']]));

test('stores come first, then migrations, then processes', () => {
  const { code, asked, stderr } = rolledOut(render('local'));
  assert.equal(code, 0, stderr);
  assert.deepEqual(asked, [
    'apply app.kubernetes.io/component notin (process, migration)', 'delete jobs', 'apply app.kubernetes.io/component = migration',
    'apply app.kubernetes.io/component = process']);
});

test('a setting that changes replaces the pods that are told of it, and no others', () => {
  const documents = render('local');
  const before = settingsOf(rolledOut(documents));
  for (const [name, settings] of Object.entries(before)) assert.match(settings ?? '', /^[0-9a-f]{16}$/, name);
  assert.deepEqual(settingsOf(rolledOut(documents)), before);
  find(documents, 'ConfigMap', 'order').data.ARASTA_LOG_LEVEL = 'debug';
  const after = settingsOf(rolledOut(documents));
  assert.deepEqual(processes.filter((name) => after[name] !== before[name]), ['order']);
  find(documents, 'ConfigMap', 'settings').data.ARASTA_LOG_LEVEL = 'debug';
  const later = settingsOf(rolledOut(documents));
  assert.deepEqual(processes.filter((name) => later[name] !== after[name]), processes);
});

const former = 'apiVersion: v1\nitems:\n- apiVersion: v1\n  data: {ARASTA_LOG_LEVEL: info}\n  kind: ConfigMap\n' +
  '  metadata:\n    name: settings\n    resourceVersion: "7"\nkind: List\n';

test('a migration that fails leaves processes and settings as they were', () => {
  const { code, asked, replaced, processes: changed } = rolledOut(render('local'), { jobs: 'migrate-auth Complete\nmigrate-order Failed\n', configmaps: former });
  assert.equal(code, 1);
  assert.equal(changed, undefined);
  assert.equal(asked.at(-1), 'replace');
  assert.equal(replaced, former.replace('    resourceVersion: "7"\n', ''));
});

test('settings stay as they are applied where all goes well, and where there were none', () => {
  assert.ok(!rolledOut(render('local'), { configmaps: former }).asked.includes('replace'));
  assert.ok(!rolledOut(render('local'), { jobs: 'migrate-order Failed\n' }).asked.includes('replace'));
});

test('of what does not start, pods and last words are shown', () => {
  const { code, asked } = rolledOut(render('local'), { stuck: true });
  assert.equal(code, 1);
  assert.deepEqual(asked.slice(-2), ['get pods', 'logs -l']);
});
