"""Moves the same bytes through Sallyport and OpenSSH's sshd (internal-sftp), in turn, with OpenSSH's client.

Both serve on loopback from the same file system. Reported per case: MiB/s as the client sees them, CPU seconds of
the whole server per GiB (or per thousand files or connections), and the ratio Sallyport / OpenSSH of the medians.
"""

import argparse
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.openssh_server import OpensshServer  # noqa: E402
from support.sallyport import Sallyport  # noqa: E402
from support.sshkeys import new_key  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time of a process and of its children that have ended and were waited for."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return sum(int(fields[i]) for i in (11, 12, 13, 14)) / TICK


def children(pid):
    out = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        out += (task / "children").read_text().split()
    return out


class Peer:
    """One server under test: where clients connect, and what it has used so far."""

    def __init__(self, name, pid, address, port, user, folder, key):
        self.name, self.pid, self.address, self.port = name, pid, address, port
        self.user, self.folder, self.key = user, folder, key

    def settled_cpu(self):
        """CPU seconds once the sessions' processes have ended."""
        for _ in range(200):
            if not children(self.pid):
                break
            time.sleep(0.02)
        return cpu_seconds(self.pid)

    def options(self, cipher, mac):
        out = ["-i", str(self.key.path), "-P", str(self.port), "-o", f"Ciphers={cipher}", "-o", "StrictHostKeyChecking=no",
               "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes",
               "-o", "HostKeyAlgorithms=ssh-ed25519", "-o", "KexAlgorithms=curve25519-sha256"]
        return out + (["-o", f"MACs={mac}"] if mac else [])

    def sftp(self, commands, cipher="aes128-gcm@openssh.com", mac=None):
        batch = "\n".join(commands) + "\n"
        run = subprocess.run(["sftp", "-q", "-b", "-", *self.options(cipher, mac), f"{self.user}@{self.address}"],
                             input=batch, text=True, capture_output=True)
        if run.returncode != 0:
            sys.exit(f"bench: {self.name}: sftp failed: {run.stderr or run.stdout}")


def measure(peer, work):
    before, start = peer.settled_cpu(), time.monotonic()
    work(peer)
    wall = time.monotonic() - start
    return wall, peer.settled_cpu() - before


def compare(title, peers, rounds, work, amount, unit, clean=lambda peer: None):
    """Runs `work` on the peers in turn and prints a row a peer and the ratios."""
    seen = {peer.name: [] for peer in peers}
    for number in range(rounds + 1):
        for peer in peers if number % 2 == 0 else reversed(peers):
            clean(peer)
            result = measure(peer, work)
            if number > 0:  # the first round warms up
                seen[peer.name].append(result)
    medians = {}
    for peer in peers:
        wall = statistics.median(w for w, _ in seen[peer.name])
        cpu = statistics.median(c for _, c in seen[peer.name])
        medians[peer.name] = (wall, cpu)
        spread = max(w for w, _ in seen[peer.name]) / min(w for w, _ in seen[peer.name])
        print(f"| {title} | {peer.name} | {amount / wall:.1f} {unit}/s | {cpu / amount * SCALE[unit]:.3f} s/{PER[unit]} | {spread:.2f} |", flush=True)
    base = medians["OpenSSH"]
    for peer in peers:
        if peer.name != "OpenSSH":
            wall, cpu = medians[peer.name]
            print(f"| {title} | **{peer.name} / OpenSSH** | **{base[0] / wall:.2f}** | **{cpu / base[1]:.2f}** | |", flush=True)


SCALE = {"MiB": 1024, "files": 1000, "connections": 100}
PER = {"MiB": "GiB", "files": "1000 files", "connections": "100 connections"}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench sftp", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=2048, help="MiB of the large file (default 2048)")
    parser.add_argument("--files", type=int, default=10000, help="number of small files of 4 KiB (default 10000)")
    parser.add_argument("--connections", type=int, default=100, help="connections one after another (default 100)")
    parser.add_argument("--rounds", type=int, default=3, help="counted rounds, after one that warms up (default 3)")
    parser.add_argument("--dir", default=str(ROOT / "build" / "bench"), help="folder both servers store in")
    parser.add_argument("--only", default="", help="run only cases whose title holds this text")
    return parser.parse_args()


def make_source(folder, arguments):
    """The large file in memory if it fits there, and a folder of small ones."""
    home = pathlib.Path("/dev/shm" if shutil.disk_usage("/dev/shm").free > (arguments.size + 256) << 20 else folder)
    source = pathlib.Path(tempfile.mkdtemp(dir=home, prefix="sallyport-bench-"))
    block = os.urandom(1 << 20)
    with open(source / "large.bin", "wb") as out:
        for _ in range(arguments.size):
            out.write(block)
    (source / "small").mkdir()
    for number in range(arguments.files):
        (source / "small" / f"f{number:05d}").write_bytes(block[:4096])
    return source


def cases(arguments, source):
    """(title, work, amount, unit, what to do before each run)."""
    large, small, target = source / "large.bin", source / "small", source / "back"

    def put(cipher, mac=None):
        return lambda peer: peer.sftp([f"put {large} large.bin"], cipher, mac)

    def get(cipher, mac=None):
        return lambda peer: peer.sftp(["get large.bin /dev/null"], cipher, mac)

    def connect(peer):
        for _ in range(arguments.connections):
            peer.sftp(["pwd"])

    def empty(peer):
        shutil.rmtree(target, ignore_errors=True)

    def remove_large(peer):
        """Every put makes a new file: what is measured is not how an old one is replaced."""
        peer.sftp(["-rm large.bin"])

    def remove_small(peer):
        peer.sftp(["-rm small/*", "-rmdir small"])

    for cipher, mac in (("aes128-gcm@openssh.com", None), ("aes256-ctr", "hmac-sha2-256-etm@openssh.com"),
                        ("chacha20-poly1305@openssh.com", None)):
        name = cipher.split("@")[0]
        yield f"put {arguments.size} MiB, {name}", put(cipher, mac), arguments.size, "MiB", remove_large
        yield f"get {arguments.size} MiB, {name}", get(cipher, mac), arguments.size, "MiB", lambda peer: None
    yield (f"put {arguments.files} files of 4 KiB", lambda peer: peer.sftp([f"put -r {small} small"]), arguments.files,
           "files", remove_small)
    yield (f"get {arguments.files} files of 4 KiB", lambda peer: peer.sftp([f"get -r small {target}"]), arguments.files,
           "files", empty)
    yield f"{arguments.connections} connections", connect, arguments.connections, "connections", lambda peer: None


def start_sallyport(folder, key, name, settings):
    instance = Sallyport(ROOT / "build/release/sallyport", folder / name.replace(" ", "-"), settings=settings).start()
    server = instance.server(SecurityPolicyName="TransferSecurityPolicy-2020-06")  # the one with every cipher measured
    instance.user(server, key, name="bench")
    address, port = instance.endpoint(server)
    return instance, Peer(name, instance.process.pid, address, port, "bench", folder, key)


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = int(next(line.split()[1] for line in open("/proc/meminfo") if line.startswith("MemTotal"))) >> 20
    ssh = subprocess.run(["ssh", "-V"], capture_output=True, text=True).stderr.split(",")[0]
    return f"{os.cpu_count()} cores of {model}, {memory} GiB, {platform.release().split('-')[0]}, {ssh}"


def main():
    arguments = parse_arguments()
    folder = pathlib.Path(arguments.dir)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    source = make_source(folder, arguments)
    started = []
    try:
        key = new_key(folder, "ed25519")
        sshd = OpensshServer(folder / "sshd", key).start()
        started.append(sshd)
        peers = [Peer("OpenSSH", sshd.pid, "127.0.0.1", sshd.port, sshd.user, sshd.root, key)]
        for name, sync in (("Sallyport", "off"), ("Sallyport with fsync", "full")):
            instance, peer = start_sallyport(folder, key, name, {"storage.sync": sync})
            started.append(instance)
            peers.append(peer)
        print(f"{machine()}\n\n| case | server | rate | server CPU | slowest/fastest |\n|---|---|---|---|---|", flush=True)
        for title, work, amount, unit, clean in cases(arguments, source):
            if arguments.only in title:
                compare(title, peers, arguments.rounds, work, amount, unit, clean)
    finally:
        for one in started:
            one.stop()
        shutil.rmtree(source, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
