// What must hold once everybody has finished: money, stock, orders, events and mail, read from every
// service's database. The same invariants whatever happened before.
import assert from 'node:assert/strict';
import { eventually } from './eventually.mjs';

// Waits until no order is under way and every event has been consumed, then checks. `stock` is what was
// on the shelf at first: {sku: units}.
export async function expectEverythingRight(shop, stock) {
  await eventually('every saga is settled', async () => {
    const [{ open }] = await shop.sql('order', `SELECT count(*)::int AS open FROM sagas WHERE phase <> 'SETTLED'`);
    return open === 0;
  }, { seconds: 90 });
  await eventually('every event is consumed by notification', () => eventsAreConsumed(shop), { seconds: 60 });
  await expectMoneyRight(shop);
  await expectStockRight(shop, stock);
  await expectOrdersRight(shop);
  await expectMailRight(shop);
  // The relay notes what it has sent a moment after it is received.
  await eventually('every event is noted as sent', async () => !(await shop.violations()).some((line) => line.startsWith('E1')));
  assert.deepEqual(await shop.violations(), [], 'invariants');
}

async function eventsAreConsumed(shop) {
  const consumed = new Map();
  for (const { producer, partition, watermark } of await shop.sql('notification', 'SELECT producer, partition, watermark FROM event_partitions')) {
    consumed.set(`${producer} ${partition}`, watermark);
  }
  for (const producer of ['auth', 'order']) {
    const [{ waiting }] = await shop.sql(producer, 'SELECT count(*)::int AS waiting FROM outbox WHERE sequence IS NULL');
    if (waiting > 0) return false;
    for (const { partition, head } of await shop.sql(producer, 'SELECT partition, head FROM outbox_partitions')) {
      if ((consumed.get(`${producer} ${partition}`) ?? 0) < head) return false;
    }
  }
  return true;
}

// The provider's book and ours agree, to the cent; nothing is taken for an order that is not placed.
async function expectMoneyRight(shop) {
  const wrong = await shop.sql('order', `
    SELECT o.order_id, o.state, o.total, p.state AS payment, p.captured, p.refunded, b.captured AS book_captured, b.refunded AS book_refunded
    FROM orders o JOIN payments p USING (shard, order_id) LEFT JOIN sandbox_payments b ON b.payment LIKE '%' || o.order_id::text || '%'
    WHERE CASE WHEN o.state = 'PLACED' THEN p.captured - p.refunded <> o.total ELSE p.captured <> p.refunded END
       OR p.captured <> coalesce(b.captured, 0) OR p.refunded <> coalesce(b.refunded, 0)`);
  assert.deepEqual(wrong, [], 'money');
  const [{ book, ours }] = await shop.sql('order', `
    SELECT (SELECT coalesce(sum(captured - refunded), 0) FROM sandbox_payments) AS book,
           (SELECT coalesce(sum(total), 0) FROM orders WHERE state = 'PLACED') AS ours`);
  assert.equal(book, ours, 'the sum of the provider’s book');
}

// What left the shelf is what was sold; nothing is held any more.
async function expectStockRight(shop, stock) {
  const sold = Object.fromEntries((await shop.sql('order', `
    SELECT sku, sum(quantity)::int AS quantity FROM order_lines JOIN orders USING (shard, order_id) WHERE state = 'PLACED' GROUP BY sku`))
    .map(({ sku, quantity }) => [sku, quantity]));
  const levels = await shop.sql('catalog', 'SELECT sku, on_hand, reserved, available FROM stock_level ORDER BY sku');
  const expected = Object.entries(stock).sort().map(([sku, units]) => {
    const left = units - (sold[sku] ?? 0);
    return { sku, on_hand: left, reserved: 0, available: left };
  });
  assert.deepEqual(levels.filter(({ sku }) => sku in stock), expected, 'stock');
}

// Every order is decided, and its history has neither gaps nor two ends.
async function expectOrdersRight(shop) {
  const undecided = await shop.sql('order', `SELECT order_id FROM orders WHERE state NOT IN ('PLACED', 'CANCELLED')`);
  assert.deepEqual(undecided, [], 'undecided orders');
  const broken = await shop.sql('order', `
    SELECT order_id FROM order_history GROUP BY shard, order_id
    HAVING min(sequence) <> 1 OR max(sequence) <> count(*) OR count(*) FILTER (WHERE action = 'PLACED') > 1`);
  assert.deepEqual(broken, [], 'histories');
}

// One confirmation for every placed order, none for any other.
async function expectMailRight(shop) {
  const placed = (await shop.sql('order', `SELECT order_number, email, customer FROM orders WHERE state = 'PLACED'`))
    .map(({ order_number: number }) => `A-${number}`).sort();
  const confirmed = () => shop.mail.mails.map(({ mail }) => /^Your order (\S+)$/.exec(mail.subject)?.[1]).filter(Boolean).sort();
  await eventually('every confirmation has come', () => confirmed().length >= placed.length, { seconds: 60 });
  const [{ due }] = await shop.sql('notification', `SELECT count(*)::int AS due FROM delivery WHERE state IN ('accepted', 'queued', 'sending')`);
  if (due > 0) {
    await eventually('no mail is due', async () => (await shop.sql('notification', `SELECT 1 FROM delivery WHERE state IN ('accepted', 'queued', 'sending')`)).length === 0);
  }
  assert.deepEqual(confirmed(), placed, 'confirmations');
}
