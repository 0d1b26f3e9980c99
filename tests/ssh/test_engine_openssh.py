"""OpenSSH's client against ssh_engine_server: every algorithm, and new keys in mid-transfer.

SSH_ENGINE_SERVER names the server binary. Everything else is made in a temporary folder.
"""

import hashlib
import os
import re
import struct
import subprocess

import pytest

SERVER = os.environ.get("SSH_ENGINE_SERVER", "build/release/tests/ssh/ssh_engine_server")

KEX = [
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group18-sha512",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group14-sha1",
]
HOST_KEYS = ["rsa-sha2-256", "rsa-sha2-512", "ecdsa-sha2-nistp256", "ssh-ed25519"]
MACS = [
    "hmac-sha2-256",
    "hmac-sha2-512",
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha1",
    "hmac-sha1-etm@openssh.com",
    "umac-64@openssh.com",
    "umac-64-etm@openssh.com",
    "umac-128@openssh.com",
    "umac-128-etm@openssh.com",
]
CTR = ["aes128-ctr", "aes192-ctr", "aes256-ctr"]
OWN_MAC = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"]
CIPHERS = [(cipher, None) for cipher in OWN_MAC] + [(c, m) for c in CTR for m in MACS]
USER_KEYS = ["rsa", "ecdsa", "ecdsa384", "ecdsa521", "ed25519"]

MIB = 1 << 20
DATA = os.urandom(MIB) * 9 + b"and a tail that fills no packet"


def pattern(size):
    words = (size + 7) // 8
    return struct.pack(f">{words}Q", *range(words))[:size]


class Server:
    def __init__(self, folder, *arguments):
        self.folder = folder
        self.log = folder / f"server-{os.urandom(4).hex()}.log"
        keys = []
        for kind in ("rsa", "ecdsa", "ed25519"):
            keys += ["--host-key", folder / f"host_{kind}"]
        for kind in USER_KEYS:
            keys += ["--user-key", folder / f"user_{kind}.pub"]
        with open(self.log, "wb") as out:
            self.process = subprocess.Popen(
                [SERVER, *keys, *arguments], stdout=subprocess.PIPE, stderr=out, text=True
            )
        # What the engine can do here, whatever it offers.
        self.kex = self.process.stdout.readline().split()[1:]
        self.port = int(re.fullmatch(r"port (\d+)\n", self.process.stdout.readline())[1])

    def lines_until_end(self):
        """What the server printed until the connection was over."""
        lines = []
        for line in self.process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("ended"):
                return lines
        raise AssertionError(f"the server died: {lines} {self.log.read_text()}")

    def stop(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("ssh")
    for name, kind, bits in [
        ("host_rsa", "rsa", "3072"),
        ("host_ecdsa", "ecdsa", "256"),
        ("host_ed25519", "ed25519", None),
        ("user_rsa", "rsa", "2048"),
        ("user_ecdsa", "ecdsa", "256"),
        ("user_ecdsa384", "ecdsa", "384"),
        ("user_ecdsa521", "ecdsa", "521"),
        ("user_ed25519", "ed25519", None),
        ("user_stranger", "ed25519", None),
    ]:
        size = ["-b", bits] if bits else []
        subprocess.run(
            ["ssh-keygen", "-q", "-t", kind, *size, "-N", "", "-f", path / name], check=True
        )
    return path


@pytest.fixture(scope="module")
def server(folder):
    running = Server(folder)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def rekeying_server(folder):
    running = Server(folder, "--rekey-bytes", str(MIB))
    yield running
    running.stop()


def ssh(server, user, *options, data=b"", key="ed25519", command=("-s", "sftp"), timeout=120):
    arguments = ["ssh", "-F", "none", "-p", str(server.port), "-i", server.folder / f"user_{key}"]
    fixed = {
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "StrictHostKeyChecking": "no",
        "UserKnownHostsFile": "/dev/null",
        "BatchMode": "yes",
    }
    for name, value in fixed.items():
        arguments += ["-o", f"{name}={value}"]
    flags = [c for c in command if c.startswith("-")]
    words = [c for c in command if not c.startswith("-")]
    return subprocess.run(
        [*arguments, *options, *flags, f"{user}@127.0.0.1", *words],
        input=data,
        capture_output=True,
        timeout=timeout,
        check=False,
    )


def expect_echo(server, *options, key="ed25519"):
    done = ssh(server, "echo", *options, data=DATA, key=key)
    assert done.returncode == 0, done.stderr
    assert hashlib.sha256(done.stdout).digest() == hashlib.sha256(DATA).digest()
    return server.lines_until_end()


def cipher_options(cipher, mac):
    return ["-c", cipher] + (["-m", mac] if mac else [])


@pytest.mark.parametrize("kex", KEX)
def test_every_key_exchange(server, kex):
    lines = expect_echo(server, "-o", f"KexAlgorithms={kex}", "-c", "aes128-gcm@openssh.com")
    assert any(f" {kex} " in line for line in lines), lines


@pytest.mark.parametrize("algorithm", HOST_KEYS)
def test_every_host_key_algorithm(server, algorithm):
    lines = expect_echo(server, "-o", f"HostKeyAlgorithms={algorithm}")
    assert any(f" {algorithm} " in line for line in lines), lines


@pytest.mark.parametrize("key", USER_KEYS)
def test_every_user_key_type(server, key):
    expect_echo(server, key=key)


@pytest.mark.parametrize("cipher,mac", CIPHERS)
def test_every_cipher_and_mac(server, cipher, mac):
    lines = expect_echo(server, *cipher_options(cipher, mac))
    wanted = f"{cipher},{cipher} {mac or '<implicit>'},{mac or '<implicit>'} strict=1"
    assert any(wanted in line for line in lines), lines


@pytest.mark.parametrize("kex", KEX)
def test_rekeying_by_the_client_in_mid_transfer(server, kex):
    lines = expect_echo(server, "-o", "RekeyLimit=1M", "-o", f"KexAlgorithms={kex}")
    assert lines.count("keys") > 5, lines


@pytest.mark.parametrize("cipher,mac", CIPHERS)
def test_rekeying_by_the_server_in_mid_transfer(rekeying_server, cipher, mac):
    lines = expect_echo(rekeying_server, *cipher_options(cipher, mac))
    assert lines.count("keys") > 5, lines


def test_rekeying_by_both_sides_at_once(rekeying_server):
    lines = expect_echo(rekeying_server, "-o", "RekeyLimit=1M")
    assert lines.count("keys") > 5, lines


@pytest.mark.parametrize("limit", [[], ["-o", "RekeyLimit=512K"]])
def test_download_is_byte_exact(rekeying_server, limit):
    size = 12 * MIB + 12345
    done = ssh(rekeying_server, f"source-{size}", *limit)
    rekeying_server.lines_until_end()
    assert done.returncode == 0, done.stderr
    assert done.stdout == pattern(size)


@pytest.mark.parametrize("limit", [[], ["-o", "RekeyLimit=512K"]])
def test_upload_is_byte_exact(rekeying_server, limit):
    done = ssh(rekeying_server, "digest", *limit, data=DATA)
    rekeying_server.lines_until_end()
    assert done.stdout.decode() == f"{len(DATA)} {hashlib.sha256(DATA).hexdigest()}"


def compressed(server, user, *options, data=b""):
    """As ssh(), with -C; the server must have seen it in both directions. Returns what came back and the lines."""
    done = ssh(server, user, "-C", *options, data=data)
    lines = server.lines_until_end()
    assert done.returncode == 0, done.stderr
    assert any("zlib=1,1" in line for line in lines), lines
    return done.stdout, lines


# Random bytes, bytes that shrink to almost nothing, and what lies between.
MIXED = DATA[:MIB] + bytes(4 * MIB) + b"".join(b"line %d of a text\n" % i for i in range(100_000)) + DATA[:MIB]


@pytest.mark.parametrize("cipher,mac", [CIPHERS[0], CIPHERS[2], CIPHERS[3], CIPHERS[5]])
@pytest.mark.parametrize("limit", [[], ["-o", "RekeyLimit=512K"]])
def test_compression_is_byte_exact_over_new_keys_of_either_side(server, rekeying_server, cipher, mac, limit):
    for at in (server, rekeying_server):
        back, lines = compressed(at, "echo", *limit, *cipher_options(cipher, mac), data=MIXED)
        assert hashlib.sha256(back).digest() == hashlib.sha256(MIXED).digest()
        assert not limit or lines.count("keys") > 3, lines


def test_compressed_upload_and_download(server):
    said, _ = compressed(server, "digest", data=MIXED)
    assert said.decode() == f"{len(MIXED)} {hashlib.sha256(MIXED).hexdigest()}"
    size = 12 * MIB + 12345
    came, _ = compressed(server, f"source-{size}")
    assert came == pattern(size)


def test_a_client_that_does_not_ask_gets_no_compression(server):
    lines = expect_echo(server)
    assert any("zlib=0,0" in line for line in lines), lines


def test_an_unknown_key_is_refused(server):
    done = ssh(server, "echo", key="stranger")
    server.lines_until_end()
    assert done.returncode == 255
    assert b"Permission denied (publickey)." in done.stderr


def test_a_command_is_refused_and_the_connection_lives_on_to_its_end(server):
    done = ssh(server, "echo", command=("ls",))
    server.lines_until_end()
    assert done.returncode != 0
    assert b"exec request failed on channel 0" in done.stderr


def test_another_subsystem_is_refused(server):
    done = ssh(server, "echo", command=("-s", "netconf"))
    server.lines_until_end()
    assert done.returncode != 0
    assert b"subsystem request failed on channel 0" in done.stderr


def test_no_common_cipher_is_refused(folder):
    server = Server(folder, "--ciphers", "aes256-ctr")
    try:
        done = ssh(server, "echo", "-c", "aes128-gcm@openssh.com")
        assert done.returncode == 255
        assert b"no matching cipher found. Their offer: aes256-ctr" in done.stderr
        assert "disconnected by us: 3 no matching cipher found" in server.lines_until_end()
    finally:
        server.stop()


def test_too_many_keys_end_the_connection(server):
    strangers = []
    for i in range(7):
        path = server.folder / f"extra_{i}"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
        strangers += ["-i", path]
    done = ssh(server, "echo", *strangers, key="stranger")
    server.lines_until_end()
    assert done.returncode == 255
    assert b"Too many authentication failures" in done.stderr


def test_the_banner_is_shown(folder):
    server = Server(folder, "--banner", "Authorised use only\n")
    try:
        done = ssh(server, "sink")
        assert done.stdout == b"0"
        assert b"Authorised use only" in done.stderr
    finally:
        server.stop()


@pytest.mark.parametrize("noise", [b"GET / HTTP/1.1\r\n\r\n", b"SSH-1.5-old\r\n", b"\0" * 64])
def test_other_protocols_get_one_line(server, noise):
    import socket

    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(noise)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    assert received.startswith(b"SSH-2.0-AWS_SFTP_1.1\r\n")
    assert received.endswith(b"Invalid SSH identification string.\r\n")
    server.lines_until_end()
