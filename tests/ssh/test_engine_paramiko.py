"""Paramiko's client against ssh_engine_server: a second implementation's view of the wire."""

import hashlib
import os

import paramiko
import pytest

from test_engine_openssh import DATA, Server, folder, server  # noqa: F401

KEY_TYPES = {"rsa": paramiko.RSAKey, "ecdsa": paramiko.ECDSAKey, "ed25519": paramiko.Ed25519Key}


def connect(server, **options):
    transport = paramiko.Transport(("127.0.0.1", server.port))
    security = transport.get_security_options()
    for name, value in options.items():
        setattr(security, name, [value])
    transport.start_client(timeout=30)
    return transport


def log_in(transport, server, user, key="ed25519"):
    path = os.fspath(server.folder / f"user_{key}")
    transport.auth_publickey(user, KEY_TYPES[key].from_private_key_file(path))
    channel = transport.open_session()
    channel.invoke_subsystem("sftp")
    return channel


def read_all(channel):
    chunks = []
    while chunk := channel.recv(1 << 16):
        chunks.append(chunk)
    return b"".join(chunks)


@pytest.mark.parametrize(
    "options",
    [
        {"kex": "curve25519-sha256@libssh.org", "ciphers": "aes128-ctr"},
        {"kex": "ecdh-sha2-nistp521", "ciphers": "aes256-ctr", "digests": "hmac-sha2-512"},
        {"kex": "diffie-hellman-group16-sha512", "digests": "hmac-sha2-256-etm@openssh.com"},
        {"kex": "ecdh-sha2-nistp256", "key_types": "rsa-sha2-512"},
    ],
)
def test_upload_with_rekeying(server, options):  # noqa: F811
    transport = connect(server, **options)
    channel = log_in(transport, server, "sink")
    half = len(DATA) // 2
    channel.sendall(DATA[:half])
    transport.renegotiate_keys()
    channel.sendall(DATA[half:])
    channel.shutdown_write()
    assert read_all(channel) == str(len(DATA)).encode()
    transport.close()
    server.lines_until_end()


def test_compression_with_rekeying(server):  # noqa: F811
    transport = paramiko.Transport(("127.0.0.1", server.port))
    transport.use_compression()
    transport.start_client(timeout=30)
    channel = log_in(transport, server, "digest")
    text = b"".join(b"line %d of a text\n" % i for i in range(200_000))
    for part in (text, bytes(1_000_000), DATA[:500_000]):
        channel.sendall(part)
        transport.renegotiate_keys()
    channel.shutdown_write()
    whole = text + bytes(1_000_000) + DATA[:500_000]
    assert read_all(channel).decode() == f"{len(whole)} {hashlib.sha256(whole).hexdigest()}"
    assert transport.local_compression == transport.remote_compression == "zlib@openssh.com"
    transport.close()
    server.lines_until_end()


@pytest.mark.parametrize("key", sorted(KEY_TYPES))
def test_every_user_key_type(server, key):  # noqa: F811
    transport = connect(server)
    channel = log_in(transport, server, "source-1000000", key)
    channel.shutdown_write()
    assert len(read_all(channel)) == 1000000
    assert channel.recv_exit_status() == 0
    transport.close()
    server.lines_until_end()


def test_ten_channels_and_no_eleventh(server):  # noqa: F811
    transport = connect(server)
    channels = [log_in(transport, server, "sink")]
    channels += [transport.open_session() for _ in range(9)]
    with pytest.raises(paramiko.ChannelException):
        transport.open_session()
    for channel in channels[1:]:
        channel.invoke_subsystem("sftp")
    for i, channel in enumerate(channels):
        channel.sendall(DATA[: 100000 * (i + 1)])
        channel.shutdown_write()
    for i, channel in enumerate(channels):
        assert read_all(channel) == str(100000 * (i + 1)).encode()
    transport.close()
    server.lines_until_end()


def test_a_password_is_refused(server):  # noqa: F811
    transport = connect(server)
    with pytest.raises(paramiko.BadAuthenticationType) as refusal:
        transport.auth_password("sink", "secret")
    assert refusal.value.allowed_types == ["publickey"]
    transport.close()
    server.lines_until_end()


def test_forwarding_is_refused(server):  # noqa: F811
    transport = connect(server)
    log_in(transport, server, "sink")
    with pytest.raises(paramiko.ChannelException) as refusal:
        transport.open_channel("direct-tcpip", ("127.0.0.1", 1), ("127.0.0.1", 2))
    assert refusal.value.code == 1
    transport.close()
    server.lines_until_end()
