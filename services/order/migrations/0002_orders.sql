-- Orders and what hangs on them. The shard comes from the customer's bits of the id and is the first
-- column of every key, so that an order's rows lie together and a look-up touches one partition.
CREATE SEQUENCE order_numbers START 100001;

CREATE TABLE orders (
  shard               smallint NOT NULL CONSTRAINT orders_shard_bounds CHECK (shard BETWEEN 0 AND 15),
  order_id            uuid NOT NULL,
  customer            text NOT NULL,
  cart_owner          text NOT NULL,
  request_fingerprint bytea NOT NULL,
  state               text NOT NULL
    CONSTRAINT orders_state_known CHECK (state IN ('PENDING', 'PLACED', 'COMPLETED', 'CANCELLED', 'EXPIRED')),
  version             bigint NOT NULL DEFAULT 1,
  order_number        bigint,
  channel             text NOT NULL,
  locale              text NOT NULL,
  currency            text NOT NULL,
  subtotal            bigint NOT NULL,
  shipping            bigint NOT NULL,
  tax                 bigint NOT NULL,
  discount            bigint NOT NULL,
  total               bigint NOT NULL,
  -- arasta.type.v1.Address, serialised; never read by SQL.
  shipping_address    bytea NOT NULL,
  email               text NOT NULL,
  cancel_reason       text NOT NULL DEFAULT '',
  refused_sku         text NOT NULL DEFAULT '',
  refused_available   bigint NOT NULL DEFAULT 0,
  create_time         timestamptz NOT NULL DEFAULT now(),
  update_time         timestamptz NOT NULL DEFAULT now(),
  place_time          timestamptz,
  cancel_time         timestamptz,
  PRIMARY KEY (shard, order_id),
  CONSTRAINT orders_total_adds_up CHECK (total = subtotal + shipping + tax - discount),
  CONSTRAINT orders_amounts_not_negative
    CHECK (subtotal >= 0 AND shipping >= 0 AND tax >= 0 AND discount >= 0 AND total >= 0),
  CONSTRAINT orders_placed_has_number
    CHECK (state NOT IN ('PLACED', 'COMPLETED') OR (order_number IS NOT NULL AND place_time IS NOT NULL))
) PARTITION BY LIST (shard);
CREATE INDEX orders_by_customer ON orders (shard, customer, create_time DESC, order_id DESC);

CREATE TABLE order_lines (
  shard       smallint NOT NULL,
  order_id    uuid NOT NULL,
  line_number integer NOT NULL,
  sku         text NOT NULL,
  product     text NOT NULL,
  title       text NOT NULL,
  quantity    integer NOT NULL CONSTRAINT order_lines_quantity_positive CHECK (quantity > 0),
  unit_price  bigint NOT NULL CONSTRAINT order_lines_price_not_negative CHECK (unit_price >= 0),
  total       bigint NOT NULL,
  PRIMARY KEY (shard, order_id, line_number),
  CONSTRAINT order_lines_total_adds_up CHECK (total = unit_price * quantity)
) PARTITION BY LIST (shard);

-- The sequence is the order's version after the move: without gaps.
CREATE TABLE order_history (
  shard         smallint NOT NULL,
  order_id      uuid NOT NULL,
  sequence      bigint NOT NULL,
  action        text NOT NULL,
  state         text NOT NULL,
  payment_state text NOT NULL,
  actor         text NOT NULL,
  reason        text NOT NULL,
  create_time   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (shard, order_id, sequence)
) PARTITION BY LIST (shard);

-- Written before the provider is called: the intention. The token is wiped when the order is decided.
CREATE TABLE payments (
  shard        smallint NOT NULL,
  order_id     uuid NOT NULL,
  state        text NOT NULL
    CONSTRAINT payments_state_known CHECK
      (state IN ('PENDING', 'AUTHORIZED', 'CAPTURED', 'VOIDED', 'REFUNDED', 'DECLINED', 'CANCELLED')),
  token        text NOT NULL,
  authorized   bigint NOT NULL DEFAULT 0,
  captured     bigint NOT NULL DEFAULT 0,
  refunded     bigint NOT NULL DEFAULT 0,
  decline_code text NOT NULL DEFAULT '',
  PRIMARY KEY (shard, order_id),
  CONSTRAINT payments_captured_within_authorized CHECK (captured BETWEEN 0 AND authorized),
  CONSTRAINT payments_refunded_within_captured CHECK (refunded BETWEEN 0 AND captured)
) PARTITION BY LIST (shard);

-- Who drives an order, and until when. `due_time` is both the end of the lease and the time of the next
-- attempt; whoever finds it in the past may take over by raising the epoch, which fences the last driver.
CREATE TABLE sagas (
  shard            smallint NOT NULL,
  order_id         uuid NOT NULL,
  phase            text NOT NULL
    CONSTRAINT sagas_phase_known CHECK (phase IN ('DECIDING', 'CAPTURING', 'UNWINDING', 'SETTLED')),
  epoch            bigint NOT NULL DEFAULT 1,
  due_time         timestamptz NOT NULL,
  cancel_requested boolean NOT NULL DEFAULT false,
  attempts         integer NOT NULL DEFAULT 0,
  last_step        text NOT NULL DEFAULT '',
  last_error       text NOT NULL DEFAULT '',
  -- Since when the phase lasts.
  phase_time       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (shard, order_id)
) PARTITION BY LIST (shard);
CREATE INDEX sagas_due ON sagas (due_time) WHERE phase <> 'SETTLED';
CREATE INDEX sagas_stuck ON sagas (phase_time, order_id) WHERE phase <> 'SETTLED';

-- One row a movement of money, naming both accounts: it balances by its shape.
CREATE TABLE ledger (
  shard          smallint NOT NULL,
  order_id       uuid NOT NULL,
  sequence       bigint NOT NULL,
  action         text NOT NULL,
  debit_account  text NOT NULL,
  credit_account text NOT NULL,
  currency       text NOT NULL,
  amount         bigint NOT NULL CONSTRAINT ledger_amount_not_negative CHECK (amount >= 0),
  create_time    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (shard, order_id, sequence, action),
  CONSTRAINT ledger_two_accounts CHECK (debit_account <> credit_account)
) PARTITION BY LIST (shard);

DO $$
DECLARE
  parent text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['orders', 'order_lines', 'order_history', 'payments', 'sagas', 'ledger'] LOOP
    FOR shard IN 0..15 LOOP
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES IN (%s)', parent || '_' || shard, parent, shard);
      -- The grants read it: the serving role can neither change nor delete what was.
      IF parent IN ('order_history', 'ledger') THEN
        EXECUTE format('COMMENT ON TABLE %I IS %L', parent || '_' || shard, 'append-only');
      END IF;
    END LOOP;
  END LOOP;
END $$;

COMMENT ON TABLE order_history IS 'append-only';
COMMENT ON TABLE ledger IS 'append-only';
