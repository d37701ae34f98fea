-- For the sweep of sessions that can't come back. The expiry of a row never changes, so refreshing a
-- session does not touch this index.
CREATE INDEX sessions_by_expiry ON sessions (expire_time);
