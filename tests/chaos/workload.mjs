// The load that the facts are judged on: seeded customers and one of the staff, through all gateways, until told
// to stop. Says nothing about right or wrong; that is check_history.mjs, from what is written in the history.
//   await runWorkload({suite, seed, history, signal, mix, pace})
// `mix` overrides how often of a hundred times a customer does what (see MIX); `pace` is for how many milliseconds
// a customer thinks between two things, on average. Returns when `signal` is aborted and
// every call has its answer.
import { NativeClient } from '../e2e/support/native_client.mjs';
import { rowsOf } from '../e2e/support/shopper.mjs';
import { WebClient } from '../e2e/support/web_client.mjs';
import { Customer, spread } from './customer.mjs';
import { Random } from './random.mjs';
import { Staff } from './staff.mjs';

const CUSTOMERS = 12;
const MIX = { browse: 14, search: 4, cart: 6, add: 10, change: 6, buy: 26, buyAndThinkAgain: 2, cancel: 8, read: 10, list: 2, watch: 4,
  refresh: 4, refreshTogether: 2, reuse: 1, logOut: 1, comeLate: 0 };
const OF_THE_SESSION = new Set(['refresh', 'refreshTogether', 'reuse', 'logOut', 'comeLate']);

// SKUs and how they are sold: everybody wants the hot one, and there is too little of it.
export class Shelf {
  constructor() {
    this.hot = 'HOT-1';
    this.cold = Array.from({ length: 10 }, (_, index) => `COLD-${index + 1}`);
    this.initial = { [this.hot]: 20, ...Object.fromEntries(this.cold.map((sku) => [sku, 1000])) };
    this.products = {};
  }

  get skus() {
    return [this.hot, ...this.cold];
  }

  any(random) {
    return random.chance(0.3) ? this.hot : random.pick(this.cold);
  }

  productOf(sku) {
    return this.products[sku];
  }

  rows() {
    return rowsOf(...this.skus.map((sku, index) => [sku, `${sku === this.hot ? 'Hot' : 'Green'} tea ${sku}`, 100 + index, this.initial[sku]]));
  }
}

export async function runWorkload({ suite, seed, history, signal, mix = {}, pace = 0 }) {
  const random = new Random(seed);
  const actions = spread({ ...MIX, ...mix });
  const shelf = new Shelf();
  const native = suite.gateways.map((address) => new NativeClient(address, { alone: true }));
  const web = suite.gateways.map((address) => new WebClient(address, 'binary'));
  const staff = new Staff({ suite, random: random.fork('staff'), history, client: native[0], shelf });
  try {
    await staff.stock();
    const customers = Array.from({ length: CUSTOMERS }, (_, index) => {
      const clients = index % 4 === 3 ? web : native;
      const tabs = [clients[index % clients.length], native[(index + 1) % native.length]];
      return new Customer({ name: `c${index + 1}`, random: random.fork(`c${index + 1}`), history, tabs, shelf });
    });
    await Promise.all([staff.work(signal), ...customers.map((customer) => act(customer, { actions, pace, signal }))]);
  } finally {
    for (const client of [...native, ...web]) client.close();
  }
}

async function act(customer, { actions, pace, signal }) {
  const { random, session } = customer;
  while (!signal.aborted) {
    if (!session.tokens || session.args.token_expires < Date.now()) {
      if (!(await session.signIn())) await pause(200);
      continue;
    }
    const action = random.pick(actions);
    const began = Date.now();
    await (OF_THE_SESSION.has(action) ? session[action]() : customer[action]());
    // Refusals come fast; nobody hammers a shop that is down.
    if (pace > 0) await pause(random.integer(0, 2 * pace));
    else if (Date.now() - began < 5) await pause(random.integer(5, 50));
  }
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
