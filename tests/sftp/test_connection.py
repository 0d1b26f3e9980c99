"""Connections: channels side by side, times that run out, ports, addresses, and clients that do not behave."""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import threading
import time

import paramiko
import pytest

from support.ports import free_port
from support.sallyport import Sallyport
from support.sftp_client import SftpClient
from support.sshkeys import make_key


class Account:
    """A server of some form with a user `ann`."""

    def __init__(self, sallyport, folder, **members):
        self.sallyport, self.folder = sallyport, folder
        self.key_file = make_key(folder)
        self.key = paramiko.Ed25519Key.from_private_key_file(str(self.key_file.path))
        self.server = sallyport.call("CreateServer", **members)["ServerId"]
        sallyport.wait_state(self.server, "ONLINE")
        self.bucket = sallyport.user(self.server, self.key_file)

    def endpoints(self):
        return [one for one in json.loads(self.sallyport.cli("endpoints", "--json").stdout)
                if one["ServerId"] == self.server]

    def client(self, port=None, **options):
        address, first = self.sallyport.endpoint(self.server)
        return SftpClient(address, port or first, "ann", self.key_file, options)

    def transport(self, connection=None, **more):
        transport = paramiko.Transport(connection or self.sallyport.endpoint(self.server), **more)
        transport.connect(username="ann", pkey=self.key)
        return transport

    def wait_lines(self, *activities):
        """The events of these kinds once there is one of each, oldest first."""
        def satisfied(events):
            return set(activities) <= {e["activity-type"] for _, e in events}
        return [e for _, e in self.sallyport.wait_events(self.server, satisfied, seconds=60)
                if e["activity-type"] in activities]


@pytest.fixture
def account(sallyport, tmp_path):
    return Account(sallyport, tmp_path)


@pytest.fixture(scope="module")
def impatient(binary, tmp_path_factory):
    """One that ends sessions soon."""
    settings = {"sftp.idle_timeout": 8, "sftp.dead_peer_timeout": 6, "sftp.login_timeout": 9}
    with Sallyport(binary, tmp_path_factory.mktemp("impatient"), settings) as running:
        yield running


# ---- Channels. ----

class Multiplexed:
    """sftp processes that share the connection of one ssh."""

    def __init__(self, client):
        self.path = pathlib.Path(os.path.realpath("/tmp")) / f"sp-{os.urandom(6).hex()}"
        # Without the master there is no way to the server.
        self.options = {"ControlPath": self.path, "ControlMaster": "no", "ProxyCommand": "false"}
        self.client = client
        arguments = client._arguments({"ControlPath": self.path, "ControlMaster": "yes"})
        self.master = subprocess.Popen(["ssh", "-N", *arguments, "-p", str(client.port), f"ann@{client.host}"],
                                       stdin=subprocess.DEVNULL)
        while not self.path.exists():
            assert self.master.poll() is None
            time.sleep(0.02)

    def open(self):
        """An sftp whose session is there, or None."""
        process = subprocess.Popen(self.client.command("-b", "-", options=self.options), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)
        process.stdin.write("pwd\n")
        for line in process.stdout:
            if "Remote working directory" in line:
                return process
        assert process.wait(60) != 0
        return None

    def close(self):
        # OpenSSH before 9.4 may go to sleep right after it was told to end, and has to be told again.
        for _ in range(60):
            self.master.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self.master.wait(1)
        raise AssertionError("ssh does not end")


def test_ten_sftp_share_one_connection_and_the_eleventh_waits_for_a_place(account):
    shared = Multiplexed(account.client())
    try:
        ten = [shared.open() for _ in range(10)]
        assert all(ten)
        assert shared.open() is None
        ten[0].communicate(timeout=60)
        assert ten[0].returncode == 0
        # The place is free when the server has seen the channel's end, which is after the client's.
        again = None
        for _ in range(100):
            again = again or shared.open()
        assert again
        for process in [*ten[1:], again]:
            process.communicate(timeout=60)
            assert process.returncode == 0
    finally:
        shared.close()
    # It was one session.
    assert len(account.wait_lines("CONNECTED", "DISCONNECTED")) == 2


def test_the_window_opens_with_an_adjustment_at_once(account, monkeypatch):
    seen = []
    confirm, adjust = paramiko.Transport._parse_channel_open_success, paramiko.Channel._window_adjust

    def confirmed(self, message):
        start = message.packet.tell()
        _, _, window, packet = [message.get_int() for _ in range(4)]
        message.packet.seek(start)
        seen.append(("confirmed", window, packet))
        confirm(self, message)

    def adjusted(self, message):
        start = message.packet.tell()
        seen.append(("adjusted", message.get_int()))
        message.packet.seek(start)
        adjust(self, message)

    monkeypatch.setitem(paramiko.Transport._handler_table, 91, confirmed)
    monkeypatch.setitem(paramiko.Transport._channel_handler_table, 93, adjusted)
    transport = account.transport()
    paramiko.SFTPClient.from_transport(transport)
    assert seen[:2] == [("confirmed", 0, 32768), ("adjusted", 0x200000)]
    transport.close()


# ---- Times. ----

class Gated:
    """A socket whose reader can be made to read nothing more."""

    def __init__(self, connection):
        self.connection, self.open = connection, threading.Event()
        self.open.set()

    def recv(self, size):
        self.open.wait()
        data = self.connection.recv(size)
        self.open.wait()
        return data

    def __getattr__(self, name):
        return getattr(self.connection, name)


def test_an_idle_session_is_ended_with_its_reason(impatient, tmp_path):
    account = Account(impatient, tmp_path)
    transport = account.transport()
    sftp = paramiko.SFTPClient.from_transport(transport)
    sftp.listdir(".")
    # paramiko answers when it is asked for a sign of life: it is idle and not gone.
    reason, _ = account.wait_lines("EXIT_REASON", "DISCONNECTED")
    assert (reason["activity-type"], reason["message"]) == ("EXIT_REASON", "Idle timeout")
    transport.join(60)
    assert not transport.is_active()


def test_a_client_that_does_not_respond_is_ended_with_its_reason(impatient, tmp_path):
    account = Account(impatient, tmp_path)
    gate = Gated(socket.create_connection(impatient.endpoint(account.server)))
    transport = account.transport(gate)
    gate.open.clear()
    try:
        reason, _ = account.wait_lines("EXIT_REASON", "DISCONNECTED")
        assert (reason["activity-type"], reason["message"]) == ("EXIT_REASON", "The client does not respond")
    finally:
        gate.open.set()
        transport.close()


def resident_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


@pytest.mark.heavy  # not on the sanitizer build, whose memory says nothing
def test_who_asks_and_asks_and_never_reads_is_ended_and_costs_little_memory(impatient, tmp_path):
    account = Account(impatient, tmp_path)
    impatient.client("s3").put_object(Bucket=account.bucket, Key="ann/big", Body=bytes(48 << 20))
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.connect(impatient.endpoint(account.server))
    gate = Gated(plain)
    transport = account.transport(gate, default_window_size=1 << 30)
    sftp = paramiko.SFTPClient.from_transport(transport)
    handle = sftp.open("big").handle
    before = resident_kib(impatient.process.pid)
    gate.open.clear()

    def ask_for_ever():
        with contextlib.suppress(Exception):
            at = 0
            while True:
                message = paramiko.Message()
                message.add_int(at >> 15)
                message.add_string(handle)
                message.add_int64(at % (47 << 20))
                message.add_int(32768)
                sftp._send_packet(paramiko.sftp.CMD_READ, message)
                at += 32768

    asking = threading.Thread(target=ask_for_ever, daemon=True)
    asking.start()
    try:
        reason, _ = account.wait_lines("EXIT_REASON", "DISCONNECTED")
        assert (reason["activity-type"], reason["message"]) == ("EXIT_REASON", "The client does not respond")
        assert resident_kib(impatient.process.pid) - before < 32 * 1024
    finally:
        gate.open.set()
        transport.close()
    asking.join(60)


def test_a_hundred_half_open_handshakes_disturb_no_transfer_and_end(impatient, tmp_path):
    account = Account(impatient, tmp_path)
    address = impatient.endpoint(account.server)
    beginnings = [b"", b"SSH-2.0-Half", b"SSH-2.0-Half\r\n", b"SSH-2.0-Half\r\n\0\0\1\x2c\x04\x14" + bytes(16)]
    half = []
    for i in range(100):
        connection = socket.create_connection(address, timeout=120)
        connection.sendall(beginnings[i % len(beginnings)])
        half.append(connection)
    source, back = tmp_path / "a", tmp_path / "b"
    source.write_bytes(os.urandom(20_000_000))
    account.client().must(f"put {source} a", f"get a {back}")
    assert back.read_bytes() == source.read_bytes()
    for connection in half:
        with contextlib.suppress(ConnectionResetError):
            while connection.recv(65536):
                pass
        connection.close()
    # None of them was anybody.
    activities = {e["activity-type"] for _, e in account.sallyport.events(account.server)}
    assert activities <= {"CONNECTED", "OPEN", "CLOSE", "DISCONNECTED"}


# ---- Ports and addresses. ----

def ports_of(account):
    return [(one["Port"], one["CommunicationMode"]) for one in account.endpoints()]


def is_served(address, port):
    try:
        with socket.create_connection((address, port), timeout=60) as connection:
            connection.sendall(b"SSH-2.0-Raw\r\n")
            return connection.recv(4) == b"SSH-"
    except ConnectionError:  # refused, or closed as it was about to be accepted
        return False


def is_left(address, port, seconds=60):
    """Whether nobody serves there any more, soon."""
    for _ in range(seconds * 20):
        if not is_served(address, port):
            return True
        time.sleep(0.05)
    return False


def test_a_server_listens_on_all_its_ports_in_their_modes(sallyport, tmp_path):
    first, second = free_port(), free_port()
    ports = [{"SftpPort": first}, {"SftpPort": second, "CommunicationMode": "CLIENT_TALK_FIRST"}]
    account = Account(sallyport, tmp_path, ProtocolDetails={"SftpPorts": ports})
    assert ports_of(account) == [(first, "SERVER_TALK_FIRST"), (second, "CLIENT_TALK_FIRST")]
    for port in (first, second):
        assert "Remote working directory" in account.client(port).must("pwd")
    table = sallyport.cli("endpoints").stdout
    assert f"127.0.0.1:{first}" in table and f"127.0.0.1:{second}" in table and "the client talks first" in table
    assert "answer as SSH from here" in sallyport.cli("doctor", check=False).stdout

    # Other ports take effect at once; the session that is there goes on.
    transport = account.transport()
    third = free_port()
    sallyport.call("UpdateServer", ServerId=account.server, ProtocolDetails={"SftpPorts": [{"SftpPort": third}]})
    for _ in range(1200):
        if ports_of(account) == [(third, "SERVER_TALK_FIRST")]:
            break
        time.sleep(0.05)
    assert ports_of(account) == [(third, "SERVER_TALK_FIRST")]
    assert is_served("127.0.0.1", third)
    assert is_left("127.0.0.1", first) and is_left("127.0.0.1", second)
    assert paramiko.SFTPClient.from_transport(transport).normalize(".").endswith("/ann")
    transport.close()


def test_a_tag_may_name_several_ports(sallyport, tmp_path):
    first, second = free_port(), free_port()
    tag = {"Key": "sallyport:sftp-port", "Value": f"{first},{second}/client-first"}
    account = Account(sallyport, tmp_path, Tags=[tag])
    assert ports_of(account) == [(first, "SERVER_TALK_FIRST"), (second, "CLIENT_TALK_FIRST")]


def test_a_section_of_a_server_that_is_not_there_is_warned_of(binary, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('[servers."s-0123456789abcdef0"]\nallow = ["192.0.2.0/24"]\n')
    with Sallyport(binary, tmp_path / "data", config=config) as own:
        assert '[servers."s-0123456789abcdef0"], and there is no such server' in own.stderr()
        server = own.server()
        config.write_text(f'[servers."{server}"]\nallow = ["192.0.2.0/24"]\n[servers.default]\nallow = []\n')
        own.reload()
        assert own.stderr().count("there is no such server") == 1


def test_a_server_one_of_whose_ports_is_taken_listens_on_none(sallyport):
    free = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        ports = [{"SftpPort": free}, {"SftpPort": taken}]
        server = sallyport.call("CreateServer", ProtocolDetails={"SftpPorts": ports})["ServerId"]
        sallyport.wait_state(server, "START_FAILED")
        one, = [e for e in json.loads(sallyport.cli("endpoints", "--json").stdout) if e["ServerId"] == server]
        assert one["Address"] == "" and str(taken) in one["Reason"]
        assert not is_served("127.0.0.1", free)


def test_a_dual_stack_server_is_reached_by_ipv6_too(binary, tmp_path):
    with Sallyport(binary, tmp_path / "data", {"sftp.address": "127.0.0.1,::1"}) as sallyport:
        both = Account(sallyport, tmp_path / "both", IpAddressType="DUALSTACK")
        four = Account(sallyport, tmp_path / "four", IpAddressType="IPV4")
        assert [one["Address"] for one in both.endpoints()] == ["127.0.0.1", "::1"]
        assert len({one["Port"] for one in both.endpoints()}) == 1
        assert [one["Address"] for one in four.endpoints()] == ["127.0.0.1"]
        port = both.endpoints()[0]["Port"]
        assert f"[::1]:{port}" in sallyport.cli("endpoints").stdout
        assert not is_served("::1", four.endpoints()[0]["Port"])
        for address in ("::1", "127.0.0.1"):
            SftpClient(f"[{address}]" if ":" in address else address, port, "ann", both.key_file).must("pwd")
        def satisfied(events):
            return sum(e["activity-type"] == "CONNECTED" for _, e in events) == 2
        lines = [e for _, e in sallyport.wait_events(both.server, satisfied) if e["activity-type"] == "CONNECTED"]
        assert [e["source-ip"] for e in lines] == ["::1", "127.0.0.1"]


def test_an_ipv4_client_of_an_ipv6_allow_list_is_not_let_in(binary, tmp_path):
    config = tmp_path / "sallyport.toml"
    config.write_text('[servers.default]\nallow = ["::1/128"]\n')
    with Sallyport(binary, tmp_path / "data", {"sftp.address": "127.0.0.1,::1"}, config) as sallyport:
        account = Account(sallyport, tmp_path, IpAddressType="DUALSTACK")
        port = account.endpoints()[0]["Port"]
        SftpClient("[::1]", port, "ann", account.key_file).must("pwd")
        refused = SftpClient("127.0.0.1", port, "ann", account.key_file, {"ConnectTimeout": 2}).batch("pwd")
        assert not refused.ok
        assert "timed out" in refused.stderr or closed_after_connecting(sallyport, "127.0.0.1", port)


def closed_after_connecting(sallyport, address, port):
    """Where the kernel keeps filters for holders of CAP_NET_ADMIN; the program's log says so."""
    assert "this kernel lets only holders of CAP_NET_ADMIN" in sallyport.stderr()
    with socket.create_connection((address, port), timeout=60) as raw:
        try:
            return raw.recv(1) == b""
        except ConnectionResetError:
            return True


# ---- Settings. ----

@pytest.mark.parametrize("setting, words", [
    ("sftp.ident=SSH-1.5-old", "has to begin with SSH-2.0-"),
    ("sftp.ident=SSH-2.0-a-b", "has no '-'"),
    ("sftp.ident=SSH-2.0-" + "x" * 246, "at most 253 characters"),
    ("sftp.address=127.0.0.1,nowhere", "address 'nowhere' is malformed"),
    ("sftp.dead_peer_timeout=0", "0 is not between"),
])
def test_settings_that_cannot_be_are_refused_at_start(binary, tmp_path, setting, words):
    done = subprocess.run([binary, "serve", "--data-dir", tmp_path / "data", "--api", f"127.0.0.1:{free_port()}",
                           "--set", setting], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert setting.split("=")[0] in done.stderr and words in done.stderr


def test_the_server_introduces_itself_as_it_is_told_to(binary, tmp_path):
    ident = "SSH-2.0-AWS_SFTP_1.0 a - comment"
    with Sallyport(binary, tmp_path / "data", {"sftp.ident": ident}) as sallyport:
        account = Account(sallyport, tmp_path)
        transport = account.transport()
        assert transport.remote_version == ident
        transport.close()
        account.client().must("pwd")
