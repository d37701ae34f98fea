-- The sandbox provider's own book. Nothing else of order reads it: it stands for somebody else's database.
CREATE TABLE sandbox_payments (
  payment    text PRIMARY KEY,
  token      text NOT NULL,
  currency   text NOT NULL,
  authorized bigint NOT NULL DEFAULT 0,
  captured   bigint NOT NULL DEFAULT 0,
  refunded   bigint NOT NULL DEFAULT 0,
  voided     boolean NOT NULL DEFAULT false,
  CONSTRAINT sandbox_captured_within_authorized CHECK (captured BETWEEN 0 AND authorized),
  CONSTRAINT sandbox_refunded_within_captured CHECK (refunded BETWEEN 0 AND captured)
);

-- One row a key: a repeat gets the answer of the first.
CREATE TABLE sandbox_operations (
  key         text PRIMARY KEY,
  payment     text NOT NULL,
  action      text NOT NULL,
  approved    boolean NOT NULL,
  code        text NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now()
);
