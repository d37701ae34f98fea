// Service: L1.
import { Fact } from './check_history.mjs';
import { hasFailed } from './outcomes.mjs';
import { runningTime } from './stalls.mjs';

// A process that was killed is supervised back, a pool finds its database again: all of it within this. Wires alone
// heal faster, as the note of the healing tells.
const HEALS_WITHIN_S = 10;
const NEEDED = ['GetProduct', 'GetCart', 'AddCartItem', 'PlaceOrder', 'GetOrder', 'Login', 'RefreshToken'];

export function serviceFacts({ history, operations }) {
  const facts = new Map();
  const ranFor = runningTime(history);
  for (const { time: healed, args: { within = HEALS_WITHIN_S } } of history.notes('healed')) {
    if (!facts.has(within)) facts.set(within, new Fact(`L1 everything works again within ${within} s of healing`));
    const period = { healed, until: nextFault(history, healed), isLate: (time) => ranFor(healed, time) > within * 1000, within };
    for (const op of NEEDED) judge(facts.get(within), operations.filter((operation) => operation.op === op), period);
  }
  return [...facts.values()];
}

// Or the end of everything.
function nextFault(history, after) {
  const end = Math.max(...history.entries.map(({ time }) => time));
  return Math.min(end, ...history.notes('fault').map(({ time }) => time).filter((time) => time > after));
}

// Late is who was not answered in time, or not well, where nobody else had been by then. Rare calls may begin late, and
// what ends in the next fault tells only how long it has waited by then.
function judge(fact, operations, { healed, until, isLate, within }) {
  const tried = operations.filter(({ start }) => start > healed && start < until);
  const first = Math.min(...tried.filter(({ type, code }) => type === 'ok' || code === 'FAILED_PRECONDITION').map(({ end }) => end));
  if (tried.length === 0 || (isLate(first) && !isLate(until))) return;
  const late = isLate(first) && tried.find((call) => {
    const seen = Math.min(call.end, until);
    return call.start < first && isLate(seen) && ((call.end === seen && hasFailed(call)) || seen - call.start > within * 1000);
  });
  fact.expect(!late, () => `${late.op}: ${first === Infinity ? 'never' : `after ${((first - healed) / 1000).toFixed(1)} s`}`);
}
