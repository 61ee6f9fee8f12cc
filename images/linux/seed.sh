#!/bin/sh
# seed.sh: brings a clone up to date from its seed, a small disk of its own (ISO 9660, label cidata) that the host gives it. Where an image
# has none of these scripts, cloud-init starts the seed's copy of this one; where it has them, gha.service asks for a seed before all else.
# A seed holds no secret. The contract with the host is docs/reference/guest-contract.md.
set -eu
umask 022

usage() {
  cat <<'HELP'
Usage: seed.sh            look for a seed, and if there is one, do what it says (gha.service calls it)
       seed.sh --install  put this seed's scripts in place and start gha.service (cloud-init calls it, from the seed)
       seed.sh --update   the same without starting it, then install the runner that the seed names (seed.sh calls it, on the seed)
       seed.sh --help

Beside it on a seed: the scripts, setup-arguments (options of setup.sh, one a line) and, where the host wants another
runner than the image may have, the file runner: its SHA-256, its address, and within how many seconds after the
machine's start it has to be installed. The file vbdp-seed tells a seed from other disks of the label.
HELP
}

mounted=${VBDP_SEED_MOUNT:-/run/vbdp-seed}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
gha=/opt/gha
defaults=/etc/default/gha
units=/etc/systemd/system
log=${VBDP_SEED_LOG:-/run/vbdp-seed.log}
sys=${VBDP_SYS:-/sys}
dev=${VBDP_DEV:-/dev}
uptime=${VBDP_UPTIME:-/proc/uptime}

# The devices that are being found now may be the seed's. No seed is the usual case; one that cannot be read is a failure.
look() {
  if ! is_seed; then
    ! command -v udevadm >/dev/null 2>&1 || udevadm settle --timeout=10 || :
    unread=''
    find_seed || {
      [ -z "$unread" ] || give_up "$gha" "the seed in $unread cannot be read"
      exit 0
    }
  fi
  exec sh "$mounted/seed.sh" --update
}

is_seed() {
  [ -f "$mounted/vbdp-seed" ] && [ -f "$mounted/seed.sh" ]
}

# What is on a seed runs as root. So it is looked for in the machine's own optical drives alone, where the host puts it: a disk or
# USB device may come from whoever had it last, and say of itself what it likes.
find_seed() {
  mkdir -p "$mounted"
  for drive in "$dev"/sr*; do
    [ -e "$sys/class/block/${drive##*/}" ] || continue
    case $(readlink -f "$sys/class/block/${drive##*/}") in */usb*) continue ;; esac
    [ "$(blkid -p -s LABEL -o value "$drive" 2>/dev/null)" = cidata ] || continue
    mount -t iso9660 -o ro "$drive" "$mounted" || { unread=$drive && continue; }
    ! is_seed || return 0
    umount "$mounted" # somebody else's
  done
  return 1
}

install() {
  update_scripts
  systemctl --no-block start gha.service
}

update() {
  update_scripts
  [ ! -f "$here/runner" ] || update_runner
}

update_scripts() {
  ! is_current || return 0
  run_setup 60 --scripts-only
  systemctl daemon-reload
}

is_current() {
  for file in configure.sh grow.sh seed.sh README.md; do
    cmp -s "$here/$file" "$gha/$file" || return 1
  done
  for unit in gha.service gha-failed.service; do
    cmp -s "$here/$unit" "$units/$unit" || return 1
  done
  systemctl -q is-enabled gha.service
}

# setup.sh has left the checksum of the runner that it unpacked.
update_runner() {
  { read -r sha256 && read -r url && read -r seconds; } <"$here/runner" || give_up "$here" "the seed's file 'runner' is damaged"
  if [ "$(cat "$gha/runner.sha256" 2>/dev/null)" = "$sha256" ]; then
    echo "gha: the runner is the one that the host wants"
    return 0
  fi
  set -- --runner-url "$url" --runner-sha256 "$sha256" --no-clean
  # What an image with a runner needs is in it.
  [ ! -f "$(setting VBDP_RUNNER_DIR /opt/actions-runner)/run.sh" ] || set -- "$@" --no-packages
  [ ! -e /etc/sudoers.d/gha ] || set -- "$@" --sudo
  while IFS= read -r argument; do
    set -- "$@" "$argument"
  done <"$here/setup-arguments"
  run_setup "$(left "$seconds")" "$@"
}

# Keeps what the image was baked with, but for what the seed says otherwise.
run_setup() {
  seconds=$1
  shift
  set -- "$@" --runner-dir "$(setting VBDP_RUNNER_DIR /opt/actions-runner)" --user "$(setting VBDP_RUNNER_USER runner)"
  status=$({ { timeout "$seconds" sh "$here/setup.sh" "$@" 2>&1 && echo 0 >&3 || echo "$?" >&3; } | tee "$log" >&4; } 3>&1 4>&2)
  case $status in
    0) return 0 ;;
    124) give_up "$here" "the runner was not installed within $seconds seconds; last: $(tail -n 1 "$log")" ;;
    *) give_up "$here" "the guest could not be brought up to date by its seed: $(why)" ;;
  esac
}

# Who waits counts from the machine's start on.
left() {
  up=$(sed 's/[. ].*//' "$uptime") || up=''
  up=${up:-0}
  [ "$((up + 1))" -lt "$1" ] && echo "$(($1 - up))" || echo 1
}

setting() {
  found=$(sed -n "s/^$1=//p" "$defaults" 2>/dev/null | tail -n 1)
  printf '%s' "${found:-$2}"
}

why() {
  said=$(sed -n 's/^setup.sh: //p' "$log" | head -n 1)
  printf '%s' "${said:-$(tail -n 1 "$log")}" | cut -c 1-300
}

give_up() {
  sh "$1/configure.sh" --failed "$2" || :
  exit 1
}

case ${1:-} in
  '') look ;;
  --install) install ;;
  --update) update ;;
  --help | -h) usage ;;
  *) usage >&2 && exit 2 ;;
esac
