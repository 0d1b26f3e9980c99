"""The SFTP servers that are measured beside each other, on loopback, storing below one folder."""

import os
import pathlib
import platform
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.file_systems import MOUNT, ROOT as ROOT_ACCESS, WRITE, FileSite  # noqa: E402
from support.openssh_server import OpensshServer  # noqa: E402
from support.ports import free_port, wait_listening  # noqa: E402
from support.sallyport import Sallyport  # noqa: E402
from support.sshkeys import new_key  # noqa: E402

from measure import processes  # noqa: E402

# The one that has every cipher measured.
POLICY = "TransferSecurityPolicy-2018-11"
USER = "bench"


class Peer:
    """One server under test: where clients connect, and its first process."""

    def __init__(self, name, pid, port, key, user=USER, ciphers=None):
        self.name, self.pid, self.port, self.key, self.user = name, pid, port, key, user
        self.address, self.ciphers = "127.0.0.1", ciphers
        self.idle_processes = len(processes(pid))

    def has(self, cipher):
        return self.ciphers is None or cipher in self.ciphers

    def command(self, cipher="aes128-gcm@openssh.com", mac=None):
        out = ["sftp", "-q", "-b", "-", "-i", str(self.key.path), "-P", str(self.port), "-o", f"Ciphers={cipher}",
               "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
               "-o", "IdentitiesOnly=yes", "-o", "HostKeyAlgorithms=ssh-ed25519", "-o", "KexAlgorithms=curve25519-sha256"]
        return out + (["-o", f"MACs={mac}"] if mac else []) + [f"{self.user}@{self.address}"]

    def sftp(self, commands, cipher="aes128-gcm@openssh.com", mac=None):
        self.sftp_together([commands], cipher, mac)

    def sftp_together(self, batches, cipher="aes128-gcm@openssh.com", mac=None):
        """One client a batch, all at once."""
        clients = [subprocess.Popen(self.command(cipher, mac), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True) for _ in batches]
        for client, batch in zip(clients, batches):
            client.stdin.write("\n".join(batch) + "\n")
            client.stdin.close()
        for client in clients:
            said = client.stdout.read()
            if client.wait() != 0:
                sys.exit(f"bench: {self.name}: sftp failed: {said}")


class Process:
    """A server's first process, started here and stopped by its id."""

    def __init__(self, command, log):
        with open(log, "ab") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                            start_new_session=True)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def openssh(folder, key):
    server = OpensshServer(folder / "sshd", key, config={"MaxStartups": "2000"}).start()
    return server, Peer("OpenSSH", server.pid, server.port, key, user=server.user)


def sallyport(folder, key, name, settings):
    server = Sallyport(ROOT / "build/release/sallyport", folder / name.replace(" ", "-"), settings=settings).start()
    made = server.server(SecurityPolicyName=POLICY)
    server.user(made, key, name=USER)
    _, port = server.endpoint(made)
    return server, Peer(name, server.process.pid, port, key)


def sallyport_files(folder, key):
    """The user is the one whom OpenSSH's server serves."""
    home = folder / "sallyport-files"
    home.mkdir(parents=True)
    site = FileSite(ROOT / "build/release/sallyport", home, {"storage.sync": "off"}, key=key)
    site.sallyport.start()
    site.servers["strict"] = site.sallyport.server(Domain="EFS", SecurityPolicyName=POLICY)
    user = site.user(USER, uid=os.geteuid(), gid=os.getegid(), actions=(MOUNT, WRITE, ROOT_ACCESS))
    return site.sallyport, Peer("Sallyport, Domain=EFS", site.sallyport.process.pid, user.port, key)


def proftpd(folder, key):
    home = (folder / "proftpd").resolve()
    (home / "root").mkdir(parents=True)
    (home / "keys").mkdir()
    port = free_port()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", home / "host"], check=True)
    public = subprocess.run(["ssh-keygen", "-e", "-f", key.path], capture_output=True, check=True).stdout
    (home / "keys" / USER).write_bytes(public)
    passwd = home / "passwd"
    passwd.write_text(f"{USER}:x:{os.geteuid()}:{os.getegid()}::{home}/root:/bin/sh\n")
    passwd.chmod(0o600)
    (home / "proftpd.conf").write_text(f"""ServerType standalone
Port 0
UseIPv6 off
PidFile {home}/pid
ScoreboardFile {home}/scoreboard
WtmpLog none
TransferLog none
SystemLog {home}/log
User root
Group root
MaxInstances 2000
UseReverseDNS off
ModulePath /usr/lib/proftpd
LoadModule mod_sftp.c
<VirtualHost 127.0.0.1>
Port {port}
SFTPEngine on
SFTPHostKey {home}/host
SFTPAuthMethods publickey
SFTPAuthorizedUserKeys file:{home}/keys/%u
AllowOverwrite on
DefaultRoot {home}/root
AuthUserFile {passwd}
AuthOrder mod_auth_file.c
RequireValidShell off
RootLogin on
</VirtualHost>
""")
    server = Process(["proftpd", "-n", "-q", "-c", str(home / "proftpd.conf")], home / "out")
    wait_listening(port)
    ciphers = {"aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr"}
    return server, Peer("ProFTPD", server.process.pid, port, key, ciphers=ciphers)


def rclone(folder, key):
    home = folder / "rclone"
    (home / "root").mkdir(parents=True)
    port = free_port()
    (home / "keys").write_text(key.public_text + "\n")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", home / "host"], check=True)
    server = Process(["rclone", "serve", "sftp", str(home / "root"), "--addr", f"127.0.0.1:{port}", "--key", str(home / "host"),
                      "--authorized-keys", str(home / "keys")], home / "out")
    wait_listening(port)
    ciphers = {"aes128-gcm@openssh.com", "aes128-ctr", "chacha20-poly1305@openssh.com"}
    return server, Peer("rclone", server.process.pid, port, key, ciphers=ciphers)


def start_all(folder, wanted):
    """The servers named in `wanted`, in its order: ([what to stop], [Peer])"""
    key = new_key(folder, "ed25519")
    makers = {
        "openssh": lambda: openssh(folder, key),
        "sallyport": lambda: sallyport(folder, key, "Sallyport", {"storage.sync": "off"}),
        "sallyport-fsync": lambda: sallyport(folder, key, "Sallyport with fsync", {"storage.sync": "full"}),
        "sallyport-files": lambda: sallyport_files(folder, key),
        "proftpd": lambda: proftpd(folder, key),
        "rclone": lambda: rclone(folder, key),
    }
    started, peers = [], []
    for name in wanted:
        if name not in makers:
            sys.exit(f"bench: no server '{name}'; there are: {', '.join(makers)}")
        server, peer = makers[name]()
        started.append(server)
        peers.append(peer)
    return started, peers


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = int(next(line.split()[1] for line in open("/proc/meminfo") if line.startswith("MemTotal"))) >> 20
    said = [subprocess.run(command, capture_output=True, text=True) for command in
            (["ssh", "-V"], ["proftpd", "-v"], ["rclone", "version"]) if shutil.which(command[0])]
    versions = [(one.stderr or one.stdout).split("\n")[0].split(",")[0] for one in said]
    return f"{os.cpu_count()} cores of {model}, {memory} GiB, {platform.release().split('-')[0]}; {'; '.join(versions)}"


def load_client(peer):
    """The bench's own client, which costs little; it reads commands (bench/ssh_sessions.cc)."""
    program = ROOT / "build/release/ssh_sessions"
    return subprocess.Popen([program, peer.address, str(peer.port), peer.user, str(peer.key.path)], text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def tell(client, command):
    """(count, median, 99th percentile, longest), times in milliseconds"""
    client.stdin.write(command + "\n")
    client.stdin.flush()
    answer = client.stdout.readline().split()
    if len(answer) != 4:
        sys.exit(f"bench: the load client ended with {client.wait()}")
    return int(answer[0]), *(float(one) for one in answer[1:])

