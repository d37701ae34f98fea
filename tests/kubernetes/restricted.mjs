// What "restricted" means here: Kubernetes' Pod Security Standard of that name, a root file system that is read-only,
// no token of the API server, and bounds.
import { containersOf, environmentOf, idOf, ownPodsOf } from './documents.mjs';

export function unrestricted(documents) {
  const problems = [];
  for (const pod of ownPodsOf(documents)) {
    const { spec } = pod;
    const complain = (wrong, what, where = pod.id) => wrong && problems.push(`${where}: ${what}`);
    complain(spec.hostNetwork || spec.hostPID || spec.hostIPC, 'shares a namespace with its node');
    complain(spec.automountServiceAccountToken !== false, 'is given a token of the API server');
    complain(spec.securityContext?.runAsNonRoot !== true || !(spec.securityContext.runAsUser > 0), 'may run as root');
    complain(spec.securityContext?.seccompProfile?.type !== 'RuntimeDefault', 'has no seccomp profile');
    for (const volume of spec.volumes ?? []) {
      const known = ['configMap', 'secret', 'emptyDir', 'persistentVolumeClaim', 'projected', 'csi', 'downwardAPI', 'ephemeral'];
      complain(!Object.keys(volume).every((key) => key === 'name' || known.includes(key)), `volume ${volume.name} is of the node`);
    }
    for (const container of containersOf(pod)) {
      const where = `${pod.id} ${container.name}`;
      const security = container.securityContext ?? {};
      complain(security.allowPrivilegeEscalation !== false, 'may gain privileges', where);
      complain(security.privileged, 'is privileged', where);
      complain(security.readOnlyRootFilesystem !== true, 'may write to its root file system', where);
      complain(security.runAsUser === 0 || security.runAsNonRoot === false, 'may run as root', where);
      complain(!security.capabilities?.drop?.includes('ALL') || security.capabilities.add, 'has capabilities', where);
      complain((container.ports ?? []).some(({ hostPort }) => hostPort), 'takes a port of its node', where);
      for (const bound of ['requests', 'limits']) {
        for (const what of ['cpu', 'memory']) complain(!container.resources?.[bound]?.[what], `has no ${bound} of ${what}`, where);
      }
    }
  }
  for (const namespace of documents.filter(({ kind }) => kind === 'Namespace')) {
    if (namespace.metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted') problems.push(`${idOf(namespace)}: does not enforce it`);
  }
  return problems;
}

// Every process says how it is, in the three ways that Kubernetes asks, and its workload survives what a cluster does.
export function unattended(documents) {
  const problems = [];
  for (const { id, name, document, spec } of ownPodsOf(documents)) {
    if (!['Deployment', 'StatefulSet'].includes(document.kind)) continue;
    for (const container of spec.containers) {
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
        if (!container[probe]) problems.push(`${id} ${container.name}: has no ${probe}`);
      }
    }
    if (document.metadata.labels['app.kubernetes.io/component'] !== 'process') continue;
    const rolling = document.spec.strategy?.rollingUpdate;
    if (rolling?.maxUnavailable !== 0) problems.push(`${id}: is rolled out at the cost of a replica`);
    if (!spec.topologySpreadConstraints?.length) problems.push(`${id}: may lie on one node`);
    // ARASTA_DRAIN_DELAY, and what a process may take after it.
    const drain = parseInt(environmentOf(documents, spec.containers[0]).ARASTA_DRAIN_DELAY) + 30;
    if (!(spec.terminationGracePeriodSeconds >= drain)) problems.push(`${id}: is killed while it drains, for ${drain} s`);
    // The gateway is found by its Service, which knows at once.
    if (name !== 'gateway' && !(document.spec.minReadySeconds > 10)) problems.push(`${id}: the last old pod ends before callers know a new one`);
    const targets = documents.filter(({ kind }) => kind === 'HorizontalPodAutoscaler').map((each) => each.spec.scaleTargetRef.name);
    if (!targets.includes(name)) problems.push(`${id}: does not scale`);
    if (document.spec.replicas !== undefined) problems.push(`${id}: resets on every roll-out what it was scaled to`);
    if (!documents.some((each) => each.kind === 'PodDisruptionBudget' && each.metadata.name === name)) problems.push(`${id}: may all be evicted at once`);
  }
  return problems;
}
