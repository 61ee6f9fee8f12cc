# shellcheck shell=bash disable=SC2154 # the scenario has set what is used here
# story.sh: the words that the scenario is told in. To be sourced by it.

die() {
  say "${red}$*${plain}" >&2
  exit 1
}

# Rounds run in shells of their own: the timeline is kept in a file.
reached() {
  echo "$(elapsed) $*" | tee -a "$work/timeline" | awk '{ $1 = ""; print "           *" $0 }'
}

show_story() {
  # shellcheck disable=SC2034 # show_timeline reads it
  mapfile -t timeline <"$work/timeline"
  show_timeline
  echo
}

prepare() {
  install -m 600 "$folder/image.vdi" "$work/base.vdi"
  VBoxManage internalcommands sethduuid "$work/base.vdi"
  make_machine "$base" "$work/base.vdi"
  # Open in every way that a clone of it must not be.
  VBoxManage modifyvm "$base" --nat-pf1 "ssh,tcp,,2222,,22" --clipboard-mode bidirectional
  VBoxManage guestproperty set "$base" /VBDP/Phase "done"
  # Each RDTSC of a guest leaves it where the processor's virtualisation is emulated: most of its time, and of its triple faults.
  ! emulated || VBoxManage setextradata "$base" VBoxInternal/TM/TSCMode RealTSCOffset
  VBoxManage snapshot "$base" take ready
  VBoxManage createmedium disk --filename "$work/foreign.vdi" --size 16
  make_machine "$foreign" "$work/foreign.vdi"
  VBoxManage list vms | wc -l >"$work/machines-before"
  VBoxManage list hdds | grep -c ^UUID >"$work/disks-before"
  fingerprint_of_others >"$work/others"
}

make_machine() {
  VBoxManage createvm --name "$1" --ostype Debian_64 --basefolder "$work/of-others" --register
  VBoxManage modifyvm "$1" --cpus 1 --memory 512 --ioapic on --nic1 nat --nic-type1 82540EM --audio-enabled off
  VBoxManage storagectl "$1" --name SATA --add sata --portcount 1
  VBoxManage storageattach "$1" --storagectl SATA --port 0 --device 0 --type hdd --medium "$2"
}

# The image's own settings are rewritten by VirtualBox with each clone: its list of disks that depend on it changes.
fingerprint_of_others() {
  find "$work/of-others/$foreign" "$work/foreign.vdi" "$work/base.vdi" -type f -print0 | sort -z | xargs -0 sha256sum
}

start_simulator() {
  local port address
  port=$(free_port 8081)
  # A guest behind VirtualBox's NAT cannot reach this machine's loopback, which is right, but every other address of it.
  address=$(hostname -I | cut -d ' ' -f 1)
  [ -n "$address" ] || die "this machine has no address beside its loopback: no guest could reach the simulator"
  simulator=http://127.0.0.1:$port
  (umask 077 && printf 'ghp_%s' "$(od -An -N18 -tx1 /dev/urandom | tr -d ' \n')" >"$work/github-token")
  GITHUB_SIMULATOR_TOKENS=$(cat "$work/github-token") setsid "$programs/github-simulator/github-simulator" \
    --listen 0.0.0.0 --port "$port" --url "http://$address:$port/" >"$work/simulator.log" 2>&1 &
  echo $! >"$work/simulator.pid"
  wait_for "the simulator" "$work/simulator.log" 'listens on' "$work/simulator.pid"
}

# Again and again, with the same data and port: what it finds then is its own affair.
start_server() {
  if [ ! -e "$work/server.json" ]; then
    "$programs/cert-generator/cert-generator" --host localhost,127.0.0.1 --org lab --out "$work" >/dev/null
    free_port 8080 >"$work/port"
    configure_server
    (umask 077 && "$programs/virtualbox-server/virtualbox-server" token create --config "$work/server.json" \
      --name lab --repository "$repository_name" >"$work/api-token")
  fi
  cat "$work/server.log" >>"$work/server.all.log" 2>/dev/null || true
  setsid "$programs/virtualbox-server/virtualbox-server" --config "$work/server.json" >"$work/server.log" 2>&1 &
  echo $! >"$work/server.pid"
  wait_for "the server" "$work/server.log" 'Listening on' "$work/server.pid"
}

# Emulated, a guest takes minutes for what takes seconds elsewhere.
configure_server() {
  jq -n --arg work "$work" --arg image "$base" --arg github "$simulator" --argjson port "$(cat "$work/port")" '
    { host: "127.0.0.1", port: $port, certFile: "\($work)/cert.pem", keyFile: "\($work)/key.pem", dataFolder: "\($work)/data",
      hypervisor: "virtualbox", gitHub: { url: $github, tokenFile: "\($work)/github-token" },
      images: { debian: { source: $image, snapshot: "ready", cpus: 1, memory: 512 } },
      vms: { bootTimeout: "00:20:00", registrationTimeout: "00:15:00", idleTimeout: "00:20:00" },
      virtualBox: { machineFolder: "\($work)/machines" } }' >"$work/server.json"
}

kill_server() {
  kill -9 "$(cat "$work/server.pid")"
}

client() {
  VBDP_SERVER=https://127.0.0.1:$(cat "$work/port") VBDP_CA=$work/ca.pem VBDP_TOKEN_FILE=$work/api-token \
    timeout 1800 "$programs/virtualbox-client/virtualbox-client" "$@"
}

# The Action's own program, with the environment that a workflow step of the Action has.
action() {
  (
    export GITHUB_ACTIONS=true GITHUB_REPOSITORY=$repository_name GITHUB_RUN_ID=1 GITHUB_RUN_ATTEMPT=1 GITHUB_JOB=lab
    export GITHUB_OUTPUT=$work/output GITHUB_STATE=$work/state GITHUB_STEP_SUMMARY=$work/summary.md
    export INPUT_MODE=$1 INPUT_IMAGE=debian INPUT_ID=$vm INPUT_TIMEOUT=30m
    INPUT_SERVER=https://127.0.0.1:$(cat "$work/port") INPUT_CA_CERT=$(cat "$work/ca.pem") INPUT_API_TOKEN=$(cat "$work/api-token")
    export INPUT_SERVER INPUT_CA_CERT INPUT_API_TOKEN
    exec timeout 1800 "$programs/virtualbox-client/virtualbox-client"
  ) 2>&1 | grep --line-buffered -v '^::add-mask::'
}

queue() {
  jq -n --arg label "$1" --arg script "$2" --arg repository "$repository_name" \
    '{ repository: $repository, labels: [$label], name: "lab", script: $script }' |
    curl -fsS -H 'Content-Type: application/json' -d @- "$simulator/_simulator/jobs" | jq .id
}

# The simulator holds its answer back for a minute at most. A machine that has ended takes no job any more.
await_job() {
  local answer
  for _ in $(seq 20); do
    [ "$2:$(client show "$vm" --format json | jq -r .phase)" != in_progress:gone ] || die "the machine is gone: $(client show "$vm")"
    answer=$(curl -fsS "$simulator/_simulator/jobs/$1?wait=$2")
    case $2:$(jq -r .status <<<"$answer") in
      *:completed) break ;;
      in_progress:in_progress) return 0 ;;
    esac
  done
  [ "$(jq -r .status <<<"$answer")" = completed ] || die "job $1 is still $(jq -r .status <<<"$answer")"
  printf '%s\n' "$answer"
}

machine_process() {
  pgrep -f -- "VBoxHeadless.*--comment $1 " | head -n 1
}

await_process() {
  for _ in $(seq 600); do
    if machine_process "$1"; then return 0; fi
    sleep 0.5
  done
  die "machine $1 was not started"
}

# The client's watch ends when the VM is gone.
await_gone() {
  local left
  client watch "$1" >"$work/watch.log" 2>&1 || true
  client show "$1" --format json | jq -e '.phase == "gone"' >/dev/null || die "$1 is not gone: $(tail -n 3 "$work/watch.log")"
  [ ! -e "$work/machines/vbdp-$1" ] || die "files are left: $(find "$work/machines/vbdp-$1")"
  ! machine_process "vbdp-$1" || die "its process is left"
  ! VBoxManage list vms | grep -F "\"vbdp-$1\"" || die "it is still registered at VirtualBox"
  left=$(curl -fsS "$simulator/_simulator/runners" | jq -r --arg vm "$1" '.[] | select(.name == $vm) | .name')
  [ -z "$left" ] || die "a registration is left at GitHub: $left"
}

# Whether the machine of this round ended by itself where that is the emulator's doing. It must be gone then.
stumbled() {
  emulated || return 1
  [ "$(client show "$vm" --format json | jq -r '.failure.code // empty')" = stopped-early ] || return 1
  await_gone "$vm"
  say "the emulated processor lost this machine; the server told so, and nothing is left of it"
}

emulated() {
  grep -qw hypervisor /proc/cpuinfo
}

show_logs() {
  local log
  say "last lines of the server's log:"
  tail -n 15 "$work/server.log" | cut -c 1-300 | quote
  for log in "$work"/machines/*/Logs/VBox.log; do
    [ -s "$log" ] || continue
    say "from $log:"
    # After a guru meditation come thousands of lines of registers.
    { grep -m 1 -A 40 'Guru Meditation' "$log" || tail -n 15 "$log"; } | cut -c 1-200 | quote
  done
}

cleanup() {
  local pid name
  for pid in "$work"/server.pid "$work"/simulator.pid; do
    [ ! -s "$pid" ] || stop_process "$(cat "$pid")"
  done
  for pid in $(pgrep -f -- "VBoxHeadless.*--comment vbdp-lab-" || true); do stop_process "$pid"; done
  # Clones before their base.
  for name in $(VBoxManage list vms | grep -oE '"vbdp-lab-[a-z]+-[1-4]"' | tr -d '"'); do VBoxManage unregistervm "$name" >/dev/null 2>&1 || true; done
  for name in "$base" "$foreign"; do VBoxManage unregistervm "$name" --delete >/dev/null 2>&1 || true; done
  [ "${KEEP:-}" = yes ] || rm -rf "$work"
}
