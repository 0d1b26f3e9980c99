"""What the serving process gives up, where the host keys are, and what happens when their process dies."""

import base64
import os
import pathlib
import signal
import time

import pytest
from cryptography.hazmat.primitives import serialization

from support.sftp_client import SftpClient
from support.sshkeys import make_key

NO_CAPABILITY = 0
# CAP_NET_BIND_SERVICE, and CAP_NET_ADMIN where the kernel wants it for filters on sockets.
OF_A_SERVER = (NO_CAPABILITY, 1 << 10, 1 << 10 | 1 << 12)


def status(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def children(pid):
    return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def watcher(sallyport):
    """The one child of the serving process, parent of those that sign."""
    (only,) = children(sallyport.process.pid)
    return only


def signers(sallyport):
    return children(watcher(sallyport))


def memory_holds(pid, wanted):
    """Whether these bytes are anywhere in a process's readable memory."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            area, rights = line.split()[:2]
            if not rights.startswith("r") or line.rstrip().endswith(("[vvar]", "[vsyscall]")):
                continue
            at, end = (int(x, 16) for x in area.split("-"))
            rest = b""
            while at < end:
                try:
                    memory.seek(at)
                    piece = memory.read(min(1 << 22, end - at))
                except OSError:
                    break
                if not piece:
                    break
                if wanted in rest + piece:
                    return True
                rest = piece[-len(wanted):]
                at += len(piece)
    return False


def seed_of(key):
    private = serialization.load_ssh_private_key(key.path.read_bytes(), None)
    return private.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw,
                                 serialization.NoEncryption())


def ended(pid):
    try:
        return status(pid)["State"].startswith(("Z", "X"))
    except OSError:
        return True


def wait_for(satisfied, seconds=60):
    for _ in range(seconds * 20):
        if satisfied():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


@pytest.fixture
def site(fresh_sallyport, tmp_path):
    """A server with an Ed25519 host key of our own, and a user."""
    fresh_sallyport.start()
    key = make_key(tmp_path, name="user")
    host_key = make_key(tmp_path, name="host")
    server = fresh_sallyport.server(HostKey=host_key.path.read_text())
    fresh_sallyport.user(server, key)
    address, port = fresh_sallyport.endpoint(server)
    client = SftpClient(address, port, "ann", key, {"HostKeyAlgorithms": "ssh-ed25519"})
    return fresh_sallyport, server, client, host_key


def test_all_processes_have_given_up_what_they_do_not_need(sallyport):
    own = status(sallyport.process.pid)
    assert own["NoNewPrivs"] == "1" and own["Seccomp"] == "2"
    assert int(own["CapPrm"], 16) in OF_A_SERVER and int(own["CapEff"], 16) in OF_A_SERVER
    for thread in pathlib.Path(f"/proc/{sallyport.process.pid}/task").iterdir():
        assert status(f"{sallyport.process.pid}/task/{thread.name}")["Seccomp"] == "2"
    assert signers(sallyport)
    for pid in [watcher(sallyport), *signers(sallyport)]:
        helper = status(pid)
        assert helper["NoNewPrivs"] == "1" and helper["Seccomp"] == "2"
        assert int(helper["CapPrm"], 16) == NO_CAPABILITY
        names = [os.readlink(f) for f in pathlib.Path(f"/proc/{pid}/fd").iterdir() if int(f.name) > 2]
        assert names and all(name.startswith("socket:") for name in names)


def test_the_setting_leaves_the_filters_away_and_nothing_else(fresh_sallyport):
    fresh_sallyport.settings["hardening.seccomp"] = "off"
    fresh_sallyport.start()
    for pid in [fresh_sallyport.process.pid, watcher(fresh_sallyport), *signers(fresh_sallyport)]:
        seen = status(pid)
        assert seen["NoNewPrivs"] == "1" and seen["Seccomp"] == "0"
    assert int(status(watcher(fresh_sallyport))["CapPrm"], 16) == NO_CAPABILITY
    fresh_sallyport.stop()


@pytest.mark.heavy  # not on the sanitizer build, whose shadow memory would be read, terabytes of it
def test_private_host_keys_are_not_in_the_serving_process(site):
    sallyport, _, client, host_key = site
    sallyport.stop()
    sallyport.start()
    for _ in range(4):
        client.must("pwd")
    seed = seed_of(host_key)
    public = host_key.public_text.split()[1]
    # The search finds what is there: the public half here, the private one where it belongs.
    assert memory_holds(sallyport.process.pid, base64.b64decode(public)[-32:])
    assert any(memory_holds(pid, seed) for pid in signers(sallyport))
    assert not memory_holds(sallyport.process.pid, seed)


def test_no_login_is_lost_with_a_signing_process(site):
    sallyport, _, client, _ = site
    logins, killed = [], set()
    for i in range(24):
        logins.append(client.start("pwd"))
        if i in (6, 15):  # twice: a request whose process dies three times is given up
            for pid in signers(sallyport):
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
    assert [process.wait(60) for process in logins] == [0] * len(logins)
    assert len(killed) >= 2
    wait_for(lambda: "a signing process was ended and is started again" in sallyport.stderr())
    assert not killed & set(signers(sallyport))
    sallyport.stop()


def test_without_the_watcher_it_ends_and_says_why(site):
    sallyport, server, client, _ = site
    process, helpers = sallyport.process, [watcher(sallyport), *signers(sallyport)]
    os.kill(helpers[0], signal.SIGKILL)
    assert process.wait(60) == 1
    assert "the process that holds the host keys, or acts as users, was ended" in sallyport.stderr()
    assert all(ended(pid) for pid in helpers)
    sallyport.process = None
    sallyport.start()
    sallyport.wait_state(server, "ONLINE")
    client.must("pwd")
    sallyport.stop()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_no_helper_outlives_the_server(fresh_sallyport, end):
    fresh_sallyport.start()
    helpers = [watcher(fresh_sallyport), *signers(fresh_sallyport)]
    getattr(fresh_sallyport, end)()
    wait_for(lambda: all(ended(pid) for pid in helpers))


def test_a_terminals_interrupt_ends_all_in_order(fresh_sallyport):
    fresh_sallyport.start()
    helpers = [watcher(fresh_sallyport), *signers(fresh_sallyport)]
    for pid in [*helpers, fresh_sallyport.process.pid]:
        os.kill(pid, signal.SIGINT)
    assert fresh_sallyport.process.wait(60) == 0
    assert "started again" not in fresh_sallyport.stderr()
    assert all(ended(pid) for pid in helpers)
