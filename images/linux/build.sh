#!/bin/sh
# build.sh: runs once, as root, in the machine that an image is built from. NoCloud's user-data starts it from the seed disk that
# `virtualbox-server image build` made. It bakes the runner in by setup.sh, makes the network that of any clone, says how it
# ended on the console, and powers the machine off.
set -eu

usage() {
  cat <<'HELP'
Usage: build.sh         bake this machine into an image and power it off (NoCloud's user-data calls it, from the seed disk)
       build.sh --help

Beside it lie setup.sh, the runner, and the file setup-arguments: the options of setup.sh, one a line.
HELP
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
console=${VBDP_CONSOLE:-/dev/console}
poweroff=${VBDP_POWEROFF:-poweroff}
etc=${VBDP_ETC:-/etc}
runner_dir=/opt/actions-runner

tell() {
  printf '\nVBDP-BUILD %s\n' "$*"
}

# Whatever happens, the machine goes off, so that nobody waits for it.
finish() {
  status=$?
  if [ "$status" = 0 ]; then
    tell ok
  else
    tell "failed: build.sh ended with code $status; what went wrong stands before this line"
  fi
  sync
  $poweroff
}

setup() {
  set --
  while IFS= read -r argument; do
    set -- "$@" "$argument"
  done <"$here/setup-arguments"
  sh "$here/setup.sh" "$@"
}

# On VirtualBox the guest hears its host through VBoxControl: from the packages, or from the Guest Additions in the second drive.
install_guest_tools() {
  [ "$(systemd-detect-virt 2>/dev/null || :)" = oracle ] || return 0
  ! command -v VBoxControl >/dev/null 2>&1 || return 0
  echo "==> installing the Guest Additions"
  if command -v apt-get >/dev/null 2>&1 && apt-get -q update && apt-get -q install -y --no-install-recommends virtualbox-guest-utils; then
    return 0
  fi
  additions=$(blkid -t TYPE=iso9660 -o device | grep -v "$(blkid -L cidata)" | head -n 1)
  [ -n "$additions" ] || { echo "there are no Guest Additions: neither a package nor a disk in the second drive (on the host: virtualbox-guest-additions-iso)" && return 1; }
  if command -v apt-get >/dev/null 2>&1; then
    apt-get -q install -y --no-install-recommends bzip2 gcc make perl "linux-headers-$(uname -r)"
  else
    dnf -q -y install bzip2 elfutils-libelf-devel gcc make perl "kernel-devel-$(uname -r)"
  fi
  mkdir -p /run/vbdp-additions
  mount -o ro "$additions" /run/vbdp-additions
  sh /run/vbdp-additions/VBoxLinuxAdditions.run --nox11 || : # its exit code speaks of the desktop too
  command -v VBoxControl >/dev/null 2>&1 || { echo "the Guest Additions could not be built; see /var/log/vboxadd-setup.log" && return 1; }
}

# cloud-init writes the address of this machine's own network card into the configuration, and in a clone it would look for a
# cloud for minutes.
free_network() {
  mkdir -p "$etc/cloud"
  : >"$etc/cloud/cloud-init.disabled"
  if [ -d "$etc/netplan" ]; then
    rm -f "$etc"/netplan/50-cloud-init.yaml
    printf 'network:\n  version: 2\n  ethernets:\n    any:\n      match: {name: "e*"}\n      dhcp4: true\n      optional: true\n' >"$etc/netplan/60-any.yaml"
    chmod 0600 "$etc/netplan/60-any.yaml"
  fi
  rm -f "$etc"/NetworkManager/system-connections/cloud-init-*.nmconnection "$etc"/udev/rules.d/70-persistent-net.rules
  if [ -f "$etc/network/interfaces.d/50-cloud-init" ]; then
    rm -f "$etc/network/interfaces.d/50-cloud-init"
    mkdir -p "$etc/systemd/network"
    printf '[Match]\nName=e*\n\n[Network]\nDHCP=yes\n' >"$etc/systemd/network/60-any.network"
    systemctl enable systemd-networkd.service
  fi
}

report() {
  # shellcheck source=/dev/null
  tell "system: $(. /etc/os-release && printf '%s' "$PRETTY_NAME")"
  if version=$("$runner_dir/bin/Runner.Listener" --version 2>/dev/null); then
    tell "runner: $version"
  fi
}

case ${1:-} in
  '') ;;
  --help | -h) usage && exit 0 ;;
  *) usage >&2 && exit 2 ;;
esac
exec >"$console" 2>&1 </dev/null
trap finish EXIT
install_guest_tools
setup
free_network
report
