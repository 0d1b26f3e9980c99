"""zlib@openssh.com between real clients and a running Sallyport, with files, new keys and refusals."""

import io
import os
import zlib

import paramiko
import pytest

from support.kexinit import offered
from support.sftp_client import SftpClient
from support.sshkeys import make_key


@pytest.fixture(scope="module")
def site(sallyport, tmp_path_factory):
    folder = tmp_path_factory.mktemp("compression")
    key = make_key(folder)
    server = sallyport.server()
    sallyport.user(server, key, name="ann")
    files = {
        "text": b"".join(b"%d: a line as a report has many\n" % i for i in range(150_000)),
        "zeros": bytes(9_000_000),
        "random": os.urandom(3_000_001),
        "packed": zlib.compress(os.urandom(500_000) + bytes(500_000)),
        "empty": b"",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return {"folder": folder, "key": key, "at": sallyport.endpoint(server), "files": files}


def test_it_is_offered_after_none_and_plain_zlib_is_not(site):
    seen = offered(*site["at"])
    assert seen["compressions_in"] == seen["compressions_out"] == ["none", "zlib@openssh.com"]


@pytest.mark.parametrize("options", [{}, {"RekeyLimit": "1M"}, {"Ciphers": "aes256-ctr", "MACs": "hmac-sha2-256-etm@openssh.com"},
                                     {"Ciphers": "aes256-gcm@openssh.com", "RekeyLimit": "2M"}],
                         ids=["default", "rekeying", "ctr", "gcm-rekeying"])
def test_openssh_transfers_every_kind_of_file(site, options):
    client = SftpClient(*site["at"], "ann", site["key"], {"Compression": "yes", **options})
    folder = site["folder"]
    client.must(*[f"put {folder / name} {name}" for name in site["files"]],
                *[f"get {name} {folder / name}.back" for name in site["files"]], "ls -l")
    for name, data in site["files"].items():
        assert (folder / f"{name}.back").read_bytes() == data, name


def test_openssh_says_that_both_directions_are_compressed(site):
    client = SftpClient(*site["at"], "ann", site["key"], {"Compression": "yes", "LogLevel": "DEBUG2"})
    done = client.batch("ls")
    assert done.ok
    assert "compression ctos: none,zlib@openssh.com" in done.stderr
    assert done.stderr.count("compression: zlib@openssh.com") == 2, done.stderr
    assert "Enabling compression at level 6" in done.stderr


def test_paramiko_transfers_with_compression(site):
    transport = paramiko.Transport(site["at"])
    transport.use_compression()
    transport.connect(username="ann", pkey=paramiko.Ed25519Key.from_private_key_file(str(site["key"].path)))
    try:
        assert transport.local_compression == transport.remote_compression == "zlib@openssh.com"
        sftp = paramiko.SFTPClient.from_transport(transport)
        for name, data in site["files"].items():
            sftp.putfo(io.BytesIO(data), f"p-{name}")
            transport.renegotiate_keys()
            back = io.BytesIO()
            sftp.getfo(f"p-{name}", back)
            assert back.getvalue() == data, name
    finally:
        transport.close()


def test_a_bomb_ends_its_own_connection_and_no_other(site):
    transport = paramiko.Transport(site["at"])
    transport.use_compression()
    transport.connect(username="ann", pkey=paramiko.Ed25519Key.from_private_key_file(str(site["key"].path)))
    other = SftpClient(*site["at"], "ann", site["key"], {"Compression": "yes"})
    bomb = paramiko.Message()
    bomb.add_byte(paramiko.common.cMSG_IGNORE)
    bomb.add_string(bytes(10_000_000))
    transport._send_message(bomb)
    transport.join(60)
    assert not transport.is_active()
    other.must("ls")


def test_a_client_of_plain_zlib_alone_is_refused(site):
    transport = paramiko.Transport(site["at"])
    transport._preferred_compression = ("zlib",)
    with pytest.raises(paramiko.SSHException):
        transport.start_client(timeout=30)
    transport.close()
