-- The stock ledger: movements that are only ever added, and a counter a SKU that cannot oversell.
CREATE TABLE stock (
  sku text PRIMARY KEY,
  on_hand bigint NOT NULL DEFAULT 0,
  -- Sum of the reservation lines that are `counted`.
  reserved bigint NOT NULL DEFAULT 0,
  update_time timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT stock_never_oversold CHECK (0 <= reserved AND reserved <= on_hand)
) WITH (fillfactor = 70);

CREATE TABLE stock_movement (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku text NOT NULL REFERENCES stock (sku),
  delta bigint NOT NULL,
  -- What moved it: an import, an adjustment by staff, a sale, or a sale taken back.
  kind text NOT NULL,
  -- The request_id of an adjustment, order and generation of a sale.
  reference text NOT NULL DEFAULT '',
  note text NOT NULL DEFAULT '',
  create_time timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT stock_movement_kind_known CHECK (kind IN ('import', 'adjustment', 'sale', 'return'))
);
COMMENT ON TABLE stock_movement IS 'append-only';
CREATE INDEX stock_movement_by_sku ON stock_movement (sku, id);
-- An adjustment that is asked for twice happens once.
CREATE UNIQUE INDEX stock_movement_adjusted_once ON stock_movement (reference) WHERE kind = 'adjustment';

CREATE TABLE reservation (
  order_id uuid NOT NULL,
  generation bigint NOT NULL,
  -- 'held' past its expire_time is expired; nothing has to be written for that to be true. A released
  -- reservation without lines is a release that came before its ReserveStock.
  state text NOT NULL,
  customer text NOT NULL DEFAULT '',
  expire_time timestamptz NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (order_id, generation),
  CONSTRAINT reservation_state_known CHECK (state IN ('held', 'committed', 'released'))
);

CREATE TABLE reservation_line (
  order_id uuid NOT NULL,
  generation bigint NOT NULL,
  sku text NOT NULL REFERENCES stock (sku),
  quantity bigint NOT NULL,
  -- Whether stock.reserved contains the quantity. Changed only by who has locked the SKU's stock row.
  counted boolean NOT NULL,
  -- The reservation's, here for the index.
  expire_time timestamptz NOT NULL,
  PRIMARY KEY (order_id, generation, sku),
  FOREIGN KEY (order_id, generation) REFERENCES reservation (order_id, generation),
  CONSTRAINT reservation_line_quantity_positive CHECK (quantity > 0)
);
CREATE INDEX reservation_line_counted ON reservation_line (sku, expire_time) WHERE counted;
CREATE INDEX reservation_line_expiring ON reservation_line (expire_time) WHERE counted;

-- Stock as it is at this instant: holds that ran out do not count, whether or not anybody has taken
-- them out of `reserved` yet.
CREATE VIEW stock_level AS
SELECT s.sku, s.on_hand, s.reserved - e.quantity AS reserved, s.on_hand - s.reserved + e.quantity AS available,
       s.update_time
FROM stock s,
     LATERAL (SELECT coalesce(sum(l.quantity), 0)::bigint AS quantity
              FROM reservation_line l
              WHERE l.sku = s.sku AND l.counted AND l.expire_time <= clock_timestamp()) e;
