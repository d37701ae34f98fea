// Tokens: T1, T2, T3, and T4 as far as it is promised today.
import { Fact, groupBy } from './check_history.mjs';

const LEEWAY_MS = 30_000;
// The grace in which the token before the newest is good; a refusal sooner than this after a rotation may be a race.
const REFUSED = 'INVALID_REFRESH_TOKEN';

export async function tokenFacts(run) {
  const refreshes = groupBy(run.operations.filter(({ op }) => op === 'RefreshToken'), ({ args }) => args.session);
  const rows = new Map((await run.suite.sql('auth', `SELECT 'sessions/' || session_id AS session, counter::int, revoked_time IS NOT NULL AS revoked
    FROM sessions`)).map((row) => [row.session, row]));
  return [consumedOnce(refreshes, rows), familiesEnd(refreshes, rows), onlyReuseEnds(refreshes, run.operations), expired(run), loggedOut(run, refreshes, rows)];
}

// The counter steps once a token, whoever presents it how often.
function consumedOnce(refreshes, rows) {
  const fact = new Fact('T1 a refresh token is consumed once');
  for (const [session, operations] of refreshes) {
    const presented = new Set(operations.filter(({ type }) => type !== 'fail').map(({ args }) => args.presented));
    const steps = (rows.get(session)?.counter ?? 1) - 1;
    fact.expect(steps <= presented.size, () => `${session}: ${steps} steps for ${presented.size} tokens`);
    for (const [token, answers] of groupBy(operations.filter(({ type }) => type === 'ok'), ({ args }) => args.presented)) {
      const successors = new Set(answers.map(({ result }) => result.successor));
      fact.expect(successors.size === 1, () => `${session}: token ${token} was exchanged for ${[...successors]}`);
    }
  }
  return fact;
}

function familiesEnd(refreshes, rows) {
  const fact = new Fact('T2 reuse ends the family');
  for (const [session, operations] of refreshes) {
    for (const reuse of operations.filter(({ args }) => args.purpose === 'reuse')) {
      // What was not known, or was turned away before anybody looked at the token, proves nothing.
      if (reuse.type !== 'ok' && reuse.reason !== REFUSED) continue;
      const after = operations.find(({ type, start }) => type === 'ok' && start > reuse.end);
      fact.expect(reuse.type === 'fail' && !after && rows.get(session)?.revoked !== false,
        () => `${session}: an old token was ${reuse.type === 'ok' ? 'taken' : 'refused'}, the session ${after ? 'went on' : 'was not revoked'}`);
    }
  }
  return fact;
}

// The other half of T1 and T2: who never did wrong is not thrown out.
function onlyReuseEnds(refreshes, operations) {
  const fact = new Fact('T2 nothing but reuse and logout ends a family');
  const loggedOut = new Set(operations.filter(({ op }) => op === 'Logout').map(({ args }) => args.session));
  for (const [session, all] of refreshes) {
    const honest = all.filter(({ args }) => args.purpose === 'refresh');
    // A lost answer may leave the client with a token that is spent.
    if (loggedOut.has(session) || all.some(({ args, type }) => args.purpose === 'reuse' || type === 'info')) continue;
    for (const { id, reason } of honest) fact.expect(reason !== REFUSED, () => `${session}: its newest token was refused (RefreshToken ${id})`);
    for (const { id, reason, args } of all) if (args.purpose === 'after together') fact.expect(reason !== REFUSED, () => `${session}: refused after three tabs had refreshed (RefreshToken ${id})`);
  }
  return fact;
}

// Only who comes too late is a trial of it.
function expired({ operations }) {
  const fact = new Fact('T3 nothing is accepted later than 30 s after its token expired');
  for (const { id, op, type, args, start } of operations.filter(({ start: asked, args: { token_expires: expires } }) => asked > expires + LEEWAY_MS)) {
    fact.expect(type !== 'ok', () => `${op} ${id} was accepted ${Math.round((start - args.token_expires) / 1000)} s after expiry`);
  }
  return fact;
}

function loggedOut({ operations }, refreshes, rows) {
  const fact = new Fact('T4 a session that was logged out is not refreshed, and its access token ends with its life',
    { open: 'access tokens of a revoked session are refused in 2 s: no service hears of revocations yet' });
  for (const { args, end } of operations.filter(({ op, type }) => op === 'Logout' && type === 'ok')) {
    const after = (refreshes.get(args.session) ?? []).find(({ type, start }) => type === 'ok' && start > end);
    fact.expect(!after && rows.get(args.session)?.revoked !== false, () => `${args.session} was logged out, and ${after ? 'refreshed' : 'is not revoked'}`);
  }
  return fact;
}
