"""Events of files and directories in EventBridge's shape, as a session's operations leave them in /aws/events/transfer."""

import json
import os
import re

import paramiko
import pytest

from support import elsewhere
from support.sallyport import Sallyport
from support.sftp_client import SftpClient
from support.sshkeys import new_key

GROUP = "/aws/events/transfer"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z"


class Account:
    def __init__(self, sallyport, key, **members):
        self.sallyport, self.key = sallyport, key
        self.server = sallyport.server()
        self.bucket = sallyport.user(self.server, key, **members)
        self.home = f"/{self.bucket}/ann"

    def client(self):
        return SftpClient(*self.sallyport.endpoint(self.server), "ann", self.key)

    def events(self):
        return [json.loads(m) for s, m in self.sallyport.lines(GROUP) if s == self.server]

    def ended(self, sessions=1):
        """The events, once the log tells that as many sessions are over."""
        log = self.sallyport.wait_events(self.server, lambda events: sum(
            e["activity-type"] == "DISCONNECTED" for _, e in events) >= sessions)
        return self.events(), log[0][1]["session-id"]

    def paramiko(self):
        transport = paramiko.Transport(self.sallyport.endpoint(self.server))
        transport.connect(username="ann", pkey=paramiko.Ed25519Key.from_private_key_file(str(self.key.path)))
        return transport, paramiko.SFTPClient.from_transport(transport)


@pytest.fixture
def account(sallyport, tmp_path):
    return Account(sallyport, new_key(tmp_path, "ed25519"))


def test_every_operation_is_told_in_the_documented_shape(account, tmp_path):
    (tmp_path / "f").write_bytes(b"x" * 121)
    account.client().must(f"put {tmp_path}/f a", f"get a {tmp_path}/back", "rename a b", "mkdir d", "rmdir d", "rm b")
    events, session = account.ended()
    for event in events:
        assert set(event) == {"version", "id", "detail-type", "source", "account", "time", "region", "resources",
                              "detail"}
        assert event["version"] == "0" and event["source"] == "aws.transfer"
        assert event["account"] == "000000000000" and event["region"] == "us-east-1"
        assert event["resources"] == [f"arn:aws:transfer:us-east-1:000000000000:server/{account.server}"]
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", event["id"])
        detail = event["detail"]
        assert re.fullmatch(TIME, event["time"])
        begin, end = detail.pop("start-timestamp"), detail.pop("end-timestamp")
        assert re.fullmatch(TIME, begin) and re.fullmatch(TIME, end) and begin <= end
        common = {"status-code": "COMPLETED", "protocol": "SFTP", "client-ip": "127.0.0.1",
                  "server-id": account.server, "username": "ann", "session-id": session}
        assert {k: detail.pop(k) for k in common} == common
    assert len({event["id"] for event in events}) == len(events)
    etag = events[0]["detail"]["etag"]
    assert re.fullmatch(r"[0-9a-f]{32}" + ("" if elsewhere.mode() else "-1"), etag)
    path = f"{account.home}/a"
    assert [(e["detail-type"], e["detail"]) for e in events] == [
        ("SFTP Server File Upload Completed", {"file-path": path, "bytes": 121, "etag": etag}),
        ("SFTP Server File Download Completed", {"file-path": path, "bytes": 121, "etag": etag}),
        ("SFTP Server File Rename Completed", {"original-file-path": path, "renamed-file-path": f"{account.home}/b"}),
        ("SFTP Server Directory Create Completed", {"directory-path": f"{account.home}/d"}),
        ("SFTP Server Directory Delete Completed", {"directory-path": f"{account.home}/d"}),
        ("SFTP Server File Delete Completed", {"file-path": f"{account.home}/b"})]


def test_etag_is_the_object_s(account, tmp_path):
    (tmp_path / "f").write_bytes(os.urandom(1000))
    account.client().must(f"put {tmp_path}/f a")
    events, _ = account.ended()
    head = account.sallyport.client("s3").head_object(Bucket=account.bucket, Key="ann/a")
    assert events[0]["detail"]["etag"] == head["ETag"].strip('"')


def test_failures_are_told_with_code_and_message(account, tmp_path):
    (tmp_path / "f").write_text("x")
    iam = account.sallyport.client("iam")
    role = account.sallyport.client("transfer").describe_user(ServerId=account.server, UserName="ann")["User"]["Role"]
    iam.delete_role_policy(RoleName=role.rsplit("/", 1)[1], PolicyName="rights")
    account.client().interactive(f"put {tmp_path}/f a", "mkdir d", "rm a", "rmdir d", "rename a b")
    events, _ = account.ended()
    told = [(e["detail-type"].removeprefix("SFTP Server "), e["detail"]) for e in events]
    assert [t for t, _ in told if t != "File Delete Failed"] == [
        "File Upload Failed", "Directory Create Failed", "Directory Delete Failed", "File Rename Failed"]
    for _, detail in told:
        assert detail["status-code"] == "FAILED" and detail["failure-code"] == "UNKNOWN_ERROR"
        assert detail["failure-message"] == "Permission denied"
        assert "etag" not in detail


def test_transfers_that_are_cut_are_partial(account):
    transport, sftp = account.paramiko()
    with sftp.open("whole", "wx") as file:
        file.write(b"1234567890")
    upload = sftp.open("half", "wx")
    upload.write(b"12345")
    upload.flush()
    download = sftp.open("whole", "r", 0)
    assert download.read(4) == b"1234"
    transport.sock.close()
    events, _ = account.ended()
    told = {e["detail"]["file-path"].rsplit("/", 1)[1] + " " + e["detail-type"].split(" ", 3)[3]: e["detail"]
            for e in events}
    assert set(told) == {"whole Upload Completed", "half Upload Failed", "whole Download Failed"}
    for name, code, message, size in (
            ("half Upload Failed", "PARTIAL_UPLOAD", "File was partially uploaded.", 5),
            ("whole Download Failed", "PARTIAL_DOWNLOAD", "File was partially downloaded.", 4)):
        detail = told[name]
        assert (detail["failure-code"], detail["failure-message"], detail["bytes"]) == (code, message, size)


def test_paths_of_logical_users_are_the_real_ones(sallyport, tmp_path):
    bucket = sallyport.bucket()
    account = Account(sallyport, new_key(tmp_path, "ed25519"), bucket=bucket, HomeDirectoryType="LOGICAL",
                      HomeDirectoryMappings=[{"Entry": "/", "Target": f"/{bucket}/in"}])
    sallyport.client("s3").put_object(Bucket=bucket, Key="in/")
    account.client().must("mkdir d")
    events, _ = account.ended()
    assert [e["detail"]["directory-path"] for e in events] == [f"/{bucket}/in/d"]


def test_looking_around_is_no_event(account):
    account.client().must("ls", "ls -l", "-ls missing", "cd .", "pwd")
    assert account.ended()[0] == []


def test_log_tail_leaves_them_out_and_the_logs_api_has_them(account):
    account.client().must("mkdir d")
    account.ended()
    assert GROUP in [g["logGroupName"] for g in account.sallyport.client("logs").describe_log_groups()["logGroups"]]
    tailed = account.sallyport.cli("logs", "tail").stdout
    assert '"MKDIR"' in tailed and "aws.transfer" not in tailed


def test_setting_turns_them_off(binary, tmp_path):
    with Sallyport(binary, tmp_path / "data", settings={"events.file_events": "false"}) as sallyport:
        account = Account(sallyport, new_key(tmp_path, "ed25519"))
        account.client().must("mkdir d")
        sallyport.wait_events(account.server, lambda events: any(
            e["activity-type"] == "DISCONNECTED" for _, e in events))
        groups = [g["logGroupName"] for g in sallyport.client("logs").describe_log_groups()["logGroups"]]
        assert groups and GROUP not in groups
