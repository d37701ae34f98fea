// G22: people go shopping through the gateway: the index once, ten products, three visits to the cart, one order. What a
// journey costs all processes together, until its mail is sent, beside the sum of what it can't be done without:
//
//   PostgreSQL  pgbench, 16 at a time, saying what order and catalog say for the journey: its CPU and the server's
//   calls       a bare gRPC call for each that the gateway takes, and for both sides of each that a service does
//   Redis       a SET of 300 B, flushed, for each event
//
// Notification's statements and mail, JSON, HTTP, tokens, logs and whatever goes on anyway are not in it.
import { methodOf } from '../../e2e/support/contract.mjs';
import { makeFloor, variablesOf } from '../support/floor_database.mjs';
import { pgbench, redisFloor } from '../support/floors.mjs';
import { costOf, loadAllOk, writeRequests } from '../support/load.mjs';
import { cpuMicros } from '../support/processes.mjs';
import { logged, scriptOf, transactionsWith } from '../support/statements.mjs';
import { interleave, median } from '../support/statistics.mjs';
import { execute, guests, postgresPid, purchase, skuOf, stockedShop } from '../support/stocked_shop.mjs';
import { ECHO, ECHO_PATH } from './g01_server_stack.mjs';

export const title = 'whole journeys: index, browse, cart, checkout 1:10:3:1';

const JOURNEYS = 400;
const IN_FLIGHT = 16;
const SEND = { inFlight: IN_FLIGHT, connections: 4, once: true, seconds: 300 };
const FLOOR = 'bench_journeys';
const SERVICES = ['auth', 'catalog', 'order', 'notification'];
// So many steps of others lie between two of the same customer that the first is done when the second is sent.
const APART = 8;
const STEPS = 15;

// The two things that the nth customer buys: an even SKU and the odd one after it.
const thingsOf = (n) => [skuOf(2 * (n * 7)), skuOf(2 * (n * 7) + 1)];

function journeyOf({ token }, n, products) {
  const request = (service, method, message) => {
    const { path, encode } = methodOf(service, method);
    return { path, token, message: encode(message) };
  };
  const look = (i) => request('CatalogService', 'GetProduct', { name: `products/${products[(n * 10 + i) % products.length]}` });
  const [first, second] = thingsOf(n);
  return [
    request('CatalogService', 'ListProducts', {}),
    ...Array.from({ length: 10 }, (_, i) => look(i)),
    request('CartService', 'AddCartItem', { name: 'carts/me', sku: first, quantity: 1 }),
    request('CartService', 'AddCartItem', { name: 'carts/me', sku: second, quantity: 1 }),
    request('CartService', 'GetCart', { name: 'carts/me' }),
    request('OrderService', 'PlaceOrder', purchase(2)),
  ];
}

// The journeys of all, one beginning after the other: at any time every step is being taken by somebody.
function staggered(customers, products) {
  const journeys = customers.map((customer, n) => journeyOf(customer, n, products));
  const requests = [];
  for (let time = 0; time < journeys.length + (STEPS - 1) * APART; ++time) {
    for (let step = 0; step < STEPS; ++step) {
      const journey = journeys[time - step * APART];
      if (journey) requests.push(journey[step]);
    }
  }
  return requests;
}

const mailsSent = async (shop) => Number((await execute(shop, 'notification', "SELECT count(*) FROM delivery WHERE state = 'sent'"))[0]);

// Asks once a second: to ask is work for PostgreSQL, too.
async function allMailsSent(shop, count) {
  for (const end = Date.now() + 60_000; await mailsSent(shop) < count;) {
    if (Date.now() > end) throw new Error('not every order has had its mail');
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function callsServed(shop) {
  const metrics = await Promise.all(SERVICES.map(async (service) => (await fetch(`http://127.0.0.1:${shop.portOf(`${service}-admin`)}/metrics`)).text()));
  return metrics.join('\n').split('\n').reduce((sum, line) => sum + Number(/^arasta_rpc_calls_total\{.*\} (\S+)$/.exec(line)?.[1] ?? 0), 0);
}

const eventsAdded = async (shop) => Number(/cmdstat_xadd:calls=(\d+)/.exec(await shop.redis('events', 'INFO', 'commandstats'))?.[1] ?? 0);

// CPU of the processes so far, in ms: {name: …}.
function cpuOf(shop) {
  const pids = { gateway: shop.pidOf('gateway'), ...Object.fromEntries(SERVICES.map((service) => [service, shop.pidOf(service)])),
    PostgreSQL: postgresPid(shop), 'Redis for events': shop.pidOf('redis-events'), 'Redis for the cache': shop.pidOf('redis-cache') };
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMicros(pid) / 1e3]));
}

// What one journey says to PostgreSQL, as a script; `products` are the same in all of them.
async function scriptOfOne(bench, shop, customer, products) {
  const n = 4711;
  const things = thingsOf(n);
  const requests = writeRequests(bench.directory, 'one-journey', journeyOf(customer, n, products));
  const said = await logged(shop, ['order', 'catalog'], () =>
    loadAllOk(bench.bin, { port: shop.portOf('gateway'), requests, once: true, seconds: 60 }));
  const [order] = await execute(shop, 'order', `SELECT order_id FROM orders WHERE customer = '${customer.principal}'`);
  const transactions = transactionsWith(said, [order, customer.principal, ...things, ...products]);
  const skus = Object.fromEntries(things.map((sku, odd) => [sku, `'SKU-' || lpad((abs(hashint8(run.n)::bigint) % 5000 * 2 + ${odd})::text, 5, '0')`]));
  const variables = variablesOf(transactions, skus, new Set(products));
  return { script: scriptOf(transactions.flat(), variables, await makeFloor(shop, FLOOR, ['order', 'catalog'])), statements: transactions.flat().length };
}

export async function run(bench) {
  const shop = await stockedShop(bench);
  const products = await execute(shop, 'catalog', "SELECT id FROM product WHERE state = 'active' ORDER BY md5(id::text)");
  const [pioneer, ...customers] = await guests(shop, 1 + JOURNEYS);
  const mailsBefore = await mailsSent(shop);
  const { script, statements } = await scriptOfOne(bench, shop, pioneer, products);
  await allMailsSent(shop, mailsBefore + 1);
  const bare = await bench.program('bare echo', 'bench_bare_echo');
  const echoes = writeRequests(bench.directory, 'journey-echo', [{ path: `${ECHO_PATH}Echo`, message: ECHO }]);
  const redisBefore = cpuMicros(shop.pidOf('redis-events'));
  const { count } = await redisFloor(shop, 300);
  const redisSet = (cpuMicros(shop.pidOf('redis-events')) - redisBefore) / 1e3 / count;

  const journeys = async () => {
    const requests = writeRequests(bench.directory, 'journeys', staggered(customers, products));
    const mails = await mailsSent(shop);
    const [before, calls, events] = [cpuOf(shop), await callsServed(shop), await eventsAdded(shop)];
    const report = await loadAllOk(bench.bin, { ...SEND, port: shop.portOf('gateway'), requests });
    await allMailsSent(shop, mails + JOURNEYS);
    const parts = Object.fromEntries(Object.entries(cpuOf(shop)).map(([name, ms]) => [name, (ms - before[name]) / JOURNEYS]));
    return { parts, rate: report.rate / STEPS, calls: (await callsServed(shop) - calls) / JOURNEYS, events: (await eventsAdded(shop) - events) / JOURNEYS };
  };
  const statementsAlone = async () => {
    const each = Math.ceil(JOURNEYS / IN_FLIGHT);
    // Our own children, when they have ended, are in our own account.
    const before = cpuMicros(postgresPid(shop), process.pid);
    await pgbench(shop, FLOOR, script, { clients: IN_FLIGHT, amount: ['-t', each] });
    return (cpuMicros(postgresPid(shop), process.pid) - before) / 1e3 / (each * IN_FLIGHT);
  };
  const bareCall = async () => (await costOf(bench.bin, [bare.pid], { port: bare.port, requests: echoes, inFlight: IN_FLIGHT, connections: 4,
    seconds: bench.seconds })).cpu_us / 1e3;
  const [walked, sql, call] = await interleave([journeys, statementsAlone, bareCall], bench.rounds, (subject) => subject());
  const floor = walked.map(({ calls, events }, i) => sql[i] + (STEPS + 2 * calls) * call[i] + events * redisSet);
  const each = (pick) => median(walked.map(pick));
  bench.compare({ goal: 'G22', name: `a journey of ${STEPS} calls, ${IN_FLIGHT} in flight`, unit: 'CPU-ms', peer: 'the sum of its floors',
    ours: walked.map(({ parts }) => Object.values(parts).reduce((sum, ms) => sum + ms, 0)), theirs: floor, reach: '≤ 1.5', floors: {
      ...Object.fromEntries(Object.keys(walked[0].parts).map((name) => [`${name}, CPU-ms`, each(({ parts }) => parts[name])])),
      'journeys/s': each(({ rate }) => rate), 'calls that services take': each(({ calls }) => calls), events: each(({ events }) => events),
      'statements of order and catalog': statements, 'the same in pgbench, CPU-ms': median(sql), 'a bare call, CPU-ms': median(call), 'a SET, CPU-ms': redisSet } });
  await execute(shop, 'postgres', `DROP DATABASE ${FLOOR}`);
}
