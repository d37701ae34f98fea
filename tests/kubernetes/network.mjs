// The arrows of a shop: those that its network policies let through, computed as a cluster would, and those that its
// processes are told to use.
import { containersOf, environmentOf, find, ofKind, podsOf, processes } from './documents.mjs';

const listening = (...ports) => ({ containers: [{ ports: ports.map((containerPort) => ({ containerPort })) }] });
// Others than our pods: clients and other tenants of the cluster, the one who reads metrics and the one who takes traces.
const strangers = [
  { name: 'outside', labels: {}, namespace: 'elsewhere', spec: listening() },
  { name: 'prometheus', labels: { 'app.kubernetes.io/name': 'prometheus' }, namespace: 'monitoring', spec: listening(9090) },
  { name: 'collector', labels: { 'app.kubernetes.io/name': 'opentelemetry-collector' }, namespace: 'monitoring', spec: listening(4317, 4318) },
];

export function matches(selector, labels) {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => ({
      In: () => values.includes(labels[key]),
      NotIn: () => !values.includes(labels[key]),
      Exists: () => key in labels,
      DoesNotExist: () => !(key in labels),
    })[operator]());
}

function isPeer(peer, pod) {
  if (peer.ipBlock) return false;
  const namespace = pod.namespace ?? 'ours';
  const nearby = peer.namespaceSelector
    ? matches(peer.namespaceSelector, { 'kubernetes.io/metadata.name': namespace })
    : namespace === 'ours';
  return nearby && (!peer.podSelector || matches(peer.podSelector, pod.labels));
}

const isPort = (rule, port) => !rule.ports || rule.ports.some((each) => each.port === port.name || each.port === port.containerPort);

// Whether the policies that hold for `pod` in `direction` let `other` through at `port`: all do, where none holds.
function lets(policies, pod, direction, other, port) {
  const holding = policies.filter(({ spec }) => spec.policyTypes.includes(direction) && matches(spec.podSelector, pod.labels));
  const [rules, peers] = direction === 'Ingress' ? ['ingress', 'from'] : ['egress', 'to'];
  return holding.length === 0 || holding.some(({ spec }) => (spec[rules] ?? []).some((rule) =>
    isPort(rule, port) && (!rule[peers] || rule[peers].some((peer) => isPeer(peer, other)))));
}

// "order > catalog:7000" for whatever may be connected, among our pods and with strangers, whose own policies are theirs.
export function allowedArrows(documents) {
  const policies = ofKind(documents, 'NetworkPolicy');
  const everybody = [...podsOf(documents), ...strangers];
  const arrows = [];
  for (const to of everybody) {
    for (const port of to.spec.containers.flatMap(({ ports = [] }) => ports)) {
      for (const from of everybody) {
        if (from === to || (strangers.includes(from) && strangers.includes(to))) continue;
        const leaves = strangers.includes(from) || lets(policies, from, 'Egress', to, port);
        const enters = strangers.includes(to) || lets(policies, to, 'Ingress', from, port);
        if (leaves && enters) arrows.push(`${from.name} > ${to.name}:${port.containerPort}`);
      }
    }
  }
  return arrows.sort();
}

// Those that processes, migrations and customers are told of: addresses in their environment. Whoever there is may come
// to the gateway, Prometheus to every process, and each of these to the collector.
export function neededArrows(documents) {
  const pods = podsOf(documents);
  const arrows = new Set([...strangers.map(({ name }) => `${name} > gateway:8080`),
    ...processes.flatMap((name) => [`prometheus > ${name}:7100`, `${name} > collector:4318`])]);
  for (const pod of pods) {
    for (const container of containersOf(pod)) {
      const environment = environmentOf(documents, container);
      const migrates = container.args?.[1] === 'migrate' || container.args?.[1] === 'create-admin';
      for (const [name, value] of Object.entries(environment)) {
        const told = migrates ? name === 'PGHOST' : /^(PGHOST|ARASTA_.*_(ADDRESS|REDIS)|ARASTA_SMTP_URL)$/.test(name);
        if (!told) continue;
        const [host, port = '5432'] = value.replace(/^(smtp|rediss):\/\//, '').split(':');
        for (const to of behind(documents, pods, host)) arrows.add(`${pod.name} > ${to.name}:${port}`);
      }
      if (container.args?.includes('--gateway')) arrows.add(`${pod.name} > gateway:8080`);
    }
  }
  return [...arrows].sort();
}

// The pods that a name of ours leads to; none for one of elsewhere.
function behind(documents, pods, host) {
  const service = find(documents, 'Service', host);
  if (service) return pods.filter(({ labels }) => matches({ matchLabels: service.spec.selector }, labels));
  return pods.filter(({ document }) => document.kind === 'Cluster' && `${document.metadata.name}-rw` === host);
}
