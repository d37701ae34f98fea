// A catalogue as large as a goal wants it, written by SQL into a database of its own: an import, which proves every
// row, would take as long as the rest of the run.
import fs from 'node:fs';
import path from 'node:path';
import { copyDatabase } from './replica.mjs';
import { execute } from './stocked_shop.mjs';

const WORDS = 20_000;
const DESCRIPTIONS = 10_000;
const CATEGORIES = 40;
// Words come as often as Zipf says, those that every second product would have left out.
const COMMONEST = 50;

// Those of the demo catalogue, the frequent ones first, and then names made of two of them: "copperleaf".
function wordsOf(source) {
  const counts = new Map();
  for (const line of fs.readFileSync(path.join(source, 'deploy/demo/catalog.jsonl'), 'utf8').trim().split('\n')) {
    const { title, description } = JSON.parse(line);
    for (const [word] of `${title} ${description}`.toLowerCase().matchAll(/[a-z]{4,12}/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const plain = [...counts].sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1)).map(([word]) => word);
  const words = new Set(plain);
  for (let i = 0; words.size < COMMONEST + WORDS; ++i) words.add(plain[i % plain.length] + plain[(i * 7 + Math.floor(i / plain.length)) % plain.length]);
  return [...words].slice(COMMONEST);
}

// Without the stop words, in their order.
const searchable = (shop, words) => execute(shop, 'postgres', `SELECT word FROM unnest('{${words.join(',')}}'::text[])
  WITH ORDINALITY AS w(word, rank) WHERE numnode(plainto_tsquery('english', word)) > 0 ORDER BY rank`);

// A word's rank, 1 to WORDS, in as many rows as `per` says.
const drawn = (rows, per) => `SELECT n, i, ceil(${COMMONEST} * (power(${WORDS / COMMONEST + 1}, random()) - 1))::int AS rank
    FROM generate_series(1, ${rows}) AS n, generate_series(1, ${per}) AS i`;

// No trigger proves what is right by the way it is made, and the index of words is built when they are all there.
const fill = (words, count) => `
  SET session_replication_role = replica; SET synchronous_commit = off;
  SET maintenance_work_mem = '512MB'; SET work_mem = '256MB';
  TRUNCATE category, product, stock, search_word CASCADE;
  SELECT setseed(0.5);
  SELECT pg_get_indexdef('product_by_words'::regclass) AS make_index \\gset
  DROP INDEX product_by_words;
  CREATE TEMP TABLE vocabulary AS SELECT rank::int, word FROM unnest('{${words.join(',')}}'::text[]) WITH ORDINALITY AS w(word, rank);
  CREATE TEMP TABLE prose AS
    SELECT n, string_agg(word, ' ' ORDER BY i) AS description FROM (${drawn(DESCRIPTIONS, 24)}) AS d JOIN vocabulary USING (rank) GROUP BY n;
  ALTER TABLE prose ADD document tsvector;
  UPDATE prose SET document = setweight(to_tsvector('english', description), 'D');
  ANALYZE vocabulary, prose;

  INSERT INTO search_word SELECT word FROM vocabulary WHERE word ~ '^[[:alpha:]]{3,30}$';
  INSERT INTO category (id, title) SELECT 'shelf-' || n, 'Shelf ' || n FROM generate_series(1, ${CATEGORIES}) AS n;
  INSERT INTO product (id, slug, title, description, category, attributes, document)
    SELECT (lpad(to_hex(1700000000000 + p.n), 12, '0') || '70008' || substr(md5(p.n::text), 1, 15))::uuid, 'product-' || p.n, p.title,
           prose.description, c.id, a.attributes, product_document(p.title, 'P-' || p.n, a.attributes, c.title, '') || prose.document
    FROM (SELECT n, initcap(string_agg(word, ' ' ORDER BY i)) || ' M' || n AS title
          FROM (${drawn(count, 3)}) AS d JOIN vocabulary USING (rank) GROUP BY n) AS p
    JOIN category AS c ON c.id = 'shelf-' || p.n % ${CATEGORIES} + 1
    JOIN prose ON prose.n = p.n % ${DESCRIPTIONS} + 1,
    LATERAL (SELECT jsonb_build_array(
      jsonb_build_object('key', 'Colour', 'value', (ARRAY['red', 'blue', 'green', 'white', 'black'])[p.n % 5 + 1]),
      jsonb_build_object('key', 'Material', 'value', (ARRAY['wool', 'brass', 'glass'])[p.n % 3 + 1])) AS attributes) AS a
    ORDER BY p.n;
  INSERT INTO variant (sku, product_id, position)
    SELECT 'P-' || substr(slug, 9), id, 1 FROM product;
  INSERT INTO price (sku, channel, currency_code, minor_units) SELECT sku, 'web', 'EUR', 100 + abs(hashtext(sku)::bigint) % 20000 FROM variant;
  INSERT INTO stock (sku, on_hand) SELECT sku, abs(hashtext(sku)::bigint) % 10 FROM variant;
  :make_index;
  VACUUM ANALYZE`;

// {database, words}, the commonest word first. Made once a run, and gone with the shop.
export async function madeCatalogue(bench, shop, count) {
  bench.catalogues ??= new Map();
  if (!bench.catalogues.has(count)) {
    const database = `arasta_bench_catalog_${count}`;
    const words = await searchable(shop, wordsOf(bench.source));
    await copyDatabase(shop, 'catalog', database);
    await execute(shop, database, fill(words, count));
    bench.catalogues.set(count, { database, words });
  }
  return bench.catalogues.get(count);
}
