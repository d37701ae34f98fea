// Orders: O1, O2, O5, O6, and O3 as those saw it who watched.
import { Fact, groupBy } from './check_history.mjs';

// What ends a request for good. Anything else that is refused may be asked for again.
const FINAL = new Set(['INSUFFICIENT_STOCK', 'PAYMENT_DECLINED']);
// Refusals that say nothing of the order: who asks, and whether there is room to answer.
const BESIDE_THE_POINT = new Set(['UNAUTHENTICATED', 'RESOURCE_EXHAUSTED']);

export function orderFacts(run) {
  return [acknowledged(run), cancelled(run), oneOrder(run), definiteFailures(run), readYourWrites(run), listed(run), watched(run)];
}

function told({ operations }) {
  return operations.filter(({ type, result }) => type === 'ok' && result?.order);
}

function describe({ client, op, id, args }) {
  return `${op} ${id} of ${client}${args.request ? `, request ${args.request}` : ''}`;
}

function acknowledged(run) {
  const fact = new Fact('O1 every acknowledged order exists, as far as it was told');
  for (const operation of told(run)) {
    const { order, version, state } = operation.result;
    const row = run.byName.get(order);
    const word = state.replace('STATE_', '');
    fact.expect(row && row.version >= version && row.states.includes(word),
      () => `${describe(operation)} was told ${order} ${word} at version ${version}, which is ${row ? `${row.states} at ${row.version}` : 'not there'}`);
  }
  return fact;
}

function cancelled(run) {
  const fact = new Fact('O1 every acknowledged cancellation is one');
  for (const operation of run.operations.filter(({ op, type }) => op === 'CancelOrder' && type === 'ok')) {
    const row = run.byName.get(operation.args.order);
    fact.expect(row?.state === 'CANCELLED' && operation.result.state !== 'STATE_PLACED',
      () => `${describe(operation)} was told ${operation.result.state} of ${operation.args.order}, which is ${row?.state}`);
  }
  return fact;
}

function oneOrder(run) {
  const fact = new Fact('O2 one order per customer and request, and all answers name it');
  for (const [request, operations] of run.places) {
    const answers = operations.filter(({ type }) => type === 'ok');
    const names = new Set(answers.map(({ result }) => result.order));
    const rows = run.byRequest.get(request) ?? [];
    fact.expect(names.size <= 1 && rows.length <= 1, () => `request ${request}: named ${[...names]}, stored ${rows.map(({ order }) => order)}`);
    fact.expect(answers.every(({ result }) => result.request === request), () => `request ${request} was answered with another's order`);
    const placed = Math.min(...answers.filter(({ result }) => result.state === 'STATE_PLACED').map(({ end }) => end));
    for (const late of operations.filter(({ type, start, code }) => type === 'fail' && start > placed && !BESIDE_THE_POINT.has(code))) {
      fact.expect(false, () => `${describe(late)} was refused with ${late.reason} after it had been placed`);
    }
  }
  return fact;
}

function definiteFailures(run) {
  const fact = new Fact('O5 a definite failure left no order, no money, no hold');
  for (const [request, operations] of run.places) {
    const refused = operations.find(({ type, reason }) => type === 'fail' && FINAL.has(reason));
    if (!refused && operations.some(({ type }) => type !== 'fail')) continue;
    for (const row of run.byRequest.get(request) ?? []) {
      fact.expect(!row.states.includes('PLACED') && row.captured === 0 && row.book_captured === 0,
        () => `request ${request} was refused (${operations.map(({ code, reason }) => reason ?? code)}), but ${row.order} is ${row.states}, captured ${row.book_captured}`);
    }
    const after = refused && operations.find(({ type, start, result }) => type === 'ok' && start > refused.end && result.state !== 'STATE_CANCELLED');
    fact.expect(!after, () => `request ${request}: ${refused.reason}, and later ${after.result.state}`);
  }
  return fact;
}

// What a client was told of an order or its cart is the least that it is told afterwards.
function readYourWrites(run) {
  const fact = new Fact('O6 a client reads its own writes');
  const ofCart = (operation) => operation.result?.version !== undefined && !operation.result.order;
  const seen = run.operations.filter((operation) => operation.type === 'ok' && (operation.result?.order || ofCart(operation)));
  for (const [key, operations] of groupBy(seen, ({ client, result }) => `${client} ${result.order ?? 'cart'}`)) {
    for (const later of operations) {
      const least = Math.max(0, ...operations.filter(({ end }) => end < later.start).map(({ result }) => result.version));
      fact.expect(later.result.version >= least, () => `${key}: ${describe(later)} saw version ${later.result.version} after ${least}`);
    }
  }
  for (const lost of run.operations.filter(({ args, type, code }) => args.order && type === 'fail' && code === 'NOT_FOUND')) {
    fact.expect(false, () => `${describe(lost)}: ${lost.args.order} was not found`);
  }
  return fact;
}

function listed(run) {
  const fact = new Fact('O6 a client finds its orders in the list');
  for (const [client, operations] of groupBy(run.operations, ({ client: name }) => name)) {
    const named = operations.filter(({ op, type, result }) => op === 'PlaceOrder' && type === 'ok' && result.order);
    for (const list of operations.filter(({ op, type, result }) => op === 'ListOrders' && type === 'ok' && !result.more)) {
      const found = new Set(list.result.orders.map(({ order }) => order));
      for (const { result, end } of named) {
        if (end < list.start) fact.expect(found.has(result.order), () => `${client}: ${result.order} is missing in ListOrders ${list.id}`);
      }
    }
  }
  return fact;
}

function watched(run) {
  const fact = new Fact('O3 a watcher sees every move, in order');
  for (const operation of run.operations.filter(({ op, type }) => op === 'WatchOrder' && type === 'ok')) {
    const { moves } = operation.result;
    fact.expect(moves.every(({ sequence }, index) => sequence === index + 1), () => `${describe(operation)} saw ${moves.map(({ sequence }) => sequence)}`);
  }
  return fact;
}
