// G17: everybody logs in while others browse: logins a second beside what one core does of Argon2id alone, and what the
// browsing then waits beside what it waits without.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { methodOf } from '../../e2e/support/contract.mjs';
import { Shopper } from '../../e2e/support/shopper.mjs';
import { loadAllOk, writeRequests } from '../support/load.mjs';
import { interleave, median } from '../support/statistics.mjs';
import { execute, stockedShop } from '../support/stocked_shop.mjs';

export const title = 'login storm while others browse';

const run_ = promisify(execFile);
const USERS = 500;
// Fewer than may wait for their hash: nobody is turned away.
const LOGINS_IN_FLIGHT = 32;
// A fraction of what catalog can answer: those who browse wait for the storm, not for each other.
const BROWSES_PER_SECOND = 300;

// Accounts of one password, whose hash the service itself has made; ours is the first. Returns the hash.
async function register(shop, shopper) {
  await shopper.register();
  await execute(shop, 'auth', `INSERT INTO users (user_id, email, email_key, display_name, locale, password_hash, create_time, update_time)
    SELECT gen_random_uuid(), n || email, n || email_key, display_name, locale, password_hash, create_time, update_time
    FROM users, generate_series(1, ${USERS}) AS n WHERE email = '${shopper.email}'`);
  const [hash] = await execute(shop, 'auth', `SELECT password_hash FROM users WHERE email = '${shopper.email}'`);
  return hash;
}

function loginsOf(bench, { email, password }) {
  const { path: target, encode } = methodOf('AuthService', 'Login');
  return writeRequests(bench.directory, 'logins', Array.from({ length: USERS }, (_, i) => ({ path: target,
    message: encode({ email: `${i + 1}${email}`, password }) })));
}

async function browsesOf(bench, shop) {
  const { path: target, encode } = methodOf('CatalogService', 'GetProduct');
  const ids = await execute(shop, 'catalog', "SELECT id FROM product WHERE state = 'active' ORDER BY md5(id::text) LIMIT 500");
  return writeRequests(bench.directory, 'browses', ids.map((id) => ({ path: target, message: encode({ name: `products/${id}` }) })));
}

export async function run(bench) {
  const shop = await stockedShop(bench);
  const shopper = new Shopper(shop.client);
  const hash = await register(shop, shopper);
  const [logins, browses] = [loginsOf(bench, shopper), await browsesOf(bench, shop)];
  const seconds = 2 * bench.seconds;
  const browse = () => loadAllOk(bench.bin, { port: shop.portOf('catalog'), requests: browses, rate: BROWSES_PER_SECOND, connections: 4, seconds });
  const logIn = () => loadAllOk(bench.bin, { port: shop.portOf('auth'), requests: logins, inFlight: LOGINS_IN_FLIGHT, connections: 4, seconds });
  const hashAlone = async () => JSON.parse((await run_(path.join(bench.bin, 'bench_argon2'), [hash, shopper.password, String(seconds)])).stdout);

  const storm = async () => { const [browsed, loggedIn] = await Promise.all([browse(), logIn()]); return { browsed, loggedIn }; };
  const [stormed, calm, alone] = await interleave([storm, browse, hashAlone], bench.rounds, (subject) => subject());
  const floors = { 'browses/s': BROWSES_PER_SECOND, 'logins in flight': LOGINS_IN_FLIGHT,
    'p50 of a login, ms': median(stormed.map(({ loggedIn }) => loggedIn.latency_us.p50 / 1e3)) };
  bench.compare({ goal: 'G17', name: 'logins while others browse', unit: 'logins/s', peer: 'Argon2id alone on one core',
    ours: stormed.map(({ loggedIn }) => loggedIn.rate), theirs: alone.map(({ rate }) => rate), reach: '≥ 0.9', floors });
  const p99 = ({ latency_us: latency }) => latency.p99 / 1e3;
  bench.compare({ goal: 'G17', name: 'browsing in a login storm, p99', unit: 'ms', peer: 'browsing alone',
    ours: stormed.map(({ browsed }) => p99(browsed)), theirs: calm.map(p99), reach: '≤ 1.5', floors });
}
