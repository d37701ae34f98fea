// Judges a finished, settled run by what clients were told, held against what the databases and the mail sink have:
//   await checkHistory({history, suite}) → [{invariant, checked, violations: […]}]
// The letters are those of specs/reliability.md. `checked` counts what was looked at, so that a green line which
// looked at nothing shows; `open` says what a line does not prove yet. What the databases tell by themselves is
// chaos_check's.
import { mailFacts } from './facts_mail.mjs';
import { moneyFacts } from './facts_money.mjs';
import { orderFacts } from './facts_orders.mjs';
import { serviceFacts } from './facts_service.mjs';
import { stockFacts } from './facts_stock.mjs';
import { tokenFacts } from './facts_tokens.mjs';

const MOST_VIOLATIONS = 20;

// An invariant under examination.
export class Fact {
  constructor(invariant, { open } = {}) {
    Object.assign(this, { invariant, checked: 0, violations: [], ...(open ? { open } : {}) });
  }

  expect(holds, violation) {
    ++this.checked;
    if (!holds && this.violations.length < MOST_VIOLATIONS) this.violations.push(violation());
  }
}

// The orders of this run as order's database has them, by request id. The workload writes the request id into the
// address, whence it is taken: what an order is called must not be guessed from how it is derived.
const ORDERS = `
  SELECT 'orders/' || o.order_id AS order, substring(encode(o.shipping_address, 'escape')
           FROM '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}') AS request,
         o.customer, o.state, o.version, o.total, o.order_number AS number, extract(epoch FROM o.place_time) * 1000 AS placed,
         p.captured, p.refunded, p.state AS payment, coalesce(b.captured, 0) AS book_captured, coalesce(b.refunded, 0) AS book_refunded,
         (SELECT json_agg(h.state ORDER BY h.sequence) FROM order_history h WHERE h.shard = o.shard AND h.order_id = o.order_id) AS states,
         (SELECT json_agg(json_build_object('sku', l.sku, 'quantity', l.quantity, 'price', l.unit_price)) FROM order_lines l
          WHERE l.shard = o.shard AND l.order_id = o.order_id) AS lines
  FROM orders o JOIN payments p USING (shard, order_id) LEFT JOIN sandbox_payments b ON b.payment = o.order_id::text`;

export async function checkHistory({ history, suite }) {
  const operations = history.operations();
  const places = groupBy(operations.filter(({ op }) => op === 'PlaceOrder'), ({ args }) => args.request);
  const all = await suite.sql('order', ORDERS);
  const orders = all.filter(({ request }) => places.has(request));
  const run = { history, operations, places, allOrders: all, orders, suite, mails: await suite.mails(),
    byName: new Map(all.map((order) => [order.order, order])), byRequest: groupBy(orders, ({ request }) => request) };
  const facts = [];
  for (const examine of [orderFacts, moneyFacts, stockFacts, tokenFacts, mailFacts, serviceFacts]) facts.push(...await examine(run));
  return facts.map((fact) => ({ ...fact }));
}

export function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(item);
  }
  return groups;
}
