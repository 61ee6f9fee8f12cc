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
runner than the image may have, the file runner: its SHA-256, its address, and how many seconds its installation may take.
HELP
}

mounted=${VBDP_SEED_MOUNT:-/run/vbdp-seed}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
gha=/opt/gha
defaults=/etc/default/gha
units=/etc/systemd/system
log=${VBDP_SEED_LOG:-/run/vbdp-seed.log}

# The devices that are being found now may be the seed's. No seed is the usual case; one that cannot be read is a failure.
look() {
  if [ ! -f "$mounted/seed.sh" ]; then
    ! command -v udevadm >/dev/null 2>&1 || udevadm settle --timeout=10 || :
    disk=$(blkid -t LABEL=cidata -o device 2>/dev/null | head -n 1)
    [ -n "$disk" ] || exit 0
    mkdir -p "$mounted"
    mount -t iso9660 -o ro "$disk" "$mounted" || give_up "$gha" "the seed in $disk cannot be read"
  fi
  [ -f "$mounted/seed.sh" ] || exit 0 # somebody else's
  exec sh "$mounted/seed.sh" --update
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
  run_setup "$seconds" "$@"
}

# Keeps what the image was baked with, but for what the seed says otherwise.
run_setup() {
  seconds=$1
  shift
  set -- "$@" --runner-dir "$(setting VBDP_RUNNER_DIR /opt/actions-runner)" --user "$(setting VBDP_RUNNER_USER runner)"
  [ ! -e /etc/sudoers.d/gha ] || set -- "$@" --sudo
  while IFS= read -r argument; do
    set -- "$@" "$argument"
  done <"$here/setup-arguments"
  status=$({ { timeout "$seconds" sh "$here/setup.sh" "$@" 2>&1 && echo 0 >&3 || echo "$?" >&3; } | tee "$log" >&4; } 3>&1 4>&2)
  case $status in
    0) return 0 ;;
    124) give_up "$here" "the runner was not installed within $seconds seconds; last: $(tail -n 1 "$log")" ;;
    *) give_up "$here" "the guest could not be brought up to date by its seed: $(why)" ;;
  esac
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
