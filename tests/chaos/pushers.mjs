// People who do too much: guess passwords, register for others, call without a rest. Each goes on until `signal` is
// aborted, with every try in the history; what came of it is for facts_limits.mjs.
import { randomUUID } from 'node:crypto';
import { NativeClient } from '../e2e/support/native_client.mjs';
import { pause } from './scenarios/timing.mjs';

const GUESSERS = 4;
const REST_MS = 10;
const GUESTS = 2;
const HURRY_MS = 25;

const anyNetwork = (random) => ['203', '0', random.integer(0, 255), random.integer(1, 254)].join('.');
const credentials = () => ({ email: `${randomUUID()}@mail.example`, password: `correct horse ${randomUUID()}` });

// Guesses one account's password from ever other networks, those of ever other accounts from one network, and
// registers one address again and again. Needs gateways that believe x-forwarded-for. Returns the account's principal.
export async function guess({ suite, history, random, signal }) {
  const clients = suite.gateways.map((address) => new NativeClient(address, { alone: true }));
  const victim = credentials();
  const register = (client, headers) => client.call('AuthService', 'Register', { ...victim, display_name: 'Eve', locale: 'en' }, { headers });
  await register(clients[0]);
  const { tokens } = await clients[0].call('AuthService', 'Login', victim);
  const login = (email) => (client, headers) => client.call('AuthService', 'Login', { email: email(), password: `wrong ${randomUUID()}` }, { headers });
  const elsewhere = () => ({ 'x-forwarded-for': anyNetwork(random) });
  const atHome = () => ({ 'x-forwarded-for': '198.51.100.7' });
  const kinds = [['GuessAccount', login(() => victim.email), elsewhere], ['GuessNetwork', login(() => credentials().email), atHome],
    ['RegisterAgain', register, elsewhere]];
  await Promise.all(kinds.flatMap(([op, attempt, headers]) => Array.from({ length: GUESSERS }, async (_, guesser) => {
    for (let tries = guesser; !signal.aborted; ++tries) {
      await history.record(`guesser-${guesser + 1}`, op, {}, () => attempt(clients[tries % clients.length], headers()));
      await pause(REST_MS);
    }
  })));
  for (const client of clients) client.close();
  return tokens.principal;
}

// Guests who search at all gateways at once, far more often than they may.
export async function hurry({ suite, history, signal }) {
  const clients = suite.gateways.map((address) => new NativeClient(address, { alone: true }));
  const guests = await Promise.all(Array.from({ length: GUESTS }, () => clients[0].call('AuthService', 'CreateGuest', {})));
  await Promise.all(guests.flatMap(({ tokens }, guest) => clients.map(async (client, gateway) => {
    while (!signal.aborted) {
      await history.record(`hurried-${guest + 1}`, 'Hurry', { gateway },
        () => client.call('CatalogService', 'SearchProducts', { query: 'hot' }, { token: tokens.access_token, seconds: 2 }));
      await pause(HURRY_MS);
    }
  })));
  for (const client of clients) client.close();
}
