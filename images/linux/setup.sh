#!/bin/sh
# setup.sh: turns a Linux machine into an image for GitHub Actions runners. Run it as root inside the machine (or inside
# a chroot of its disk), power the machine off, and let the server clone it. Repeatable: run it again for a newer runner.
set -eu
umask 022

usage() {
  cat <<'HELP'
Usage: setup.sh --runner-sha256 HEX [SOURCE] [OPTIONS]
       setup.sh --scripts-only [--runner-dir DIR] [--user NAME]

Bakes the runner, its service and a clean identity into this machine.

SOURCE, one of:
  --runner-version V     the official runner, from GitHub (for example 2.336.0)
  --runner-url URL       any other place of the tarball (https, http or file)
  --runner-file FILE     a tarball that is here already
OPTIONS:
  --runner-sha256 HEX    checksum of the tarball; GitHub prints it in the release notes. Required: nothing unchecked is unpacked
  --runner-dir DIR       where the runner goes          (default /opt/actions-runner)
  --user NAME            who runs jobs, made if missing (default runner)
  --sudo                 let jobs use sudo without a password, as on GitHub's own machines
  --no-packages          install nothing (the packages of the runner are there already)
  --scripts-only         only put the scripts and their service in place: the runner is there already
  --no-clean             keep logs, SSH host keys and machine id (for trying things out; do not clone such a machine)
  --help

Debian, Ubuntu and their like (apt) and Fedora, RHEL and their like (dnf) are known. Guest Additions are not installed
here: on VirtualBox install them first, so that VBoxControl works in the guest.
HELP
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
runner_version=''
runner_url=''
runner_file=''
runner_sha256=''
runner_dir=/opt/actions-runner
runner_user=runner
want_sudo=no
want_packages=yes
want_clean=yes
want_runner=yes
work=''

step() {
  printf '==> %s\n' "$*"
}

die() {
  printf 'setup.sh: %s\n' "$*" >&2
  exit 1
}

misused() {
  printf 'setup.sh: %s\nTry: setup.sh --help\n' "$*" >&2
  exit 2
}

parse() {
  while [ $# -gt 0 ]; do
    case $1 in
      --runner-version | --runner-url | --runner-file | --runner-sha256 | --runner-dir | --user)
        [ $# -ge 2 ] || misused "$1 needs a value"
        set_option "$1" "$2"
        shift
        ;;
      --sudo) want_sudo=yes ;;
      --no-packages) want_packages=no ;;
      --no-clean) want_clean=no ;;
      --scripts-only) want_runner=no ;;
      --help | -h)
        usage
        exit 0
        ;;
      *) misused "unknown option '$1'" ;;
    esac
    shift
  done
}

set_option() {
  case $1 in
    --runner-version) runner_version=${2#v} ;;
    --runner-url) runner_url=$2 ;;
    --runner-file) runner_file=$2 ;;
    --runner-sha256) runner_sha256=$(printf '%s' "$2" | tr 'A-F' 'a-f') ;;
    --runner-dir) runner_dir=$2 ;;
    --user) runner_user=$2 ;;
  esac
}

check_options() {
  [ "$want_runner" = no ] || check_source
  check_place
}

check_source() {
  sources=0
  for source in "$runner_version" "$runner_url" "$runner_file"; do
    [ -z "$source" ] || sources=$((sources + 1))
  done
  [ "$sources" = 1 ] || misused "give exactly one of --runner-version, --runner-url, --runner-file"
  case $runner_sha256 in
    '') misused "--runner-sha256 is missing: nothing unchecked is unpacked" ;;
    *[!0-9a-f]*) misused "--runner-sha256 is not hexadecimal" ;;
  esac
  [ "${#runner_sha256}" = 64 ] || misused "--runner-sha256 has ${#runner_sha256} digits, not 64"
  case $runner_version in *[!0-9.]*) misused "--runner-version '$runner_version' is not a version" ;; esac
}

check_place() {
  case $runner_dir in
    *//* | */. | */./* | */.. | */../* | */) misused "--runner-dir $runner_dir: write it without empty parts, dots and a slash at its end" ;;
    /*/*) ;;
    /*) misused "--runner-dir $runner_dir would be emptied; name a folder of its own" ;;
    *) misused "--runner-dir must be absolute" ;;
  esac
  if [ -d "$runner_dir" ] && [ ! -f "$runner_dir/run.sh" ] && [ -n "$(ls -A "$runner_dir")" ]; then
    misused "--runner-dir $runner_dir holds something that is not a runner; name a folder of its own"
  fi
  case $runner_user in '' | root | -* | *[!a-z0-9_-]*) misused "--user '$runner_user' will not do: an ordinary user's name, not root" ;; esac
  [ "$(id -u)" = 0 ] || die "must run as root (try: sudo $0 …)"
  [ -d /etc/systemd/system ] || die "no systemd in this machine: the runner is a systemd service"
}

# What workflows take for granted (checkout needs git), beside what the scripts need. .NET's own libraries come later,
# by the list that the official runner brings along.
install_packages() {
  [ "$want_packages" = yes ] || return 0
  step "installing packages"
  if command -v apt-get >/dev/null 2>&1; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q update
    apt-get -q install -y --no-install-recommends ca-certificates curl git gzip passwd tar unzip util-linux
  elif command -v dnf >/dev/null 2>&1; then
    dnf -q -y --setopt=install_weak_deps=False install ca-certificates coreutils git gzip shadow-utils tar unzip util-linux
    command -v curl >/dev/null 2>&1 || dnf -q -y install curl # curl-minimal, where it is, conflicts with curl and is enough
  else
    die "neither apt-get nor dnf here: install ca-certificates, curl, git, tar and unzip yourself and use --no-packages"
  fi
}

install_runner_packages() {
  [ "$want_packages" = yes ] && [ -x "$runner_dir/bin/installdependencies.sh" ] || return 0
  step "installing the libraries of the runner"
  "$runner_dir/bin/installdependencies.sh" >"$work/dependencies.log" 2>&1 || {
    tail -n 20 "$work/dependencies.log" >&2
    die "the runner's installdependencies.sh failed (above)"
  }
}

fetch_runner() {
  tarball=$work/runner.tar.gz
  if [ -n "$runner_file" ]; then
    [ -f "$runner_file" ] || die "there is no file $runner_file"
    cp -- "$runner_file" "$tarball"
  else
    [ -z "$runner_version" ] || runner_url=$(official_url)
    step "downloading $runner_url"
    command -v curl >/dev/null 2>&1 || die "curl is missing, and --no-packages forbids to install it"
    curl -fsSL --retry 3 --connect-timeout 30 --output "$tarball" -- "$runner_url" || die "could not download $runner_url"
  fi
  seen=$(sha256sum "$tarball" | cut -d ' ' -f 1)
  [ "$seen" = "$runner_sha256" ] ||
    die "the tarball is not the one that was asked for: its SHA-256 is $seen, expected was $runner_sha256. Nothing was unpacked"
}

official_url() {
  case $(uname -m) in
    x86_64) arch=x64 ;;
    aarch64) arch=arm64 ;;
    *) die "there is no official runner for $(uname -m)" ;;
  esac
  printf 'https://github.com/actions/runner/releases/download/v%s/actions-runner-linux-%s-%s.tar.gz' \
    "$runner_version" "$arch" "$runner_version"
}

make_user() {
  if ! id "$runner_user" >/dev/null 2>&1; then
    step "making user $runner_user"
    useradd --create-home --shell /bin/sh "$runner_user"
    [ ! -x /bin/bash ] || usermod --shell /bin/bash "$runner_user"
  fi
  rm -f /etc/sudoers.d/gha
  if [ "$want_sudo" = yes ]; then
    [ -d /etc/sudoers.d ] || die "--sudo needs the package sudo"
    printf '%s ALL=(ALL) NOPASSWD: ALL\n' "$runner_user" >/etc/sudoers.d/gha
    chmod 0440 /etc/sudoers.d/gha
  fi
}

# Unpacked beside its place and then moved there: a tarball that breaks half way leaves the old runner as it was.
unpack_runner() {
  step "unpacking the runner into $runner_dir"
  mkdir -p "$(dirname "$runner_dir")"
  rm -rf "$runner_dir.new"
  mkdir "$runner_dir.new"
  tar -xzf "$work/runner.tar.gz" -C "$runner_dir.new" --no-same-owner || die "the tarball cannot be unpacked"
  for part in run.sh bin/Runner.Listener; do
    [ -f "$runner_dir.new/$part" ] || die "the tarball is not a runner: it has no $part"
  done
  rm -rf "$runner_dir"
  mv "$runner_dir.new" "$runner_dir"
  chown -R "$runner_user:" "$runner_dir"
}

# The official runner is compiled at its first start; in a machine that starts once, that is every start.
warm_up() {
  [ -f "$runner_dir/bin/Runner.Listener.dll" ] || return 0
  step "warming the runner up"
  (cd "$runner_dir" && run_as_user ./bin/Runner.Listener warmup >"$work/warmup.log" 2>&1) || {
    tail -n 20 "$work/warmup.log" >&2
    die "the runner does not start on this machine (above); are its libraries missing?"
  }
  rm -rf "$runner_dir/_diag"
}

run_as_user() {
  setpriv --reuid "$runner_user" --regid "$(id -g "$runner_user")" --init-groups --inh-caps=-all "$@"
}

install_service() {
  step "installing gha.service"
  mkdir -p /opt/gha
  cp "$here/configure.sh" "$here/grow.sh" "$here/seed.sh" "$here/README.md" /opt/gha/
  chmod 0755 /opt/gha/configure.sh /opt/gha/grow.sh /opt/gha/seed.sh
  [ "$want_runner" = no ] || printf '%s\n' "$runner_sha256" >/opt/gha/runner.sha256
  cp "$here/gha.service" "$here/gha-failed.service" /etc/systemd/system/
  if [ ! -e /etc/default/gha ]; then
    mkdir -p /etc/default
    printf '# Settings of gha.service and, as environment, of the runner and its jobs. See: /opt/gha/configure.sh --help\n' >/etc/default/gha
  fi
  keep_setting VBDP_RUNNER_DIR "$runner_dir"
  keep_setting VBDP_RUNNER_USER "$runner_user"
  systemctl enable gha.service >/dev/null 2>&1 || die "systemctl could not enable gha.service"
}

keep_setting() {
  sed -i "/^$1=/d" /etc/default/gha
  printf '%s=%s\n' "$1" "$2" >>/etc/default/gha
}

# What two clones must not share, and what nobody needs in an image.
clean() {
  [ "$want_clean" = yes ] || return 0
  step "removing this machine's identity, logs and caches"
  rm -rf /var/lib/gha "$runner_dir/_diag" "$runner_dir/_work"
  rm -f "$runner_dir/.runner" "$runner_dir/.credentials" "$runner_dir/.credentials_rsaparams"
  : >/etc/machine-id # empty: made anew at each clone's first boot
  rm -f /var/lib/dbus/machine-id /var/lib/systemd/random-seed /var/lib/systemd/credential.secret
  clean_ssh
  rm -rf /var/lib/dhcp/* /var/lib/NetworkManager/*.lease /run/systemd/netif/leases/* /etc/udev/rules.d/70-persistent-net.rules
  ! command -v cloud-init >/dev/null 2>&1 || cloud-init clean --logs >/dev/null 2>&1 || :
  rm -rf /var/log/journal/*
  find /var/log -type f ! -name '*.gz' -exec sh -c 'for f; do : >"$f"; done' sh {} +
  find /var/log -type f -name '*.gz' -delete
  rm -f /root/.bash_history /root/.wget-hsts "/home/$runner_user/.bash_history"
  if command -v apt-get >/dev/null 2>&1; then
    apt-get clean
    rm -rf /var/lib/apt/lists/*
  elif command -v dnf >/dev/null 2>&1; then
    dnf -q clean all >/dev/null 2>&1 || :
  fi
}

# Host keys are per machine. Where there is an SSH server, each clone makes its own before it starts.
clean_ssh() {
  rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
  command -v ssh-keygen >/dev/null 2>&1 || return 0
  for unit in ssh sshd; do
    mkdir -p "/etc/systemd/system/$unit.service.d"
    printf '[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n' >"/etc/systemd/system/$unit.service.d/host-keys.conf"
  done
}

parse "$@"
check_options
if [ "$want_runner" = no ]; then
  install_service
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work" "$runner_dir.new"' EXIT
trap 'exit 130' INT TERM
install_packages
fetch_runner
make_user
unpack_runner
install_runner_packages
warm_up
install_service
clean
[ "$want_clean" = no ] || step "done: power this machine off and make a snapshot of it; do not boot it again before it is cloned"
