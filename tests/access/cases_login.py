"""Nobody gets in, and why."""

import socket

import pytest

from support.sallyport import TRUST, full_rights
from support.sshkeys import new_key

from .case import Case, auth_failure
from .world import NO_TRUST

RIGHTS = full_rights("BUCKET")
DENIED = ["ann@HOST: Permission denied (publickey).", "Connection closed"]


def unknown_user(world):
    world.user(RIGHTS)
    world.login_name = world.sallyport.name("nobody")


def wrong_key(world):
    world.user(RIGHTS)
    world.login_key = new_key(world.folder, "rsa2048")


def target_ends_with_slash(world):
    world.user(RIGHTS, mappings=[{"Entry": "/", "Target": "/BUCKET/ann/"}])


def too_many_keys(world):
    world.user(RIGHTS)
    keys = [new_key(world.folder) for _ in range(8)]
    world.login_key = keys[0]
    world.arguments = [word for key in keys for word in ("-o", f"IdentityFile={key.path}")]


def key_file_missing(world):
    world.user(RIGHTS)
    world.login_key = None
    world.arguments = ["-i", "FOLDER/missing.pem"]


def public_key_as_private(world):
    world.user(RIGHTS)
    (world.folder / "key.pem").write_text(world.key.public_text + "\n")
    (world.folder / "key.pem").chmod(0o600)
    world.login_key = world.folder / "key.pem"


def key_file_open_to_all(world):
    world.user(RIGHTS)
    world.key.path.rename(world.folder / "key.pem")
    world.login_key = world.folder / "key.pem"
    world.login_key.chmod(0o777)


def host_key_changed(world):
    world.user(RIGHTS)
    address, port = world.sallyport.endpoint(world.server)
    other = new_key(world.folder)
    (world.folder / "known_hosts").write_text(f"[{address}]:{port} {other.public_text}\n")
    world.options = {"UserKnownHostsFile": str(world.folder / "known_hosts"), "StrictHostKeyChecking": "yes"}


def no_common_algorithm(world):
    world.own_server()
    world.user(RIGHTS)
    world.options = {"KexAlgorithms": "sntrup761x25519-sha512@openssh.com"}


def closed_source(world):
    world.own_server()
    world.user(RIGHTS)
    world.options = {"ConnectTimeout": "2"}
    world.sallyport.config.write_text(f'[servers."{world.server}"]\nallow = ["192.0.2.0/24"]\n')
    world.sallyport.reload()
    if "this kernel lets only holders of CAP_NET_ADMIN" in world.sallyport.stderr():
        world.sallyport.config.write_text("")
        world.sallyport.reload()
        pytest.skip("this kernel keeps filters of sockets for holders of CAP_NET_ADMIN")


def let_in_again(world):
    """The closed source got no answer at all; taken off while the server runs, the list counts no more."""
    with socket.socket() as raw:
        raw.settimeout(1)
        try:
            raw.connect(world.sallyport.endpoint(world.server))
            raise AssertionError("the closed source was let in")
        except TimeoutError:
            pass
    world.sallyport.config.write_text("")
    world.sallyport.reload()
    assert world.client().batch("pwd").ok
    first = world.sallyport.wait_events(world.server, lambda e: e)[0][1]
    assert first["activity-type"] == "CONNECTED"


def logging_role_without_trust(world):
    role = world.sallyport.role(None, name=world.sallyport.name("logging"), trust=NO_TRUST)
    world.own_server(LoggingRole=role)
    world.user(RIGHTS)


def logging_role_missing(world):
    role = "arn:aws:iam::000000000000:role/" + world.sallyport.name("logging")
    world.own_server(LoggingRole=role)
    world.user(RIGHTS)


def told_by_the_program(world):
    """Its own log says why, since the server's cannot. Returns the role."""
    role = world.sallyport.client("transfer").describe_server(ServerId=world.server)["Server"]["LoggingRole"]
    assert f"server {world.server}: connection closed, its LoggingRole {role} cannot be assumed" in \
        world.sallyport.stderr()
    return role


def trust_repaired(world):
    """It counts at once."""
    name = told_by_the_program(world).rsplit("/", 1)[1]
    world.sallyport.client("iam").update_assume_role_policy(RoleName=name, PolicyDocument=TRUST)
    assert world.client().batch("pwd").ok


def taken_from_the_server(world):
    """A server without a LoggingRole lets in and logs."""
    told_by_the_program(world)
    world.sallyport.call("UpdateServer", ServerId=world.server, LoggingRole="")
    # The listener learns of a changed server a moment later.
    assert any(world.client().batch("pwd").ok for _ in range(100))
    assert world.sallyport.wait_events(world.server, lambda events: events)


CASES = [
    Case("unknown-user", "There is no such user", unknown_user, ["bye"],
         ["nobody@HOST: Permission denied (publickey).", "Connection closed"],
         [auth_failure("Authentication failure", "nobody")], login=False, command_line="sftp nobody@HOST"),
    Case("wrong-key", "The key is not one of the user's", wrong_key, ["bye"], DENIED,
         [auth_failure("RSA SHA256:…")], login=False, command_line="sftp -i other.pem ann@HOST"),
    Case("target-shape", "A mapping's Target ends with `/`", target_ends_with_slash, ["bye"], DENIED,
         [auth_failure("Authentication failure")], login=False, command_line="sftp ann@HOST"),
    Case("too-many-keys", "The client offers more keys than the server tries", too_many_keys, ["bye"],
         ["Received disconnect from HOST port PORT:2: Too many authentication failures",
          "Disconnected from HOST port PORT", "Connection closed"],
         [auth_failure("ED25519 SHA256:…")], login=False, command_line="sftp ann@HOST"),
    Case("key-file-missing", "The client does not find its private key", key_file_missing, ["bye"],
         ["Warning: Identity file missing.pem not accessible: No such file or directory.", *DENIED], login=False,
         command_line="sftp -i missing.pem ann@HOST"),
    Case("key-file-public", "The client is given a public key as its private key", public_key_as_private, ["bye"],
         ['Load key "key.pem": invalid format', *DENIED], login=False, command_line="sftp -i key.pem ann@HOST"),
    Case("key-file-open", "The client's private key may be read by others", key_file_open_to_all, ["bye"],
         ["WARNING: UNPROTECTED PRIVATE KEY FILE!", "Permissions 0777 for 'key.pem' are too open.",
          'Load key "key.pem": bad permissions', *DENIED], login=False, command_line="sftp -i key.pem ann@HOST",
         words_of_interest="UNPROTECTED|too open|bad permissions|denied|closed"),
    Case("host-key-changed", "The server's host key is not the one the client knows", host_key_changed, ["bye"],
         ["WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!", "Host key verification failed.", "Connection closed"],
         login=False, command_line="sftp ann@HOST", words_of_interest="IDENTIFICATION|verification failed|closed"),
    Case("no-common-algorithm", "Client and server have no algorithm in common", no_common_algorithm, ["bye"],
         ["Unable to negotiate with HOST port PORT: no matching key exchange method found. Their offer: …",
          "Connection closed"],
         [{"activity-type": "KEX_FAILURE", "source-ip": "192.0.2.1",
           "message": "no matching key exchange method found",
           "kex": "sntrup761x25519-sha512@openssh.com,ext-info-c,kex-strict-c-v00@openssh.com"}],
         login=False, command_line="sftp -o KexAlgorithms=sntrup761x25519-sha512@openssh.com ann@HOST"),
    Case("closed-source", "The client's address is not on the server's allow list", closed_source, ["bye"],
         ["ssh: connect to host HOST port PORT: Connection timed out", "Connection closed"], login=False,
         command_line="sftp ann@HOST", after=let_in_again),
    Case("logging-role-trust", "The server's LoggingRole does not trust the service", logging_role_without_trust,
         ["bye"], ["Connection closed by HOST port PORT", "Connection closed"], login=False,
         command_line="sftp ann@HOST", after=trust_repaired),
    Case("logging-role-missing", "The server's LoggingRole is not there", logging_role_missing,
         ["bye"], ["Connection closed by HOST port PORT", "Connection closed"], login=False,
         command_line="sftp ann@HOST", after=taken_from_the_server),
]
