-- What happened, to whom, by whom. Append-only: the serving role may neither change nor delete a row.
-- Names only, no addresses: erasing an account leaves pseudonyms here.
CREATE TABLE audit_events (
  audit_event_id uuid PRIMARY KEY,
  event_time timestamptz NOT NULL,
  -- Lower snake case, such as "session_revoked" (audit.h).
  kind text NOT NULL,
  -- Whom it happened to: "users/{uuid}", "guests/{uuid}", or "unknown/{hash}" of an address without account.
  subject text NOT NULL,
  session text NOT NULL DEFAULT '',
  detail text NOT NULL DEFAULT '',
  request_id text NOT NULL DEFAULT ''
);

CREATE INDEX audit_events_of_subject ON audit_events (subject, event_time);

-- Read by the grants that end a migration (common/pg/migrations.h).
COMMENT ON TABLE audit_events IS 'append-only';
