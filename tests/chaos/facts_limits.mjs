// Whether people who do too much were kept from it: T6, and the rates of the gateways. Pure: scenarios ask the
// databases and the history, and these judge.
import { Fact, groupBy } from './check_history.mjs';

// services/auth/throttle.h, with the defaults of services/auth/config.cc and attempt_limiter.h.
export const ACCOUNT = { what: 'passwords of one account', free: 5, firstWait: 1000, longestWait: 900_000 };
export const NETWORK = { what: 'passwords from one network', free: 20, firstWait: 1000, longestWait: 900_000 };
export const REGISTRATION = { what: 'registrations of one address', free: 3, firstWait: 900_000, longestWait: 900_000 };

// What holds for each process by itself while there is nothing they share.
const quarterOf = ({ free, firstWait, longestWait }) => ({ free: Math.max(1, Math.floor(free / 4)),
  firstWait: Math.min(firstWait * 4, longestWait), longestWait });

// The most attempts that fit into so many milliseconds where nothing is forgotten.
function mostAttempts({ free, firstWait, longestWait }, milliseconds) {
  let attempts = free;
  let left = milliseconds;
  for (let wait = firstWait; wait <= left; wait = Math.min(wait * 2, longestWait)) {
    left -= wait;
    ++attempts;
  }
  return attempts + 1;
}

// `tried` attempts within `milliseconds`, of which `taken` were looked at, while what is counted was forgotten `losses`
// times and processes had `lives`. Every loss begins the shared count anew, every life one of its own.
export function attemptFact(policy, { tried, taken, milliseconds, losses, lives }) {
  const fact = new Fact(`T6 ${policy.what} are tried no more often than allowed, with Redis and without`);
  const most = (losses + 1) * mostAttempts(policy, milliseconds) + lives * mostAttempts(quarterOf(policy), milliseconds);
  fact.expect(tried > 2 * most, () => `only ${tried} were tried, too few to tell from ${most}`);
  fact.expect(taken <= most, () => `${taken} of ${tried} were looked at, of ${most}`);
  fact.checked = tried;
  return fact;
}

// `hurried`: calls of those who ask for more than a bucket gives, of so many gateways at once; `together` and `apart`:
// when these counted together, and each for itself.
export function rateFacts(hurried, { bucket, gateways, together, apart }) {
  const callers = groupBy(hurried, ({ client }) => client);
  const lanes = groupBy(hurried, ({ client, args }) => `${client} at gateway ${args.gateway}`);
  return [withinBuckets(lanes, bucket), goesOnAlone(lanes, bucket, apart), asOne(callers, bucket, gateways, together)];
}

const isAdmitted = ({ type }) => type === 'ok';

function withinBuckets(lanes, bucket) {
  const fact = new Fact('T6 no gateway admits more than a bucket gives, in any window');
  for (const [lane, calls] of lanes) {
    fact.expect(calls.some(({ code }) => code === 'RESOURCE_EXHAUSTED'), () => `${lane} was never refused`);
    const over = beyondBucket(calls.filter(isAdmitted), bucket);
    fact.expect(!over, () => `${lane}: ${over}`);
  }
  return fact;
}

// One more is allowed for the clock that a loop reads once a turn.
function beyondBucket(calls, { burst, perSecond }) {
  for (const { start } of calls) {
    const ends = calls.filter((call) => call.start >= start).map(({ end }) => end).sort((a, b) => a - b);
    const over = ends.findIndex((end, index) => index + 1 > burst + (perSecond * (end - start)) / 1000 + 1);
    if (over >= 0) return `${over + 1} in ${Math.round(ends[over] - start)} ms`;
  }
  return '';
}

const callsIn = (calls, { from, to }) => calls.filter(({ start, end }) => start >= from && end <= to);
const admittedIn = (calls, period) => callsIn(calls, period).filter(isAdmitted).length;

// Half of it at least: the others may have left a debt. On a busy machine less is asked for.
function goesOnAlone(lanes, { perSecond }, apart) {
  const fact = new Fact('T6 a gateway that counts alone still admits what a bucket gives');
  for (const [lane, calls] of lanes) {
    for (const period of apart) {
      const asked = callsIn(calls, period).length;
      const admitted = admittedIn(calls, period);
      const seconds = (period.to - period.from) / 1000;
      fact.expect(admitted > 0 && admitted >= Math.min(asked, perSecond * seconds) / 2, () => `${lane}: ${admitted} of ${asked} in ${seconds.toFixed(1)} s`);
    }
  }
  return fact;
}

// Between two exchanges, with all the patience that each has with Redis.
const EXCHANGE_S = 0.35;

// The bound is that of services/gateway/rate_sharing.h.
function asOne(callers, { burst, perSecond }, gateways, together) {
  const fact = new Fact('T6 gateways that count together admit about as much as one');
  for (const [caller, calls] of callers) {
    for (const period of together) {
      const admitted = admittedIn(calls, period);
      const seconds = (period.to - period.from) / 1000;
      const most = burst + perSecond * seconds + (gateways - 1) * (burst + perSecond * EXCHANGE_S);
      fact.expect(admitted <= most, () => `${caller}: ${admitted} in ${seconds.toFixed(1)} s, of ${most.toFixed(1)}`);
    }
  }
  return fact;
}
