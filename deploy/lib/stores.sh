# A private PostgreSQL and two private Redis: Unix sockets only, passwords in files of mode 600.

readonly POSTGRES_BIN=$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -1)

# PostgreSQL refuses to run as root; the package has made a user for it.
as_postgres() {
  if is_root; then
    setpriv --reuid=postgres --regid=postgres --init-groups --reset-env "$@"
  else
    "$@"
  fi
}

# Made beside and moved when whole: whoever is killed half-way leaves nothing that looks done.
make_postgres() {
  local home=$STATE/postgres
  local new=$home/data.new
  [ ! -d "$home/data" ] || return 0
  rm -rf "$new"
  mkdir -p "$new" "$home/socket"
  chmod 700 "$new"
  chmod 755 "$home" "$home/socket"
  cp "$(secret postgres-superuser)" "$home/password"
  ! is_root || chown -R postgres:postgres "$home"
  # C.UTF-8 sorts by code point: the same on every machine, whatever its locales.
  as_postgres "$POSTGRES_BIN/initdb" -D "$new" --username=postgres --pwfile="$home/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8
  rm "$home/password"
  cat >> "$new/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$home/socket'
port = 5432
max_connections = 200
shared_buffers = 256MB
CONF
  mv "$new" "$home/data"
}

postgres_is_running() { [ -d "$STATE/postgres/data" ] && as_postgres "$POSTGRES_BIN/pg_ctl" -D "$STATE/postgres/data" status > /dev/null 2>&1; }

start_postgres() {
  make_postgres
  postgres_is_running && return 0
  # The server writes its log itself: the log folder is not the postgres user's.
  as_postgres "$POSTGRES_BIN/pg_ctl" -D "$STATE/postgres/data" -l "$STATE/postgres/server.log" -w -t 60 start ||
    show_log "$STATE/postgres/server.log"
}

stop_postgres() {
  postgres_is_running || return 0
  as_postgres "$POSTGRES_BIN/pg_ctl" -D "$STATE/postgres/data" -m fast -w -t 60 stop
}

# password_file ROLE: a libpq password file for that role alone.
password_file() {
  local file=$STATE/secrets/pgpass-$1
  [ -s "$file" ] || (umask 077 && echo "*:*:*:$1:$(cat "$(secret "role-$1")")" > "$file")
  echo "$file"
}

# conninfo DATABASE ROLE
conninfo() {
  echo "host='$STATE/postgres/socket' port=5432 dbname=$1 user=$2 passfile='$(password_file "$2")'"
}

psql_superuser() {
  PGPASSWORD=$(cat "$(secret postgres-superuser)") "$POSTGRES_BIN/psql" -X -q -v ON_ERROR_STOP=1 \
    -h "$STATE/postgres/socket" -p 5432 -U postgres "$@"
}

# A database a service, owned by the role that migrates it; the serving role may connect to no other.
make_databases() {
  local service
  for service in "${STORES[@]}"; do
    psql_superuser -d postgres -v database="arasta_$service" -v owner="arasta_${service}_owner" -v server="arasta_$service" \
      -v owner_password="$(cat "$(secret "role-arasta_${service}_owner")")" \
      -v server_password="$(cat "$(secret "role-arasta_$service")")" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN', role) FROM (VALUES (:'owner'), (:'server')) AS wanted(role)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
ALTER ROLE :"owner" PASSWORD :'owner_password';
ALTER ROLE :"server" PASSWORD :'server_password';
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"server";
SQL
  done
}

# write_redis NAME SETTING…: its configuration and start script.
write_redis() {
  local name=$1 home=$STATE/$1
  shift
  mkdir -p -m 700 "$home"
  {
    printf 'port 0\nunixsocket "%s/redis.sock"\nunixsocketperm 700\ndir "%s"\ndaemonize no\nsave ""\n' "$home" "$home"
    printf '%s\n' "$@"
  } > "$home/redis.conf"
  write_start "$name" redis-server "$home/redis.conf" <<< ''
}

# The bus keeps what it was told; the cache may forget anything.
write_redis_pair() {
  write_redis redis-events 'appendonly yes' 'appendfsync always' 'maxmemory-policy noeviction'
  write_redis redis-cache 'appendonly no' 'maxmemory 64mb' 'maxmemory-policy allkeys-lru'
}

redis_answers() { [ "$(redis-cli -s "$STATE/$1/redis.sock" ping 2> /dev/null)" = PONG ]; }

start_redis() {
  local name
  for name in redis-events redis-cache; do start_daemon $name; done
  for name in redis-events redis-cache; do
    wait_until 30 redis_answers $name || show_log "$STATE/logs/$name.log"
  done
}
