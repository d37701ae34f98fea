-- What the shop told whom, how it was delivered, and every attempt to deliver it.

CREATE TABLE notification (
  id uuid PRIMARY KEY,
  producer text NOT NULL,
  idempotency_key text NOT NULL,
  recipient text NOT NULL
    CONSTRAINT notification_recipient_is_principal CHECK (recipient ~ '^(users|guests)/[0-9a-f-]{36}$'),
  template text NOT NULL,
  category smallint NOT NULL CONSTRAINT notification_category_known CHECK (category IN (1, 2, 3)),
  subject text NOT NULL,
  variables jsonb NOT NULL,
  -- What the producer suggests at first, what it was written in once it is rendered.
  locale text NOT NULL,
  title text,
  body text,
  create_time timestamptz NOT NULL DEFAULT now(),
  -- Intake is idempotent: an event means one notification to one recipient, however often it comes.
  CONSTRAINT notification_once UNIQUE (producer, idempotency_key, recipient),
  CONSTRAINT notification_rendered_whole CHECK ((title IS NULL) = (body IS NULL))
);

-- Exactly one confirmation an order, even if two events should ever ask for it.
CREATE UNIQUE INDEX notification_one_confirmation ON notification (subject) WHERE template = 'order_placed';
CREATE INDEX notification_by_recipient ON notification (recipient, id DESC);
CREATE INDEX notification_by_subject ON notification (subject, id DESC) WHERE subject <> '';

CREATE TABLE delivery (
  id uuid PRIMARY KEY,
  notification_id uuid NOT NULL REFERENCES notification (id),
  channel text NOT NULL
    CONSTRAINT delivery_channel_known CHECK (channel IN ('email', 'sms', 'webhook', 'in_app')),
  state text NOT NULL DEFAULT 'accepted',
  reason text NOT NULL DEFAULT '',
  -- The lane: security (1) before orders (2) before marketing (3).
  priority smallint NOT NULL,
  -- Frozen together when the message is rendered, wiped together when the delivery is final.
  address text,
  message text,
  attempt_count integer NOT NULL DEFAULT 0,
  -- Failures in a row, of resolving the address or of sending; what the next delay follows from.
  failure_count integer NOT NULL DEFAULT 0,
  -- Counts the claims; a sender whose epoch is no longer this one has lost the delivery.
  epoch bigint NOT NULL DEFAULT 0,
  -- When a sender may take it: the next attempt, or the end of another sender's lease.
  due_time timestamptz NOT NULL DEFAULT now(),
  expire_time timestamptz NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT delivery_once_per_channel UNIQUE (notification_id, channel),
  CONSTRAINT delivery_content_while_needed
    CHECK ((state IN ('queued', 'sending')) = (message IS NOT NULL) AND (message IS NULL) = (address IS NULL))
);

CREATE INDEX delivery_due ON delivery (priority, due_time) WHERE state IN ('accepted', 'queued', 'sending');
CREATE INDEX delivery_by_state ON delivery (state, id DESC);

CREATE TABLE delivery_attempt (
  delivery_id uuid NOT NULL REFERENCES delivery (id),
  number integer NOT NULL,
  provider text NOT NULL,
  -- Stays 'unknown' when the sender dies before it can tell.
  outcome text NOT NULL DEFAULT 'unknown'
    CONSTRAINT delivery_attempt_outcome_known CHECK (outcome IN ('unknown', 'sent', 'transient', 'permanent')),
  code integer NOT NULL DEFAULT 0,
  reason text NOT NULL DEFAULT '',
  start_time timestamptz NOT NULL DEFAULT now(),
  latency_ms bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (delivery_id, number)
);

-- The state machine of specs' delivery log. 'delivered' and 'complained' are a provider's later words.
CREATE FUNCTION delivery_may_move(old_state text, new_state text) RETURNS boolean
IMMUTABLE LANGUAGE sql AS $$
  SELECT CASE old_state
    WHEN 'accepted' THEN new_state IN ('queued', 'suppressed', 'expired', 'dead')
    WHEN 'queued' THEN new_state IN ('sending', 'suppressed', 'expired', 'dead')
    WHEN 'sending' THEN new_state IN ('queued', 'sent', 'bounced', 'expired', 'dead')
    WHEN 'sent' THEN new_state IN ('delivered', 'bounced', 'complained')
    WHEN 'delivered' THEN new_state IN ('bounced', 'complained')
    ELSE false
  END
$$;

CREATE FUNCTION delivery_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'accepted' THEN
      RAISE EXCEPTION 'a delivery begins accepted' USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_begins_accepted';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.state <> OLD.state AND NOT delivery_may_move(OLD.state, NEW.state) THEN
    RAISE EXCEPTION 'a delivery can''t move from % to %', OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_legal_move';
  END IF;
  IF NEW.message IS NOT NULL AND OLD.message IS NOT NULL
     AND (NEW.message, NEW.address) IS DISTINCT FROM (OLD.message, OLD.address) THEN
    RAISE EXCEPTION 'a queued message is frozen' USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_frozen';
  END IF;
  NEW.update_time := now();
  RETURN NEW;
END
$$;

CREATE TRIGGER delivery_guard BEFORE INSERT OR UPDATE ON delivery FOR EACH ROW EXECUTE FUNCTION delivery_guard();
