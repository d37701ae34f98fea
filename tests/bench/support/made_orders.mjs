// Orders by the million, written by SQL into a database of their own: what a list of orders reads, lines and payments
// included. The shard and the beginning of an order's id come from its customer's hash, as in order_id.h.
import { copyDatabase } from './replica.mjs';
import { execute, PRICE } from './stocked_shop.mjs';

export const ORDERS_EACH = 20;

// `customers` first, then as many others as it takes.
const makeCustomers = (customers, count) => `
  SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '256MB';
  TRUNCATE orders, order_lines, payments, sagas, order_history, ledger;
  CREATE TEMP TABLE customer AS
    SELECT name, get_byte(sha256(name::bytea), 0) % 16 AS shard, left(encode(sha256(name::bytea), 'hex'), 12) AS head
    FROM (SELECT unnest('{${customers.join(',')}}'::text[]) AS name
          UNION ALL SELECT 'guests/' || md5(n::text)::uuid FROM generate_series(1, ${count / ORDERS_EACH - customers.length}) AS n) AS c;`;

// Everybody's orders of one day: a customer's lie as far apart as they would in a shop of this size.
const makeDay = (day) => `
  CREATE TEMP TABLE made AS
    SELECT shard, (head || '8' || left(hash, 3) || '8' || substr(hash, 4, 15))::uuid AS id, name,
           timestamptz '2026-01-01' + ${day} * interval '1 day' + random() * interval '1 day' AS time
    FROM customer, LATERAL (SELECT md5(name || ${day}) AS hash) AS h;
  INSERT INTO orders (shard, order_id, customer, cart_owner, request_fingerprint, state, order_number, channel, locale, currency, subtotal,
                      shipping, tax, discount, total, shipping_address, email, create_time, update_time, place_time)
    SELECT shard, id, name, name, '\\x00', 'PLACED', nextval('order_numbers'), 'web', 'en', 'EUR', ${PRICE}, 0, 0, 0, ${PRICE},
           '\\x0a0c416461204c6f76656c616365', 'ada@mail.example', time, time, time FROM made;
  INSERT INTO order_lines (shard, order_id, line_number, sku, product, title, quantity, unit_price, total)
    SELECT shard, id, 1, 'SKU-00001', 'products/01900000-0000-7000-8000-000000000001', 'Thing 1', 1, ${PRICE}, ${PRICE} FROM made;
  INSERT INTO payments (shard, order_id, state, token, authorized, captured) SELECT shard, id, 'CAPTURED', '', ${PRICE}, ${PRICE} FROM made;
  DROP TABLE made;`;

// A new database of `count` orders, ORDERS_EACH a customer.
export async function makeOrders(shop, database, customers, count) {
  await copyDatabase(shop, 'order', database);
  const days = Array.from({ length: ORDERS_EACH }, (_, day) => makeDay(day));
  await execute(shop, database, `${makeCustomers(customers, count)}${days.join('')}\n  VACUUM ANALYZE`);
}
