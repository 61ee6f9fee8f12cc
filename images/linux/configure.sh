#!/bin/sh
# configure.sh: the life of a guest, from boot to power-off. It tells the host "ready", waits for the single-use
# configuration of its runner, starts the runner with it, reports how far it is, and powers the machine off at the end.
# The contract with the host is docs/reference/guest-contract.md. Plain POSIX sh: it runs under dash, bash and busybox.
#
# The configuration is a secret. It lives in a variable of this process and in the environment of the runner, which
# removes it before any job starts. It is in no file, no argument list and no message: never add `set -x` here.
# shellcheck disable=SC2086 # lists of process ids are meant to be split
set -eu
umask 077

usage() {
  cat <<'HELP'
Usage: configure.sh              wait for the host's configuration and run the one job it is for
       configure.sh --failed WHY  report "failed: WHY" and power off
       configure.sh --help

Settings (environment; the service reads them from /etc/default/gha):
  VBDP_RUNNER_DIR        where the runner is             /opt/actions-runner
  VBDP_RUNNER_USER       who runs it                     runner
  VBDP_POWEROFF          command that ends the machine   systemctl poweroff, or poweroff
  VBDP_CHANNEL_TIMEOUT   seconds for a channel to show   60
  VBDP_CONFIG_TIMEOUT    seconds to wait for the host    86400
  VBDP_ONLINE_TIMEOUT    seconds for the runner to connect  900
HELP
}

runner_dir=${VBDP_RUNNER_DIR:-/opt/actions-runner}
runner_user=${VBDP_RUNNER_USER:-runner}
port=${VBDP_PORT:-/dev/virtio-ports/org.virtualbox-provisioner.guest}
vboxcontrol=${VBDP_VBOXCONTROL:-VBoxControl}
state=${VBDP_STATE_DIR:-/run/gha}
used=${VBDP_USED_MARK:-/var/lib/gha/used}
channel_timeout=${VBDP_CHANNEL_TIMEOUT:-60}
config_timeout=${VBDP_CONFIG_TIMEOUT:-86400}
online_timeout=${VBDP_ONLINE_TIMEOUT:-900}
config=''
timer='' warmer='' helpers='' runner_home='' runner_group=''

log() {
  printf 'gha: %s\n' "$*"
}

# The virtio port comes first: an image with Guest Additions may well run on QEMU, where VBoxControl finds no device.
find_channel() {
  waited=0
  while [ "$waited" -le "$channel_timeout" ]; do
    if [ -e "$port" ]; then
      channel=virtio
      exec 3<>"$port"
      return 0
    fi
    if command -v "$vboxcontrol" >/dev/null 2>&1 && [ -n "$(vbox_get /VBDP/Id)" ]; then
      channel=vbox
      return 0
    fi
    sleep 1
    waited=$((waited + 1))
  done
  return 1
}

# A write blocks while nobody is connected to the port's other end, hence the bound. What is lost the host asks for again ("report").
virtio_say() {
  # shellcheck disable=SC2016 # the inner shell expands it
  timeout 5 sh -c 'printf "phase %s\n" "$1" >&3' sh "$1" ||
    log "the host does not listen; it will ask again"
}

virtio_receive() {
  while [ -z "$config" ]; do
    # The host's end may be closed: reading returns at once until somebody connects.
    IFS= read -r line <&3 || { sleep 1 && continue; }
    case $line in
      report) repeat_phase ;;
      "label "* | "owner "* | "repo "*) log "$line" ;;
      "time "*) date -u -s "@${line#time }" >/dev/null || log "the clock could not be set" ;; # it stood still with a saved state
      "config "*) config=${line#config } ;;
      *) log "the host said something that this guest does not know" ;;
    esac
    line=''
  done
}

# After the configuration only "report" still has a meaning. A second configuration is not taken.
virtio_listen() {
  while :; do
    if IFS= read -r line <&3; then
      case $line in report) repeat_phase ;; esac
    else
      sleep 1
    fi
  done
}

vbox_get() {
  timeout 30 "$vboxcontrol" --nologo guestproperty get "$1" 2>/dev/null | sed -n 's/^Value: //p'
}

vbox_say() {
  for attempt in 1 2 3; do
    timeout 30 "$vboxcontrol" --nologo guestproperty set /VBDP/Phase "$1" >/dev/null 2>&1 && return 0
    sleep "$attempt"
  done
  log "the host could not be told"
}

# The host writes the count last. The wait may miss a value that comes just before it, so it is short, and asked again.
vbox_receive() {
  for name in label owner repo; do
    log "$name $(vbox_get "$name")"
  done
  while count=$(vbox_get /VBDP/Config/Count) && [ -z "$count" ]; do
    timeout 30 "$vboxcontrol" --nologo guestproperty wait /VBDP/Config/Count --timeout 2000 >/dev/null 2>&1 || sleep 1
  done
  case $count in *[!0-9]* | ???*) give_up "the configuration is said to have an impossible number of parts" ;; esac
  index=0
  while [ "$index" -lt "$count" ]; do
    part=$(vbox_get "/VBDP/Config/$index")
    [ -n "$part" ] || give_up "part $index of the configuration is missing"
    config=$config$part
    index=$((index + 1))
  done
  part=''
}

say() {
  printf '%s\n' "$1" >"$state/phase"
  log "phase $1"
  "${channel}_say" "$1"
}

repeat_phase() {
  virtio_say "$(cat "$state/phase")"
}

give_up() {
  cancel $helpers $timer
  say "failed: $1"
  power_off
  exit 70 # reported: gha.service neither restarts the script nor reports it again
}

power_off() {
  log "powering off"
  if [ -n "${VBDP_POWEROFF:-}" ]; then sh -c "$VBDP_POWEROFF"; return; fi
  if [ -d /run/systemd/system ]; then systemctl --no-block poweroff; else poweroff; fi
}

# Bounds a wait: `after SECONDS COMMAND…` runs the command then, whatever the main process is blocked in. A cancellation may come
# at any moment: before the sleep's id is known, and before the sleep is more than a copy of this shell, which would lose a TERM.
after() {
  (
    sleeper='' cancelled=''
    trap 'cancelled=yes; cancel -9 $sleeper' TERM
    sleep "$1" &
    sleeper=$!
    [ -z "$cancelled" ] || cancel -9 $sleeper
    wait "$sleeper" || :
    [ -z "$cancelled" ] || exit 0
    trap - TERM
    shift
    "$@"
  ) &
  timer=$!
}

time_is_up() {
  say "failed: $1"
  power_off
  kill "$$"
}

cancel() {
  [ $# = 0 ] || kill "$@" 2>/dev/null || :
}

# What must be true of the image; found out, like all that a start needs, before somebody waits for it.
check_image() {
  for left in .runner .credentials; do
    [ ! -e "$runner_dir/$left" ] || give_up "the image holds the registration of a runner ($runner_dir/$left): bake it again with setup.sh"
  done
  [ -f "$runner_dir/run.sh" ] || give_up "no runner in $runner_dir: was this image baked with setup.sh?"
  case $(id -u):$runner_user in [!0]* | 0:root) return 0 ;; esac
  runner_home=$(awk -F: -v user="$runner_user" '$1 == user { print $6 }' /etc/passwd)
  [ -n "$runner_home" ] || give_up "no user '$runner_user': was this image baked with setup.sh?"
  if setpriv --help 2>&1 | grep -q -e --reuid; then runner_group=$(id -g "$runner_user"); fi # busybox has one without
}

# While the guest waits, the runner starts once for nothing: it has no configuration, and the files that it needs are in memory then.
# A guest that does not wait has no time for it, hence the second.
warm_up() {
  (
    exec 3>&- >/dev/null 2>&1 </dev/null
    sleep 1
    cd "$runner_dir"
    become_runner ./bin/Runner.Listener warmup
  ) &
  warmer=$!
}

# The port is closed for the runner: a job must not be able to speak in the guest's name.
start_runner() {
  mkfifo "$state/output"
  follow_runner <"$state/output" &
  follower=$!
  helpers="$helpers $follower"
  (
    exec 3>&-
    cd "$runner_dir"
    unset VBDP_POWEROFF INVOCATION_ID JOURNAL_STREAM
    ACTIONS_RUNNER_INPUT_JITCONFIG=$config ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE=1
    export ACTIONS_RUNNER_INPUT_JITCONFIG ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE
    become_runner ./run.sh
  ) >"$state/output" 2>&1 </dev/null &
  runner=$!
  config=''
  # When the time is up while the runner runs, it goes first: what it prints then is of no interest.
  trap 'cancel $helpers "$runner"; exit 70' TERM
}

become_runner() {
  umask 022
  [ -n "$runner_home" ] || exec "$@"
  export HOME="$runner_home" USER="$runner_user" LOGNAME="$runner_user"
  [ -z "$runner_group" ] || exec setpriv --reuid "$runner_user" --regid "$runner_group" --init-groups "$@"
  exec su -s /bin/sh "$runner_user" -c "exec $*" # busybox: su without "-" keeps the environment
}

# Reads what the runner prints. The runner masks its secrets; a line with the configuration would be dropped all the same.
follow_runner() {
  while IFS= read -r line; do
    case $line in
      *"$config"*) continue ;;
      *"Listening for Jobs"*) cancel $timer; say online ;;
      *"Running job:"*) say busy ;;
      *[![:space:]]*) printf '%s\n' "$line" >"$state/last-line" ;;
    esac
    printf 'runner: %s\n' "$line"
  done
}

# run.sh says 0 for nearly everything. What counts is whether the runner was ever online.
end_runner() {
  status=0
  wait "$runner" || status=$?
  trap - TERM
  cancel $timer
  # Whatever a job left running may hold the pipe open: the last lines get five seconds, not for ever.
  after 5 kill "$follower"
  wait "$follower" 2>/dev/null || :
  cancel $timer
  case $(cat "$state/phase") in
    online | busy) say "done" ;;
    *) give_up "the runner ended (exit $status) before it was online: $(last_line)" ;;
  esac
}

# Anything long enough to be a secret is not repeated to the host.
last_line() {
  [ -s "$state/last-line" ] || echo 'it printed nothing' >"$state/last-line"
  cut -c 1-300 "$state/last-line" | sed 's/[A-Za-z0-9+/=_.-]\{60,\}/***/g'
}

prepare() {
  mkdir -p "$state" "$(dirname "$used")"
  rm -f "$state/output" "$state/last-line"
  find_channel || {
    log "neither the port $port nor VBoxControl with a property /VBDP/Id: nobody provisioned this machine, nothing to do"
    exit 0
  }
}

live() {
  prepare
  # Single use, also across a reboot: a job may reboot its machine, and must not get a second life by it.
  [ ! -e "$used" ] || give_up "this guest was started again after it had taken its configuration"
  check_image
  say ready
  warm_up
  after "$config_timeout" time_is_up "no configuration came within $config_timeout seconds"
  "${channel}_receive"
  cancel $timer $warmer
  : >"$used"
  case $config in *[!A-Za-z0-9+/=]*) config='' && give_up "the configuration is not base64: its transport was damaged" ;; esac
  say configuring
  after "$online_timeout" time_is_up "the runner was not online within $online_timeout seconds"
  [ "$channel" = vbox ] || { virtio_listen & helpers=$!; }
  start_runner
  end_runner
  cancel $helpers
  power_off
}

case ${1:-} in
  '') live ;;
  --failed) prepare && give_up "${2:-the guest failed}" ;;
  --help | -h) usage ;;
  *) usage >&2 && exit 2 ;;
esac
