"""Servers with sallyport:compatibility = extended, through OpenSSH's sftp and paramiko."""

import io
import os
import random
import stat

import botocore.exceptions
import paramiko
import pytest

from support.sallyport import Sallyport
from support.sftp_client import SftpClient
from support.sshkeys import make_key

EXTENDED = [{"Key": "sallyport:compatibility", "Value": "extended"}]


class Account:
    def __init__(self, sallyport, key, **server):
        self.sallyport, self.key = sallyport, key
        self.server = sallyport.server(**server)
        self.bucket = sallyport.user(self.server, key, name="ann")
        self.address = sallyport.endpoint(self.server)
        self.client = SftpClient(*self.address, "ann", key)

    def paramiko(self):
        transport = paramiko.Transport(self.address)
        transport.connect(username="ann", pkey=paramiko.Ed25519Key.from_private_key_file(str(self.key.path)))
        return paramiko.SFTPClient.from_transport(transport)

    def object(self, name):
        return self.sallyport.client("s3").get_object(Bucket=self.bucket, Key=f"ann/{name}")["Body"].read()

    def metadata(self, name):
        return self.sallyport.client("s3").head_object(Bucket=self.bucket, Key=f"ann/{name}")["Metadata"]

    def keys(self):
        found = self.sallyport.client("s3").list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return sorted(one["Key"] for one in found)

    def errors(self, count=1):
        def satisfied(events):
            return sum(e["activity-type"] == "ERROR" for _, e in events) >= count

        return [e for _, e in self.sallyport.wait_events(self.server, satisfied) if e["activity-type"] == "ERROR"]


@pytest.fixture
def account(sallyport, tmp_path):
    return Account(sallyport, make_key(tmp_path), Tags=EXTENDED)


@pytest.fixture
def strict(sallyport, tmp_path):
    return Account(sallyport, make_key(tmp_path))


@pytest.fixture
def sftp(account):
    client = account.paramiko()
    yield client
    client.get_channel().get_transport().close()


# OpenSSH.


def test_openssh_resumes_an_upload(account, tmp_path):
    data = os.urandom(3_000_000)
    (tmp_path / "half").write_bytes(data[:1_234_567])
    (tmp_path / "whole").write_bytes(data)
    account.client.must(f"put {tmp_path}/half a.bin", f"reput {tmp_path}/whole a.bin")
    assert account.object("a.bin") == data


def test_openssh_keeps_times_and_modes(account, tmp_path):
    local = tmp_path / "a.txt"
    local.write_text("text")
    os.chmod(local, 0o640)
    os.utime(local, (1_000_000_000, 1_000_000_000))
    account.client.must(f"put -p {local} a.txt")
    assert account.object("a.txt") == b"text"
    metadata = account.metadata("a.txt")
    assert (metadata["mtime"], metadata["mode"]) == ("1000000000", str(0o100640))
    listing = account.client.must("ls -l a.txt")
    assert "-rw-r-----" in listing and "2001" in listing
    account.client.must("chmod 600 a.txt", f"get -p a.txt {tmp_path}/back")
    back = os.stat(tmp_path / "back")
    assert (stat.S_IMODE(back.st_mode), int(back.st_mtime)) == (0o600, 1_000_000_000)


def test_openssh_renames_directories_and_over_files(account, tmp_path):
    for name in ("d/x", "d/deep/y", "old"):
        account.sallyport.client("s3").put_object(Bucket=account.bucket, Key=f"ann/{name}", Body=name.encode())
    account.client.must("rename d e", "rename e/x old")
    assert account.keys() == ["ann/", "ann/e/deep/y", "ann/old"]
    assert account.object("old") == b"d/x"


def test_openssh_copies_on_the_server_and_asks_for_the_room(account, tmp_path):
    data = os.urandom(5_000_000)
    (tmp_path / "a").write_bytes(data)
    account.client.must(f"put {tmp_path}/a a")
    account.client.must("cp a b")
    assert account.object("b") == data
    assert "%" in account.client.must("df")


def test_openssh_uploads_whole_trees_with_attributes(account, tmp_path):
    tree = tmp_path / "tree"
    (tree / "below").mkdir(parents=True)
    (tree / "below" / "x").write_text("x")
    os.chmod(tree / "below", 0o750)
    account.client.must(f"put -pR {tree} tree")
    assert account.object("tree/below/x") == b"x"
    assert "drwxr-x---" in account.client.must("ls -l tree")


# Paramiko.


def test_append_and_update_modes(account, sftp):
    with sftp.open("a", "w") as file:
        file.write("one\n")
    with sftp.open("a", "a") as file:
        file.write("two\n")
    with sftp.open("a", "r+") as file:
        assert file.read(4) == b"one\n"
        file.seek(0)
        file.write("ONE")
        file.seek(0)
        assert file.read() == b"ONE\ntwo\n"
    assert account.object("a") == b"ONE\ntwo\n"


def test_random_writes_make_the_file(account, sftp):
    data, block = os.urandom(2_000_003), 32_000
    blocks = list(range(0, len(data), block))
    random.Random(1).shuffle(blocks)
    with sftp.open("a", "wb") as file:
        file.set_pipelined(True)
        for at in blocks:
            file.seek(at)
            file.write(data[at:at + block])
    assert account.object("a") == data
    with sftp.open("a", "rb") as file:
        file.prefetch()
        assert file.read() == data


def test_a_file_is_cut_and_described_by_its_handle(account, sftp):
    with sftp.open("a", "w") as file:
        file.write("0123456789")
        file.truncate(4)
        file.chmod(0o600)
        assert file.stat().st_size == 4
    assert account.object("a") == b"0123"
    assert sftp.stat("a").st_mode == stat.S_IFREG | 0o600
    sftp.truncate("a", 2)
    assert account.object("a") == b"01"
    sftp.utime("a", (5, 1_234_567_890))
    assert sftp.stat("a").st_mtime == 1_234_567_890
    assert stat.S_IMODE(sftp.stat("a").st_mode) == 0o600


def test_a_lost_connection_keeps_what_came_out_of_order(account, sftp):
    file = sftp.open("a", "w")
    file.seek(3)
    file.write("def")
    file.seek(0)
    file.write("abc")
    file.flush()
    file.stat()
    sftp.get_channel().get_transport().close()
    account.sallyport.wait_events(
        account.server, lambda events: any(e["activity-type"] == "PARTIAL_CLOSE" for _, e in events))
    assert account.object("a") == b"abcdef"


# Refusals.


def test_what_extended_servers_refuse(account, sftp):
    sftp.putfo(io.BytesIO(b"x"), "d/x")
    with pytest.raises(IOError):
        sftp.symlink("d/x", "link")
    with pytest.raises(IOError):
        sftp.rename("d", "d/inside")
    with pytest.raises(IOError, match="already exists"):
        sftp.putfo(io.BytesIO(b"y"), "y")
        sftp.rename("y", "d/x")
    with pytest.raises(IOError, match="Owners"):
        sftp.chown("y", 1, 1)
    with pytest.raises(FileNotFoundError):
        sftp.open("missing", "r+")


def test_strict_servers_refuse_all_of_it(strict):
    sftp = strict.paramiko()
    sftp.putfo(io.BytesIO(b"x"), "d/x")
    for attempt in (lambda: sftp.open("d/x", "r+"), lambda: sftp.open("d/x", "a"), lambda: sftp.rename("d", "e"),
                    lambda: sftp.chmod("d/x", 0o600), lambda: sftp.posix_rename("d/x", "d/y")):
        with pytest.raises(IOError):
            attempt()
    sftp.get_channel().get_transport().close()


def test_a_tag_that_says_neither_is_refused_at_the_api(sallyport):
    transfer = sallyport.client("transfer")
    bad = [{"Key": "sallyport:compatibility", "Value": "better"}]
    text = "Tag sallyport:compatibility is 'better'; strict or extended is expected"
    with pytest.raises(botocore.exceptions.ClientError, match=text):
        transfer.create_server(Tags=bad)
    server = sallyport.server()
    arn = transfer.describe_server(ServerId=server)["Server"]["Arn"]
    with pytest.raises(botocore.exceptions.ClientError, match=text):
        transfer.tag_resource(Arn=arn, Tags=bad)


def test_a_full_spool_fails_the_write_and_a_killed_server_leaves_none(binary, tmp_path):
    data = tmp_path / "data"
    instance = Sallyport(binary, data, settings={"storage.spool_bytes": 240_000, "storage.spool_file_bytes": 60_000})
    try:
        instance.start()
        account = Account(instance, make_key(tmp_path), Tags=EXTENDED)
        sftp = account.paramiko()
        file = sftp.open("a", "w")
        file.seek(59_990)
        file.write("0123456789")
        with pytest.raises(IOError, match="larger than files that are not written in order may be: 60000 bytes"):
            file.seek(60_001)
            file.write("x")
            file.flush()
        assert "not written in order" in account.errors()[0]["message"]
        sftp.putfo(io.BytesIO(b"fine"), "b")
        other = sftp.open("c", "w")
        other.seek(10)
        other.write("x")
        other.stat()
        instance.kill()
        assert list((data / "spool").iterdir()) == []
        (data / "spool" / "spool-1-1").write_bytes(b"left by a kill at the worst time")
        instance.start()
        assert list((data / "spool").iterdir()) == []
        assert account.keys() == ["ann/", "ann/b"]
    finally:
        instance.kill()
