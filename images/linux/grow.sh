#!/bin/sh
# grow.sh: gives the root file system the disk that this machine was given. A clone may have a larger disk than its image, and
# cloud-init, which would see to it, is off in a clone. Reads a few files where there is nothing to do. Plain POSIX sh.
set -eu

usage() {
  cat <<'HELP'
Usage: grow.sh         let the root partition and its file system (ext4, xfs) take what is free behind them
       grow.sh --help

Needs growpart (Debian, Ubuntu: cloud-guest-utils; Fedora, RHEL: cloud-utils-growpart), which cloud images have. What it cannot
do it says, and the machine goes on as it is: LVM, encrypted disks, a partition with another one behind it.
HELP
}

sys=${VBDP_SYS:-/sys}
mounts=${VBDP_MOUNTS:-/proc/self/mountinfo}
dev=${VBDP_DEV:-/dev}
# Sectors of 512 bytes. An image's own table may leave a few MiB at the end; to move that is not worth the time.
worthwhile=65536

say() {
  printf 'gha: %s\n' "$*"
}

case ${1:-} in
  '') ;;
  --help | -h) usage && exit 0 ;;
  *) usage >&2 && exit 2 ;;
esac

# The last mount on / is the one that is seen. Of a root on no partition (an overlay, a whole disk, LVM) nothing is to be grown.
# shellcheck disable=SC2046 # the two words are number and type
set -- $(awk '$5 == "/" { number = $3; for (i = 6; i <= NF; i++) if ($i == "-") type = $(i + 1) } END { print number, type }' "$mounts")
partition=$sys/dev/block/${1:-none}
type=${2:-none}
[ -e "$partition/partition" ] || exit 0
partition=$(readlink -f "$partition")
disk=${partition%/*}
read -r start <"$partition/start"
read -r size <"$partition/size"
read -r all <"$disk/size"
read -r number <"$partition/partition"
free=$((all - start - size))
[ "$free" -ge "$worthwhile" ] || exit 0

command -v growpart >/dev/null 2>&1 || {
  say "$((free / 2048)) MiB of the disk are not used: there is no growpart in this image (cloud-guest-utils, or cloud-utils-growpart)"
  exit 0
}
timeout 60 growpart "$dev/${disk##*/}" "$number" || {
  say "$((free / 2048)) MiB of the disk are not used: growpart could not give them to the root partition"
  exit 0
}
case $type in
  ext[234]) timeout 120 resize2fs "$dev/${partition##*/}" ;;
  xfs) timeout 120 xfs_growfs / ;;
  *) say "the root partition is larger now, and its file system is not: $type is not known here" && exit 0 ;;
esac || say "the root partition is larger now, and its file system could not be made so"
