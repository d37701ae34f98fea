-- What has to be the same when the request_id of an adjustment comes again; null for other movements and for
-- those from before.
ALTER TABLE stock_movement ADD COLUMN fingerprint bytea;
