"""Sources whose logins fail again and again."""

import contextlib
import socket
import urllib.request

import pytest

from support.sftp_client import SftpClient
from support.sshkeys import new_key


def metrics(sallyport):
    with urllib.request.urlopen(sallyport.api_url + "/_sallyport/metrics") as answer:
        return answer.read().decode()


class Site:
    def __init__(self, sallyport, folder, **settings):
        for name, value in settings.items():
            sallyport.settings["sftp." + name] = str(value)
        self.sallyport = sallyport.start()
        self.key, self.stranger = new_key(folder), new_key(folder)
        self.server = sallyport.server()
        sallyport.user(self.server, self.key, name="ann")
        self.address = sallyport.endpoint(self.server)

    def log_in(self, key=None, user="ann"):
        return SftpClient(*self.address, user, key or self.key, {"LogLevel": "INFO"}).batch("pwd")


@pytest.fixture
def site(fresh_sallyport, tmp_path):
    def make(**settings):
        return Site(fresh_sallyport, tmp_path, **settings)

    yield make
    fresh_sallyport.stop()


def test_a_source_that_only_fails_is_refused_for_a_while_and_the_operator_hears_of_it_once(site):
    here = site(trusted_sources="", source_failures_refuse=3, source_failures_slow=0, source_failures_window=86400)
    for user in ("ann", "nobody", "ann"):
        assert "Permission denied (publickey)." in here.log_in(here.stranger, user).stderr
    # The last connection is counted when its first key is refused: before the client has heard of it.
    for _ in range(2):
        done = here.log_in()
        assert done.returncode == 255 and "Permission denied" not in done.stderr
    text = metrics(here.sallyport)
    assert 'sallyport_connections_refused_total{reason="failed_logins"} 2' in text
    assert 'sallyport_refused_sources{reason="failed_logins"} 1' in text
    warned = [line for line in here.sallyport.stderr().splitlines() if "is refused" in line]
    assert len(warned) == 1
    assert "warning source 127.0.0.1 is refused for 86400 s: its logins failed 3 times" in warned[0]


def test_a_slowed_source_still_logs_in_and_its_refusals_still_come(site):
    here = site(trusted_sources="", source_failures_slow=1, source_delay=1, source_failures_refuse=0)
    for user in ("ann", "nobody"):
        assert "Permission denied (publickey)." in here.log_in(here.stranger, user).stderr
    assert here.log_in().ok
    assert 'sallyport_refused_sources{reason="failed_logins"} 0' in metrics(here.sallyport)


def test_connections_that_say_nothing_do_not_keep_others_out(site):
    """Of 4,096 places for connections without a user one source has 512."""
    here = site(trusted_sources="10.0.0.0/8")
    with contextlib.ExitStack() as held:
        for _ in range(512):
            silent = held.enter_context(socket.create_connection(here.address, timeout=60))
            assert silent.recv(8) == b"SSH-2.0-"
        assert here.log_in().returncode == 255
        text = metrics(here.sallyport)
        assert 'sallyport_connections_refused_total{reason="pre_auth_limit"} 1' in text
        other = held.enter_context(socket.create_connection(here.address, timeout=60, source_address=("127.0.0.2", 0)))
        assert other.recv(8) == b"SSH-2.0-"
        silent.close()
        # The server may not have seen the end yet.
        assert any(here.log_in().ok for _ in range(600))


def test_loopback_is_trusted_unless_said_otherwise(site):
    here = site(source_failures_refuse=2)
    for _ in range(4):
        here.log_in(here.stranger)
    assert here.log_in().ok


def test_a_list_of_trusted_sources_that_is_none_is_refused_by_name(fresh_sallyport):
    fresh_sallyport.settings["sftp.trusted_sources"] = "10.0.0.0/8,10.0.0.1/8"
    fresh_sallyport.start(wait=False)
    assert fresh_sallyport.process.wait(60) == 2
    assert "setting 'sftp.trusted_sources'" in fresh_sallyport.stderr()
