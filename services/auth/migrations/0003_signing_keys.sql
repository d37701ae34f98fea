-- Keys that access tokens are signed with, one after the other (signing_keys.h).
CREATE TABLE signing_keys (
  -- Dense from 1, so that replicas that make the next key at once make one.
  generation bigint PRIMARY KEY,
  kid text NOT NULL CONSTRAINT signing_keys_kid_unique UNIQUE,
  -- PEM, sealed to the master key and bound to the kid (secret_box.h).
  sealed_private_key bytea NOT NULL,
  create_time timestamptz NOT NULL,
  -- Published from create_time on, used from activate_time on.
  activate_time timestamptz NOT NULL
);
