#!/usr/bin/env bash
# Debian 13 in a chroot, for what Debian 12 does not have: OpenSSL 3.5 with ML-KEM, and the clients
# that speak its hybrids (OpenSSH 10, PuTTY). Builds the ssh tests there and runs them.
#
# usage: scripts/trixie.sh [FOLDER]    (default build/trixie; some 2.5 GB, kept for the next time)
#        scripts/trixie.sh --remove [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8
source scripts/packages.sh
source scripts/steps.sh

remove=
if [ "${1:-}" = --remove ]; then remove=1; shift; fi
root=$(realpath -m "${1:-build/trixie}")
mirror=${SALLYPORT_DEBIAN_MIRROR:-http://deb.debian.org/debian}
# $boost is the newer one of Debian 12 where this script runs.
packages=(
  "${packages_build[@]/#libboost*-dev/libboost-dev}" libgtest-dev libgmock-dev
  openssh-client putty-tools python3-pytest python3-paramiko
)

mounts=()
leave() {
  local at
  for at in "${mounts[@]}"; do as_root umount "$at" || as_root umount -l "$at"; done
}
trap leave EXIT

mount_into() {
  as_root mkdir -p "$2"
  as_root mount --bind "$1" "$2"
  mounts=("$2" "${mounts[@]}")
}

inside() { as_root chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"; }

if [ -n "$remove" ]; then
  if grep -q " $root/" /proc/mounts; then
    echo "trixie: something is mounted in $root" >&2
    exit 1
  fi
  as_root rm -rf --one-file-system "$root"
  exit
fi

if [ ! -e "$root/.made" ]; then
  command -v debootstrap >/dev/null || as_root apt-get install -y -qq --no-install-recommends debootstrap >/dev/null
  say "making a Debian 13 in $root"
  as_root debootstrap --variant=minbase --include=ca-certificates trixie "$root" "$mirror" >&2
  # How this machine reaches Debian's servers holds there, too.
  for file in /etc/apt/apt.conf.d/*; do
    if grep -qE 'Proxy|Check-' "$file"; then as_root cp "$file" "$root/etc/apt/apt.conf.d/"; fi
  done
  as_root touch "$root/.made"
fi
as_root cp /etc/resolv.conf /etc/hosts "$root/etc/"
mount_into /proc "$root/proc"
mount_into /dev "$root/dev"
as_root mkdir -p "$root/src"
mount_into "$PWD" "$root/src"
as_root mount -o remount,bind,ro "$root/src"

missing=$(inside dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${packages[@]}" 2>&1 | grep -vc ' installed$' || true)
if [ "$missing" != 0 ]; then
  say "installing packages there"
  inside apt-get update -qq
  inside DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2
fi

say "building the ssh tests with $(inside openssl version 2>/dev/null || inside ssh -V 2>&1)"
inside cmake -S /src -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang >&2
inside ninja -C /build -j "$jobs" crypto_test ssh_test ssh_engine_server >&2
inside /build/crypto_test --gtest_brief=1
inside /build/ssh_test --gtest_brief=1
inside SSH_HYBRIDS=1 SSH_ENGINE_SERVER=/build/tests/ssh/ssh_engine_server /usr/bin/python3 -B -m pytest -q -p no:cacheprovider \
  --confcutdir=/src/tests/ssh --rootdir=/src/tests/ssh -c /dev/null /src/tests/ssh
