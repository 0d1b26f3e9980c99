"""The log in its two formats, word for word, with OpenSSH's sftp and with clients that mean harm."""

import json
import re
import subprocess

import paramiko
import pytest

from api.helpers import aws
from support.sftp_client import SftpClient
from support.sshkeys import new_key


class Logged:
    """A server, a user "ann" with a bucket, and the log."""

    def __init__(self, sallyport, key, **members):
        self.sallyport, self.key = sallyport, key
        self.server = sallyport.server(**members)
        self.bucket = sallyport.user(self.server, key)
        self.group = f"/aws/transfer/{self.server}"
        self.home = f"/{self.bucket}/ann"
        self.role = sallyport.client("transfer").describe_user(ServerId=self.server, UserName="ann")["User"]["Role"]

    def client(self, user="ann", key=None, **options):
        return SftpClient(*self.sallyport.endpoint(self.server), user, key or self.key, options)

    def paramiko(self, user="ann", key=None):
        transport = paramiko.Transport(self.sallyport.endpoint(self.server))
        try:
            transport.connect(username=user, pkey=paramiko.Ed25519Key.from_private_key_file(str((key or self.key).path)))
        except paramiko.SSHException:
            transport.close()
            raise
        return transport

    def text_session(self):
        """The stream of the one session in the text format, and its lines."""
        lines = self.sallyport.wait_lines(self.group, lambda lines: any(line == "DISCONNECTED" for _, line in lines))
        stream, = {s for s, _ in lines} - {"ERRORS"}
        return stream, [line for s, line in lines if s == stream]

    def text_errors(self, count=1):
        """What stands in the text format in the stream ERRORS, as soon as there are `count` lines."""
        def there(lines):
            return sum(s == "ERRORS" for s, _ in lines) >= count
        return [line for s, line in self.sallyport.wait_lines(self.group, there) if s == "ERRORS"]


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return new_key(tmp_path_factory.mktemp("key"), "ed25519")


@pytest.fixture
def text(sallyport, key):
    """Only LoggingRole is set."""
    return Logged(sallyport, key, LoggingRole=sallyport.role(None))


@pytest.fixture
def both(sallyport, key):
    return Logged(sallyport, key, **sallyport.both_formats())


def test_session_in_text_is_word_for_word(text, tmp_path):
    (tmp_path / "f").write_bytes(b"x" * 121)
    client = text.client(Ciphers="aes128-gcm@openssh.com", KexAlgorithms="ecdh-sha2-nistp256")
    client.must(f"put {tmp_path}/f a.csv", f"get a.csv {tmp_path}/back", "rename a.csv b.csv", "mkdir d", "rmdir d",
                "-chmod 600 b.csv", "rm b.csv")
    stream, lines = text.text_session()
    assert re.fullmatch(r"ann\.[0-9a-f]{20}", stream)
    ident = subprocess.run(["ssh", "-V"], capture_output=True, text=True).stderr.split(",")[0]
    shown = f'"SSH-2.0-{ident}"' if " " in ident else f"SSH-2.0-{ident}"
    path = f"{text.home}/a.csv"
    assert lines == [
        f"CONNECTED SourceIP=127.0.0.1 User=ann HomeDir={text.home} Client={shown} Role={text.role} "
        "Kex=ecdh-sha2-nistp256 Ciphers=aes128-gcm@openssh.com,aes128-gcm@openssh.com",
        f"OPEN Path={path} Mode=CREATE|TRUNCATE|WRITE",
        f"CLOSE Path={path} BytesIn=121",
        f"OPEN Path={path} Mode=READ",
        f"CLOSE Path={path} BytesOut=121",
        f"RENAME Path={path} NewPath={text.home}/b.csv",
        f"MKDIR Path={text.home}/d",
        f"RMDIR Path={text.home}/d",
        f'ERROR Message="Setting attributes is not supported on S3 storage" Operation=SETSTAT Path={text.home}/b.csv',
        f"DELETE Path={text.home}/b.csv",
        "DISCONNECTED"]


def test_failed_logins_in_text_are_word_for_word(text, tmp_path):
    assert not text.client("nobody").batch("pwd").ok
    wrong = new_key(tmp_path, "rsa2048")
    assert not text.client(key=wrong).batch("pwd").ok
    assert text.text_errors(2) == [
        'ERRORS AUTH_FAILURE Method=publickey User=nobody Message="The user is unrecognized" SourceIP=127.0.0.1',
        f'ERRORS AUTH_FAILURE Method=publickey User=ann Message="RSA {wrong.fingerprint}" SourceIP=127.0.0.1']


def test_attributes_without_effect_leave_setstat_in_both_formats(sallyport, key, tmp_path):
    logged = Logged(sallyport, key, ProtocolDetails={"SetStatOption": "ENABLE_NO_OP"}, **sallyport.both_formats())
    (tmp_path / "f").write_text("x")
    logged.client().must(f"put -p {tmp_path}/f a")
    _, lines = logged.text_session()
    assert f"SETSTAT Path={logged.home}/a" in lines
    setstat = [e for _, e in logged.sallyport.events(logged.server) if e["activity-type"] == "SETSTAT"]
    assert setstat and all(e["path"] == f"{logged.home}/a" for e in setstat)


def test_cut_upload_leaves_partial_close_in_both_formats(both):
    transport = both.paramiko()
    sftp = paramiko.SFTPClient.from_transport(transport)
    file = sftp.open("a", "wx")
    file.write(b"1234567")
    file.flush()
    sftp.stat(".")  # the write was served
    transport.sock.close()
    _, lines = both.text_session()
    assert lines[-2:] == [f"PARTIAL_CLOSE Path={both.home}/a BytesIn=7", "DISCONNECTED"]
    events = [e for _, e in both.sallyport.events(both.server)]
    assert [(e["path"], e["bytes-in"]) for e in events if e["activity-type"] == "PARTIAL_CLOSE"] == \
        [(f"{both.home}/a", "7")]


MISMATCHES = {
    "key exchange method": {"KexAlgorithms": "sntrup761x25519-sha512@openssh.com"},
    "host key type": {"HostKeyAlgorithms": "ecdsa-sha2-nistp521"},
    "cipher": {"Ciphers": "aes128-cbc"},
    "MAC": {"MACs": "hmac-md5", "Ciphers": "aes256-ctr"},
}


@pytest.mark.parametrize("what", MISMATCHES)
def test_failed_key_exchange_names_what_did_not_match(both, what):
    options = MISMATCHES[what]
    refused = both.client(LogLevel="INFO", **options).batch("pwd")
    assert f"no matching {what} found" in refused.stderr
    line, = both.text_errors()
    event, = [e for s, e in both.sallyport.wait_events(both.server, lambda events: events) if s == "ERRORS"]
    offered = next(iter(options.values()))
    assert event.pop("kex").split(",")[0] == offered
    arn = f"arn:aws:transfer:us-east-1:000000000000:server/{both.server}"
    assert event == {"activity-type": "KEX_FAILURE", "source-ip": "127.0.0.1", "message": f"no matching {what} found",
                     "resource-arn": arn}
    assert re.fullmatch(f'ERRORS KEX_FAILURE Message="no matching {what} found" Kex={re.escape(offered)}(,[^ ]*)? '
                        "SourceIP=127.0.0.1", line)


def test_each_switch_stands_for_itself(sallyport, key, tmp_path):
    """Neither: JSON in the server's own group. Then LoggingRole alone, both, StructuredLogDestinations alone."""
    logged = Logged(sallyport, key)
    formats = sallyport.both_formats()
    group = formats["StructuredLogDestinations"][0].split(":")[6]

    def grown(before, group):
        def ended(lines):
            return any("DISCONNECTED" in line for _, line in lines[before:])
        return sallyport.wait_lines(group, ended)[before:]

    def session(**members):
        if members:
            sallyport.call("UpdateServer", ServerId=logged.server, **members)
        logged.client().must("pwd")

    session()
    own = grown(0, logged.group)
    assert [json.loads(line)["activity-type"] for _, line in own] == ["CONNECTED", "DISCONNECTED"]
    assert {s for s, _ in own} == {f"{logged.server}/ann"}

    session(LoggingRole=formats["LoggingRole"])
    own_text = grown(2, logged.group)
    assert [line.split(" ")[0] for _, line in own_text] == ["CONNECTED", "DISCONNECTED"]

    session(StructuredLogDestinations=formats["StructuredLogDestinations"])
    assert [line.split(" ")[0] for _, line in grown(4, logged.group)] == ["CONNECTED", "DISCONNECTED"]
    assert [json.loads(line)["activity-type"] for _, line in grown(0, group)] == ["CONNECTED", "DISCONNECTED"]

    session(LoggingRole="")
    assert [json.loads(line)["activity-type"] for _, line in grown(2, group)] == ["CONNECTED", "DISCONNECTED"]
    assert len(sallyport.lines(logged.group)) == 6

    session(StructuredLogDestinations=[])
    assert [json.loads(line)["activity-type"] for _, line in grown(6, logged.group)] == ["CONNECTED", "DISCONNECTED"]
    assert len(sallyport.lines(group)) == 4


HOSTILE = ["x BytesIn=0", "x\nERRORS AUTH_FAILURE Method=publickey User=root", 'x" SourceIP="198.51.100.1',
           "x\\", "x\r\x1b[2K", "x\u2028DISCONNECTED", "\u202e0=nIsetyB", "ein name\u00a0mit"]


def fields_of(line):
    """A text line's fields, read as its format says."""
    words = re.findall(r'(?:[^ "]|"(?:[^"\\]|\\.)*")+', line)
    assert " ".join(words) == line
    return {k: json.loads(v) if v.startswith('"') else v for k, _, v in (w.partition("=") for w in words[1:])}


def test_names_of_files_cannot_forge_lines_or_fields(both):
    transport = both.paramiko()
    sftp = paramiko.SFTPClient.from_transport(transport)
    for name in HOSTILE:
        sftp.mkdir(name)
    transport.close()
    _, lines = both.text_session()
    assert [fields_of(line) for line in lines[1:-1]] == [{"Path": f"{both.home}/{name}"} for name in HOSTILE]
    assert all(line.isprintable() and line.startswith("MKDIR Path=") for line in lines[1:-1])
    made = [e["path"] for _, e in both.sallyport.events(both.server) if e["activity-type"] == "MKDIR"]
    assert made == [f"{both.home}/{name}" for name in HOSTILE]


@pytest.mark.parametrize("user", ["nobody SourceIP=198.51.100.1", 'x" Message="RSA', "x\nERRORS", "a:*b"])
def test_names_of_users_cannot_forge_lines_or_fields(both, user):
    with pytest.raises(paramiko.AuthenticationException):
        both.paramiko(user)
    line, = both.text_errors()
    assert line.startswith("ERRORS AUTH_FAILURE Method=publickey User=") and line.isprintable()
    assert fields_of(line.removeprefix("ERRORS ")) == {
        "Method": "publickey", "User": user, "Message": "The user is unrecognized", "SourceIP": "127.0.0.1"}


def test_our_own_command_tails_text(text, tmp_path):
    text.client().must("mkdir d")
    stream, lines = text.text_session()
    tailed = text.sallyport.cli("logs", "tail", "--server", text.server).stdout.splitlines()
    assert [json.loads(line) for line in tailed] == [{"log-stream": stream, "text": line} for line in lines]
    tailed = text.sallyport.cli("logs", "tail", "--server", text.server, "--format", "text").stdout.splitlines()
    assert [re.sub(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ", "", line) for line in tailed] == \
        [f"{stream} {line}" for line in lines]
    refused = text.sallyport.cli("logs", "tail", "--format", "yaml", check=False)
    assert refused.returncode == 2 and "yaml" in refused.stderr


def test_our_own_command_tails_one_server_of_a_shared_group(sallyport, key):
    formats = sallyport.both_formats()
    one, other = (Logged(sallyport, key, **formats) for _ in range(2))
    for logged in (one, other):
        logged.client().must("pwd")
        logged.text_session()
    tailed = [json.loads(line) for line in sallyport.cli("logs", "tail", "--server", one.server).stdout.splitlines()]
    assert sorted(line.get("activity-type", line.get("text", "").split(" ")[0]) for line in tailed) == \
        ["CONNECTED", "CONNECTED", "DISCONNECTED", "DISCONNECTED"]
    assert other.server not in json.dumps(tailed)


def test_the_cloudwatch_logs_api_finds_text(text):
    assert not text.client("nobody").batch("pwd").ok
    text.text_errors()
    text.client().must("mkdir d")
    stream, _ = text.text_session()
    logs = text.sallyport.client("logs")
    names = {s["logStreamName"] for s in logs.describe_log_streams(logGroupName=text.group)["logStreams"]}
    assert names == {"ERRORS", stream}
    found = aws(text.sallyport, "logs", "filter-log-events", "--log-group-name", text.group, "--filter-pattern",
                '"The user is unrecognized"')
    assert [e["logStreamName"] for e in found["events"]] == ["ERRORS"]
    found = aws(text.sallyport, "logs", "filter-log-events", "--log-group-name", text.group, "--filter-pattern",
                "MKDIR", "--log-stream-names", stream)
    assert [e["message"] for e in found["events"]] == [f"MKDIR Path={text.home}/d"]
    told = aws(text.sallyport, "logs", "tail", text.group, "--since", "1h", "--format", "short")
    assert f"MKDIR Path={text.home}/d" in told
