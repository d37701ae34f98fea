// What an operator looks at, by a real Prometheus: every query of every dashboard has an answer while the shop is at
// work, every alert can be evaluated, has a runbook, and is silent while nothing is wrong.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { sourceDirectory } from './support/contract.mjs';
import { eventually } from './support/eventually.mjs';
import { NativeClient } from './support/native_client.mjs';
import { Shop } from './support/shop.mjs';
import { rowsOf, Shopper } from './support/shopper.mjs';

const monitoring = path.join(sourceDirectory, 'deploy/monitoring');
const services = ['auth', 'catalog', 'order', 'notification'];

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.on('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// Every query of a dashboard, as [title, PromQL] with its variables filled in.
function queriesOf(file) {
  const { panels } = JSON.parse(fs.readFileSync(path.join(monitoring, 'dashboards', file), 'utf8'));
  return panels.flatMap(({ title, targets }) => targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '20s')))
    .flatMap((query) => (query.includes('$service') ? services.map((name) => query.replaceAll('$service', name)) : [query]));
}

let shop, prometheus, url, client;

async function ask(pathname, parameters = {}) {
  const answer = await fetch(`${url}/api/v1/${pathname}?${new URLSearchParams(parameters)}`).catch(() => undefined);
  if (!answer) return undefined;
  const { data, status, error } = await answer.json();
  assert.equal(status, 'success', `${JSON.stringify(parameters)}: ${error}`);
  return data;
}

before(async () => {
  shop = await Shop.start('monitoring');
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  prometheus = spawn(path.join(sourceDirectory, 'deploy/monitor'), ['--state', shop.state, String(port), '1s'],
    { stdio: ['ignore', 'ignore', 'inherit'] });
  await shop.import(rowsOf(['TEA', 'Green tea', 490, 1000]));
  client = new NativeClient(shop.address);
});
after(async () => {
  client?.close();
  if (prometheus?.exitCode === null) {
    prometheus.kill();
    await new Promise((resolve) => prometheus.on('exit', resolve));
  }
  await shop?.stop();
});

test('every query of every dashboard has an answer', async () => {
  const open = new Set(fs.readdirSync(path.join(monitoring, 'dashboards')).flatMap(queriesOf));
  assert.ok(open.size > 60, `${open.size} queries`);
  const ada = await Shopper.registered(client);
  await eventually('all are answered', async () => {
    await ada.search('tea');
    await ada.call('NotificationService', 'ListNotifications', {});
    await ada.placeOrderPatiently((await ada.addToCart('TEA')).total);
    for (const query of open) {
      const data = await ask('query', { query });
      if (data?.result.some(({ value }) => Number.isFinite(Number(value[1])))) open.delete(query);
    }
    return open.size === 0;
  }).catch((error) => assert.fail(`${error.message}; without one:\n${[...open].join('\n')}`));
});

test('every alert is evaluated, is silent and has a runbook', async () => {
  const runbooks = fs.readFileSync(path.join(monitoring, 'runbooks.md'), 'utf8');
  const { groups } = await ask('rules');
  const rules = groups.flatMap((group) => group.rules);
  const alerts = rules.filter(({ type }) => type === 'alerting');
  assert.ok(alerts.length >= 10);
  assert.deepEqual(rules.filter(({ health }) => health !== 'ok').map(({ name, lastError }) => `${name}: ${lastError}`), []);
  assert.deepEqual(alerts.filter(({ state }) => state === 'firing').map(({ name }) => name), []);
  for (const { name, annotations, labels } of alerts) {
    const section = /^runbooks\.md#([a-z]+)$/.exec(annotations.runbook)?.[1];
    assert.match(runbooks, new RegExp(`^## ${section}$`, 'mi'), name);
    assert.match(labels.severity, /^(page|ticket)$/, name);
  }
});

test('a service that does not answer is noticed', async () => {
  const pid = shop.pidOf('notification');
  process.kill(pid, 'SIGSTOP');
  try {
    await eventually('it is', async () => {
      const { alerts } = await ask('alerts');
      return alerts.some(({ labels }) => labels.alertname === 'ArastaServiceDown' && labels.service === 'notification');
    });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});
