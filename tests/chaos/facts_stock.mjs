// Stock as buyers and staff saw it: S2, S4, S6.
import { Fact } from './check_history.mjs';

// Database times are those of a transaction's beginning; others see its effect within this, on a busy machine too.
const SLACK_MS = 3000;

export async function stockFacts(run) {
  return Promise.all([adjustments(run), sold(run), refusals(run)]);
}

async function adjustments({ operations, suite }) {
  const fact = new Fact('S2 every acknowledged delivery was counted once');
  const counted = new Map((await suite.sql('catalog', `SELECT reference, count(*)::int AS times, sum(delta)::int AS delta FROM stock_movement
    WHERE kind = 'adjustment' GROUP BY reference`)).map((row) => [row.reference, row]));
  for (const { args, type } of operations.filter(({ op, args: { delta } }) => op === 'AdjustStock' && delta)) {
    const row = counted.get(args.request);
    if (type === 'ok') fact.expect(row?.times === 1 && row.delta === args.delta, () => `${args.sku} by ${args.delta}: moved ${row?.delta ?? 0}, ${row?.times ?? 0} times`);
  }
  return fact;
}

async function sold({ suite, allOrders }) {
  const fact = new Fact('S4 nothing was sold that was not there');
  const units = new Map();
  for (const { state, lines } of allOrders.filter(({ state }) => ['PLACED', 'COMPLETED'].includes(state))) {
    for (const { sku, quantity } of lines) units.set(sku, (units.get(sku) ?? 0) + quantity);
  }
  for (const { sku, came } of await suite.sql('catalog', `SELECT sku, sum(delta)::int AS came FROM stock_movement
    WHERE kind IN ('import', 'adjustment') GROUP BY sku`)) {
    fact.expect((units.get(sku) ?? 0) <= came, () => `${sku}: ${units.get(sku)} sold, ${came} came`);
  }
  return fact;
}

// A refusal for want of stock was right if at some moment of the call not enough may have been free. What was held
// or sold is read from the reservations. A hold may count from the moment it was asked for until its giving back must
// have been seen, a delivery only from when it must have been seen: a release that waits lets a hold in before it.
async function refusals({ places, byRequest, suite }) {
  const fact = new Fact('S6 nobody was refused what was free all the while');
  const came = await suite.sql('catalog', `SELECT sku, delta::int AS units, extract(epoch FROM create_time) * 1000 AS time FROM stock_movement
    WHERE kind IN ('import', 'adjustment')`);
  const held = await suite.sql('catalog', `SELECT l.sku, l.quantity::int AS units, extract(epoch FROM r.create_time) * 1000 AS begin,
    CASE WHEN r.state = 'released' THEN extract(epoch FROM r.update_time) * 1000 END AS end FROM reservation r JOIN reservation_line l USING (order_id, generation)`);
  // Later repeats only repeat the answer.
  for (const [request, asked] of places) {
    const refused = asked.find(({ reason }) => reason === 'INSUFFICIENT_STOCK');
    const wanted = refused && byRequest.get(request)?.[0].lines.find(({ sku }) => sku === refused.metadata.sku)?.quantity;
    if (!wanted) continue;
    const { metadata } = refused;
    const from = Math.min(...asked.map(({ start }) => start));
    const to = Math.min(...asked.filter(({ reason }) => reason === 'INSUFFICIENT_STOCK').map(({ end }) => end));
    const ofSku = ({ sku }) => sku === metadata.sku;
    const free = (time) => came.filter(ofSku).reduce((sum, row) => sum + (row.time + SLACK_MS <= time ? row.units : 0), 0) -
      held.filter(ofSku).reduce((sum, row) => sum + (row.begin <= time && (row.end === null || row.end + SLACK_MS >= time) ? row.units : 0), 0);
    const moments = [from, ...held.filter(ofSku).map(({ begin }) => begin).filter((time) => time > from && time <= to)];
    const least = Math.min(...moments.map(free));
    fact.expect(least < wanted, () => `request ${request}: ${wanted} of ${metadata.sku} refused, never fewer than ${least} were free`);
  }
  return fact;
}
