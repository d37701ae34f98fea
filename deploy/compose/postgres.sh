#!/bin/bash
# What PostgreSQL's container runs, by any image that has PostgreSQL: makes the four databases, once, and serves. As
# superuser only this container's own user gets in: docker compose exec postgres psql -h /tmp -U postgres.
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
data=/var/lib/postgresql/data/main
# Made beside and moved when whole: whoever is killed half-way leaves nothing that looks done.
if [ ! -d $data ]; then
  new=$data.new
  rm -rf $new
  "$bin/initdb" -D $new --username=postgres --auth-local=peer --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8
  echo 'host all all all scram-sha-256' >> $new/pg_hba.conf
  "$bin/pg_ctl" -D $new -w -o "-k /tmp -c listen_addresses=''" start
  "$bin/psql" -X -q -v ON_ERROR_STOP=1 -h /tmp -U postgres -d postgres -f /run/secrets/databases
  "$bin/pg_ctl" -D $new -w -m fast stop
  mv $new $data
fi
exec "$bin/postgres" -D $data -k /tmp -c listen_addresses='*' -c max_connections=400
