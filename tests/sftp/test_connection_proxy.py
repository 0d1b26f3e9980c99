"""Servers behind a balancer that speaks the PROXY protocol, version 2, as partners and logs see them."""

import io
import socket
import struct

import paramiko
import pytest

from support.sallyport import Sallyport
from support.sockets import end_sending
from support.sshkeys import make_key

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
FROM, TO = ("198.51.100.7", 12345), ("10.0.0.1", 22)


def header(source=FROM[0], command=1):
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    to = "2001:db8::1" if family == socket.AF_INET6 else TO[0]
    block = socket.inet_pton(family, source) + socket.inet_pton(family, to) + struct.pack(">HH", FROM[1], TO[1])
    kind = 0x21 if family == socket.AF_INET6 else 0x11
    return SIGNATURE + bytes([0x20 | command, kind]) + struct.pack(">H", len(block)) + block


class Site:
    def __init__(self, sallyport, key, mode):
        self.sallyport = sallyport
        self.key = paramiko.Ed25519Key.from_private_key_file(str(key.path))
        details = {"ProxyConfig": {"SftpMode": mode}}
        self.server = sallyport.call("CreateServer", ProtocolDetails=details)["ServerId"]
        sallyport.wait_state(self.server, "ONLINE")
        sallyport.user(self.server, key)
        self.address = sallyport.endpoint(self.server)

    def connect(self, said=b""):
        connection = socket.create_connection(self.address, timeout=60)
        connection.sendall(said)
        return connection

    def log_in(self, said, user="ann"):
        transport = paramiko.Transport(self.connect(said))
        try:
            transport.connect(username=user, pkey=self.key)
        except paramiko.SSHException:
            transport.close()
            raise
        return transport

    def answer(self, said):
        """All the server says to someone who says this and then nothing more."""
        out = b""
        with self.connect() as connection:
            try:
                connection.sendall(said)
                end_sending(connection)
                while piece := connection.recv(65536):
                    out += piece
            except ConnectionError:
                pass  # it left something unread
        return out

    def line(self, activity):
        events = self.sallyport.wait_events(self.server,
                                            lambda all_: any(e["activity-type"] == activity for _, e in all_))
        return next(e for _, e in events if e["activity-type"] == activity)


@pytest.fixture
def make_site(sallyport, tmp_path):
    def make(mode, instance=sallyport):
        return Site(instance, make_key(tmp_path), mode)
    return make


MODES = [("PROXY_PROTOCOL_V2_ENFORCED", "applied", "198.51.100.7"), ("NONE", "ignored", "127.0.0.1")]


@pytest.mark.parametrize("mode, note, source", MODES)
def test_a_login_and_its_refusal_name_the_source_as_the_mode_says(make_site, mode, note, source):
    site = make_site(mode)
    transport = site.log_in(header())
    sftp = paramiko.SFTPClient.from_transport(transport)
    sftp.putfo(io.BytesIO(b"x" * 100_000), "a")
    assert sftp.stat("a").st_size == 100_000
    transport.close()
    connected = site.line("CONNECTED")
    assert (connected["source-ip"], connected["proxy-protocol-v2-header"]) == (source, note)

    with pytest.raises(paramiko.AuthenticationException):
        site.log_in(header(), user="nobody")
    refused = site.line("AUTH_FAILURE")
    assert (refused["source-ip"], refused["proxy-protocol-v2-header"]) == (source, note)

    transport = paramiko.Transport(site.connect(header()))
    transport.get_security_options().key_types = ["ssh-dss"]
    with pytest.raises(paramiko.SSHException):
        transport.connect(username="ann", pkey=site.key)
    failed = site.line("KEX_FAILURE")
    assert (failed["source-ip"], failed["proxy-protocol-v2-header"]) == (source, note)


def test_a_server_that_demands_no_header_serves_without_one_and_says_nothing_of_it(make_site):
    site = make_site("NONE")
    site.log_in(b"").close()
    connected = site.line("CONNECTED")
    assert connected["source-ip"] == "127.0.0.1" and "proxy-protocol-v2-header" not in connected


def test_the_source_may_be_of_ipv6(make_site):
    site = make_site("PROXY_PROTOCOL_V2_ENFORCED")
    site.log_in(header("2001:DB8:0:0::0:7")).close()
    assert site.line("CONNECTED")["source-ip"] == "2001:db8::7"


def test_a_balancers_own_connection_counts_as_its_own(make_site):
    site = make_site("PROXY_PROTOCOL_V2_ENFORCED")
    site.log_in(SIGNATURE + b"\x20\0\0\0").close()
    connected = site.line("CONNECTED")
    assert (connected["source-ip"], connected["proxy-protocol-v2-header"]) == ("127.0.0.1", "applied")


def test_who_brings_no_valid_header_gets_no_answer(make_site):
    site = make_site("PROXY_PROTOCOL_V2_ENFORCED")
    ident = b"SSH-2.0-Raw\r\n"
    checksum = header()[:14] + struct.pack(">H", 12 + 7) + header()[16:] + b"\x03\0\x04\0\0\0\0"
    parameters = SIGNATURE + b"\x21\x11\xff\xff" + header()[16:] + b"\x04\xf0\0" + bytes(1 << 20)
    for bad in (b"", ident, b"PROXY TCP4 198.51.100.7 10.0.0.1 12345 22\r\n" + ident, header()[:-1],
                header(command=2) + ident, checksum + ident, parameters):
        assert site.answer(bad) == b""
    # It still serves.
    assert site.answer(header() + ident).startswith(b"SSH-2.0-AWS_SFTP_1.1\r\n")


def test_a_change_of_the_mode_counts_for_the_next_connection(make_site):
    site = make_site("NONE")
    ident = b"SSH-2.0-Raw\r\n"
    assert site.answer(ident).startswith(b"SSH-2.0-")
    site.sallyport.call("UpdateServer", ServerId=site.server,
                        ProtocolDetails={"ProxyConfig": {"SftpMode": "PROXY_PROTOCOL_V2_ENFORCED"}})
    assert site.answer(ident) == b""
    assert site.answer(header() + ident).startswith(b"SSH-2.0-")


def test_allow_lists_count_for_the_source_that_the_header_names(make_site, binary, tmp_path):
    config = tmp_path / "sallyport.toml"
    config.write_text('[servers.default]\nallow = ["198.51.100.0/24", "2001:db8::/32"]\n')
    with Sallyport(binary, tmp_path / "data", config=config) as instance:
        site = make_site("PROXY_PROTOCOL_V2_ENFORCED", instance)
        site.log_in(header()).close()
        site.log_in(header("2001:db8::7")).close()
        for other in (header("203.0.113.7"), header("2001:db9::7"), header("127.0.0.1"), SIGNATURE + b"\x20\0\0\0"):
            assert site.answer(other + b"SSH-2.0-Raw\r\n") == b""
        config.write_text('[servers.default]\nallow = ["203.0.113.7"]\n')
        instance.reload()
        assert site.answer(header("203.0.113.7") + b"SSH-2.0-Raw\r\n").startswith(b"SSH-2.0-")
        assert site.answer(header() + b"SSH-2.0-Raw\r\n") == b""


def test_the_endpoints_and_the_doctor_know_of_the_balancer(make_site):
    site = make_site("PROXY_PROTOCOL_V2_ENFORCED")
    assert "behind PROXY protocol v2" in site.sallyport.cli("endpoints").stdout
    done = site.sallyport.cli("doctor", check=False)
    assert "answer as SSH from here" in done.stdout, done.stdout
