-- One row a session, however often it is refreshed.
CREATE TABLE sessions (
  session_id uuid PRIMARY KEY,
  -- "users/{uuid}" or "guests/{uuid}".
  principal text NOT NULL,
  -- Null for guests.
  user_id uuid REFERENCES users (user_id),
  -- The guest that the user was before logging in, as "guests/{uuid}"; empty when none.
  guest text NOT NULL DEFAULT '',
  -- Of the one refresh token that is good now. Stepped by compare-and-set only.
  counter bigint NOT NULL DEFAULT 1 CONSTRAINT sessions_counter_positive CHECK (counter > 0),
  create_time timestamptz NOT NULL,
  authenticate_time timestamptz NOT NULL,
  rotated_time timestamptz NOT NULL,
  expire_time timestamptz NOT NULL,
  revoked_time timestamptz,
  -- arasta.auth.v1.SessionRevoked.Reason.
  revoke_reason smallint,
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT sessions_principal_matches_user
    CHECK (principal = 'users/' || user_id OR (user_id IS NULL AND principal LIKE 'guests/%')),
  CONSTRAINT sessions_revoked_with_reason CHECK ((revoked_time IS NULL) = (revoke_reason IS NULL))
);

CREATE INDEX sessions_of_user ON sessions (user_id) WHERE revoked_time IS NULL;
