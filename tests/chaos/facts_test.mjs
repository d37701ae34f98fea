// The judges of histories are judged: a healthy run breaks no fact, and each lie turns its fact red.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkHistory } from './check_history.mjs';
import { serviceFacts } from './facts_service.mjs';
import { History, meaningOf } from './history.mjs';
import { CallError, codes } from '../e2e/support/contract.mjs';

const R = '10000000-0000-4000-8000-000000000001';
const REFUSED = '10000000-0000-4000-8000-000000000002';
const told = (more = {}) => ({ order: 'orders/1', version: 2, state: 'STATE_PLACED', request: R, total: 300,
  lines: [{ sku: 'tea', quantity: 3, price: 100 }], ...more });

// A customer buys and looks, is refused the rest, cancels nothing, refreshes; a thief comes; staff deliver and reprice.
function healthy() {
  const calls = {
    stock: ['staff', 'Stock', { units: { tea: 4 }, prices: { tea: 100 } }, 'ok'],
    deliver: ['staff', 'AdjustStock', { sku: 'tea', delta: 1, request: 'd1' }, 'ok'],
    place: ['c1', 'PlaceOrder', { request: R, total: 300 }, 'ok', told()],
    again: ['c1', 'PlaceOrder', { request: R, total: 300 }, 'ok', told()],
    get: ['c1', 'GetOrder', { order: 'orders/1', session: 's1', token_expires: 1e6 }, 'ok', told({ version: 3 })],
    list: ['c1', 'ListOrders', {}, 'ok', { orders: [told({ version: 3 })], more: false }],
    watch: ['c1', 'WatchOrder', { order: 'orders/1' }, 'ok', { moves: [{ sequence: 1 }, { sequence: 2 }, { sequence: 3 }] }],
    refuse: ['c2', 'PlaceOrder', { request: REFUSED, total: 300 }, 'fail', undefined, 'FAILED_PRECONDITION', 'INSUFFICIENT_STOCK'],
    refresh: ['c1', 'RefreshToken', { session: 's1', presented: 't1', purpose: 'refresh' }, 'ok', { successor: 't2' }],
    reuse: ['c2', 'RefreshToken', { session: 's2', presented: 't7', purpose: 'reuse' }, 'fail', undefined, 'UNAUTHENTICATED', 'INVALID_REFRESH_TOKEN'],
    logout: ['c3', 'Logout', { session: 's3' }, 'ok'],
  };
  const order = { order: 'orders/1', request: R, customer: 'users/1', state: 'PLACED', version: 3, total: 300, number: 100001, placed: 3500,
    captured: 300, refunded: 0, payment: 'CAPTURED', book_captured: 300, book_refunded: 0, states: ['PENDING', 'PLACED', 'PLACED'],
    lines: [{ sku: 'tea', quantity: 3, price: 100 }] };
  const refused = { ...order, order: 'orders/2', request: REFUSED, state: 'CANCELLED', number: null, placed: null, captured: 0, book_captured: 0,
    states: ['PENDING', 'CANCELLED'] };
  return { calls, order, refused, extra: [], notes: [],
    sessions: [{ session: 's1', counter: 2, revoked: false }, { session: 's2', counter: 1, revoked: true }, { session: 's3', counter: 1, revoked: true }],
    adjusted: [{ reference: 'd1', times: 1, delta: 1 }], came: [{ sku: 'tea', came: 5, units: 5, time: 0 }],
    held: [{ sku: 'tea', units: 3, begin: 3000, end: null }],
    mails: [{ time: 4000, mail: { subject: 'Your order A-100001', messageId: 'm1' } }] };
}

// The calls one after the other, a second each.
function historyOf({ calls, extra, notes }) {
  const history = new History();
  let time = 0;
  for (const [client, op, args, type, result, code, reason] of [...Object.values(calls), ...extra]) {
    const id = ++history.lastId;
    history.write({ time: time += 500, client, op, type: 'invoke', id, args });
    history.write({ time: time += 500, client, op, type, id, result, code, reason, metadata: reason === 'INSUFFICIENT_STOCK' ? { sku: 'tea' } : undefined });
  }
  for (const [at, op, args] of notes) history.write({ time: at, client: 'nemesis', op, type: 'info', id: ++history.lastId, args });
  return history;
}

function suiteOf(world) {
  const answers = [[/shipping_address/, [world.order, world.refused]], [/FROM sessions/, world.sessions], [/GROUP BY reference/, world.adjusted],
    [/reservation/, world.held], [/AS came/, world.came], [/FROM stock_movement/, world.came]];
  const resets = (fits) => (world.resets ?? []).filter(fits).length;
  return { sql: async (_, query) => structuredClone(answers.find(([pattern]) => pattern.test(query))[1]), mails: () => world.mails,
    effects: async (fits) => ({ resets: resets(fits) }) };
}

async function redFacts(world) {
  const facts = await checkHistory({ history: historyOf(world), suite: suiteOf(world) });
  return facts.filter(({ violations }) => violations.length > 0).map(({ invariant, violations }) => `${invariant}: ${violations[0]}`);
}

test('a healthy run breaks no fact', async () => {
  assert.deepEqual(await redFacts(healthy()), []);
});

const lies = {
  'O1 every acknowledged order': (world) => { world.order.states = ['PENDING']; },
  'O1 every acknowledged cancellation': (world) => { world.extra.push(['c1', 'CancelOrder', { order: 'orders/1' }, 'ok', told({ state: 'STATE_PENDING', version: 3 })]); },
  'O2 ': (world) => { world.calls.again[4] = told({ order: 'orders/9' }); },
  'O2 one order': (world) => { world.calls.again.splice(3, 4, 'fail', undefined, 'FAILED_PRECONDITION', 'CART_EMPTY'); },
  'O3 ': (world) => { world.calls.watch[4].moves[1].sequence = 3; },
  'O5 ': (world) => { world.refused.states = ['PENDING', 'PLACED']; },
  'O5 a definite': (world) => { world.extra.push(['c2', 'PlaceOrder', { request: REFUSED, total: 300 }, 'ok', told({ order: 'orders/2', request: REFUSED })]); },
  'O6 a client reads': (world) => { world.calls.get[4].version = 1; },
  'O6 a client reads its own': (world) => { world.calls.get.splice(3, 4, 'fail', undefined, 'NOT_FOUND'); },
  'O6 a client finds': (world) => { world.calls.list[4].orders = []; },
  'M3 the customer': (world) => { world.calls.place[4] = told({ total: 299 }); },
  'M3 every line': (world) => { world.calls = { stock: world.calls.stock, dearer: ['staff', 'SetPrice', { sku: 'tea', price: 200 }, 'ok'], ...world.calls }; },
  'M4 ': (world) => { world.order.captured = 0; },
  'M5 ': (world) => { world.order.book_captured = 600; },
  'S2 ': (world) => { world.adjusted[0].times = 2; },
  'S4 ': (world) => { world.came[0].came = 2; },
  'S6 ': (world) => { world.held = []; },
  'T1 ': (world) => { world.sessions[0].counter = 3; },
  'T1 a refresh token': (world) => { world.extra.push(['c1', 'RefreshToken', { session: 's1', presented: 't1', purpose: 'together' }, 'ok', { successor: 't3' }]); },
  'T2 reuse': (world) => { world.sessions[1].revoked = false; },
  'T2 nothing but': (world) => { world.calls.refresh.splice(3, 4, 'fail', undefined, 'UNAUTHENTICATED', 'INVALID_REFRESH_TOKEN'); },
  'T3 ': (world) => { world.calls.get[2].token_expires = -40_000; },
  'T4 ': (world) => { world.extra.push(['c3', 'RefreshToken', { session: 's3', presented: 't9' }, 'ok', { successor: 't10' }]); },
  'N1 one confirmation': (world) => { world.mails = []; },
  'N1 no more copies': (world) => { world.mails.push(world.mails[0]); },
  'N2 ': (world) => { world.mails.push({ time: 4000, mail: { subject: 'Your order A-7', messageId: 'm2' } }); },
  'N3 ': (world) => { world.mails[0].time = 9000; },
  'L1 ': (world) => { world.notes.push([100, 'healed', {}]); world.calls.get[3] = 'info'; world.extra.push(['c1', 'GetOrder', {}, 'info']); world.notes.push([60_000, 'ended', {}]); },
};

for (const [invariant, lie] of Object.entries(lies)) {
  test(`${invariant.trim()} turns red`, async () => {
    const world = healthy();
    lie(world);
    const red = await redFacts(world);
    assert.ok(red.some((line) => line.startsWith(invariant)), `red: ${red}`);
  });
}

// A shop that was healed at 1 s and asked at 2 s, until 60 s; each call is [begin, end, whether it was answered].
async function healing(calls, notes = [], within = undefined) {
  const world = healthy();
  world.calls = {};
  world.notes = [[1000, 'healed', { within }], ...notes, [60_000, 'ended', {}]];
  const history = historyOf(world);
  for (const [start, end, ok] of calls) {
    const id = ++history.lastId;
    history.write({ time: start, client: 'c1', op: 'GetCart', type: 'invoke', id, args: {} });
    history.write({ time: end, client: 'c1', op: 'GetCart', type: ok ? 'ok' : 'info', id, result: {}, code: ok ? undefined : 'UNAVAILABLE' });
  }
  const facts = serviceFacts({ history, operations: history.operations() });
  return facts.flatMap(({ violations }) => violations).join();
}

test('L1 asks for one success in time, of those who asked', async () => {
  assert.equal(await healing([[2000, 2100, false], [10_000, 10_900, true]]), '');
  assert.equal(await healing([[2000, 2100, false], [10_000, 11_100, false], [12_000, 12_100, true]]), 'GetCart: after 11.1 s');
  assert.equal(await healing([[2000, 12_100, true]]), 'GetCart: after 11.1 s');
  assert.equal(await healing([[30_000, 30_100, true]]), '', 'nobody had asked before');
});

test('L1 asks more of wires, less of a machine that had no time, and nothing beyond the next fault', async () => {
  const late = [[2000, 4500, false], [4500, 4600, true]];
  assert.equal(await healing(late, [], 3), 'GetCart: after 3.6 s');
  assert.equal(await healing(late, [[2500, 'stalled', { milliseconds: 700 }]], 3), '');
  assert.equal(await healing(late, [[3000, 'fault', { kind: 'kill' }]], 3), '');
  assert.equal(await healing([[4900, 8000, false]], [[5000, 'fault', { kind: 'kill' }]], 3), '', 'the fault may have ended it');
  assert.equal(await healing([[1500, 8000, false]], [[5000, 'fault', { kind: 'kill' }]], 3), 'GetCart: never');
});

test('a copy of a mail is allowed for a sender that died', async () => {
  const world = healthy();
  world.mails.push(world.mails[0]);
  world.notes.push([100, 'fault', { kind: 'kill notification', target: 'notification-0' }]);
  assert.deepEqual(await redFacts(world), []);
});

test('a copy of a mail is allowed for a reset between the sender and who takes or notes the mail', async () => {
  const world = healthy();
  world.mails.push(world.mails[0]);
  world.resets = ['notification-0>postgres'];
  assert.deepEqual(await redFacts(world), []);
  world.resets = ['order-0>postgres', 'notification-0>order'];
  assert.match(`${await redFacts(world)}`, /^N1 no more copies/);
});

test('a hold that was being given back may still have counted', async () => {
  const world = healthy();
  world.held = [{ sku: 'tea', units: 3, begin: 3000, end: 6500 }];  // the refusal is from 7500 to 8000
  assert.deepEqual(await redFacts(world), []);
  world.held[0].end = 4000;
  assert.match(`${await redFacts(world)}`, /^S6 /);
});

test('what is not known is no failure', () => {
  const meaning = (code, message = '', reason = undefined) => meaningOf(Object.assign(new CallError(code, message), { reason }));
  for (const code of [codes.UNAVAILABLE, codes.DEADLINE_EXCEEDED, codes.CANCELLED, codes.UNKNOWN]) assert.equal(meaning(code), 'info');
  assert.equal(meaning(codes.ABORTED, '', 'COMMIT_IN_DOUBT'), 'info');
  assert.equal(meaning(codes.INTERNAL, 'Received RST_STREAM with code 2'), 'info');
  assert.equal(meaning(codes.FAILED_PRECONDITION), 'fail');
  assert.throws(() => meaningOf(new TypeError('a bug of the test')), TypeError);
});

test('a history takes no secret', () => {
  assert.throws(() => new History().write({ args: { password: 'x' } }), /holds no password/);
});
