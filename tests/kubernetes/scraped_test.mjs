// deploy/monitoring/kubernetes.yml against the pods of each overlay: every process is found, and nothing else, by the
// job and the labels that the alerts go by. (Debian's promtool knows no kubernetes_sd_configs.)
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { folder, overlays, ownPodsOf, processes, render } from './documents.mjs';

const monitoring = path.join(folder, '../monitoring');
const { scrape_configs: [job, ...others], rule_files: rules } = parse(fs.readFileSync(path.join(monitoring, 'kubernetes.yml'), 'utf8'));

// A target a port, as Prometheus discovers them by the role `pod`.
const discovered = (documents) => ownPodsOf(documents).flatMap(({ name, labels, spec }) =>
  spec.containers.flatMap(({ ports = [] }) => ports.map((port) => ({
    __address__: `10.0.0.1:${port.containerPort}`,
    __meta_kubernetes_pod_name: `${name}-5d8f-x7k2p`,
    __meta_kubernetes_pod_phase: 'Running',
    __meta_kubernetes_pod_container_port_name: port.name,
    ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [`__meta_kubernetes_pod_label_${key.replace(/\W/g, '_')}`, value])),
  }))));

// Prometheus' relabelling, as far as ours goes; nothing of a target that is dropped.
function relabelled(target) {
  const labels = { ...target };
  for (const { source_labels: sources, regex = '.*', action = 'replace', target_label: label } of job.relabel_configs) {
    const value = sources.map((source) => labels[source] ?? '').join(';');
    const matches = new RegExp(`^(?:${regex})$`).test(value);
    if (action === 'replace') labels[label] = value;
    else if (action === 'keep' ? !matches : matches) return [];
  }
  return [labels];
}

test('the job is the one that the alerts are about', () => {
  assert.deepEqual(others, []);
  assert.deepEqual(rules, ['rules.yml']);
  const asked = [...fs.readFileSync(path.join(monitoring, 'rules.yml'), 'utf8').matchAll(/job="(\w+)"/g)].map(([, name]) => name);
  assert.deepEqual([...new Set(asked)], [job.job_name]);
});

for (const overlay of overlays) {
  test(`${overlay}: every process is scraped at its admin port, by the name of its service`, () => {
    const targets = discovered(render(overlay)).flatMap(relabelled);
    assert.deepEqual(targets.map(({ service }) => service).sort(), [...processes].sort());
    for (const { __address__: address, service, instance } of targets) {
      assert.equal(address, '10.0.0.1:7100');
      assert.equal(instance, `${service}-5d8f-x7k2p`);
    }
  });
}

test('a pod that has ended is left alone', () => {
  const ended = discovered(render('local')).map((target) => ({ ...target, __meta_kubernetes_pod_phase: 'Succeeded' }));
  assert.deepEqual(ended.flatMap(relabelled), []);
});
