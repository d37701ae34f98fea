#include "common/events/outbox.h"

namespace arasta::events {

// outbox_partitions: `head` is the last sequence given, `published` the last known to be in Redis.
// outbox_relay has one row. Its epoch fences relays that lost the advisory lock and don't know it yet;
// its incarnation is new after a restore of the database.
pg::Migration OutboxMigration() {
  return {"events/0001_outbox", R"sql(
    CREATE TABLE outbox (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      event_id uuid NOT NULL,
      partition smallint NOT NULL CHECK (partition BETWEEN 0 AND 7),
      sequence bigint CHECK (sequence > 0),
      aggregate text NOT NULL,
      aggregate_version bigint NOT NULL,
      type text NOT NULL,
      traceparent text NOT NULL,
      payload bytea NOT NULL,
      create_time timestamptz NOT NULL DEFAULT now(),
      sequence_time timestamptz,
      CONSTRAINT outbox_event_id_unique UNIQUE (event_id),
      CONSTRAINT outbox_sequence_dense UNIQUE (partition, sequence),
      CONSTRAINT outbox_sequence_timed CHECK ((sequence IS NULL) = (sequence_time IS NULL))
    );
    CREATE INDEX outbox_unsequenced ON outbox (id) WHERE sequence IS NULL;
    CREATE INDEX outbox_by_sequence_time ON outbox USING brin (sequence_time);
    CREATE TABLE outbox_partitions (
      partition smallint PRIMARY KEY CHECK (partition BETWEEN 0 AND 7),
      head bigint NOT NULL DEFAULT 0,
      published bigint NOT NULL DEFAULT 0,
      CONSTRAINT outbox_partitions_published_sequenced CHECK (published BETWEEN 0 AND head)
    );
    INSERT INTO outbox_partitions (partition) SELECT generate_series(0, 7);
    CREATE TABLE outbox_relay (
      only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
      epoch bigint NOT NULL DEFAULT 0,
      incarnation uuid NOT NULL DEFAULT gen_random_uuid()
    );
    INSERT INTO outbox_relay DEFAULT VALUES;
    CREATE TABLE outbox_consumers (
      consumer text NOT NULL,
      partition smallint NOT NULL CHECK (partition BETWEEN 0 AND 7),
      incarnation uuid NOT NULL,
      watermark bigint NOT NULL CHECK (watermark >= 0),
      update_time timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (consumer, partition)
    );
  )sql"};
}

// event_partitions holds the reader's lease and its watermark in one row, so that moving the watermark
// is also the fence. A dead letter parks its aggregate: later events of it queue up behind, by id.
pg::Migration InboxMigration() {
  return {"events/0002_inbox", R"sql(
    CREATE TABLE inbox (
      event_id uuid PRIMARY KEY,
      apply_time timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX inbox_by_age ON inbox (apply_time);
    CREATE TABLE event_partitions (
      producer text NOT NULL,
      partition smallint NOT NULL CHECK (partition BETWEEN 0 AND 7),
      incarnation text NOT NULL DEFAULT '',
      watermark bigint NOT NULL DEFAULT 0 CHECK (watermark >= 0),
      owner text NOT NULL DEFAULT '',
      epoch bigint NOT NULL DEFAULT 0,
      lease_expire_time timestamptz NOT NULL DEFAULT '-infinity',
      PRIMARY KEY (producer, partition)
    );
    CREATE TABLE dead_letters (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      producer text NOT NULL,
      partition smallint NOT NULL,
      event_id uuid NOT NULL UNIQUE,
      aggregate text NOT NULL,
      aggregate_version bigint NOT NULL,
      type text NOT NULL,
      envelope bytea NOT NULL,
      attempts integer NOT NULL,
      last_error text NOT NULL,
      redrive boolean NOT NULL DEFAULT false,
      create_time timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX dead_letters_by_aggregate ON dead_letters (producer, aggregate, id);
    CREATE INDEX dead_letters_to_redrive ON dead_letters (producer, partition) WHERE redrive;
  )sql"};
}

// event_replicas says who is alive and wants its share of the partitions. `failures` counts those of the
// event after the watermark, so that a poisoned one is parked although the process is started anew.
pg::Migration InboxSharesMigration() {
  return {"events/0003_inbox_shares", R"sql(
    CREATE TABLE event_replicas (
      owner text PRIMARY KEY,
      lease_expire_time timestamptz NOT NULL
    );
    ALTER TABLE event_partitions ADD failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0);
  )sql"};
}

}  // namespace arasta::events
