"""A role's session at the store ends while a client's transfer goes on. The gateway's own sessions last 15 minutes at
least: the proxy lets them end sooner, tells so, and refuses what comes with the token of one that has ended."""

import datetime
import os
import re
import time

import pytest

pytestmark = pytest.mark.heavy  # a transfer takes as long as several sessions
SIZE = 40 << 20
# OpenSSH's client, 5 and 3 MiB a second: what is read ahead of it is asked for in the first session.
SLOWLY, SLOWER = ("-l", str(5 << 13)), ("-l", str(3 << 13))
STS = {"method": "POST", "path": "^/$"}


@pytest.fixture(autouse=True)
def no_harm(site):
    yield
    site.proxy.clear()


class Sessions:
    """Sessions of `life` seconds, of which the STS says that they are for `told`."""

    def __init__(self, proxy, life, told=None):
        self._proxy, self._life, self._told, self._ends = proxy, life, told or life, {}
        self.given = proxy.on(**STS).rewrite(self._shorten)
        self.refused = proxy.on(when=self._has_ended).answer(403, "ExpiredToken", "The provided token has expired.")

    def _shorten(self, body):
        token = re.search(rb"<SessionToken>([^<]+)", body)
        if not token:
            return body
        now = time.time()
        self._ends[token[1].decode()] = now + self._life
        told = datetime.datetime.utcfromtimestamp(now + self._told).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return re.sub(rb"<Expiration>[^<]*", b"<Expiration>" + told.encode(), body)

    def _has_ended(self, exchange):
        return self._ends.get(exchange.headers.get("x-amz-security-token"), time.time() + 1) <= time.time()

    def used(self, method, path):
        """How many sessions a file's bytes went through in that direction."""
        return len({one.headers["x-amz-security-token"] for one in self._proxy.seen(method, path=path)
                    if one.status in (200, 206)} & self._ends.keys())


def file_of(folder):
    path = folder / "file"
    path.write_bytes(os.urandom(SIZE))
    return path


def test_a_slow_upload_and_a_slow_download_go_through_several_sessions(site, tmp_path):
    # Sessions that hold for less than 10 s more are not used: each serves for about 2 s.
    client, file, back = site.user(), file_of(tmp_path), tmp_path / "back"
    file_at, sessions = f"/{client.bucket}/f$", Sessions(site.proxy, life=12)
    client.sftp().must(f"put {file} f", arguments=SLOWLY)
    assert sessions.used("PUT", file_at) >= 3
    assert client.read("f") == file.read_bytes() and client.uploads() == []
    client.sftp().must(f"get f {back}", arguments=SLOWLY)
    assert sessions.used("GET", file_at) >= 3
    assert back.read_bytes() == file.read_bytes()
    assert sessions.refused.fired == 0


def test_a_session_that_the_store_ends_before_its_time_is_replaced(site, tmp_path):
    client, file, back = site.user(), file_of(tmp_path), tmp_path / "back"
    file_at, sessions = f"/{client.bucket}/f$", Sessions(site.proxy, life=6, told=3600)
    client.sftp().must(f"put {file} f", arguments=SLOWLY)
    assert client.read("f") == file.read_bytes() and client.uploads() == []
    client.sftp().must(f"get f {back}", arguments=SLOWER)
    assert back.read_bytes() == file.read_bytes()
    assert sessions.used("PUT", file_at) >= 2 and sessions.used("GET", file_at) >= 2
    assert sessions.refused.fired >= 2


@pytest.mark.parametrize("operation", ("WRITE", "READ"))
def test_a_role_that_is_taken_away_in_the_middle_is_told(site, tmp_path, operation):
    client, file = site.user(), file_of(tmp_path)
    client.must(f"put {file} f")
    was, given = file.read_bytes(), []
    site.proxy.on(**STS, when=lambda _: given and given[0].fired).answer(403, "AccessDenied", "")
    given.append(Sessions(site.proxy, life=12).given)
    line = f"put {file_of(tmp_path)} f" if operation == "WRITE" else f"get f {file}"
    done = client.sftp().batch(line, arguments=SLOWLY)
    assert not done.ok and f'{operation.lower()} remote "/{client.bucket}/f"' in done.stderr
    assert "Permission denied" in done.stderr
    error = client.error(operation=operation)
    assert error["message"] == "Unable to AssumeRole for user" and "request-id" not in error
    assert client.read("f") == was
