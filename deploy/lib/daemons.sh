# Daemons under supervision: NAME.start is what to run, NAME.supervisor and NAME.pid are who runs.

# start_time PID: when the kernel started it; a number that tells a process from a later one of that id.
start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2> /dev/null) || return 1
  awk '{ print $20 }' <<< "${stat##*) }"
}

# record PID: the line of a pid file.
record() { echo "$1 $(start_time "$1")"; }

# pid_in FILE: the process recorded there, if it still lives and is the same one.
pid_in() {
  local pid start
  read -r pid start 2> /dev/null < "$1" || return 1
  [ "$(start_time "$pid")" = "$start" ] && echo "$pid"
}

supervisor_of() { pid_in "$STATE/run/$1.supervisor"; }
daemon_pid() { pid_in "$STATE/run/$1.pid"; }

# start_daemon NAME: from its NAME.start; returns at once. Does nothing when it runs already.
start_daemon() {
  supervisor_of "$1" > /dev/null && return 0
  local log=$STATE/logs/$1.log
  [ ! -e "$log" ] || [ "$(stat -c %s "$log")" -lt 20000000 ] || mv "$log" "$log.1"
  setsid "$ROOT/deploy/lib/supervise" "$STATE" "$1" < /dev/null > /dev/null 2>> "$STATE/logs/supervise.log" 8>&- 9>&- &
}

# stop_daemons NAME…: all at once; whoever has not ended after 40 s is killed.
stop_daemons() {
  local name pid
  for name in "$@"; do
    pid=$(supervisor_of "$name") || pid=$(daemon_pid "$name") || continue
    kill -TERM "$pid" 2> /dev/null || true
  done
  for name in "$@"; do
    wait_until 40 daemon_is_gone "$name" || kill_daemon "$name"
    rm -f "$STATE/run/$name".{pid,supervisor,once}
  done
}

daemon_is_gone() { ! supervisor_of "$1" > /dev/null && ! daemon_pid "$1" > /dev/null; }

kill_daemon() {
  local pid
  ! pid=$(supervisor_of "$1") || kill -KILL "$pid"
  ! pid=$(daemon_pid "$1") || kill -KILL "$pid"
}

# wait_until SECONDS COMMAND…: asks ten times a second.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.1
  done
}

# show_log FILE: its end; fails, as what should have started.
show_log() {
  echo "The end of $1:"
  tail -15 "$1"
  return 1
}

is_ready() { curl -fs -m 2 -o /dev/null "http://127.0.0.1:$(port_of "$1-admin")/readyz"; }

# wait_ready NAME…: until each answers /readyz; says what the last one still lacks.
wait_ready() {
  local name
  for name in "$@"; do
    wait_until 60 is_ready "$name" && continue
    echo "$name is not ready:"
    curl -s -m 2 "http://127.0.0.1:$(port_of "$name-admin")/readyz" || true
    show_log "$STATE/logs/$name.log"
  done
}
