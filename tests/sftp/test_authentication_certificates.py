"""User certificates made by ssh-keygen, with OpenSSH's client and paramiko."""

import json
import secrets
import shutil
import subprocess

import paramiko
import pytest

from support.sallyport import Sallyport
from support.sftp_client import SftpClient
from support.sshkeys import TYPES, make_key, new_key


# Authorities of every kind; a larger RSA key would only cost time.
KINDS = [kind for kind in TYPES if kind != "rsa4096"]


class Authorities:
    """A Sallyport that trusts one authority of each kind."""

    def __init__(self, binary, folder):
        self.config = folder / "sallyport.toml"
        self.keys = {kind: make_key(folder / "ca", kind) for kind in KINDS}
        self.trust(*self.keys.values())
        self.sallyport = Sallyport(binary, folder / "data", config=self.config)

    def trust(self, *keys):
        texts = json.dumps([key.public_text for key in keys])
        self.config.write_text(f"[servers.default]\ntrusted_user_ca = {texts}\n")


@pytest.fixture(scope="module")
def authorities(binary, tmp_path_factory):
    made = Authorities(binary, tmp_path_factory.mktemp("trusting"))
    with made.sallyport:
        yield made


class Trusting:
    """A server of theirs, on which ann has no key at all."""

    def __init__(self, authorities):
        self.all, self.sallyport = authorities, authorities.sallyport
        self.authorities = dict(authorities.keys)
        self.server = self.sallyport.server()
        self.bucket = self.sallyport.bucket()
        self.add_user("ann")
        self.address = self.sallyport.endpoint(self.server)

    def add_user(self, name):
        role = self.sallyport.role({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
        self.sallyport.call("CreateUser", ServerId=self.server, UserName=name, Role=role,
                            HomeDirectory=f"/{self.bucket}/{name}")

    def certify(self, key, *options, authority="ed25519"):
        """Signs the key's public half; OpenSSH finds the certificate beside the key."""
        subprocess.run(["ssh-keygen", "-q", "-s", str(self.authorities[authority].path), "-I", "some id", *options,
                        str(key.public_path)], check=True, capture_output=True, timeout=60)
        return key

    def client(self, key, user="ann", **options):
        return SftpClient(*self.address, user, key, options)

    def errors(self, count):
        def lines(events):
            return [event for stream, event in events if stream == "ERRORS"]

        return lines(self.sallyport.wait_events(self.server, lambda events: len(lines(events)) >= count))


@pytest.fixture
def trusting(authorities):
    return Trusting(authorities)


def test_certificates_of_every_kind_by_authorities_of_every_kind_log_in(trusting, tmp_path):
    for i, kind in enumerate(KINDS):
        authority = KINDS[(i + 1) % len(KINDS)]
        key = trusting.certify(new_key(tmp_path, kind), "-n", "ann", "-V", "+1h", authority=authority)
        done = trusting.client(key).batch("pwd")
        assert done.ok, (kind, authority, done.stderr)
        assert f"/{trusting.bucket}/ann" in done.stdout
    events = trusting.sallyport.wait_events(
        trusting.server, lambda e: sum(x["activity-type"] == "DISCONNECTED" for _, x in e) == len(KINDS))
    connected = [event for _, event in events if event["activity-type"] == "CONNECTED"]
    # The fields are of the certified key: they look as if it were stored.
    assert connected[-1]["ssh-public-key"] == key.public_text.split()[1]
    assert connected[-1]["ssh-public-key-type"] == "ssh-ed25519"
    assert connected[-1]["ssh-public-key-fingerprint"] == key.fingerprint


@pytest.mark.parametrize("algorithm", ["rsa-sha2-256-cert-v01@openssh.com", "rsa-sha2-512-cert-v01@openssh.com"])
def test_rsa_certificates_sign_with_sha2(trusting, tmp_path, algorithm):
    key = trusting.certify(new_key(tmp_path, "rsa2048"), "-n", "ann", authority="rsa2048")
    assert trusting.client(key, PubkeyAcceptedAlgorithms=algorithm).batch("pwd").ok


def test_paramiko_logs_in_with_a_certificate(trusting, tmp_path):
    key = trusting.certify(new_key(tmp_path), "-n", "ann")
    pkey = paramiko.Ed25519Key.from_private_key_file(str(key.path))
    pkey.load_certificate(str(key.path) + "-cert.pub")
    transport = paramiko.Transport(trusting.address)
    transport.connect(username="ann", pkey=pkey)
    assert paramiko.SFTPClient.from_transport(transport).normalize(".") == f"/{trusting.bucket}/ann"
    transport.close()


@pytest.mark.parametrize("options", [
    ["-n", "bob"], [], ["-n", "ann", "-h"], ["-n", "ann", "-V", "20200101:20200102"],
    ["-n", "ann", "-V", "20990101:20990102"], ["-n", "ann", "-O", "force-command=internal-sftp"],
    ["-n", "ann", "-O", "source-address=192.0.2.0/24"], ["-n", "ann", "-O", "critical:new@example.com=x"],
    ["-n", "nobody"]], ids=lambda options: " ".join(options) or "no principals")
def test_certificates_that_are_not_for_this_user_here_and_now_are_refused(trusting, tmp_path, options):
    serial = secrets.randbelow(2**63)
    key = trusting.certify(new_key(tmp_path), "-z", str(serial), *options)
    user = "nobody" if "nobody" in options else "ann"
    done = trusting.client(key, user).batch("pwd")
    assert done.returncode == 255
    assert f"{user}@127.0.0.1: Permission denied (publickey)." in done.stderr
    refused = trusting.errors(1)
    assert [event["message"] for event in refused] == \
        ["Authentication failure" if user == "nobody" else f"ED25519 {key.fingerprint}"]
    # The certificate of nobody is a good one, and one of a host is not even offered by OpenSSH.
    silent = options in (["-n", "nobody"], ["-n", "ann", "-h"])
    assert (f"serial number {serial} is refused: " in trusting.sallyport.stderr()) == (not silent)


def test_a_source_address_that_holds_the_client_lets_in(trusting, tmp_path):
    key = trusting.certify(new_key(tmp_path), "-n", "ann", "-O", "source-address=192.0.2.0/24,127.0.0.0/8")
    assert trusting.client(key).batch("pwd").ok


def test_strangers_sha1_and_certificates_as_authorities_are_refused(trusting, tmp_path):
    stranger = make_key(tmp_path / "stranger")
    trusting.authorities["stranger"] = stranger
    assert not trusting.client(trusting.certify(new_key(tmp_path), "-n", "ann", authority="stranger")).batch("pwd").ok
    sha1 = trusting.certify(new_key(tmp_path), "-n", "ann", "-t", "ssh-rsa", authority="rsa2048")
    assert not trusting.client(sha1, CASignatureAlgorithms="+ssh-rsa").batch("pwd").ok
    # Signed by a key that a trusted authority has certified.
    between = trusting.certify(stranger, "-n", "ann")
    key = new_key(tmp_path)
    shutil.copy(str(between.path) + "-cert.pub", between.public_path)
    trusting.certify(key, "-n", "ann", authority="stranger")
    assert not trusting.client(key).batch("pwd").ok


def test_an_authority_that_is_no_longer_named_lets_nobody_in_after_a_reload(trusting, tmp_path):
    key = trusting.certify(new_key(tmp_path), "-n", "ann")
    assert trusting.client(key).batch("pwd").ok
    trusting.all.trust(trusting.authorities["rsa2048"])
    trusting.sallyport.reload()
    try:
        assert not trusting.client(key).batch("pwd").ok
        assert trusting.client(trusting.certify(key, "-n", "ann", authority="rsa2048")).batch("pwd").ok
    finally:
        trusting.all.trust(*trusting.authorities.values())
        trusting.sallyport.reload()


def test_a_deleted_user_loses_his_session_and_his_certificate(trusting, tmp_path):
    key = trusting.certify(new_key(tmp_path), "-n", "ann")
    session = subprocess.Popen(trusting.client(key).command("-q"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    trusting.sallyport.wait_events(trusting.server, lambda e: any(x["activity-type"] == "CONNECTED" for _, x in e))
    trusting.sallyport.client("transfer").delete_user(ServerId=trusting.server, UserName="ann")
    trusting.sallyport.wait_events(trusting.server, lambda e: any(x["activity-type"] == "DISCONNECTED" for _, x in e))
    session.communicate(timeout=60)
    assert not trusting.client(key).batch("pwd").ok
    trusting.add_user("ann")
    assert trusting.client(key).batch("pwd").ok


@pytest.mark.parametrize("key", ["nonsense", "ssh-ed25519 AAAA", "cert-authority KEY", "CERTIFICATE"])
def test_a_configuration_that_names_no_key_is_refused_with_the_place_named(fresh_sallyport, tmp_path, key):
    ca = make_key(tmp_path)
    subprocess.run(["ssh-keygen", "-q", "-s", str(ca.path), "-I", "x", str(ca.public_path)], check=True)
    certificate = (tmp_path / "id_ed25519-cert.pub").read_text().strip()
    key = key.replace("KEY", ca.public_text).replace("CERTIFICATE", certificate)
    fresh_sallyport.config = tmp_path / "sallyport.toml"
    fresh_sallyport.config.write_text(f"[servers.default]\ntrusted_user_ca = [{json.dumps(key)}]\n")
    fresh_sallyport.start(wait=False)
    assert fresh_sallyport.process.wait(60) == 2
    assert "servers.default.trusted_user_ca, key 1" in fresh_sallyport.stderr()
