# The five services: built, configured, migrated, started, filled.

# Where the programs lie: ARASTA_BUILD_DIR uses a build as it is, otherwise the release preset is built.
readonly BUILD_DIR=${ARASTA_BUILD_DIR:-$ROOT/build/release}

build_programs() {
  [ -z "${ARASTA_BUILD_DIR:-}" ] || return 0
  cd "$ROOT"
  export CCACHE_BASEDIR=$ROOT CCACHE_NOHASHDIR=1
  cmake --preset release
  cmake --build --preset release --target "${SERVICES[@]/#/arasta-}" arasta_contract arastactl
}

program() { echo "$BUILD_DIR/bin/$1"; }
ctl() { "$(program arastactl)" --gateway "127.0.0.1:$(port_of gateway)" "$@"; }

# write_start NAME COMMAND…: run/NAME.start, and run/NAME.environment with the NAME=VALUE lines of stdin.
# Arguments of the script are environment too, and win.
write_start() {
  local base=$STATE/run/$1 line
  shift
  (
    umask 077
    while IFS= read -r line; do
      [ -z "$line" ] || printf 'export %s=%q\n' "${line%%=*}" "${line#*=}"
    done > "$base.environment"
    {
      printf '#!/bin/bash\n# Written by deploy/up.\nsource %q\nexec env "$@"' "$base.environment"
      printf ' %q' "$@"
      echo
    } > "$base.start.new"
    chmod 700 "$base.start.new"
    mv "$base.start.new" "$base.start"
  )
}

# environment_of SERVICE
environment_of() {
  local service=$1 peer
  cat <<ENV
ARASTA_PROFILE=local
ARASTA_LISTEN=127.0.0.1:$(port_of "$service")
ARASTA_ADMIN_LISTEN=127.0.0.1:$(port_of "$service-admin")
ARASTA_TLS_CERT=$STATE/certs/$service.crt
ARASTA_TLS_KEY=$STATE/certs/$service.key
ARASTA_TLS_CA=$STATE/certs/ca.pem
ARASTA_EVENTS_REDIS=unix:$STATE/redis-events/redis.sock
ARASTA_CACHE_REDIS=unix:$STATE/redis-cache/redis.sock
ENV
  for peer in "${STORES[@]}"; do
    [ "$peer" = "$service" ] || echo "ARASTA_${peer^^}_ADDRESS=127.0.0.1:$(port_of "$peer")"
  done
  if [[ " ${STORES[*]} " == *" $service "* ]]; then
    echo "ARASTA_DATABASE_URL=$(conninfo "arasta_$service" "arasta_$service")"
    echo "ARASTA_PAGE_TOKEN_SECRET_FILE=$(secret "page-tokens-$service")"
  fi
  "environment_of_$service"
  # Whatever the caller sets wins.
  env | grep -E '^ARASTA_[A-Z_]+=' | grep -v '^ARASTA_BUILD_DIR=' || true
}

environment_of_auth() { echo "ARASTA_AUTH_MASTER_KEY_FILE=$(secret auth-master-key)"; }
environment_of_catalog() { :; }
environment_of_order() { :; }
environment_of_notification() {
  echo 'ARASTA_SMTP_FROM=Arasta <shop@arasta.example>'
  mail_is_local || return 0
  echo "ARASTA_SMTP_URL=smtp://127.0.0.1:$(port_of mail)"
  echo 'ARASTA_SMTP_REQUIRE_TLS=false'
}
environment_of_gateway() { :; }

write_services() {
  local service
  for service in "${SERVICES[@]}"; do
    environment_of "$service" | write_start "$service" "$(program "arasta-$service")" serve
  done
  write_start mail /usr/bin/python3 -m aiosmtpd -n -l "127.0.0.1:$(port_of mail)" -c aiosmtpd.handlers.Mailbox "$STATE/mail/inbox" <<< ''
}

# Mail stays on this machine unless ARASTA_SMTP_URL says where it should go.
mail_is_local() { [ -z "${ARASTA_SMTP_URL:-}" ]; }

# run_as_owner SERVICE COMMAND…: a command of the service's program, with the migrating role at hand.
run_as_owner() (
  source "$STATE/run/$1.environment"
  ARASTA_MIGRATION_DATABASE_URL=$(conninfo "arasta_$1" "arasta_$1_owner")
  export ARASTA_MIGRATION_DATABASE_URL
  exec "$(program "arasta-$1")" "${@:2}"
)

migrate_databases() {
  local service
  for service in "${STORES[@]}"; do run_as_owner "$service" migrate; done
}

readonly ADMIN_EMAIL=admin@arasta.example
admin_password_file() { echo "$STATE/secrets/admin-password"; }

# Changes nothing where the administrator is there; finishes what an interrupted run began.
make_admin() {
  run_as_owner auth create-admin --email "$ADMIN_EMAIL" --password-file "$(admin_password_file)"
}

start_services() {
  local name
  if mail_is_local; then
    start_daemon mail
    wait_until 30 port_is_taken "$(port_of mail)"
  fi
  # Any order would do, but nobody has to complain that another is not there yet.
  start_daemon auth
  wait_ready auth
  for name in catalog order notification; do start_daemon "$name"; done
  wait_ready "${STORES[@]}"
  start_daemon gateway
  wait_ready gateway
}

# Once: later it would undo what has been sold and edited since.
import_demo() {
  local catalogue=$ROOT/deploy/demo/catalog.jsonl done=$STATE/demo-catalogue.sha256
  ! sha256sum --check --status "$done" 2> /dev/null || return 0
  ctl import --email "$ADMIN_EMAIL" --password-file "$(admin_password_file)" "$catalogue"
  sha256sum "$catalogue" > "$done"
}

walk_the_demo() {
  if mail_is_local; then ctl demo --mailbox "$STATE/mail/inbox"; else ctl demo; fi
}
