// /metrics of the five processes of a shop that has sold something: Prometheus' conventions, labels that can't grow
// without end, and deploy/monitoring/METRICS.md, which lists them all. ARASTA_PUBLISH_METRICS=true renews that page.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Collector } from './support/collector.mjs';
import { sourceDirectory } from './support/contract.mjs';
import { eventually } from './support/eventually.mjs';
import { Shop } from './support/shop.mjs';
import { rowsOf, Shopper } from './support/shopper.mjs';

const services = ['auth', 'catalog', 'order', 'notification', 'gateway'];
const reference = path.join(sourceDirectory, 'deploy/monitoring/METRICS.md');
// Of one family in one process: methods times codes or buckets, and no more.
const mostSeries = 2000;

let shop, collector;
const texts = {}, families = {};

before(async () => {
  collector = await Collector.start();
  shop = await Shop.start('metrics', { ARASTA_TRACES_ENDPOINT: collector.endpoint });
  await shop.import(rowsOf(['TEA', 'Green tea', 490, 1000]));
  const ada = await Shopper.registered(shop.client);
  await ada.placeOrderPatiently((await ada.addToCart('TEA')).total);
  await eventually('the mail has come', () => shop.mail.confirmationsTo(ada.email).length > 0);
  await ada.call('NotificationService', 'ListNotifications', {});
  // Counts of the gateway are handed over now and then.
  await eventually('every process tells of the calls it had', async () => {
    for (const service of services) {
      texts[service] = await (await fetch(`http://127.0.0.1:${shop.portOf(`${service}-admin`)}/metrics`)).text();
      families[service] = parse(texts[service]);
    }
    return families.gateway.has('arasta_gateway_calls_total') && families.notification.has('arasta_rpc_calls_total');
  });
});
after(async () => {
  await shop?.stop();
  await collector?.stop();
});

// The families of an exposition by name: help, type, and the label sets of their series.
function parse(text) {
  const found = new Map();
  const family = (name) => found.get(name) ?? found.set(name, { series: [] }).get(name);
  for (const line of text.split('\n').filter(Boolean)) {
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (comment) {
      family(comment[2])[comment[1].toLowerCase()] = comment[3];
      continue;
    }
    const [, name, labels = ''] = /^([a-z0-9_:]+)(?:\{(.*)\})? \S+/i.exec(line) ?? assert.fail(line);
    const owner = found.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
    family(owner).series.push(Object.fromEntries([...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [key, value])));
  }
  return found;
}

const all = () => services.flatMap((service) => [...families[service]].map(([name, family]) => ({ service, name, ...family })));

test('names, types and units are what Prometheus asks for', () => {
  for (const { service, name, type, help } of all()) {
    const where = `${service}: ${name}`;
    assert.match(name, /^(arasta|process)_[a-z0-9_]+$/, where);
    assert.match(help ?? '', /[^.]$/, `${where} has no help, or a sentence`);
    assert.match(type, /^(counter|gauge|histogram)$/, where);
    assert.equal(name.endsWith('_total'), type === 'counter', `${where} is a ${type}`);
    if (type === 'histogram') assert.match(name, /_(seconds|bytes)$/, `${where} has no base unit`);
    assert.doesNotMatch(name, /_(ms|us|ns|millis|milliseconds|microseconds|minutes|hours|kb|mb|kib|mib|percent)(_|$)/, `${where}: base units`);
  }
});

test('labels have few values, and none that names somebody', () => {
  for (const { service, name, series } of all()) {
    assert.ok(series.length <= mostSeries, `${service}: ${name} has ${series.length} series`);
    for (const [label, value] of series.flatMap(Object.entries)) {
      const where = `${service}: ${name}{${label}="${value}"}`;
      assert.doesNotMatch(value, /[0-9a-f]{8}-[0-9a-f]{4}-|@|\b\d+\.\d+\.\d+\.\d+\b/, where);
    }
  }
});

test('promtool has nothing to say', (t) => {
  if (spawnSync('promtool', ['--version']).error) return t.skip('promtool is not installed: apt-get install prometheus');
  for (const service of services) {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: texts[service], encoding: 'utf8' });
    assert.equal(status, 0, `${service}: ${stdout}${stderr}`);
  }
});

test('deploy/monitoring/METRICS.md lists them all', () => {
  if (process.env.ARASTA_PUBLISH_METRICS) fs.writeFileSync(reference, page());
  assert.equal(fs.readFileSync(reference, 'utf8'), page(), 'ARASTA_PUBLISH_METRICS=true node --test tests/e2e/metrics_test.mjs');
});

function page() {
  const rows = new Map();
  for (const { service, name, type, help, series } of all()) {
    const row = rows.get(name) ?? rows.set(name, { type, help, by: [], labels: new Set() }).get(name);
    row.by.push(service);
    for (const label of series.flatMap(Object.keys)) if (label !== 'le') row.labels.add(label);
  }
  const line = ([name, { type, labels, by, help }]) =>
    `| \`${name}\` | ${type} | ${[...labels].sort().join(', ')} | ${by.length === services.length ? 'all' : by.join(', ')} | ${help} |`;
  return `# Metrics

Written by \`tests/e2e/metrics_test.mjs\` from what the five processes of a shop show at \`/metrics\`.

| metric | type | labels | of | meaning |
|---|---|---|---|---|
${[...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(line).join('\n')}
`;
}
