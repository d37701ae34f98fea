// Facts that have to be looked at while the run goes: what holds at every moment, and what may only grow.
//   const watch = startWatching(suite);  …  const facts = await watch.stop();  → [{invariant, checked, violations}]
// Looks once a second. A look that fails, because a database is down on purpose, is no look.
import { checkDatabases } from './check_databases.mjs';

const PERIOD_MS = 1000;
const MOST_VIOLATIONS = 20;

// Each row names something that never gets smaller, and says how far it is. `since` tells lives apart: a new
// incarnation of a producer counts anew.
const GROWING = [
  { invariant: 'E5 a consumer’s watermark never goes back', service: 'notification',
    sql: `SELECT producer || ' ' || partition AS what, incarnation AS since, watermark::float8 AS value FROM event_partitions` },
  ...['auth', 'catalog', 'order'].map((service) => ({ invariant: 'E5 a producer’s head never goes back', service,
    sql: `SELECT '${service} ' || partition AS what, incarnation::text AS since, head::float8 AS value FROM outbox_partitions, outbox_relay` })),
  { invariant: 'E5 a lease’s epoch never goes back', service: 'notification',
    sql: `SELECT producer || ' ' || partition AS what, '' AS since, epoch::float8 AS value FROM event_partitions` },
  { invariant: 'O3 an order’s version never goes back', service: 'order',
    sql: `SELECT order_id::text AS what, '' AS since, version::float8 AS value FROM orders` },
  { invariant: 'T1 a session’s counter never goes back', service: 'auth',
    sql: `SELECT session_id::text AS what, '' AS since, counter::float8 AS value FROM sessions` },
];

class Watch {
  constructor(suite) {
    Object.assign(this, { suite, facts: new Map(), last: new Map(), stopped: false });
    this.done = this.run();
  }

  async run() {
    while (!this.stopped) {
      const began = Date.now();
      await Promise.all([this.look().catch(() => {}), ...GROWING.map((each) => this.compare(each).catch(() => {}))]);
      await new Promise((resolve) => { this.wake = resolve; setTimeout(resolve, began + PERIOD_MS - Date.now()); });
    }
  }

  async look() {
    for (const { invariant, checked, violations } of await checkDatabases(this.suite, { always: true })) {
      this.add(`${invariant}, all the while`, checked, violations);
    }
  }

  async compare({ invariant, service, sql }) {
    const violations = [];
    const rows = await this.suite.sql(service, sql);
    for (const { what, since, value } of rows) {
      const key = `${invariant} ${what} ${since}`;
      const before = this.last.get(key) ?? 0;
      if (value < before) violations.push(`${what}: ${value} after ${before}`);
      this.last.set(key, value);
    }
    this.add(invariant, rows.length, violations);
  }

  add(invariant, checked, violations) {
    const fact = this.facts.get(invariant) ?? { invariant, checked: 0, violations: [] };
    fact.checked += checked;
    for (const violation of violations) {
      if (fact.violations.length < MOST_VIOLATIONS && !fact.violations.includes(violation)) fact.violations.push(violation);
    }
    this.facts.set(invariant, fact);
  }

  async stop() {
    this.stopped = true;
    this.wake?.();
    await this.done;
    return [...this.facts.values()];
  }
}

export function startWatching(suite) {
  return new Watch(suite);
}
