// The overlays as they would be applied, looked at without a cluster: rendered by kubectl, then by every check.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { callers } from './contract.mjs';
import { find, folder, ofKind, overlays, podsOf, processes, render } from './documents.mjs';
import { allowedArrows, neededArrows } from './network.mjs';
import { danglingReferences } from './references.mjs';
import { unattended, unrestricted } from './restricted.mjs';
import { invalid } from './schemas.mjs';
import { refusedConfigurations } from './settings.mjs';
import { imageOf, staged, written } from './staged.mjs';

// The picture in the design: who calls whom, and which stores are whose.
const calls = ['gateway > auth', 'gateway > catalog', 'gateway > order', 'gateway > notification', 'catalog > auth', 'order > auth',
  'order > catalog', 'notification > auth', 'notification > order'];
const storesOf = { gateway: ['redis-cache'], auth: ['redis-cache', 'redis-events'], catalog: ['redis-events'], order: ['redis-events'],
  notification: ['redis-events'] };

for (const overlay of overlays) {
  const documents = render(overlay);

  test(`${overlay}: every document is what its schema says`, async () => {
    assert.deepEqual(await invalid(documents), []);
  });

  test(`${overlay}: every container is restricted and bounded`, () => {
    assert.deepEqual(unrestricted(documents), []);
  });

  test(`${overlay}: processes are watched, spread, scaled and rolled out without a loss`, () => {
    assert.deepEqual(unattended(documents), []);
  });

  test(`${overlay}: whatever is named is there`, () => {
    assert.deepEqual(danglingReferences(documents), []);
  });

  test(`${overlay}: the network policies are the arrows of the design, no more and no fewer`, () => {
    assert.deepEqual(allowedArrows(documents), neededArrows(documents));
    const among = new RegExp(`^(${processes.join('|')}) > (.*):`);
    const told = allowedArrows(documents).map((arrow) => among.exec(arrow)).filter(Boolean).map(([, from, to]) => `${from} > ${to}`);
    const databases = podsOf(documents).flatMap(({ name, labels }) => processes
      .filter((service) => labels[`arasta.example/database-${service}`]).map((service) => `${service} > ${name}`));
    const drawn = [...calls, ...databases, ...processes.map((name) => `${name} > collector`),
      ...Object.entries(storesOf).flatMap(([from, stores]) => stores.map((to) => `${from} > ${to}`)),
      ...(find(documents, 'Deployment', 'mail') ? ['notification > mail'] : [])];
    assert.deepEqual(told.sort(), drawn.sort());
  });

  test(`${overlay}: every process accepts what it is told`, () => {
    assert.deepEqual(refusedConfigurations(documents), []);
  });

  test(`${overlay}: no secret is among what is kept here`, () => {
    assert.deepEqual(ofKind(documents, 'Secret'), []);
  });
}

for (const overlay of ['local', 'lab']) {
  test(`${overlay}, staged for faults: still what schemas say, restricted, and nothing dangles`, async () => {
    const documents = staged(overlay);
    const trip = written('trip.yaml', imageOf(documents));
    assert.deepEqual(await invalid([...documents, ...trip]), []);
    assert.deepEqual(unrestricted([...documents, ...trip]), []);
    assert.deepEqual(danglingReferences(documents), []);
  });
}

test('processes call whom the contract lets them', () => {
  const permitted = callers();
  assert.deepEqual(calls.filter((call) => !permitted.has(call)), []);
});

test('overlays use what an old kustomize knows', () => {
  const known = ['namespace', 'resources', 'bases', 'patchesStrategicMerge', 'patchesJson6902'];
  for (const place of ['base', 'base/certificates', ...overlays.map((overlay) => `overlays/${overlay}`)]) {
    const used = Object.keys(parse(fs.readFileSync(path.join(folder, place, 'kustomization.yaml'), 'utf8')));
    assert.deepEqual(used.filter((key) => !known.includes(key)), [], place);
  }
});

test('lab has no API that Kubernetes 1.20 lacks', () => {
  const newer = { HorizontalPodAutoscaler: 'autoscaling/v2', PodDisruptionBudget: 'policy/v1', CronJob: 'batch/v1' };
  for (const { kind, metadata, apiVersion } of render('lab')) assert.notEqual(apiVersion, newer[kind], `${kind}/${metadata.name}`);
});
