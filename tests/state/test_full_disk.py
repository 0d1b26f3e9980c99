"""A data folder on a disk without room: writes are refused in words, reads go on, and it all works again by itself."""

import json
import re
import resource
import urllib.request

import paramiko
import pytest
from botocore.exceptions import ClientError

from support.api_connection import ApiConnection
from support.full_disk import MountedDisk, PreloadedDisk
from support.sallyport import Sallyport
from support.sftp_client import SftpClient
from support.sshkeys import make_key

ROLE = "arn:aws:iam::000000000000:role/transfer"
# Release build only: a sanitizer's run-time library wants to be loaded first.
pytestmark = pytest.mark.heavy

UNAVAILABLE = ("ServiceUnavailableException", "InternalServiceError")
# Fills the room that the database's files have left.
POLICY = json.dumps({"Version": "2012-10-17", "Statement": []}).ljust(2000)


@pytest.fixture(params=[PreloadedDisk, MountedDisk])
def disk(request, tmp_path):
    try:
        made = request.param(tmp_path)
    except OSError as error:
        pytest.skip(f"mounting is not permitted here: {error}")
    yield made
    made.close()


class Site:
    """A server with one user, whose data folder lies on the disk; its log does not."""

    def __init__(self, binary, tmp_path, data_dir, environment=None, settings=None):
        self.sallyport = Sallyport(binary, data_dir, settings,
                                   server_environment={"SALLYPORT_STATE_DATABASE": "", **(environment or {})})
        self.sallyport.log_path = str(tmp_path / "stderr")
        self.sallyport.start()
        self.key, self.folder = make_key(tmp_path), tmp_path
        self.server = self.sallyport.server()
        self.bucket = self.sallyport.user(self.server, self.key)
        self.address = self.sallyport.endpoint(self.server)
        self.api = ApiConnection(self.sallyport)
        self.acknowledged, self._file = {"ann"}, 0

    def client(self):
        return SftpClient(*self.address, "ann", self.key)

    def session(self):
        """One that stays, of paramiko's; it says nothing of what a CLOSE was answered."""
        transport = paramiko.Transport(self.address)
        transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = 60
        transport.connect(username="ann", pkey=paramiko.Ed25519Key.from_private_key_file(str(self.key.path)))
        return paramiko.SFTPClient.from_transport(transport)

    def file(self, content):
        self._file += 1
        path = self.folder / f"file-{self._file}"
        path.write_bytes(content)
        return path

    def users(self):
        return {user["UserName"] for user in self.api.must("ListUsers", ServerId=self.server)["Users"]}

    def create_user(self, name):
        answer = self.api.call("CreateUser", ServerId=self.server, UserName=name, Role=ROLE, Policy=POLICY)
        if answer.status == 200:
            self.acknowledged.add(name)
        return answer

    def write_until_refused(self):
        for number in range(2000):
            answer = self.create_user(f"full-{len(self.acknowledged)}")
            if answer.status != 200:
                return answer
        raise AssertionError("there is always room")

    def metric(self, name):
        with urllib.request.urlopen(self.sallyport.api_url + "/_sallyport/metrics") as answer:
            return int(re.search(rf"^{name} (\d+)$", answer.read().decode(), re.MULTILINE).group(1))


@pytest.fixture
def place(binary, disk, tmp_path):
    made = []

    def make(settings=None):
        made.append(Site(binary, tmp_path, disk.folder / "data", disk.environment, settings))
        return made[0]

    yield make
    for one in made:
        one.sallyport.kill()


def assert_unavailable(answer):
    assert answer.status == 500 and answer.code in UNAVAILABLE, answer
    # It is said what is wrong, and not where anything lies.
    assert re.search("full|No space|try again", answer.text) and "/" not in answer.text, answer


def test_full_disk_refuses_changes_answers_reads_and_loses_nothing(place, disk):
    site = place()
    pid = site.sallyport.process.pid
    disk.fill()
    assert_unavailable(site.write_until_refused())
    arn = f"arn:aws:transfer:us-east-1:000000000000:server/{site.server}"
    for operation, members in (("CreateServer", {}), ("StopServer", {"ServerId": site.server}),
                               ("UpdateServer", {"ServerId": site.server, "LoggingRole": ROLE}),
                               ("TagResource", {"Arn": arn, "Tags": [{"Key": "k", "Value": "v" * 200}]}),
                               ("CreateProfile", {"As2Id": "us", "ProfileType": "LOCAL"}),
                               ("DeleteUser", {"ServerId": site.server, "UserName": "ann"})):
        assert_unavailable(site.api.call(operation, **members))
    with pytest.raises(ClientError) as refused:
        site.sallyport.client("iam").create_user(UserName="zoe")
    assert refused.value.response["Error"]["Code"] in ("ServiceUnavailable", "ServiceFailure")
    # What was refused has not happened, neither here nor after a restart.
    for again in (False, True):
        described = site.api.must("DescribeServer", ServerId=site.server)["Server"]
        assert (described["State"], described["Tags"], described.get("LoggingRole")) == ("ONLINE", [], None)
        assert site.users() == site.acknowledged
        assert [one["ServerId"] for one in site.api.must("ListServers")["Servers"]] == [site.server]
        assert site.api.must("ListProfiles")["Profiles"] == []
        if again:
            break
        disk.make_room()
        assert site.create_user("room-again").status == 200
        assert site.sallyport.process.poll() is None and site.sallyport.process.pid == pid
        site.sallyport.kill()
        site.sallyport.start()
        site.api = ApiConnection(site.sallyport)
        site.sallyport.wait_state(site.server, "ONLINE")


def test_upload_onto_a_full_disk_fails_whole_and_what_is_stored_is_served(place, disk):
    site = place()
    session, s3 = site.session(), site.sallyport.client("s3")
    old, small = site.file(b"old" * 50_000), site.file(b"small")
    # Through the page cache, and past it.
    large = [site.file(b"n" * 300_000), site.file(b"n" * 9_000_001)]
    session.put(str(old), "kept")
    disk.fill()
    lines = [f"put {path} {name}" for path in (small, *large) for name in ("new", "kept")]
    lines += ["mkdir folder", "rename kept other", "rm kept"]
    done = site.client().batch(*(f"-{line}" for line in lines))
    # One line for each, and for some files a second one of the CLOSE that follows.
    assert done.ok and not re.sub(r".*: Failure\n", "", done.stderr), done.stderr
    assert len(done.stderr.splitlines()) >= len(lines), done.stderr
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=site.bucket, Key="ann/new", Body=b"n" * 300_000)
    assert refused.value.response["Error"]["Code"] in ("ServiceUnavailable", "InternalError")
    # The session of before and new logins read on; nothing that failed is to be seen, and the old content stays.
    for client in (session, site.session()):
        assert client.listdir() == ["kept"]
        with client.open("kept") as kept:
            assert kept.read() == old.read_bytes()
    objects = {one["Key"]: one["Size"] for one in s3.list_objects_v2(Bucket=site.bucket)["Contents"]}
    assert objects == {"ann/": 0, "ann/kept": 150_000}
    disk.make_room()
    for number, path in enumerate(large):
        for name in (f"new-{number}", "kept"):
            session.put(str(path), name)
            answer = s3.get_object(Bucket=site.bucket, Key=f"ann/{name}")
            assert answer["Body"].read() == path.read_bytes()
    assert sorted(session.listdir()) == ["kept", "new-0", "new-1"]
    errors = [event for _, event in site.sallyport.events(site.server) if event["activity-type"] == "ERROR"]
    assert sum("unavailable" in event["message"] for event in errors) >= len(lines), errors


def test_servers_go_on_to_the_state_that_was_asked_for(place, disk):
    """The disk fills up between the call's answer and the change that it sets off."""
    site, wanted = place(), {}
    for _ in range(3):
        wanted[site.api.must("CreateServer")["ServerId"]] = "ONLINE"
        disk.fill()
        assert_unavailable(site.write_until_refused())
        disk.make_room()
    for server in wanted:
        site.sallyport.wait_state(server, "ONLINE")
    first = next(iter(wanted))
    site.api.must("StopServer", ServerId=first)
    disk.fill()
    assert_unavailable(site.write_until_refused())
    disk.make_room()
    site.sallyport.wait_state(first, "OFFLINE")


def described(site):
    """How many calls of DescribeServer the audit log has."""
    lines = site.sallyport.lines("/aws/cloudtrail")
    return sum(json.loads(line)["eventName"] == "DescribeServer" for _, line in lines)


def test_log_lines_wait_for_room_and_what_is_shed_is_counted(place, disk):
    queue = 1024
    site = place({"log.queue_lines": queue})
    before = described(site)
    disk.fill()
    site.write_until_refused()
    calls = queue + 300
    for _ in range(calls):
        site.api.must("DescribeServer", ServerId=site.server)
    assert 300 <= site.metric("sallyport_log_lines_shed") < calls
    disk.make_room()
    assert described(site) == before + calls - site.metric("sallyport_log_lines_shed")


def test_limit_of_file_sizes_is_no_end(binary, tmp_path):
    """`ulimit -f`, LimitFSIZE= of systemd: unless it is told not to, the kernel ends who would write more."""
    site = Site(binary, tmp_path, tmp_path / "data")
    pid = site.sallyport.process.pid
    try:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        answer = site.create_user("bob")
        assert answer.status == 500 and answer.code in UNAVAILABLE and "/" not in answer.text, answer
        assert not site.client().put(site.file(b"n" * 100_000), "new").ok
        assert site.users() == {"ann"}
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert site.create_user("bob").status == 200
        site.client().must(f"put {site.file(b'n' * 100_000)} new")
        site.sallyport.stop()
    finally:
        site.sallyport.kill()
