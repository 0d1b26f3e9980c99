"""Disks that are full, processes that are killed, and programs that are not root."""

import os
import pathlib
import signal
import subprocess
import tempfile
import time

import pytest

from .conftest import needs_root
from support.file_systems import FILE_SYSTEM, FileSite


def children(pid):
    return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def name_of(pid):
    return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()


def status_of(pid):
    return dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
                if ":\t" in line)


def capabilities(pid):
    return int(status_of(pid)["CapPrm"], 16)


def watcher_of(site):
    return next(p for p in children(site.sallyport.process.pid) if name_of(p) == "sallyport-users")


def test_the_processes_hold_what_they_need_and_no_more(site):
    watcher = watcher_of(site)
    workers = children(watcher)
    assert len(workers) == 8  # two file systems, threads.files = 4
    for pid in workers:
        status = status_of(pid)
        assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
        held = capabilities(pid)
        if os.geteuid() == 0:
            # chown, dac_override, fowner, fsetid, setgid, setuid
            assert held & ~(1 << 0 | 1 << 1 | 1 << 3 | 1 << 4 | 1 << 6 | 1 << 7) == 0 and held & 1 << 7
        else:
            assert held == 0
    assert capabilities(site.sallyport.process.pid) & (1 << 7 | 1 << 6 | 1 << 1) == 0


def test_a_killed_process_is_started_again_and_a_harmless_request_repeated(site, tmp_path):
    user = site.user()
    workers = children(watcher_of(site))
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    waiting = subprocess.Popen(user.client.command("-b", "-"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    user.wait_event(activity_type="CONNECTED")
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    out, err = waiting.communicate("mkdir d\nls\n", timeout=120)
    assert waiting.returncode == 0, err
    assert (user.home / "d").is_dir()
    for _ in range(1200):  # one after the other is started again
        if set(children(watcher_of(site))).isdisjoint(workers):
            return
        time.sleep(0.05)
    raise AssertionError("not all were started again")


def test_a_watcher_that_dies_ends_the_program(binary, tmp_path):
    with FileSite(binary, tmp_path) as site:
        os.kill(watcher_of(site), signal.SIGKILL)
        assert site.sallyport.process.wait(60) == 1
        site.sallyport.process = None


def test_a_directory_that_comes_later_is_served_then(binary, tmp_path):
    with FileSite(binary, tmp_path) as site:
        user = site.user()
        away = site.root.parent / "away"
        os.rename(site.root, away)
        assert not user.client.batch("ls").ok
        os.rename(away, site.root)
        user.client.must("ls")


@pytest.fixture
def small_disk(site):
    folder = site.root / "small"
    folder.mkdir(exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0777", "tmpfs", folder],
                      capture_output=True).returncode != 0:
        pytest.skip("mounting is not permitted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@needs_root
def test_a_full_disk_is_told_to_the_client_and_the_log(site, small_disk, tmp_path):
    user = site.user()
    (tmp_path / "x").write_bytes(b"x" * 3_000_000)
    done = user.client.batch(f"put {tmp_path}/x /{FILE_SYSTEM}/small/x")
    assert not done.ok and ("Failure" in done.stderr or "No space left on device" in done.stderr)
    line = user.wait_event(activity_type="ERROR", operation="CLOSE")
    assert line["message"] == "No space left on device" and "request-id" not in line
    assert int(line["bytes-in"]) <= 1_048_576
    user.client.must(f"rm /{FILE_SYSTEM}/small/x")


@needs_root
def test_a_file_system_that_is_read_only_refuses_changes(site, small_disk, tmp_path):
    (small_disk / "a").write_text("x")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    user = site.user()
    user.client.must(f"get /{FILE_SYSTEM}/small/a {tmp_path}/a")
    done = user.client.batch(f"rm /{FILE_SYSTEM}/small/a")
    assert not done.ok and (small_disk / "a").exists()


@pytest.fixture
def unprivileged(binary):
    """A site whose program runs as 65534, which may act as nobody else; where everybody may go, unlike pytest's folders."""
    if os.geteuid() != 0:
        pytest.skip("becoming another user needs root")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        site = FileSite(binary, folder)
        command = site.sallyport.command
        program = folder / "sallyport"
        program.write_bytes(pathlib.Path(binary).read_bytes())
        program.chmod(0o755)
        site.sallyport.binary = str(program)
        site.sallyport.command = lambda: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command()]
        (folder / "keys").chmod(0o700)
        data = folder / "data"
        data.mkdir()
        os.chown(data, 65534, 65534)
        with site as running:
            yield running


def test_without_privileges_only_its_own_user_is_served(unprivileged, tmp_path):
    site = unprivileged
    assert "only users with Uid 65534 and Gid 65534 can log in" in site.sallyport.stderr()
    own, other = site.user(uid=65534), site.user(uid=1001)
    (tmp_path / "x").write_text("x")
    own.client.must(f"put {tmp_path}/x x", "mkdir d", "rename d e", "rm x")
    assert os.listdir(own.home) == ["e"]
    assert "Permission denied" in other.client.batch("ls").stderr
    assert "may not act as Uid 1001" in site.sallyport.stderr()
