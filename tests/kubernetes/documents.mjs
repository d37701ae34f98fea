// What an overlay renders to, and what a cluster would make of it: pods with their labels, containers and settings.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

export const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../deploy/kubernetes');
export const overlays = ['local', 'production', 'lab'];
export const processes = ['gateway', 'auth', 'catalog', 'order', 'notification'];

export function render(overlay) {
  const text = execFileSync('kubectl', ['kustomize', path.join(folder, 'overlays', overlay)],
    { encoding: 'utf8', maxBuffer: 16 << 20, stdio: ['ignore', 'pipe', 'ignore'] });
  return parseAllDocuments(text).map((document) => document.toJS()).filter(Boolean);
}

export const idOf = ({ kind, metadata }) => `${kind}/${metadata.name}`;
export const ofKind = (documents, kind) => documents.filter((document) => document.kind === kind);
export const find = (documents, kind, name) =>
  documents.find((document) => document.kind === kind && document.metadata.name === name);

const templateOf = {
  Pod: (pod) => pod,
  Deployment: ({ spec }) => spec.template,
  StatefulSet: ({ spec }) => spec.template,
  Job: ({ spec }) => spec.template,
  CronJob: ({ spec }) => spec.jobTemplate.spec.template,
};

// A pod for each workload. CloudNativePG's pods are not ours to write: what a network policy sees of them.
export function podsOf(documents) {
  const pods = [];
  for (const document of documents) {
    const { kind, metadata, spec } = document;
    const template = templateOf[kind]?.(document);
    if (template) pods.push({ id: idOf(document), name: metadata.name, document, labels: template.metadata.labels, spec: template.spec });
    if (kind === 'Cluster') {
      pods.push({ id: idOf(document), name: metadata.name, document,
        labels: { ...spec.inheritedMetadata.labels, 'cnpg.io/cluster': metadata.name },
        spec: { containers: [{ name: 'postgres', ports: [{ containerPort: 5432 }] }] } });
    }
  }
  return pods;
}

export const containersOf = ({ spec }) => [...(spec.initContainers ?? []), ...spec.containers];
// Those whose containers we write.
export const ownPodsOf = (documents) => podsOf(documents).filter(({ document }) => document.kind !== 'Cluster');

// The plain values that a container's environment gets from ConfigMaps and its own list.
export function environmentOf(documents, container) {
  const environment = {};
  for (const { configMapRef } of container.envFrom ?? []) {
    Object.assign(environment, find(documents, 'ConfigMap', configMapRef.name)?.data);
  }
  for (const { name, value } of container.env ?? []) if (value !== undefined) environment[name] = value;
  return environment;
}
