"""Paramiko's SFTP client, which says on the wire what OpenSSH's never would, against a running Sallyport."""

import io
import os
import time

import paramiko
import pytest

from support.sshkeys import make_key

RANDOM_ACCESS = "AWS Transfer does not support random access writes to S3 objects"


class Account:
    def __init__(self, sallyport, key):
        self.sallyport = sallyport
        self.key = paramiko.Ed25519Key.from_private_key_file(str(key.path))
        self.server = sallyport.server()
        self.bucket = sallyport.user(self.server, key, name="ann")
        self.address = sallyport.endpoint(self.server)

    def transport(self):
        transport = paramiko.Transport(self.address)
        transport.connect(username="ann", pkey=self.key)
        return transport

    def object(self, name):
        answer = self.sallyport.client("s3").get_object(Bucket=self.bucket, Key=f"ann/{name}")
        return answer["Body"].read()

    def wait_activity(self, activity, count=1):
        def satisfied(events):
            return sum(e["activity-type"] == activity for _, e in events) >= count

        return [e for _, e in self.sallyport.wait_events(self.server, satisfied) if e["activity-type"] == activity]


@pytest.fixture
def account(sallyport, tmp_path):
    return Account(sallyport, make_key(tmp_path))


@pytest.fixture
def transport(account):
    transport = account.transport()
    yield transport
    transport.close()


@pytest.fixture
def sftp(transport):
    return paramiko.SFTPClient.from_transport(transport)


def test_pipelined_transfers_are_byte_identical(account, sftp):
    data = os.urandom(9_000_001)
    sftp.putfo(io.BytesIO(data), "a.bin")
    back = io.BytesIO()
    sftp.getfo("a.bin", back)
    assert back.getvalue() == data
    assert account.object("a.bin") == data


def test_scattered_reads_are_answered_each_with_its_own(account, sftp):
    data = os.urandom(300_000)
    sftp.putfo(io.BytesIO(data), "a.bin")
    wanted = [(0, 100), (200_000, 70_000), (5, 10), (299_999, 1), (0, 300_000)]
    with sftp.open("a.bin") as file:
        assert [bytes(part) for part in file.readv(wanted)] == [data[at:at + n] for at, n in wanted]


def test_the_size_of_a_file_being_written_is_what_was_written(sftp):
    with sftp.open("w.txt", "w") as file:
        file.write("one")
        assert file.stat().st_size == 3
        file.write("two")
        assert file.stat().st_size == 6
    with sftp.open("w.txt") as file:
        assert file.read() == b"onetwo"


def test_the_list_of_a_directory_looks_like_ls(sftp):
    with sftp.open("one.csv", "w") as file:
        file.write("12345")
    sftp.mkdir("in")
    entries = {entry.filename: entry for entry in sftp.listdir_attr(".")}
    assert set(entries) == {"one.csv", "in"}
    assert str(entries["one.csv"]).startswith("-rw-r--r--")
    assert str(entries["in"]).startswith("drwxr-xr-x")
    assert entries["one.csv"].st_size == 5
    assert entries["one.csv"].longname.split()[-1] == "one.csv"


@pytest.mark.parametrize("mode, flags", [("r+", "READ|WRITE"), ("w+", "CREATE|READ|TRUNCATE|WRITE"),
                                         ("a", "APPEND|CREATE|WRITE")])
def test_opens_that_the_service_refuses_are_refused_in_its_words(sftp, mode, flags):
    with pytest.raises(OSError, match="Cannot open file in mode: " + flags.replace("|", r"\|")):
        sftp.open("file", mode)


def test_random_writes_are_refused_and_the_file_is_not_made(sftp):
    file = sftp.open("gap", "w")
    file.write(b"abc")
    file.seek(100)
    with pytest.raises(OSError, match=RANDOM_ACCESS):
        file.write(b"x")
    file.close()  # paramiko keeps to itself that this is refused
    with pytest.raises(FileNotFoundError):
        sftp.stat("gap")


def test_what_is_not_offered_is_refused(sftp):
    sftp.open("f", "w").close()
    for attempt in (lambda: sftp.symlink("f", "link"), lambda: sftp.readlink("f"), lambda: sftp.chmod("f", 0o600),
                    lambda: sftp.truncate("f", 3), lambda: sftp.posix_rename("f", "g"),
                    lambda: sftp.rename("f", "f"), lambda: sftp.rmdir("missing"), lambda: sftp.stat("missing")):
        with pytest.raises(OSError):
            attempt()


def test_answered_writes_are_kept_when_the_channel_is_closed_without_eof(account, transport, sftp):
    file = sftp.open("cut", "wb")
    file.write(b"z" * 1000)
    # EOF would be sent by close(): this is the bare end of the channel.
    channel = sftp.get_channel()
    message = paramiko.Message()
    message.add_byte(bytes([97]))
    message.add_int(channel.remote_chanid)
    transport._send_user_message(message)
    assert account.wait_activity("PARTIAL_CLOSE")[0]["bytes-in"] == "1000"
    assert account.object("cut") == b"z" * 1000


def test_answered_writes_are_kept_when_the_connection_is_cut(account, transport, sftp):
    file = sftp.open("cut", "wb")
    file.write(b"y" * 3000)
    transport.sock.close()
    assert account.wait_activity("PARTIAL_CLOSE")[0]["bytes-in"] == "3000"
    account.wait_activity("DISCONNECTED")
    assert account.object("cut") == b"y" * 3000


def test_ten_channels_work_side_by_side_and_the_eleventh_is_refused(transport):
    clients = [paramiko.SFTPClient.from_transport(transport) for _ in range(10)]
    with pytest.raises(paramiko.ChannelException):
        paramiko.SFTPClient.from_transport(transport)
    files = [client.open(f"file-{i}", "wb") for i, client in enumerate(clients)]
    for _ in range(20):
        for i, file in enumerate(files):
            file.write(bytes([i]) * 30_000)
    for file in files:
        file.close()
    for i, client in enumerate(clients):
        with client.open(f"file-{i}") as file:
            assert file.read() == bytes([i]) * 600_000
    clients[0].close()
    for _ in range(1200):
        try:
            paramiko.SFTPClient.from_transport(transport).close()
            return
        except paramiko.ChannelException:
            time.sleep(0.05)
    pytest.fail("a closed channel's place was not given back")


def test_other_channels_live_on_when_one_sends_rubbish(transport, sftp):
    other = transport.open_session()
    other.invoke_subsystem("sftp")
    other.sendall(b"\xff" * 64)
    assert other.recv(10) == b""
    assert other.recv_exit_status() == 255
    assert sftp.normalize(".").endswith("/ann")
