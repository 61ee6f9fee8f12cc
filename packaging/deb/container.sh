# shellcheck shell=bash
# container.sh: a clean Debian in which systemd runs, in namespaces of its own; nothing of it is seen outside. To be sourced, after eng/lib.sh.

# The oldest one that the package is for. Beside what the package needs: two more shells, for their completions.
debian=bookworm
root_packages=${root_packages:-systemd-sysv,ca-certificates,man-db,zsh,fish}

# What this machine must have; else says what is missing, and fails.
container_is_possible() {
  if [ "$(id -u)" != 0 ]; then
    echo "needs root: a Debian is unpacked, and systemd started in it"
  elif ! have mmdebstrap; then
    echo "needs mmdebstrap: eng/install-packages package"
  elif ! grep -qw cgroup2 /proc/mounts; then
    echo "needs cgroup2 to be mounted, for systemd"
  else
    return 0
  fi
  return 1
}

# Unpacks Debian into a folder. Made once, and kept. From the mirror of this machine's own apt, which is the one known to be reachable.
unpack_debian() {
  local tar mirror
  tar=$cache/packages/debian-$(content_hash -- "$debian" "$root_packages" 2).tar
  if [ ! -f "$tar" ]; then
    step "unpacking a clean Debian $debian (mmdebstrap; a minute or more, once)"
    mkdir -p "$cache/packages"
    # shellcheck disable=SC2016 # apt's own $(SITE), not the shell's
    mirror=$(apt-get indextargets --format '$(SITE)' "Created-By: Packages" | grep -E '/debian/?$' | sort -u | head -n 1 || true)
    mmdebstrap --quiet --format=tar --variant=minbase --include="$root_packages" --aptopt='APT::Install-Recommends "false"' \
      --aptopt='Acquire::Check-Valid-Until "false"' "$debian" "$tar.new" "${mirror:-http://deb.debian.org/debian}" >&2 || return 1
    mv "$tar.new" "$tar"
  fi
  mkdir -p "$1"
  tar -xf "$tar" -C "$1" --exclude='./dev/*'
  # As Debian's installer does.
  printf '127.0.0.1 localhost\n127.0.1.1 packages\n' >"$1/etc/hosts"
  echo packages >"$1/etc/hostname"
}

# Starts systemd in the folder as in a machine of its own: own processes, mounts, network, control groups. Sets container_pid.
boot_container() {
  local root=$1 log=$2 group
  group=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)/vbdp-packages-$$
  container_group=$group
  mkdir -p "$group"
  # shellcheck disable=SC2016 # the inner shells expand it
  sh -euc 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$group" \
    unshare --mount --uts --ipc --net --pid --cgroup --fork --kill-child sh -euc '
      mount --make-rprivate /
      mount --bind "$1" "$1"
      cd "$1"
      mount -t proc proc proc
      mount -t sysfs -o ro sysfs sys
      mount -t cgroup2 cgroup2 sys/fs/cgroup
      mount -t tmpfs -o mode=755 tmpfs run
      mount -t tmpfs -o mode=755 tmpfs dev
      mkdir dev/pts dev/shm
      mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
      mount -t tmpfs tmpfs dev/shm
      for device in null:3 zero:5 full:7 random:8 urandom:9; do
        mknod -m 666 "dev/${device%:*}" c 1 "${device#*:}"
      done
      mknod -m 666 dev/tty c 5 0
      ln -s pts/ptmx dev/ptmx
      ln -s /proc/self/fd dev/fd
      hostname packages
      mkdir -p run/before
      pivot_root . run/before
      umount -l /run/before
      exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=null' sh "$root" \
    </dev/null >"$log" 2>&1 &
  container_outside=$!
  disown # its end is nothing to be told of
  for _ in $(seq 300); do
    container_pid=$(cut -d ' ' -f 1 "/proc/$container_outside/task/$container_outside/children" 2>/dev/null) || break
    if [ -n "$container_pid" ] && inside systemctl is-system-running >"$log.state" 2>/dev/null || grep -q degraded "$log.state" 2>/dev/null; then
      return 0
    fi
    kill -0 "$container_outside" 2>/dev/null || break
    sleep 0.2
  done
  echo "systemd does not run in a container here: $(tail -n 1 "$log") $(tail -n 1 "$log.state" 2>/dev/null)"
  return 1
}

# Runs a command in it, as root, with nothing of this environment.
inside() {
  nsenter --target "$container_pid" --all --root --wd env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

# With the first process of its namespace all others end.
stop_container() {
  [ -z "${container_outside:-}" ] || kill -KILL "$container_outside" 2>/dev/null || true
  [ -n "${container_group:-}" ] || return 0
  for _ in $(seq 50); do
    ! find "$container_group" -depth -type d -exec rmdir {} + 2>/dev/null || return 0
    [ -d "$container_group" ] || return 0
    sleep 0.1
  done
}
