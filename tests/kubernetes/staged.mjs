// An overlay as the faults need it, written where roll-out finds it: two of each process, which can be killed by who is
// in their pod, and customers in the cluster, with whom the mail ends up.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { find, ofKind, processes, render } from './documents.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
export const REPLICAS = 2;

export const imageOf = (documents) => find(documents, 'Deployment', 'gateway').spec.template.spec.containers[0].image;

// What a file of this folder says, with `image` for IMAGE.
export function written(name, image) {
  const text = fs.readFileSync(path.join(here, name), 'utf8').replaceAll('IMAGE', image);
  return parseAllDocuments(text).map((document) => document.toJS());
}

// `settings` are told to every process. Of `broken` the migration of order's database fails, and every process is to be
// replaced after it.
export function staged(overlay, { settings = {}, broken = false } = {}) {
  const documents = render(overlay);
  Object.assign(find(documents, 'ConfigMap', 'settings').data, settings);
  Object.assign(find(documents, 'ConfigMap', 'notification').data, { ARASTA_SMTP_URL: 'smtp://customers:1025' });
  for (const { spec } of ofKind(documents, 'HorizontalPodAutoscaler')) spec.minReplicas = REPLICAS;
  for (const name of processes) {
    const { template } = find(documents, 'Deployment', name).spec;
    // The first process of a pod can't be killed from inside; with this, the first one is none of ours.
    template.spec.shareProcessNamespace = true;
    if (broken) template.metadata.annotations['arasta.example/release'] = 'broken';
  }
  if (broken) breakMigration(find(documents, 'Job', 'migrate-order'));
  return [...documents, ...written('customers.yaml', imageOf(documents).replace(/arasta(?=[:@]|$)/, 'arasta-customers'))];
}

function breakMigration({ spec }) {
  spec.backoffLimit = 0;
  const { env } = spec.template.spec.containers[0];
  env.find(({ name }) => name === 'ARASTA_MIGRATION_DATABASE_URL').value = 'dbname=arasta_order user=nobody';
}

// As an overlay of its own, in `directory`, which is returned.
export function stage(directory, documents) {
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, 'shop.yaml'), documents.map((document) => `${JSON.stringify(document)}\n`).join('---\n'));
  fs.writeFileSync(path.join(directory, 'kustomization.yaml'), 'resources:\n  - shop.yaml\n');
  return directory;
}
