-- Accounts. Personal data of customers lives here and nowhere else in auth.
CREATE TABLE users (
  user_id uuid PRIMARY KEY,
  -- As the owner wrote it; mail goes there.
  email text NOT NULL,
  -- The same for every spelling of one account (email_address.h).
  email_key text NOT NULL CONSTRAINT users_email_key_unique UNIQUE,
  display_name text NOT NULL,
  locale text NOT NULL CONSTRAINT users_locale_present CHECK (locale <> ''),
  password_hash text NOT NULL CONSTRAINT users_password_hash_argon2id CHECK (password_hash LIKE '$argon2id$%'),
  permissions text[] NOT NULL DEFAULT '{}',
  disabled_time timestamptz,
  version bigint NOT NULL DEFAULT 1,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL
);
