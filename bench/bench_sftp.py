"""Moves the same bytes through Sallyport and its peers (OpenSSH's sshd with internal-sftp, ProFTPD's mod_sftp, rclone
serve sftp), in turn, with OpenSSH's client. Sallyport serves embedded buckets, and with Domain=EFS a directory.

All serve on loopback from the same file system. Reported per case: the rate as the clients see it, CPU seconds of
the whole server, and both in relation to OpenSSH's medians.
"""

import argparse
import os
import pathlib
import shutil
import tempfile

from measure import compare, head
from peers import ROOT, load_client, machine, start_all, tell

CLIENTS = 8
CIPHERS = (("aes128-gcm@openssh.com", None), ("aes256-gcm@openssh.com", None), ("chacha20-poly1305@openssh.com", None),
           ("aes128-ctr", "hmac-sha2-256-etm@openssh.com"))


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench sftp", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=2048, help="MiB of the large file (default 2048)")
    parser.add_argument("--files", type=int, default=10000, help="number of small files of 4 KiB (default 10000)")
    parser.add_argument("--logins", type=int, default=200, help="sessions set up one after another (default 200)")
    parser.add_argument("--rounds", type=int, default=3, help="counted rounds, after one that warms up (default 3)")
    parser.add_argument("--dir", default=str(ROOT / "build" / "bench"), help="folder the servers store in")
    parser.add_argument("--only", default="", help="run only cases whose title holds this text")
    parser.add_argument("--servers", default="openssh,sallyport,sallyport-fsync,sallyport-files,proftpd,rclone", help="default: all")
    return parser.parse_args()


def make_source(folder, arguments):
    """The large file in memory if it fits there, and a folder of small ones."""
    home = pathlib.Path("/dev/shm" if shutil.disk_usage("/dev/shm").free > (arguments.size + 256) << 20 else folder)
    source = pathlib.Path(tempfile.mkdtemp(dir=home, prefix="sallyport-bench-"))
    block = os.urandom(1 << 20)
    with open(source / "large.bin", "wb") as out:
        for _ in range(arguments.size):
            out.write(block)
    with open(source / "eighth.bin", "wb") as out:
        for _ in range(arguments.size // CLIENTS):
            out.write(block)
    (source / "small").mkdir()
    for number in range(arguments.files):
        (source / "small" / f"f{number:05d}").write_bytes(block[:4096])
    return source


def nothing(peer):
    pass


def set_up_sessions(peer, count):
    client = load_client(peer)
    tell(client, f"login {count}")
    client.stdin.close()
    client.wait()


def cases(arguments, source):
    """(title, cipher, work, amount, unit, what to do before each run)."""
    large, eighth, small, target = source / "large.bin", source / "eighth.bin", source / "small", source / "back"
    size = arguments.size

    def remove_large(peer):
        """Every put makes a new file: what is measured is not how an old one is replaced."""
        peer.sftp(["-rm large.bin"])

    def remove_eighths(peer):
        peer.sftp([f"-rm part{number}" for number in range(CLIENTS)])

    for cipher, mac in CIPHERS:
        name = cipher.split("@")[0] + ("+etm" if mac else "")
        yield (f"put {size} MiB, {name}", cipher, lambda peer, c=cipher, m=mac: peer.sftp([f"put {large} large.bin"], c, m),
               size, "MiB", remove_large)
        yield (f"get {size} MiB, {name}", cipher, lambda peer, c=cipher, m=mac: peer.sftp(["get large.bin /dev/null"], c, m),
               size, "MiB", nothing)
    gcm = CIPHERS[0][0]
    yield (f"{CLIENTS} clients put {size} MiB in all, aes128-gcm", gcm,
           lambda peer: peer.sftp_together([[f"put {eighth} part{number}"] for number in range(CLIENTS)]), size, "MiB",
           remove_eighths)
    yield (f"{CLIENTS} clients get {size} MiB in all, aes128-gcm", gcm,
           lambda peer: peer.sftp_together([[f"get part{number} /dev/null"] for number in range(CLIENTS)]), size, "MiB",
           nothing)
    yield (f"put {arguments.files} files of 4 KiB", gcm, lambda peer: peer.sftp([f"put -r {small} ."]),
           arguments.files, "files", lambda peer: peer.sftp(["-rm small/*", "-mkdir small"]))
    yield (f"get {arguments.files} files of 4 KiB", gcm, lambda peer: peer.sftp([f"get -r small {target}"]),
           arguments.files, "files", lambda peer: shutil.rmtree(target, ignore_errors=True))
    yield (f"{arguments.logins} sessions set up", gcm, lambda peer: set_up_sessions(peer, arguments.logins),
           arguments.logins, "logins", nothing)


def main():
    arguments = parse_arguments()
    folder = pathlib.Path(arguments.dir)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    source = make_source(folder, arguments)
    started = []
    try:
        started, peers = start_all(folder, arguments.servers.split(","))
        print(f"{machine()}\n\n{head()}", flush=True)
        for title, cipher, work, amount, unit, clean in cases(arguments, source):
            if arguments.only in title:
                compare(title, [peer for peer in peers if peer.has(cipher)], arguments.rounds, work, amount, unit, clean)
    finally:
        for one in started:
            one.stop()
        shutil.rmtree(source, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
