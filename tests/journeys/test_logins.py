"""What the terminal prints and what the log says, for the logins that the documents show."""

import re
import subprocess

from support.sftp_client import SftpClient
from support.sshkeys import new_key

from .conftest import Site, activities


def refusal(done):
    """The line that ssh prints; how often sftp adds "Connection closed" depends on which of the two ends first."""
    return done.stderr.splitlines()[0]


def errors(events):
    return [event for stream, event in events if stream == "ERRORS"]


def test_normal_access_connects_and_logs_the_documented_fields(site):
    done = site.client().interactive("pwd", "bye")
    assert done.returncode == 0
    assert f"Remote working directory: /{site.bucket}/ann" in done.stdout
    events = site.events(lambda e: "DISCONNECTED" in activities(e))
    streams = {stream for stream, _ in events}
    assert streams == {f"{site.server}/ann"}
    connected = events[0][1]
    arn = f"arn:aws:transfer:us-east-1:000000000000:server/{site.server}"
    assert set(connected) == {"role", "activity-type", "ssh-public-key-fingerprint", "home-dir", "ssh-public-key",
                              "ssh-public-key-type", "macs", "ciphers", "client", "source-ip", "resource-arn", "user",
                              "kex", "session-id"}
    assert connected["activity-type"] == "CONNECTED"
    assert connected["user"] == "ann" and connected["resource-arn"] == arn
    assert connected["home-dir"] == f"/{site.bucket}/ann"
    assert connected["ssh-public-key-fingerprint"] == site.key.fingerprint
    assert connected["ssh-public-key"] == site.key.public_text.split()[1]
    assert connected["ssh-public-key-type"] == "ssh-ed25519"
    assert connected["source-ip"] == "127.0.0.1"
    assert connected["client"].startswith("SSH-2.0-OpenSSH_")
    assert re.fullmatch(r"[0-9a-f]{20}", connected["session-id"])
    assert len(connected["ciphers"].split(",")) == 2 and len(connected["macs"].split(",")) == 2
    assert events[-1][1] == {"activity-type": "DISCONNECTED", "resource-arn": arn,
                             "session-id": connected["session-id"]}


def test_unknown_user_and_wrong_key_look_the_same_to_the_client(site, tmp_path):
    unknown = SftpClient(site.address, site.port, "nobody", site.key).interactive()
    wrong_key = site.client(key=new_key(tmp_path, "rsa2048")).interactive()
    assert unknown.returncode == wrong_key.returncode == 255
    assert refusal(unknown).replace("nobody@", "ann@") == refusal(wrong_key)
    assert "Permission denied (publickey)." in unknown.stderr
    assert "Connection closed" in unknown.stderr


def test_wrong_key_is_logged_with_its_type_and_fingerprint(site, tmp_path):
    for kind, word in (("rsa2048", "RSA"), ("ecdsa256", "ECDSA"), ("ed25519", "ED25519")):
        key = new_key(tmp_path, kind)
        assert site.client(key=key).interactive().returncode == 255
        line = f"{word} {key.fingerprint}"
        events = site.events(lambda e: any(x["message"] == line for x in errors(e)))
        assert [x["user"] for x in errors(events) if x["message"] == line] == ["ann"]


def test_no_key_offered_leaves_no_line(site):
    done = SftpClient(site.address, site.port, "ann").interactive()
    assert done.returncode == 255 and "Permission denied (publickey)." in done.stderr
    # A later login's lines are there; the one without a key left none before them.
    site.client().interactive("bye")
    events = site.events(lambda e: "DISCONNECTED" in activities(e))
    assert activities(events) == ["CONNECTED", "DISCONNECTED"]


def test_every_kind_of_user_key_logs_in(sallyport, site, tmp_path):
    for kind in ("rsa2048", "ecdsa256", "ecdsa384", "ecdsa521", "ed25519"):
        key = new_key(tmp_path, kind)
        sallyport.client("transfer").import_ssh_public_key(ServerId=site.server, UserName="ann",
                                                           SshPublicKeyBody=key.public_text)
        assert site.client(key=key).interactive("pwd").returncode == 0, kind


def test_deleted_key_is_refused_and_its_session_ends(sallyport, site):
    session = subprocess.Popen(site.client().command("-q"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    site.events(lambda e: "CONNECTED" in activities(e))
    transfer = sallyport.client("transfer")
    described = transfer.describe_user(ServerId=site.server, UserName="ann")["User"]
    transfer.delete_ssh_public_key(ServerId=site.server, UserName="ann",
                                   SshPublicKeyId=described["SshPublicKeys"][0]["SshPublicKeyId"])
    site.events(lambda e: "DISCONNECTED" in activities(e))
    session.communicate(timeout=20)
    assert site.client().interactive().returncode == 255


def test_deleting_the_user_or_stopping_the_server_ends_sessions(sallyport, tmp_path):
    for act in ("delete_user", "stop_server"):
        site = Site(sallyport, tmp_path)
        session = subprocess.Popen(site.client().command("-q"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        site.events(lambda e: "CONNECTED" in activities(e))
        if act == "delete_user":
            sallyport.client("transfer").delete_user(ServerId=site.server, UserName="ann")
        else:
            sallyport.client("transfer").stop_server(ServerId=site.server)
        site.events(lambda e: "DISCONNECTED" in activities(e))
        session.communicate(timeout=20)
