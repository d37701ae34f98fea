// One trace from the tap on "pay" to the mail: the gateway, the saga with its peers and its payment, the event,
// and the notification that it becomes. ARASTA_PUBLISH_TRACE=true renews tests/e2e/TRACE.md.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Collector } from './support/collector.mjs';
import { sourceDirectory } from './support/contract.mjs';
import { eventually } from './support/eventually.mjs';
import { Shop } from './support/shop.mjs';
import { address, rowsOf, Shopper } from './support/shopper.mjs';
import { treeOf, wayUp } from './support/trace_tree.mjs';

const placeOrder = 'arasta.order.v1.OrderService/PlaceOrder';

let shop, collector;
before(async () => {
  collector = await Collector.start();
  shop = await Shop.start('trace', { ARASTA_TRACES_ENDPOINT: collector.endpoint, ARASTA_TRACES_RATIO: '1' });
  await shop.import(rowsOf(['TEA', 'Green tea', 490, 1000]));
});
after(async () => {
  await shop?.stop();
  await collector?.stop();
});

// Buys, and returns the whole trace of it.
async function buy(shopper) {
  const begin = BigInt(Date.now()) * 1_000_000n;
  const { total } = await shopper.addToCart('TEA', 2);
  const order = await shopper.placeOrderPatiently(total);
  assert.equal(order.state, 'STATE_PLACED');
  const { traceId } = await eventually('the gateway tells of the order', () =>
    collector.spans.find(({ service, name, start, attributes }) =>
      service === 'gateway' && name === placeOrder && start > begin && attributes['rpc.grpc.status_code'] === 0));
  const ends = ['smtp send', 'payment capture', 'reservation_store.ReserveAll', 'user_store.Get'];
  await eventually('the mail and the capture are told of, and what they are part of', () => {
    const spans = collector.trace(traceId);
    const roots = spans.filter(({ parentSpanId }) => !spans.some(({ spanId }) => spanId === parentSpanId));
    return roots.length === 1 && ends.every((end) => spans.some(({ name }) => name === end));
  });
  return collector.trace(traceId);
}

test('a checkout is one trace, from the gateway to the mail', async () => {
  const ada = await Shopper.registered(shop.client);
  const spans = await buy(ada);
  const tree = treeOf(spans);
  console.log(tree);

  // By the last span of each way, everything before it on the way up.
  const way = (service, name) => {
    const span = spans.find((each) => each.service === service && each.name === name);
    assert.ok(span, `${service}: ${name} is missing from\n${tree}`);
    return wayUp(spans, span);
  };
  const order = [`order: ${placeOrder}`, `gateway: ${placeOrder}`];
  const reserve = 'arasta.catalog.v1.InventoryService/ReserveStock';
  assert.deepEqual(wayUp(spans, spans.find(({ service, name, kind }) => service === 'catalog' && name === reserve && kind === 'server')),
    [`catalog: ${reserve}`, `order: ${reserve}`, ...order]);
  assert.deepEqual(way('catalog', 'reservation_store.ReserveAll').slice(1), [`catalog: ${reserve}`, `order: ${reserve}`, ...order]);
  assert.deepEqual(way('order', 'payment authorize'), ['order: payment authorize', ...order]);
  assert.deepEqual(way('order', 'order_store.Claim'), ['order: order_store.Claim', ...order]);
  assert.deepEqual(way('order', 'payment capture'), ['order: payment capture', 'order: complete order', ...order]);
  const event = ['notification: process arasta.order.v1.OrderPlaced', 'order: send arasta.order.v1.OrderPlaced', ...order];
  assert.deepEqual(way('notification', 'smtp send'), ['notification: smtp send', 'notification: send mail', ...event]);
  assert.deepEqual(way('auth', 'user_store.Get').slice(2), ['notification: arasta.auth.v1.AuthInternalService/GetContact',
    'notification: write mail', ...event]);

  for (const { traceId, spanId, start, end } of spans) {
    assert.match(traceId, /^[0-9a-f]{32}$/);
    assert.match(spanId, /^[0-9a-f]{16}$/);
    assert.ok(start <= end);
  }
  if (process.env.ARASTA_PUBLISH_TRACE) publish(tree);
});

test('traces carry no personal data and no secrets', async () => {
  const ada = await Shopper.registered(shop.client);
  await buy(ada);
  const told = JSON.stringify(collector.spans, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  for (const secret of [ada.email, ada.password, ada.token, 'tok_approve', address.recipient, address.lines[0], address.postal_code,
    'mail.example', '127.0.0.1'])
    assert.ok(!told.includes(secret), secret);
});

function publish(tree) {
  fs.writeFileSync(path.join(sourceDirectory, 'tests/e2e/TRACE.md'), `# The trace of a checkout

From \`tests/e2e/trace_test.mjs\`, which buys something in a shop of its own and collects what the five processes
export. Every line below is a span of one trace. One run, on two cores that shop, databases and collector share: the
times tell what waits for what; \`tests/bench/RESULTS.md\` tells how fast it is.

\`\`\`
${tree}
\`\`\`
`);
}
