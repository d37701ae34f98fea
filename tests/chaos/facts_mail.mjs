// Mail at the sink: N1, N2, N3.
import { Fact, groupBy } from './check_history.mjs';
import { runningTime } from './stalls.mjs';

const CONFIRMATION = /^Your order A-(\d+)$/;
// Faults that may cut a sender off between sending a mail and noting it; each may cost a mail one copy.
const CUTS = /(kill|crash|stop|restart|clock \S+|limit) notification|postgres crash|link \w+ notification-\d+>(postgres|smtp)/;
const LINKS = /^notification-\d+>(postgres|smtp)$/;
const CUTS_OF_LINKS = ['resets', 'cuts', 'severed'];
const SENDERS = 4;
const HEALTHY_S = 5;
const HEALED_S = 30;

export async function mailFacts(run) {
  const mails = run.mails.map(({ mail, time }) => ({ subject: mail.subject, messageId: mail.messageId, time }));
  const confirmations = groupBy(mails.filter(({ subject }) => CONFIRMATION.test(subject)), ({ subject }) => Number(CONFIRMATION.exec(subject)[1]));
  return [sentOnce(run, confirmations), await duplicates(run, mails), neverHappened(run, confirmations), lag(run, confirmations)];
}

// At a sink that honours the mail's key, which is its Message-ID.
function sentOnce({ orders }, confirmations) {
  const fact = new Fact('N1 one confirmation of every order that was placed');
  for (const { order, number, states } of orders.filter(({ states: all }) => all.includes('PLACED'))) {
    const keys = new Set((confirmations.get(number) ?? []).map(({ messageId }) => messageId));
    fact.expect(keys.size === 1, () => `${order} (A-${number}, ${states}) was confirmed ${keys.size} times`);
  }
  return fact;
}

async function duplicates({ history, suite }, mails) {
  const fact = new Fact('N1 no more copies of a mail than faults that could cost one');
  const effects = await suite.effects((link) => LINKS.test(link));
  const cuts = history.notes('fault').filter(({ args: { kind, target } }) => CUTS.test(`${kind} ${target ?? ''}`)).length +
    CUTS_OF_LINKS.reduce((sum, kind) => sum + (effects[kind] ?? 0), 0);
  const copies = [...groupBy(mails, ({ messageId }) => messageId).values()].map((same) => same.length - 1);
  for (const extra of copies) fact.expect(extra <= cuts, () => `a mail came ${extra + 1} times, after ${cuts} faults`);
  const all = copies.reduce((sum, extra) => sum + extra, 0);
  fact.expect(all <= SENDERS * cuts, () => `${all} copies too many, after ${cuts} faults`);
  return fact;
}

function neverHappened({ allOrders }, confirmations) {
  const fact = new Fact('N2 no confirmation of what never happened');
  const placed = new Set(allOrders.filter(({ states }) => states.includes('PLACED')).map(({ number }) => number));
  for (const number of confirmations.keys()) fact.expect(placed.has(number), () => `A-${number} was confirmed and never placed`);
  return fact;
}

// From the order's own time, or from healing where that was later, until the sink had the mail: by clocks that nobody
// has set, and without the time in which the machine let nobody run.
function lag({ orders, history }, confirmations) {
  const healed = Math.max(0, ...history.notes('healed').map(({ time }) => time));
  const limit = history.notes('fault').length > 0 ? HEALED_S : HEALTHY_S;
  const ranFor = runningTime(history);
  const fact = new Fact(`N3 99 of 100 confirmations within ${limit} s`);
  const lags = orders.filter(({ number, placed }) => placed && confirmations.has(number))
    .map(({ number, placed }) => ranFor(Math.max(placed, healed), confirmations.get(number)[0].time)).sort((a, b) => a - b);
  if (lags.length === 0) return fact;
  const p99 = lags[Math.ceil(lags.length * 0.99) - 1] / 1000;
  fact.expect(p99 <= limit, () => `p99 is ${p99.toFixed(1)} s over ${lags.length} orders`);
  fact.checked = lags.length;
  return fact;
}
