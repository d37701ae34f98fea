// Service: L1.
import { Fact } from './check_history.mjs';

// A process that was killed is supervised back, a pool finds its database again: all of it within this.
const HEALS_WITHIN_S = 10;
const NEEDED = ['GetProduct', 'GetCart', 'AddCartItem', 'PlaceOrder', 'GetOrder', 'Login', 'RefreshToken'];

export function serviceFacts({ history, operations }) {
  const fact = new Fact(`L1 everything works again within ${HEALS_WITHIN_S} s of healing`);
  const healed = history.notes('healed').at(-1)?.time;
  if (healed === undefined) return [fact];
  const end = Math.max(...history.entries.map(({ time }) => time));
  for (const op of NEEDED) {
    const tried = operations.filter((operation) => operation.op === op && operation.start > healed);
    const first = Math.min(...tried.filter(({ type, code }) => type === 'ok' || code === 'FAILED_PRECONDITION').map(({ end: time }) => time));
    // Too little was asked since to tell.
    if (tried.length === 0 || (first === Infinity && end - healed < HEALS_WITHIN_S * 1000)) continue;
    fact.expect(first - healed <= HEALS_WITHIN_S * 1000, () => `${op}: ${first === Infinity ? 'never' : `after ${Math.round((first - healed) / 1000)} s`}`);
  }
  return [fact];
}
