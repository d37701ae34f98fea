// G10: SearchProducts, one after the other, in catalogues of 60,000 and 1,000,000 products, beside pgbench saying to
// PostgreSQL exactly what catalog says for the same searches.
import { methodOf } from '../../e2e/support/contract.mjs';
import { pgbenchTimes } from '../support/floors.mjs';
import { loadAllOk, writeRequests } from '../support/load.mjs';
import { madeCatalogue } from '../support/made_catalogue.mjs';
import { settingsFor, startReplica } from '../support/replica.mjs';
import { logged, scriptOf, transactionsWith } from '../support/statements.mjs';
import { interleave, isMet, median, percentile } from '../support/statistics.mjs';
import { execute, stockedShop } from '../support/stocked_shop.mjs';

export const title = 'SearchProducts in catalogues of 60,000 and 1,000,000 products';
export const large = 'the 1,000,000 products';

// By the place of their words in the vocabulary: the first is in every twelfth product, the last in a few. Each is
// sent as often as any other.
const COMMON = [0, 2, 5, 10, 20, 40];
const USUAL = [80, 120, 200, 300, 400, 600, 800, 1000, 1300, 1600];
const RARE = [3000, 5000, 8000, 12000, 16000, 19000];
const PAIRS = [[0, 1], [3, 30], [10, 60], [5, 200], [50, 90], [20, 500]];
const MODELS = [17, 4711, 20_000, 59_999];
const MISTYPED = [30, 300, 1500];

const SMALL = 60_000;
const LARGE = 1_000_000;

// Two letters swapped.
const mistyped = (word) => word[0] + word[1] + word[3] + word[2] + word.slice(4);

const searchesFor = (words) => [
  ...[...COMMON, ...USUAL, ...RARE].map((rank) => ({ query: words[rank] })),
  ...PAIRS.map(([a, b]) => ({ query: `${words[a]} ${words[b]}` })),
  ...MODELS.map((number) => ({ query: `m${number}` })),
  ...MISTYPED.map((rank) => ({ query: mistyped(words[rank]) })),
  { query: words[7], facets: ['category', 'Colour'] },
  { query: words[9], min_price: 1000, max_price: 3000 },
  { query: words[11], available_only: true, attributes: [{ key: 'Colour', values: ['red', 'blue'] }] },
];

async function searchIn(bench, shop, count) {
  const { database, words } = await madeCatalogue(bench, shop, count);
  const catalog = await startReplica(bench, shop, 'catalog', settingsFor(shop, 'catalog', database));
  const { path, encode } = methodOf('CatalogService', 'SearchProducts');
  const searches = searchesFor(words);
  const requests = writeRequests(bench.directory, 'searches', searches.map((search) => ({ path, message: encode(search) })));
  const once = { port: catalog.port, requests };
  const said = await logged(shop, [database.replace('arasta_', '')], () => loadAllOk(bench.bin, { ...once, once: true, seconds: 60 }));
  const transactions = transactionsWith(said, ['']);
  const spoken = searches.map(({ query }) => transactions.find((all) => all.some(({ parameters }) => parameters.includes(query))));
  const scripts = spoken.map((statements) => scriptOf(statements, {}));
  const hits = await execute(shop, database, COMMON.map((rank) =>
    `SELECT count(*) FROM product WHERE document @@ plainto_tsquery('english', '${words[rank]}')`).join(';'));
  const seconds = 2 * bench.seconds;
  const [ours, alone] = await interleave(['ours', 'SQL'], bench.rounds, async (subject) => (subject === 'ours'
    ? (await loadAllOk(bench.bin, { ...once, seconds })).latency_us.p95 / 1e3
    : percentile(await pgbenchTimes(shop, database, scripts, ['-T', Math.ceil(seconds)]), 95)));
  await bench.processes.stop(catalog);
  const name = `SearchProducts, ${count.toLocaleString('en')} products, p95`;
  const floors = { searches: searches.length, 'statements a search': spoken.flat().length / searches.length,
    'hits of the commonest word': Math.max(...hits.map(Number)) };
  bench.compare({ goal: 'G10', name, unit: 'ms', peer: 'pgbench, the same statements', ours, theirs: alone, reach: '≤ 1.2', floors });
  if (count === SMALL) bench.add({ goal: 'G10', name, value: median(ours), unit: 'ms', reach: '< 50', met: isMet(median(ours), '< 50') });
}

export async function run(bench) {
  const shop = await stockedShop(bench);
  for (const count of bench.large ? [SMALL, LARGE] : [SMALL]) await searchIn(bench, shop, count);
}
