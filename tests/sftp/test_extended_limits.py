"""Limits per user, from the configuration and after it was read again."""

import io
import signal
import time

import paramiko
import pytest

from support.sallyport import Sallyport
from support.sshkeys import make_key


class Limited:
    """A Sallyport with a configuration that a test rewrites, one server and the users ann and bob."""

    def __init__(self, binary, folder):
        self.config = folder / "config.toml"
        self.config.write_text("")
        self.sallyport = Sallyport(binary, folder / "data", config=self.config).start()
        self.key = make_key(folder)
        self.server = self.sallyport.server()
        for name in ("ann", "bob"):
            self.sallyport.user(self.server, self.key, name=name)
        self.address = self.sallyport.endpoint(self.server)

    def say(self, text):
        self.config.write_text(text.format(server=self.server))
        self.sallyport.reload()

    def connect(self, user="ann"):
        transport = paramiko.Transport(self.address)
        key = paramiko.Ed25519Key.from_private_key_file(str(self.key.path))
        transport.connect(username=user, pkey=key)
        return paramiko.SFTPClient.from_transport(transport)

    def error(self, text):
        def satisfied(events):
            return any(e["activity-type"] == "ERROR" and text in e["message"] for _, e in events)

        self.sallyport.wait_events(self.server, satisfied)


@pytest.fixture
def limited(binary, tmp_path):
    limited = Limited(binary, tmp_path)
    yield limited
    limited.sallyport.kill()


def test_a_session_too_many_is_ended_with_a_text_and_a_line(limited):
    limited.say('[servers."{server}"]\nuser_max_sessions = 1\n[servers."{server}".users.bob]\nuser_max_sessions = 2\n')
    first = limited.connect()
    with pytest.raises((paramiko.SSHException, EOFError, OSError)):
        limited.connect().listdir(".")
    limited.error("Too many sessions: this user may have 1 at a time")
    limited.connect("bob").listdir(".")
    limited.connect("bob").listdir(".")
    first.listdir(".")
    limited.say("")
    limited.connect().listdir(".")


def test_uploads_beyond_the_days_bytes_and_files_fail(limited):
    limited.say('[servers."{server}"]\nuser_upload_bytes_per_day = 100000\nuser_upload_files_per_day = 3\n')
    sftp = limited.connect()
    sftp.putfo(io.BytesIO(b"x" * 90_000), "a")
    with pytest.raises(IOError):  # paramiko looks at the size in the end and tells no reason
        sftp.putfo(io.BytesIO(b"x" * 20_000), "b")
    assert sftp.listdir(".") == ["a"]
    limited.error("Daily upload limit reached: 100000 bytes a day")
    sftp.putfo(io.BytesIO(b"x" * 10_000), "c")
    with pytest.raises(IOError, match="Daily upload limit reached: 3 files a day"):
        sftp.open("d", "w")
    limited.connect("bob").putfo(io.BytesIO(b"x" * 90_000), "a")
    limited.say('[servers."{server}"]\nuser_upload_bytes_per_day = 1000000\n')
    sftp.putfo(io.BytesIO(b"x" * 90_000), "d")


def test_bandwidth_is_held_back_for_the_user_alone(limited):
    limited.say('[servers."{server}".users.ann]\nuser_bandwidth_in = 500000\nuser_bandwidth_out = 500000\n')
    data = b"x" * 1_200_000
    ann, bob = limited.connect(), limited.connect("bob")
    begin = time.monotonic()
    ann.putfo(io.BytesIO(data), "a")
    # A second's worth goes at once, the rest at its pace: nothing can make it faster.
    assert time.monotonic() - begin > (1_200_000 - 500_000) / 500_000 - 0.2
    back = io.BytesIO()
    ann.getfo("a", back)
    assert back.getvalue() == data
    bob.putfo(io.BytesIO(data), "a")
    assert bob.stat("a").st_size == len(data)


def test_the_configuration_makes_servers_extended_and_says_what_is_wrong_with_it(limited):
    sftp = limited.connect()
    with pytest.raises(IOError):
        sftp.open("a", "a")
    limited.say("[servers.default]\ncompatibility = \"extended\"\n")
    with limited.connect().open("a", "a") as file:
        file.write("x")
    with pytest.raises(IOError):
        sftp.open("a", "a")  # a session stays what it was when it began
    limited.config.write_text("[servers.default]\ncompatibility = \"better\"\n")
    limited.sallyport.write_config()
    limited.sallyport.process.send_signal(signal.SIGHUP)
    for _ in range(1200):
        if "setting 'servers.default.compatibility': \"strict\" or \"extended\" is expected" in limited.sallyport.stderr():
            break
        time.sleep(0.05)
    else:
        pytest.fail(limited.sallyport.stderr())
    with limited.connect().open("a", "a") as file:  # what was in force stays so
        file.write("y")
