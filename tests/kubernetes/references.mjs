// What no schema sees: that whatever is named is there. Selectors find pods, ports are of containers, volumes, Secrets and
// ConfigMaps exist, here or among those that others make.
import fs from 'node:fs';
import path from 'node:path';
import { containersOf, find, folder, idOf, ofKind, ownPodsOf, podsOf } from './documents.mjs';
import { matches } from './network.mjs';

// Not ours to make: told of in make-secrets and in the overlay's own words.
const fromElsewhere = { backups: ['access-key-id', 'secret-access-key'], notification: ['smtp-password'] };

// Secrets by name with their keys: what make-secrets makes, cert-manager's and CloudNativePG's.
export function secretsOf(documents) {
  const text = fs.readFileSync(path.join(folder, 'make-secrets'), 'utf8');
  const secrets = {};
  const add = (name, keys) => (secrets[name] = [...(secrets[name] ?? []), ...keys]);
  for (const service of ['auth', 'catalog', 'order', 'notification']) {
    add(`${service}-database`, ['username', 'password']);
    add(`${service}-database-owner`, ['username', 'password']);
    if (service !== 'auth') add(service, ['page-tokens']);
  }
  for (const [, name, pairs] of text.matchAll(/\bmake ([a-z-]+) Opaque (.*)/g)) add(name, [...pairs.matchAll(/"([a-z-]+)=/g)].map(([, key]) => key));
  const issued = ofKind(documents, 'Certificate').map(({ spec }) => spec.secretName);
  const plain = ['gateway', 'auth', 'catalog', 'order', 'notification', 'authority'].map((name) => `${name}-tls`);
  for (const name of issued.length > 0 ? issued : plain) add(name, ['tls.crt', 'tls.key', 'ca.crt']);
  for (const { metadata } of ofKind(documents, 'Cluster')) add(`${metadata.name}-ca`, ['ca.crt']);
  for (const [name, keys] of Object.entries(fromElsewhere)) add(name, keys);
  return secrets;
}

export function danglingReferences(documents) {
  const problems = [];
  const secrets = secretsOf(documents);
  const keysOf = { Secret: (name) => secrets[name], ConfigMap: (name) => find(documents, 'ConfigMap', name)?.data && Object.keys(find(documents, 'ConfigMap', name).data) };
  const need = (where, kind, name, key) => {
    const keys = kind in keysOf ? keysOf[kind](name) : find(documents, kind, name) && [];
    if (!keys) problems.push(`${where}: there is no ${kind} ${name}`);
    else if (key && !keys.includes(key)) problems.push(`${where}: ${kind} ${name} has no ${key}`);
  };
  const seen = new Set();
  for (const document of documents) {
    const id = idOf(document);
    if (seen.has(id)) problems.push(`${id}: is there twice`);
    seen.add(id);
  }
  for (const pod of ownPodsOf(documents)) checkPod(pod, need, problems);
  for (const document of documents) checkSelectors(document, documents, need, problems);
  return problems;
}

function checkPod(pod, need, problems) {
  const { id, spec, document, labels } = pod;
  if (document.spec.selector && !matches(document.spec.selector, labels)) problems.push(`${id}: does not select its own pods`);
  if (spec.serviceAccountName) need(id, 'ServiceAccount', spec.serviceAccountName);
  if (document.kind === 'StatefulSet') need(id, 'Service', document.spec.serviceName);
  const volumes = new Set([...(spec.volumes ?? []), ...(document.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata)].map(({ name }) => name));
  for (const { secret, configMap } of spec.volumes ?? []) {
    if (secret) need(id, 'Secret', secret.secretName);
    for (const { key } of secret?.items ?? []) need(id, 'Secret', secret.secretName, key);
    if (configMap) need(id, 'ConfigMap', configMap.name);
  }
  for (const container of containersOf(pod)) {
    const where = `${id} ${container.name}`;
    const ports = (container.ports ?? []).map(({ name }) => name);
    for (const { name } of container.volumeMounts ?? []) if (!volumes.has(name)) problems.push(`${where}: there is no volume ${name}`);
    for (const { configMapRef } of container.envFrom ?? []) need(where, 'ConfigMap', configMapRef.name);
    for (const { valueFrom } of container.env ?? []) {
      if (valueFrom?.secretKeyRef) need(where, 'Secret', valueFrom.secretKeyRef.name, valueFrom.secretKeyRef.key);
      if (valueFrom?.configMapKeyRef) need(where, 'ConfigMap', valueFrom.configMapKeyRef.name, valueFrom.configMapKeyRef.key);
    }
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      const port = container[probe]?.httpGet?.port ?? container[probe]?.tcpSocket?.port;
      if (typeof port === 'string' && !ports.includes(port)) problems.push(`${where}: ${probe} asks port ${port}, which it lacks`);
    }
  }
}

function checkSelectors(document, documents, need, problems) {
  const id = idOf(document);
  const { kind, spec } = document;
  const selected = (selector) => podsOf(documents).filter(({ labels }) => matches(selector, labels));
  if (kind === 'Service') {
    const pods = selected({ matchLabels: spec.selector });
    if (pods.length === 0) problems.push(`${id}: finds no pods`);
    const ports = pods.flatMap(({ spec: { containers } }) => containers.flatMap((each) => each.ports ?? []));
    for (const { port, targetPort = port } of spec.ports) {
      if (!ports.some(({ name, containerPort }) => [name, containerPort].includes(targetPort))) problems.push(`${id}: its pods have no port ${targetPort}`);
    }
  }
  if (kind === 'PodDisruptionBudget' && selected(spec.selector).length === 0) problems.push(`${id}: finds no pods`);
  if (kind === 'NetworkPolicy' && selected(spec.podSelector).length === 0) problems.push(`${id}: finds no pods`);
  if (kind === 'HorizontalPodAutoscaler') need(id, spec.scaleTargetRef.kind, spec.scaleTargetRef.name);
}
