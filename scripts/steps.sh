# The steps behind ./dev; sourced by it, run from the project's root.

python=/usr/bin/python3
jobs=$(nproc)
# Trees and clones share what was compiled before.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

say() { printf "\033[1m== %s\033[0m (minute %d)\n" "$*" $((SECONDS / 60)) >&2; }

# step_install GROUP...: installs what the groups need and is missing.
step_install() {
  install_packages "$@"
  if [[ " $* " == *" test "* ]]; then install_npm_clients; fi
}

# install_packages GROUP...: Debian packages. Services that come with one are neither started nor enabled.
install_packages() {
  local group name missing=()
  for group in "$@"; do
    local -n names="packages_$group"
    for name in "${names[@]}"; do
      dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
    done
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${missing[*]}"
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
    as_root chmod 755 $policy
    made=1
  fi
  as_root apt-get update -qq
  local failed=
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || failed=1
  [ -n "$made" ] && as_root rm -f $policy
  if [ -d /run/systemd/system ] && [[ " ${missing[*]} " == *" openssh-server "* ]]; then
    as_root systemctl disable --quiet ssh.service ssh.socket 2>/dev/null || true
  fi
  if [ -d /run/systemd/system ] && [[ " ${missing[*]} " == *" postgresql "* ]]; then
    as_root systemctl disable --quiet postgresql.service 2>/dev/null || true
  fi
  if [ -d /run/systemd/system ] && [[ " ${missing[*]} " == *" ceph-osd "* ]]; then
    # Ceph's own, and what comes with its packages for the disks of a real one.
    as_root systemctl disable --quiet ceph.target ceph-crash.service ceph-mon.target ceph-osd.target \
      ceph-radosgw.target ceph-mds.target rbdmap.service smartmontools.service nvmefc-boot-connections.service \
      nvmf-autoconnect.service 2>/dev/null || true
  fi
  if [ -n "$failed" ]; then
    echo "dev: apt-get could not install ${missing[*]}; see its message above" >&2
    exit 1
  fi
}

# The SDK that tests/npm names, beside that file; nothing to do when it is there as the lock says.
install_npm_clients() {
  local made=tests/npm/node_modules/.made-of
  cmp -s tests/npm/package-lock.json "$made" && return
  say "installing the npm packages of tests/npm"
  (cd tests/npm && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2 || {
    echo "dev: npm could not install the packages of tests/npm; see its message above" >&2
    exit 1
  }
  cp tests/npm/package-lock.json "$made"
}

# step_build PRESET [TARGET...]
step_build() {
  local preset=$1
  shift
  [ "$preset" = release ] || step_install test
  say "building $preset"
  cmake --preset "$preset" -DSALLYPORT_TESTS="${SALLYPORT_TESTS:-ON}" >"/tmp/sallyport-cmake-$$.log" 2>&1 || {
    cat "/tmp/sallyport-cmake-$$.log" >&2
    exit 1
  }
  rm -f "/tmp/sallyport-cmake-$$.log"
  ninja -C "build/$preset" -j "$jobs" "$@"
}

step_run() {
  step_install build run
  # The tests' packages are not needed to run; a tree that was made with tests keeps them.
  if [ ! -f build/release/CMakeCache.txt ]; then SALLYPORT_TESTS=OFF step_build release sallyport; else
    cmake --build --preset release --target sallyport -j "$jobs" >&2
  fi
  exec "$python" scripts/run_demo.py "$@"
}

step_test() {
  step_install build test s3 cephfs
  step_build release sallyport process_test s3_test ssh_engine_server
  step_build san
  say "testing"
  "$python" scripts/run_tests.py "$@"
}

step_bench() {
  step_install build test s3 bench
  SALLYPORT_TESTS=ON step_build release sallyport ssh_sessions >&2
  local what=${1:-}
  shift || true
  [ -f "bench/bench_$what.py" ] || {
    echo "dev: no bench '$what'; there is: $(ls bench/bench_*.py | sed 's/.*bench_//; s/\.py//' | tr '\n' ' ')" >&2
    exit 2
  }
  exec "$python" "bench/bench_$what.py" "$@"
}

step_fuzz() {
  step_install build test
  step_build fuzz >&2
  if [ $# -eq 0 ]; then
    ls fuzz/*_fuzz.cc | sed 's#fuzz/##; s#_fuzz.cc##'
    return
  fi
  mkdir -p "build/fuzz/corpus/$1"
  "build/fuzz/${1}_fuzz" -max_total_time="${2:-60}" -max_len=70000 "build/fuzz/corpus/$1" "fuzz/corpus/$1"
}

step_check() {
  step_install build test s3 cephfs
  step_build release
  ctest --test-dir build/release -L unit --output-on-failure -j "$jobs"
  step_build tsan
  ctest --test-dir build/tsan -L unit --output-on-failure -j "$jobs"
  # What takes much time or memory and is about neither threads nor a hostile store is left out here.
  SALLYPORT_BIN=build/tsan/sallyport "$python" -m pytest tests -q -m "not heavy" -n "$jobs" --dist loadfile
  SALLYPORT_BIN=build/tsan/sallyport "$python" -m pytest tests/remote/test_hostile_store.py \
    tests/remote/test_renewed_keys.py -q
  SALLYPORT_WIDE=1 "$python" -m pytest tests -q
  local store
  for store in ceph-sts ceph-static; do
    say "clients over $store"
    SALLYPORT_TEST_STORE=$store "$python" -m pytest tests/sftp tests/access tests/clients -q
  done
  say "ML-KEM in a Debian 13"
  scripts/trixie.sh
  step_build fuzz
  local target
  for target in $(ls fuzz/*_fuzz.cc | sed 's#fuzz/##; s#_fuzz.cc##'); do
    say "fuzzing $target"
    step_fuzz "$target" "${SALLYPORT_FUZZ_SECONDS:-60}"
  done
}

step_format() {
  step_install test
  find src tests fuzz bench -name '*.cc' -o -name '*.h' | xargs clang-format -i
}
