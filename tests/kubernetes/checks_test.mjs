// The checks themselves: what each of them is for is put into the documents, and it must be found.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { find, render } from './documents.mjs';
import { allowedArrows, neededArrows } from './network.mjs';
import { danglingReferences } from './references.mjs';
import { unattended, unrestricted } from './restricted.mjs';
import { invalid } from './schemas.mjs';

const rendered = render('local');
const podOf = (documents, name) => find(documents, 'Deployment', name).spec.template.spec;
const containerOf = (documents, name) => podOf(documents, name).containers[0];

// What `check` says of the documents after `harm`.
function harmed(check, harm) {
  const documents = structuredClone(rendered);
  harm(documents);
  return check(documents);
}

test('schemas refuse fields that do not exist, wrong types and what is missing', async () => {
  const problems = await harmed(invalid, (documents) => {
    containerOf(documents, 'order').imagePullPolice = 'Always';
    find(documents, 'HorizontalPodAutoscaler', 'auth').spec.maxReplicas = 'ten';
    delete find(documents, 'Deployment', 'gateway').spec.selector;
  });
  for (const part of [/Deployment\/order.*imagePullPolice/, /HorizontalPodAutoscaler\/auth.*number/, /Deployment\/gateway.*selector/]) {
    assert.ok(problems.some((problem) => part.test(problem)), `${part}: ${problems.join('\n')}`);
  }
});

const unrestrictedHarms = {
  'may run as root': (documents) => delete podOf(documents, 'order').securityContext.runAsNonRoot,
  'has no seccomp profile': (documents) => delete podOf(documents, 'order').securityContext.seccompProfile,
  'is given a token': (documents) => delete podOf(documents, 'order').automountServiceAccountToken,
  'shares a namespace': (documents) => (podOf(documents, 'order').hostNetwork = true),
  'is of the node': (documents) => podOf(documents, 'order').volumes.push({ name: 'root', hostPath: { path: '/' } }),
  'may gain privileges': (documents) => delete containerOf(documents, 'order').securityContext.allowPrivilegeEscalation,
  'is privileged': (documents) => (containerOf(documents, 'order').securityContext.privileged = true),
  'may write to its root': (documents) => (containerOf(documents, 'order').securityContext.readOnlyRootFilesystem = false),
  'has capabilities': (documents) => (containerOf(documents, 'order').securityContext.capabilities.add = ['NET_ADMIN']),
  'takes a port of its node': (documents) => (containerOf(documents, 'order').ports[0].hostPort = 7000),
  'has no limits of memory': (documents) => delete containerOf(documents, 'order').resources.limits.memory,
  'does not enforce it': (documents) => delete find(documents, 'Namespace', 'arasta').metadata.labels,
};
const unattendedHarms = {
  'has no readinessProbe': (documents) => delete containerOf(documents, 'order').readinessProbe,
  'at the cost of a replica': (documents) => (find(documents, 'Deployment', 'order').spec.strategy.rollingUpdate.maxUnavailable = 1),
  'may lie on one node': (documents) => delete podOf(documents, 'order').topologySpreadConstraints,
  'is killed while it drains': (documents) => delete podOf(documents, 'order').terminationGracePeriodSeconds,
  'drains, for 60 s': (documents) => (find(documents, 'ConfigMap', 'gateway').data.ARASTA_DRAIN_DELAY = '30s'),
  'ends before callers know a new one': (documents) => delete find(documents, 'Deployment', 'order').spec.minReadySeconds,
  'resets on every roll-out': (documents) => (find(documents, 'Deployment', 'order').spec.replicas = 2),
  'does not scale': (documents) => (find(documents, 'HorizontalPodAutoscaler', 'order').spec.scaleTargetRef.name = 'ordre'),
  'may all be evicted': (documents) => (find(documents, 'PodDisruptionBudget', 'order').metadata.name = 'ordre'),
};
const danglingHarms = {
  'there is no ConfigMap order': (documents) => (find(documents, 'ConfigMap', 'order').metadata.name = 'ordre'),
  'there is no Secret order-tsl': (documents) => (podOf(documents, 'order').volumes[0].secret.secretName = 'order-tsl'),
  'Secret order-database has no passwort': (documents) => (containerOf(documents, 'order').env[0].valueFrom.secretKeyRef.key = 'passwort'),
  'there is no volume': (documents) => (containerOf(documents, 'order').volumeMounts[0].name = 'tsl'),
  'which it lacks': (documents) => (containerOf(documents, 'order').livenessProbe.httpGet.port = 'amdin'),
  'does not select its own pods': (documents) => (find(documents, 'Deployment', 'order').spec.selector.matchLabels['app.kubernetes.io/name'] = 'ordre'),
  'have no port': (documents) => (find(documents, 'Service', 'order').spec.ports[0].targetPort = 'grcp'),
  'finds no pods': (documents) => (find(documents, 'Service', 'order').spec.selector['app.kubernetes.io/name'] = 'ordre'),
  'is there twice': (documents) => documents.push(structuredClone(find(documents, 'Service', 'order'))),
};
for (const [check, harms] of [[unrestricted, unrestrictedHarms], [unattended, unattendedHarms], [danglingReferences, danglingHarms]]) {
  for (const [complaint, harm] of Object.entries(harms)) {
    test(`${check.name} finds what ${complaint}`, () => {
      const problems = harmed(check, harm);
      assert.ok(problems.some((problem) => problem.includes(complaint)), problems.join('\n'));
    });
  }
}

test('arrows follow the policies', () => {
  const arrows = (name, harm) => harmed(allowedArrows, (documents) => harm(find(documents, 'NetworkPolicy', name), documents));
  assert.ok(!arrows('catalog', ({ spec }) => (spec.ingress = [])).includes('order > catalog:7000'));
  assert.ok(!arrows('order', ({ spec }) => (spec.egress = [])).includes('order > catalog:7000'));
  assert.ok(arrows('nobody', (_, documents) => documents.splice(0, documents.length, ...documents.filter(({ kind }) => kind !== 'NetworkPolicy')))
    .includes('outside > postgres:5432'));
  assert.ok(!arrows('traces', ({ spec }) => (spec.egress = [])).includes('order > collector:4318'));
  assert.ok(arrows('traces', ({ spec }) => delete spec.egress[0].ports).includes('order > collector:4317'));
  assert.ok(arrows('redis-events', ({ spec }) => spec.ingress[0].from.push({ namespaceSelector: {} })).includes('outside > redis-events:6379'));
});

test('arrows are needed as processes are told', () => {
  const needed = harmed(neededArrows, (documents) => (find(documents, 'ConfigMap', 'catalog').data.ARASTA_ORDER_ADDRESS = 'order:7000'));
  assert.ok(needed.includes('catalog > order:7000'));
});
