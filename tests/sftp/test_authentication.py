"""Logging in: how often it may be tried, what is shown before, what keys are taken, what is said to whom."""

import socket
import subprocess
import urllib.request

import botocore.exceptions
import paramiko
import pytest

from support.sftp_client import SftpClient
from support.sshkeys import make_key, new_key

TOO_MANY = "Too many authentication failures"


class Place:
    """A server with the user ann, who has one Ed25519 key."""

    def __init__(self, sallyport, folder, **members):
        self.sallyport, self.folder = sallyport, folder
        self.key = new_key(folder)
        self.server = sallyport.server(**members)
        self.bucket = sallyport.user(self.server, self.key, name="ann")
        self.address = sallyport.endpoint(self.server)

    def client(self, user="ann", key=None, **options):
        return SftpClient(*self.address, user, key or self.key, options)

    def transport(self):
        transport = paramiko.Transport(self.address)
        transport.start_client(timeout=20)
        return transport

    def import_key(self, text):
        return self.sallyport.client("transfer").import_ssh_public_key(
            ServerId=self.server, UserName="ann", SshPublicKeyBody=text)

    def metric(self, name):
        """The sum over all labels; 0 when it was never counted."""
        with urllib.request.urlopen(self.sallyport.api_url + "/_sallyport/metrics") as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name + "{"))


@pytest.fixture
def place(sallyport, tmp_path):
    return Place(sallyport, tmp_path)


def shown(place, key=None):
    """What the terminal shows besides ssh's own note that it has not met this host before."""
    lines = place.client(key=key, LogLevel="INFO").batch("pwd").stderr.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("Warning: Permanently added"))


def paramiko_key(key):
    return paramiko.Ed25519Key.from_private_key_file(str(key.path))


# ---- How often. ----

def test_the_sixth_refused_key_ends_the_connection_in_the_documented_words(place, tmp_path):
    keys = [new_key(tmp_path) for _ in range(7)]
    client = place.client(key=keys[0], LogLevel="INFO")
    more = [word for key in keys[1:] for word in ("-i", str(key.path))]
    done = client.batch("pwd", arguments=more)
    assert done.returncode == 255
    port = place.address[1]
    assert f"Received disconnect from 127.0.0.1 port {port}:2: {TOO_MANY}" in done.stderr
    # Five wrong ones may come before the right one.
    right = [word for key in [*keys[1:5], place.key] for word in ("-i", str(key.path))]
    assert client.batch("pwd", arguments=right).ok


def test_the_number_of_attempts_is_a_setting(fresh_sallyport, tmp_path):
    fresh_sallyport.settings["sftp.max_auth_attempts"] = "2"
    fresh_sallyport.start()
    place = Place(fresh_sallyport, tmp_path)
    transport = place.transport()
    for _ in range(2):
        with pytest.raises((paramiko.SSHException, EOFError)):
            transport.auth_publickey("ann", paramiko_key(new_key(tmp_path)))
    transport.join(20)
    assert not transport.is_active()
    fresh_sallyport.stop()


def test_other_methods_count_as_attempts_and_are_never_offered(place):
    transport = place.transport()
    with pytest.raises(paramiko.BadAuthenticationType) as first:
        transport.auth_none("ann")
    assert first.value.allowed_types == ["publickey"]
    for _ in range(5):
        with pytest.raises(paramiko.BadAuthenticationType) as refused:
            transport.auth_password("ann", "guess", fallback=False)
        assert refused.value.allowed_types == ["publickey"]
    with pytest.raises(paramiko.SSHException):
        transport.auth_password("ann", "guess", fallback=False)
    transport.join(20)
    assert not transport.is_active()


# ---- The banner. ----

def test_the_banner_is_shown_before_authentication_and_follows_update_server(sallyport, tmp_path):
    banner = "Property of Example Corp.\nEverything is logged.\n"
    place = Place(sallyport, tmp_path, PreAuthenticationLoginBanner=banner)
    assert shown(place, new_key(tmp_path)).startswith(banner + "ann@127.0.0.1: Permission denied")
    transport = place.transport()
    transport.auth_publickey("ann", paramiko_key(place.key))
    assert transport.get_banner().decode() == banner
    transport.close()

    update = sallyport.client("transfer").update_server
    update(ServerId=place.server, PreAuthenticationLoginBanner="New words")
    assert shown(place) == "New words"
    update(ServerId=place.server, PreAuthenticationLoginBanner="")
    assert shown(place) == ""


# ---- Who is refused learns nothing. ----

def test_every_way_to_be_refused_looks_the_same_for_users_that_are_there_and_that_are_not(place, tmp_path):
    place.sallyport.call("CreateUser", ServerId=place.server, UserName="keyless",
                         Role=place.sallyport.role(None), HomeDirectory=f"/{place.bucket}")
    stranger = new_key(tmp_path)
    seen = set()
    for user in ("ann", "keyless", "nobody", "root"):
        done = place.client(user, stranger, LogLevel="DEBUG1").batch("pwd")
        said = [line.replace(user, "USER") for line in done.stderr.splitlines()
                if "Authentications that can continue" in line or "denied" in line or "accepts key" in line]
        transport = place.transport()
        refusals = []
        for attempt in (lambda: transport.auth_none(user), lambda: transport.auth_password(user, "x", fallback=False),
                        lambda: transport.auth_interactive(user, lambda *_: []),
                        lambda: transport.auth_publickey(user, paramiko_key(stranger))):
            with pytest.raises(paramiko.SSHException) as refused:
                attempt()
            refusals.append((type(refused.value).__name__, str(refused.value).replace(user, "USER")))
        transport.close()
        seen.add((tuple(said), tuple(refusals)))
    assert len(seen) == 1
    assert not any("accepts key" in line for line in next(iter(seen))[0])


# ---- Keys. ----

@pytest.mark.parametrize("kind", ["rsa2048", "rsa4096", "ecdsa256", "ecdsa384", "ecdsa521", "ed25519"])
def test_every_kind_of_key_is_imported_as_ssh_keygen_writes_it_and_logs_in(place, tmp_path, kind):
    key = make_key(tmp_path, kind, name=f"key_{kind}", comment="a comment with blanks, é and =")
    place.import_key("  " + key.public_text + " \n")
    assert place.client(key=key).batch("pwd").ok


@pytest.mark.parametrize("algorithm, accepted", [("rsa-sha2-512", True), ("rsa-sha2-256", True), ("ssh-rsa", False)])
def test_rsa_signs_with_sha2_and_with_sha1_only_where_the_policy_says_so(sallyport, tmp_path, algorithm, accepted):
    key = new_key(tmp_path, "rsa2048")
    for policy, takes in ((None, accepted), ("TransferSecurityPolicy-2018-11", True)):
        place = Place(sallyport, tmp_path, **({"SecurityPolicyName": policy} if policy else {}))
        place.import_key(key.public_text)
        # A client that signs with SHA-1 asks nobody first.
        done = place.client(key=key, PubkeyAcceptedAlgorithms=algorithm).batch("pwd")
        assert done.ok == takes, (policy, done.stderr)


def test_formats_that_are_not_openssh_are_refused_in_the_documented_words(place, tmp_path):
    key = new_key(tmp_path, "rsa2048")
    refused = []
    for form in ("RFC4716", "PKCS8", "PEM"):
        text = subprocess.run(["ssh-keygen", "-e", "-m", form, "-f", str(key.public_path)], capture_output=True,
                              text=True, check=True).stdout
        refused.append(text)
    kind, body = key.public_text.split()[:2]
    refused += [f"ssh-ed25519 {body}", f"{kind} {body[:-8]}", f'from="10.0.0.1" {kind} {body}', f"{kind}\n{body}",
                f"{key.public_text}\n{new_key(tmp_path).public_text}", "ssh-ed25519 AAAA"]
    for text in refused:
        with pytest.raises(botocore.exceptions.ClientError) as error:
            place.import_key(text)
        assert error.value.response["Error"]["Code"] in ("InvalidRequestException", "ValidationException"), text
    with pytest.raises(botocore.exceptions.ClientError, match="Unsupported or invalid SSH public key format"):
        place.import_key(f"ssh-ed25519 {body}")


def test_keys_that_are_too_small_or_of_no_accepted_kind_are_refused(place, tmp_path):
    for name, options in (("small", ["-t", "rsa", "-b", "1024"]), ("dsa", ["-t", "dsa"])):
        path = tmp_path / name
        made = subprocess.run(["ssh-keygen", "-q", "-N", "", "-f", str(path), *options], capture_output=True)
        if made.returncode != 0:
            continue  # an ssh-keygen that does not make such keys any more
        with pytest.raises(botocore.exceptions.ClientError, match="Unsupported or invalid SSH public key format"):
            place.import_key(path.with_name(name + ".pub").read_text())


# ---- Who leaves without a word. ----

def test_health_checks_leave_no_line_and_count_for_nothing(place):
    def visit(say, abort):
        with socket.create_connection(place.address) as s:
            if say:
                s.sendall(say)
            if abort:  # a reset instead of an orderly end
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))
            else:
                s.shutdown(socket.SHUT_WR)
                while s.recv(4096):
                    pass

    failures = place.metric("sallyport_auth_failures_total")
    printed = place.sallyport.stderr()
    for _ in range(5):
        for say in (b"", b"SSH-2.0-health\r\n"):
            for abort in (False, True):
                visit(say, abort)
    # Lines come in order: those of a later login are all there are.
    assert place.client().batch("pwd").ok
    events = place.sallyport.wait_events(place.server,
                                         lambda e: any(x["activity-type"] == "DISCONNECTED" for _, x in e))
    assert [event["activity-type"] for _, event in events] == ["CONNECTED", "DISCONNECTED"]
    assert place.metric("sallyport_auth_failures_total") == failures
    assert place.sallyport.stderr() == printed


def test_a_login_does_not_hide_what_was_tried_under_other_names(place):
    transport = place.transport()
    stranger = paramiko_key(new_key(place.folder))
    for user in ("root-user", "ann"):
        with pytest.raises(paramiko.AuthenticationException):
            transport.auth_publickey(user, stranger)
    transport.auth_publickey("ann", paramiko_key(place.key))
    transport.close()
    events = place.sallyport.wait_events(
        place.server, lambda seen: any(e["activity-type"] == "DISCONNECTED" for _, e in seen))
    failures = [(stream, e["user"]) for stream, e in events if e["activity-type"] == "AUTH_FAILURE"]
    assert failures == [("ERRORS", "root-user")]
