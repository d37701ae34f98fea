// Money as the customer saw it: M3, M4, M5.
import { Fact } from './check_history.mjs';

export function moneyFacts(run) {
  return [totals(run), prices(run), settled(run), book(run)];
}

function totals({ operations }) {
  const fact = new Fact('M3 the customer was told the total agreed to, and it is the sum of the lines');
  for (const { id, args, result } of operations.filter(({ op, type, result: told }) => op === 'PlaceOrder' && type === 'ok' && told.order)) {
    const sum = result.lines.reduce((total, { quantity, price }) => total + quantity * price, 0);
    fact.expect(result.total === args.total && sum === args.total, () => `PlaceOrder ${id}: agreed to ${args.total}, told ${result.total}, lines make ${sum}`);
  }
  return fact;
}

// A price holds from the moment its change may have begun to work until a later change certainly has.
function prices({ operations, orders, places }) {
  const fact = new Fact('M3 every line costs what held while the order was placed');
  const changes = operations.flatMap(({ op, type, args, start, end }) => {
    if (op === 'Stock') return Object.entries(args.prices).map(([sku, price]) => ({ sku, price, start, end, certain: true }));
    return op === 'SetPrice' && type !== 'fail' ? [{ ...args, start, end, certain: type === 'ok' }] : [];
  });
  for (const { order, request, lines } of orders) {
    const first = Math.min(...places.get(request).map(({ start }) => start));
    const last = Math.max(...places.get(request).map(({ end }) => end));
    for (const { sku, price } of lines) {
      const begun = changes.find((change) => change.sku === sku && change.price === price && change.start <= last);
      const gone = begun && changes.find((change) => change.sku === sku && change.certain && change.start > begun.end && change.end < first);
      fact.expect(begun && !gone, () => `${order} has ${sku} at ${price}, ${gone ? `which was ${gone.price} by then` : 'a price it never had'}`);
    }
  }
  return fact;
}

function settled({ orders }) {
  const fact = new Fact('M4 what is placed was captured, what is cancelled was given back');
  for (const { order, state, total, captured, refunded } of orders) {
    if (state === 'PLACED') fact.expect(captured === total && refunded === 0, () => `${order} PLACED for ${total}: captured ${captured}, refunded ${refunded}`);
    if (state === 'CANCELLED') fact.expect(captured === refunded, () => `${order} CANCELLED: captured ${captured}, refunded ${refunded}`);
  }
  return fact;
}

function book({ orders }) {
  const fact = new Fact('M5 the provider took and gave back what we say, once');
  for (const { order, captured, refunded, book_captured: taken, book_refunded: returned } of orders) {
    fact.expect(captured === taken && refunded === returned, () => `${order}: we captured ${captured} and refunded ${refunded}, the provider ${taken} and ${returned}`);
  }
  return fact;
}
