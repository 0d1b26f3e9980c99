# Debian packages by group; sourced by ./dev.

# Debian 12's own Boost is older than what the event loops need; it has a newer one beside it.
boost=libboost-dev
if [ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" = bookworm ]; then boost=libboost1.81-dev; fi

packages_build=(
  clang lld g++ cmake ninja-build ccache git ca-certificates pkg-config
  "$boost" libssl-dev libsqlite3-dev libpq-dev libfmt-dev libspdlog-dev nlohmann-json3-dev
  libtomlplusplus-dev libcli11-dev libpugixml-dev prometheus-cpp-dev zlib1g-dev libre2-dev libseccomp-dev
)
packages_run=(openssh-client awscli python3-boto3)
packages_test=(
  libclang-rt-14-dev clang-format libgtest-dev libgmock-dev
  openssh-client openssh-server openssl curl awscli python3-boto3 python3-pytest python3-pytest-timeout python3-pytest-xdist python3-paramiko
  rclone s3cmd libfaketime ssh-audit
  lftp putty-tools dropbear-bin sshfs python3-asyncssh postgresql
)
# A Node.js that is there already, whoever made the package, is as good as Debian's.
if ! { command -v node && command -v npm; } >/dev/null; then packages_test+=(nodejs npm); fi
packages_bench=(openssh-client openssh-server python3-boto3 proftpd-core proftpd-mod-crypto rclone wrk)
# A Ceph RADOS Gateway for the tests of remote stores: the three daemons and, by radosgw, the command-line tools.
packages_s3=(ceph-mon ceph-osd radosgw openssl python3-boto3)
# A CephFS for the tests of file systems.
packages_cephfs=(ceph-mon ceph-osd ceph-mds ceph-fuse)
