-- What principals mean to buy. A guest's cart that was merged stays as an empty row that says where to,
-- so that merging again adds nothing.
CREATE TABLE carts (
  owner       text PRIMARY KEY,
  channel     text NOT NULL DEFAULT '',
  version     bigint NOT NULL DEFAULT 0,
  merged_into text,
  update_time timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE cart_lines (
  owner            text NOT NULL REFERENCES carts,
  sku              text NOT NULL,
  quantity         integer NOT NULL CONSTRAINT cart_lines_quantity_bounds CHECK (quantity BETWEEN 1 AND 999),
  added_unit_price bigint NOT NULL,
  currency         text NOT NULL,
  create_time      timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (owner, sku)
);

-- Claims on request ids of carts, inserted in the transaction of the effect; pruned after 72 hours.
CREATE TABLE requests (
  principal   text NOT NULL,
  method      text NOT NULL,
  request_id  uuid NOT NULL,
  fingerprint bytea NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (principal, method, request_id)
);
CREATE INDEX requests_by_time ON requests (create_time);
