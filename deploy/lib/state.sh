# The state folder, its secrets and ports, and how the scripts talk. Sourced by everything in deploy/.
set -euo pipefail

readonly ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly SERVICES=(auth catalog order notification gateway)
readonly STORES=(auth catalog order notification) # the services that own a database
readonly HELPERS=(mail redis-events redis-cache)        # what runs under supervision beside them

if [ -t 1 ]; then
  readonly BOLD=$'\e[1m' DIM=$'\e[2m' GREEN=$'\e[32m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
  readonly BOLD= DIM= GREEN= RED= PLAIN=
fi

is_root() { [ "$(id -u)" = 0 ]; }

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# use_state [DIR]: sets STATE. As root it lies where the postgres user can reach it.
use_state() {
  local LC_ALL=C # lengths are in bytes
  if [ -n "${1:-}" ]; then
    STATE=$(realpath -m "$1")
    readonly DEFAULT_STATE=
  elif is_root; then
    STATE=/var/lib/arasta
    readonly DEFAULT_STATE=1
  else
    STATE=${XDG_STATE_HOME:-$HOME/.local/state}/arasta
    readonly DEFAULT_STATE=1
  fi
  readonly STATE
  # PostgreSQL hands it to a shell between double quotes, and takes a comma for the end of a folder.
  [[ $STATE != *[\"\'\`\$\\,[:cntrl:]]* ]] ||
    die "PostgreSQL can't live in $STATE: name a folder without quotes, commas, \\ and \$ by --state"
  # A socket's path may have 107 characters.
  [ ${#STATE} -le 70 ] || die "$STATE is too long a path for the sockets in it: name a shorter one by --state"
}

make_state() {
  local complaint
  complaint=$(make_folders 2>&1) || die "$STATE can't be used (${complaint##*: }): name another folder by --state"
}

make_folders() {
  mkdir -p "$STATE" && chmod 711 "$STATE" &&
    mkdir -p "$STATE"/{logs,run,mail} && chmod 750 "$STATE"/{logs,run,mail} &&
    (umask 027 && touch "$STATE"/logs/{up,supervise}.log) && chmod 640 "$STATE"/logs/* &&
    mkdir -p -m 700 "$STATE"/{secrets,certs}
}

# One script at a time works on a state folder; daemons are started without the lock.
lock_state() {
  { exec 9> "$STATE/lock"; } 2> /dev/null || die "$STATE can't be written"
  flock -n 9 || die "Another deploy command is at work on $STATE"
}

# random_hex BYTES
random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# secret NAME [BYTES]: the path of a file with a random secret, made once and readable by its owner only.
secret() {
  local file=$STATE/secrets/$1
  [ -s "$file" ] || (umask 077 && random_hex "${2:-32}" > "$file")
  echo "$file"
}

port_is_taken() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

# port_of NAME: the port NAME was given by assign_ports.
port_of() { sed -n "s/^$1=//p" "$STATE/ports"; }

# claim_ports OFFSET SECONDS: of two scripts that choose ports at the same time, one has those at OFFSET
# until release_ports, when its servers have them, and the other waits for SECONDS at most.
claim_ports() {
  local locks=/run/arasta-ports
  is_root || locks=${XDG_STATE_HOME:-$HOME/.local/state}/arasta-ports
  mkdir -p -m 700 "$locks"
  exec 8> "$locks/$1"
  flock -w "$2" 8
}
release_ports() { exec 8>&-; }

# Gives every server a port: the one it had last time, else the usual one, else the next that is free.
# A state folder named by --state starts from ports of its own, so that two suites never race for one.
assign_ports() {
  local name usual port offset=0 assigned=' ' result=
  touch "$STATE/ports"
  port=$(port_of auth)
  if [ -n "$port" ] || [ -n "$DEFAULT_STATE" ]; then
    offset=$(((${port:-7001} - 7001) / 200 * 200))
    claim_ports $offset 600
  else
    # Blocks of 200 below the ports that the kernel gives to clients.
    until offset=$((10000 + RANDOM % 70 * 200)) && claim_ports $offset 0; do :; done
  fi
  while read -r name usual; do
    port=$(port_of "$name")
    [ -n "$port" ] || port=$((usual + offset))
    while port_is_taken "$port" || [[ $assigned == *" $port "* ]]; do port=$((port + 1)); done
    assigned+="$port "
    result+="$name=$port"$'\n'
  done <<'PORTS'
gateway 8080
auth 7001
catalog 7002
order 7003
notification 7004
gateway-admin 7100
auth-admin 7101
catalog-admin 7102
order-admin 7103
notification-admin 7104
mail 2525
PORTS
  printf '%s' "$result" > "$STATE/ports"
}

# step LABEL COMMAND…: runs it with its output in logs/up.log, and tells how long it took. What fails
# shows the end of its output and ends the script.
step() {
  local label=$1 start=$EPOCHREALTIME result=0 mark="${GREEN}ok${PLAIN}"
  shift
  [ ! -t 1 ] || printf '  %s …' "$label"
  printf '\n== %s\n' "$label" >> "$STATE/logs/up.log"
  local from=$(($(wc -l < "$STATE/logs/up.log") + 1))
  # Not `if ("$@")`: bash would then ignore failures inside.
  set +e
  (set -e; "$@") >> "$STATE/logs/up.log" 2>&1 < /dev/null 8>&- 9>&-
  result=$?
  set -e
  [ $result = 0 ] || mark="${RED}failed${PLAIN}"
  [ ! -t 1 ] || printf '\r'
  printf '  %-46s %s%6.1f s%s  %s\n' "$label" "$DIM" "$(seconds_since "$start")" "$PLAIN" "$mark"
  [ $result = 0 ] && return 0
  echo
  tail -n +"$from" "$STATE/logs/up.log" | tail -30
  die "
More in $STATE/logs; deploy/down stops what was started."
}

seconds_since() { LC_ALL=C awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'; }
