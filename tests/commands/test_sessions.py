"""`sallyport sessions`: who is logged in, and their end."""

import io
import json
import time

import paramiko
import pytest

from support.sshkeys import make_key


class Account:
    def __init__(self, sallyport, folder):
        self.sallyport = sallyport
        key = make_key(folder)
        self.key = paramiko.Ed25519Key.from_private_key_file(str(key.path))
        self.server = sallyport.server()
        for name in ("ann", "bob"):
            sallyport.user(self.server, key, name=name)

    def log_in(self, name="ann"):
        transport = paramiko.Transport(self.sallyport.endpoint(self.server))
        transport.connect(username=name, pkey=self.key)
        return transport

    def command(self, *arguments, check=True):
        return self.sallyport.cli("sessions", *arguments, check=check)

    def listed(self, *arguments):
        return json.loads(self.command("--json", "--server", self.server, *arguments).stdout)

    def wait_ended(self, transport):
        transport.join(30)
        assert not transport.is_active()


@pytest.fixture
def account(sallyport, tmp_path):
    return Account(sallyport, tmp_path)


def test_a_live_session_is_listed_with_what_it_does(account):
    assert account.listed() == []
    transport = account.log_in()
    sftp = paramiko.SFTPClient.from_transport(transport)
    sftp.putfo(io.BytesIO(bytes(300_000)), "a")
    with sftp.open("a"):
        one, = account.listed()
        assert one["UserName"] == "ann" and one["ServerId"] == account.server
        assert one["SourceIp"] == "127.0.0.1" and one["OpenFiles"] == 1
        assert one["BytesIn"] > 300_000 > one["BytesOut"] > 1000
        connected = [e for _, e in account.sallyport.wait_events(account.server, bool)
                     if e["activity-type"] == "CONNECTED"]
        assert one["SessionId"] == connected[0]["session-id"]
        table = account.command("--user", "ann").stdout
        assert one["SessionId"] in table and " K" in table
    transport.close()


def test_one_session_of_several_is_ended_by_its_id(account):
    stays, goes = account.log_in("ann"), account.log_in("bob")
    session, = [one["SessionId"] for one in account.listed("--user", "bob")]
    assert "1 asked to end" in account.command("end", session).stdout
    account.wait_ended(goes)
    assert [one["UserName"] for one in account.listed()] == ["ann"]
    assert stays.is_active()
    stays.close()


def test_all_sessions_of_a_server_are_ended_and_uploads_are_kept(account):
    transports = [account.log_in("ann"), account.log_in("bob")]
    file = paramiko.SFTPClient.from_transport(transports[0]).open("cut", "wb")
    file.write(bytes(1000))
    file.stat()  # the write has been answered
    assert "2 asked to end" in account.command("end", "--server", account.server).stdout
    for transport in transports:
        account.wait_ended(transport)
    events = account.sallyport.wait_events(
        account.server, lambda all_: sum(e["activity-type"] == "DISCONNECTED" for _, e in all_) == 2)
    assert [e["bytes-in"] for _, e in events if e["activity-type"] == "PARTIAL_CLOSE"] == ["1000"]


def test_an_end_is_in_the_audit_log(account):
    account.command("end", "--server", account.server)
    logs = account.sallyport.client("logs")
    for _ in range(200):
        events = [json.loads(e["message"]) for e in logs.filter_log_events(
            logGroupName="/aws/cloudtrail", filterPattern='"EndSessions"')["events"]]
        mine = [e for e in events if e["requestParameters"].get("server") == account.server]
        if mine:
            break
        time.sleep(0.05)
    assert mine[0]["responseElements"] == {"ended": 0} and mine[0]["readOnly"] is False


@pytest.mark.parametrize("arguments, words", [
    (["end"], "session, user or server is needed"),
    (["end", "0123456789abcdef0123"], "there is no live session '0123456789abcdef0123'"),
])
def test_what_names_no_session_is_refused(account, arguments, words):
    transport = account.log_in()
    done = account.command(*arguments, check=False)
    assert done.returncode == 1 and words in done.stderr
    assert len(account.listed()) == 1
    transport.close()


def test_a_server_that_does_not_exist_is_no_server_without_sessions(account):
    for arguments in (["--server", "s-0123456789abcdef0"], ["end", "--server", "s-0123456789abcdef0"]):
        done = account.command(*arguments, check=False)
        assert done.returncode == 1 and "there is no server 's-0123456789abcdef0'" in done.stderr
    assert "0 asked to end" in account.command("end", "--server", account.server).stdout


def test_a_command_that_does_not_exist_is_answered_with_those_that_do(sallyport):
    done = sallyport.cli("session", check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert "no command 'session'; there are: serve, " in done.stderr and "sessions" in done.stderr
