"""Other programs that speak SFTP: OpenSSH's scp and, where its build can, curl."""

import os
import shutil
import subprocess

import pytest

from support.sftp_client import BASE_OPTIONS
from support.sshkeys import make_key


@pytest.fixture
def account(sallyport, tmp_path):
    key = make_key(tmp_path)
    # libssh2 before 1.11, which curl may be built with, has no MAC in common with newer policies.
    server = sallyport.server(SecurityPolicyName="TransferSecurityPolicy-2022-03")
    bucket = sallyport.user(server, key, name="ann")
    return key, sallyport.endpoint(server), bucket


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_scp_puts_and_gets_a_file(account, tmp_path):
    key, (address, port), _ = account
    options = [part for name, value in BASE_OPTIONS.items() for part in ("-o", f"{name}={value}")]
    scp = ["scp", "-F", "none", "-i", str(key.path), "-P", str(port), *options]
    data = os.urandom(700_000)
    (tmp_path / "a.bin").write_bytes(data)
    done = run(*scp, str(tmp_path / "a.bin"), f"ann@{address}:b.bin")
    assert done.returncode == 0, done.stderr
    done = run(*scp, f"ann@{address}:b.bin", str(tmp_path / "c.bin"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "c.bin").read_bytes() == data


@pytest.mark.skipif("sftp" not in run("curl", "--version").stdout if shutil.which("curl") else True,
                    reason="this curl does not speak SFTP")
def test_curl_gets_puts_and_lists(account, tmp_path):
    key, (address, port), bucket = account
    public = tmp_path / "public"
    public.write_text(key.public_text)
    curl = ["curl", "-sS", "-k", "--key", str(key.path), "--pubkey", str(public), "-u", "ann:"]
    url = f"sftp://{address}:{port}/{bucket}/ann/"
    data = os.urandom(300_000)
    (tmp_path / "a.bin").write_bytes(data)
    done = run(*curl, "-T", str(tmp_path / "a.bin"), url + "a.bin")
    assert done.returncode == 0, done.stderr
    done = run(*curl, "-o", str(tmp_path / "b.bin"), url + "a.bin")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "b.bin").read_bytes() == data
    assert "a.bin" in run(*curl, url).stdout
