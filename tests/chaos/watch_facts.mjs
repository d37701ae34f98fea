// Facts that have to be looked at while the run goes: what holds at every moment, and what may only grow.
//   const watch = await startWatching(suite);  …  const facts = await watch.stop();  → [{invariant, checked, violations}]
// Looks once a second, and every fourth time at everything. A look that fails, because a database is down on
// purpose, is no look; but the first is taken in peace, and has to succeed.
import { checkDatabases } from './check_databases.mjs';

const PERIOD_MS = 1000;
const EVERYTHING_EVERY = 4;
const MOST_VIOLATIONS = 20;

const HEADS = `SELECT 'E5 a producer’s head never goes back' AS invariant, partition || ' of ' || incarnation AS what, head AS value
  FROM outbox_partitions, outbox_relay`;

// By service: each row is something that never gets smaller. `what` tells lives apart, too: a producer's new
// incarnation counts anew.
const GROWING = {
  auth: `${HEADS} UNION ALL
    SELECT 'T1 a session’s counter never goes back', session_id::text, counter FROM sessions`,
  catalog: HEADS,
  order: `${HEADS} UNION ALL
    SELECT 'O3 an order’s version never goes back', order_id::text, version FROM orders`,
  notification: `SELECT 'E5 a consumer’s watermark never goes back' AS invariant, producer || ' ' || partition || ' of ' || incarnation AS what,
      watermark AS value FROM event_partitions UNION ALL
    SELECT 'E5 a lease’s epoch never goes back', producer || ' ' || partition, epoch FROM event_partitions`,
};

class Watch {
  constructor(suite) {
    Object.assign(this, { suite, facts: new Map(), last: new Map(), stopped: false });
  }

  async begin() {
    await Promise.all([this.look(), ...this.compareAll()]);
    this.done = this.run();
  }

  async run() {
    for (let looks = 0; !this.stopped; ++looks) {
      const began = Date.now();
      await Promise.allSettled([...this.compareAll(), ...(looks % EVERYTHING_EVERY === 0 ? [this.look()] : [])]);
      await new Promise((resolve) => { this.wake = resolve; setTimeout(resolve, began + PERIOD_MS - Date.now()); });
    }
  }

  async look() {
    for (const { invariant, checked, violations } of await checkDatabases(this.suite, { always: true })) {
      this.add(`${invariant}, all the while`, checked, violations);
    }
  }

  compareAll() {
    return Object.keys(GROWING).map((service) => this.compare(service));
  }

  async compare(service) {
    for (const { invariant, what, value } of await this.suite.sql(service, GROWING[service])) {
      const key = `${invariant} ${service} ${what}`;
      const before = this.last.get(key) ?? 0;
      this.last.set(key, Number(value));
      this.add(invariant, 1, Number(value) < before ? [`${service} ${what}: ${value} after ${before}`] : []);
    }
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

export async function startWatching(suite) {
  const watch = new Watch(suite);
  await watch.begin();
  return watch;
}
