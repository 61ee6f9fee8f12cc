# shellcheck shell=bash
# processes.sh: starts, finds and stops what runs in the background. To be sourced, after lib.sh.

stop_process() {
  kill "$1" 2>/dev/null || return 0
  for _ in $(seq 100); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -9 "$1" 2>/dev/null || true
}

# Ids of the processes that have a text in their command line. The text is in no command line here.
processes_with() {
  # shellcheck disable=SC2062 # not a pattern: a list of files
  printf '%s\n' "$1" | grep -lazF -f - /proc/[0-9]*/cmdline 2>/dev/null | cut -d / -f 3 || true
}

wait_for() {
  local name=$1 log=$2 text=$3 pid=$4
  for _ in $(seq 200); do
    ! grep -q -- "$text" "$log" 2>/dev/null || return 0
    kill -0 "$(cat "$pid")" 2>/dev/null || break
    sleep 0.1
  done
  die "$name did not start: $(tail -n 5 "$log")"
}

# The port itself, or the next free one.
free_port() {
  local port=$1
  while (exec 5<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    port=$((port + 1))
  done
  echo "$port"
}
