# shellcheck shell=bash
# lib.sh: the few words that the scripts of this folder share. To be sourced.
set -euo pipefail

# shellcheck disable=SC2034 # used by those who source this
{
  repository=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/virtualbox-provisioner
  artifacts=$repository/artifacts
}

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# Without ICU, as on a small Debian, the SDK does not even tell its version; nothing here needs one.
if ! PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -q libicuuc; then
  export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
fi
if ! command -v dotnet >/dev/null && [ -x "$HOME/.dotnet/dotnet" ]; then
  export DOTNET_ROOT=$HOME/.dotnet PATH=$HOME/.dotnet:$PATH
fi

# Progress goes to stderr, so that a script can hand a result to its caller on stdout.
step() {
  printf '==> %s\n' "$*" >&2
}

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

have() {
  command -v "$1" >/dev/null 2>&1
}

# Runs a command as root, with sudo where that is needed.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "this needs root: $* (be root, or install sudo)"
  fi
}

# Whether the VirtualBox of this machine can start machines: without its kernel driver, or where the processor's virtualisation is
# missing or taken, it can do everything else.
virtualbox_starts_machines() {
  have VBoxManage && [ -c /dev/vboxdrv ] && VBoxManage list hostinfo 2>/dev/null | grep -q 'supports HW virtualization: *yes'
}

# A short name for the content of files and folders (names, modes and bytes), and of the words after "--".
content_hash() {
  {
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
      (cd "$repository" && find "$1" -type f -not -path '*/bin/*' -not -path '*/obj/*' -print0 | LC_ALL=C sort -z |
        xargs -0 -r sha256sum)
      shift
    done
    printf '%s\n' "$@"
  } | sha256sum | cut -c 1-16
}
