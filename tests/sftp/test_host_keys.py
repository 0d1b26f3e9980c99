"""OpenSSH's client learns a server's host keys by itself and follows their rotation (UpdateHostKeys)."""

import subprocess
import time

import pytest

from support.sftp_client import SftpClient
from support.sshkeys import make_key, new_key


class Known:
    """A server with one user, and a client with a known_hosts file of its own that believes nobody new."""

    def __init__(self, sallyport, folder, **members):
        self.transfer = sallyport.client("transfer")
        self.server = sallyport.server(**members)
        user_key = make_key(folder, name="user")
        sallyport.user(self.server, user_key)
        self.address, self.port = sallyport.endpoint(self.server)
        self.path = folder / "known_hosts"
        self.client = SftpClient(self.address, self.port, "ann", user_key, {
            "UserKnownHostsFile": str(self.path), "StrictHostKeyChecking": "yes", "UpdateHostKeys": "yes",
            "LogLevel": "INFO"})

    def learn(self, *types):
        """Writes what ssh-keyscan sees of these types as all that is known."""
        seen = subprocess.run(["ssh-keyscan", "-T", "60", "-p", str(self.port), "-t", ",".join(types), self.address],
                              capture_output=True, text=True, check=True).stdout
        self.path.write_text("".join(line for line in seen.splitlines(True) if not line.startswith("#")))

    def known(self):
        return {tuple(line.split()[1:3]) for line in self.path.read_text().splitlines() if line.strip()}

    def log_in(self, **options):
        return self.client.batch("pwd", options=options)

    def log_in_until(self, learned, seconds=60, **options):
        """A session that goes on until `learned(known())`: ssh leaves what a server has not yet proven when it ends."""
        process = subprocess.Popen(self.client.command("-b", "-", options=options), stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(seconds * 20):
            if process.poll() is not None or learned(self.known()):
                break
            time.sleep(0.05)
        _, complaints = process.communicate("pwd\n", timeout=seconds)
        assert process.returncode == 0 and learned(self.known()), (self.known(), complaints)

    def add(self, key):
        return self.transfer.import_host_key(ServerId=self.server, HostKeyBody=key.path.read_text())["HostKeyId"]

    def key_ids(self):
        return {k["Type"]: k["HostKeyId"] for k in self.transfer.list_host_keys(ServerId=self.server)["HostKeys"]}


def public(key):
    return tuple(key.public_text.split()[:2])


@pytest.fixture
def world(sallyport, tmp_path):
    return Known(sallyport, tmp_path)


def test_a_client_that_knows_one_key_learns_the_others(world):
    world.learn("ed25519")
    assert len(world.known()) == 1
    world.log_in_until(lambda known: {name for name, _ in known} == {"ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"})
    for algorithm in ("rsa-sha2-512", "rsa-sha2-256", "ecdsa-sha2-nistp256", "ssh-ed25519"):
        outcome = world.log_in(HostKeyAlgorithms=algorithm, UpdateHostKeys="no")
        assert outcome.ok, outcome.stderr


def test_a_key_is_rotated_without_a_question(world, tmp_path):
    world.learn("ed25519")
    old = world.known()
    young = new_key(tmp_path)
    world.add(young)
    # The oldest key of a type is the one that signs; the younger is announced beside it.
    world.log_in_until(lambda known: old | {public(young)} <= known, HostKeyAlgorithms="ssh-ed25519")
    world.transfer.delete_host_key(ServerId=world.server, HostKeyId=_oldest(world, "ssh-ed25519"))
    world.log_in_until(lambda known: public(young) in known and not old & known, HostKeyAlgorithms="ssh-ed25519")


def _oldest(world, kind):
    keys = world.transfer.list_host_keys(ServerId=world.server)["HostKeys"]
    return min((k for k in keys if k["Type"] == kind), key=lambda k: k["DateImported"])["HostKeyId"]


def test_who_did_not_learn_in_time_refuses_the_new_key(world, tmp_path):
    world.learn("ed25519")
    world.transfer.update_server(ServerId=world.server, HostKey=new_key(tmp_path).path.read_text())
    outcome = world.log_in(HostKeyAlgorithms="ssh-ed25519")
    assert not outcome.ok and "Host key verification failed" in outcome.stderr


def test_only_an_rsa_key_is_proven_with_either_hash(sallyport, tmp_path):
    world = Known(sallyport, tmp_path, HostKey=make_key(tmp_path, "rsa2048", "host").path.read_text())
    second = new_key(tmp_path, "rsa4096")
    world.add(second)
    for algorithm in ("rsa-sha2-256", "rsa-sha2-512"):
        world.learn("rsa")
        assert public(second) not in world.known()
        world.log_in_until(lambda known: public(second) in known, HostKeyAlgorithms=algorithm)


def test_a_client_that_does_not_ask_is_not_disturbed(world):
    world.learn("ed25519")
    before = world.known()
    assert world.log_in(UpdateHostKeys="no").ok
    assert world.known() == before
