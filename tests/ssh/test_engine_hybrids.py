"""The ML-KEM hybrids against other implementations of them: OpenSSH 10 and PuTTY 0.83.

Where the server's OpenSSL or the client lacks them there is nothing to test. scripts/trixie.sh runs this in a Debian 13,
which has all of it, with SSH_HYBRIDS=1: then what is missing fails.
"""

import hashlib
import os
import re
import shutil
import subprocess

import pytest

from test_engine_openssh import DATA, Server, expect_echo, folder, ssh  # noqa: F401

X25519 = "mlkem768x25519-sha256"
HYBRIDS = [X25519, "mlkem768nistp256-sha256", "mlkem1024nistp384-sha384"]
PUTTY_NAME = {X25519: "mlkem-curve25519"}


def absent(what):
    if os.environ.get("SSH_HYBRIDS") == "1":
        pytest.fail(what)
    pytest.skip(what)


def serve(folder, kex):  # noqa: F811
    server = Server(folder, "--kex", kex)
    if kex not in server.kex:
        server.stop()
        absent("no ML-KEM in this OpenSSL")
    return server


def plink():
    found = shutil.which("plink")
    version = subprocess.run([found, "-V"], capture_output=True, text=True).stdout if found else ""
    number = re.search(r"Release (\d+)\.(\d+)", version)
    if not number or (int(number[1]), int(number[2])) < (0, 83):
        absent("no PuTTY with ML-KEM")
    return found


@pytest.fixture
def putty(folder, tmp_path):  # noqa: F811
    """A function that runs plink with one method of key exchange."""
    program = plink()
    subprocess.run(["puttygen", folder / "user_ed25519", "-O", "private", "-o", tmp_path / "key.ppk"], check=True)
    fingerprint = subprocess.run(["ssh-keygen", "-lf", folder / "host_ed25519.pub"], capture_output=True, text=True,
                                 check=True).stdout.split()[1]

    def run(server, kex, user, data):
        sessions = tmp_path / "home" / ".putty" / "sessions"
        sessions.mkdir(parents=True)
        (sessions / "one").write_text(f"HostName=127.0.0.1\nPortNumber={server.port}\nProtocol=ssh\n"
                                      f"KEX={PUTTY_NAME.get(kex, 'mlkem-nist')},WARN\nHostKey=ed25519,WARN\n")
        return subprocess.run(
            [program, "-batch", "-load", "one", "-l", user, "-i", tmp_path / "key.ppk", "-hostkey", fingerprint,
             "-noagent", "-s", "sftp"],
            input=data, capture_output=True, timeout=120, env={"HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"]})

    return run


def test_openssh_connects_and_rekeys_with_mlkem768x25519(folder):  # noqa: F811
    known = subprocess.run(["ssh", "-Q", "kex"], capture_output=True, text=True).stdout.split()
    server = serve(folder, X25519)
    try:
        if X25519 not in known:
            absent("no ML-KEM in this OpenSSH")
        lines = expect_echo(server, "-o", f"KexAlgorithms={X25519}", "-o", "RekeyLimit=1M")
        assert any(f" {X25519} " in line for line in lines), lines
        assert lines.count("keys") > 5, lines
    finally:
        server.stop()


@pytest.mark.parametrize("kex", HYBRIDS)
def test_putty_connects_with_every_hybrid(folder, putty, kex):  # noqa: F811
    server = serve(folder, kex)
    try:
        done = putty(server, kex, "digest", DATA)
        lines = server.lines_until_end()
        assert done.stdout.decode() == f"{len(DATA)} {hashlib.sha256(DATA).hexdigest()}", done.stderr
        assert any(f" {kex} " in line for line in lines), lines
    finally:
        server.stop()


def test_a_client_with_nothing_but_curves_is_refused_by_a_server_of_hybrids(folder):  # noqa: F811
    server = serve(folder, X25519)
    try:
        done = ssh(server, "echo", "-o", "KexAlgorithms=curve25519-sha256")
        assert done.returncode == 255
        assert b"no matching key exchange method found. Their offer: mlkem768x25519-sha256" in done.stderr
        server.lines_until_end()
    finally:
        server.stop()
