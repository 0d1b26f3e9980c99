"""Directories of a real shared file system: a CephFS that stalls, is full for its users, and is seen by two machines."""

import os
import subprocess

import pytest

from support import ceph_fs
from support.file_systems import FILE_SYSTEM, OTHER_SYSTEM, FileSite

pytestmark = pytest.mark.skipif(ceph_fs.why_not() is not None, reason=str(ceph_fs.why_not()))


@pytest.fixture(scope="module")
def cephfs():
    return ceph_fs.shared()


@pytest.fixture
def site(binary, tmp_path, cephfs):
    with FileSite(binary, tmp_path, base=cephfs.make_folder()) as running:
        yield running


def file_of(folder, size):
    path = folder / f"f{size}"
    path.write_bytes(os.urandom(size))
    return path


def test_who_waits_for_a_file_system_that_stalls_holds_up_nobody_else(site, cephfs, tmp_path):
    stuck, others = site.user(), site.user(system=OTHER_SYSTEM)
    file, back = file_of(tmp_path, 3_000_000), tmp_path / "back"
    cephfs.pause()
    try:
        waiting = [stuck.client.start(f"put {file} f{i}") for i in range(8)]
        for _ in range(3):
            others.client.must(f"put {file} f", "ls -l", f"get f {back}", "rename f g", "rm g")
            assert back.read_bytes() == file.read_bytes()
        assert all(process.poll() is None for process in waiting)
    finally:
        cephfs.resume()
    for process in waiting:
        process.communicate(timeout=120)
        assert process.returncode == 0
    assert all((stuck.home / f"f{i}").read_bytes() == file.read_bytes() for i in range(8))


def test_a_file_that_was_closed_outlives_the_machine(binary, tmp_path):
    with ceph_fs.CephFs() as own, FileSite(binary, tmp_path, base=own.make_folder()) as site:
        user = site.user()
        small, large = file_of(tmp_path, 1000), file_of(tmp_path, 30_000_000)
        user.client.must(f"put {large} large")
        own.pause("ceph-osd")
        # The file is written into the memory of this machine; it is not closed before the server has it.
        closing = user.client.start(f"put {small} small")
        user.wait_event(activity_type="OPEN", path=f"/{FILE_SYSTEM}/home/{user.name}/small")
        with pytest.raises(subprocess.TimeoutExpired):
            closing.wait(3)
        own.resume("ceph-osd")
        closing.communicate(timeout=120)
        home = own.elsewhere(user.home)
        own.lose_mount()
        assert (home / "small").read_bytes() == small.read_bytes()
        assert (home / "large").read_bytes() == large.read_bytes()


def test_a_quota_of_the_file_system_is_told_to_the_client_and_the_log(site, tmp_path):
    user = site.user()
    limited = user.home / "limited"
    user.client.must("mkdir limited")
    os.setxattr(limited, "ceph.quota.max_files", b"2")
    user.client.must(f"put {file_of(tmp_path, 1000)} limited/a")
    refused = user.client.batch(f"put {tmp_path}/f1000 limited/b", f"put {tmp_path}/f1000 limited/c")
    assert not refused.ok
    assert "Disk quota exceeded" in user.wait_event(activity_type="ERROR", operation="OPEN")["message"]
    assert len(os.listdir(limited)) < 3


def test_two_machines_see_each_others_files_as_soon_as_these_are_closed(binary, site, cephfs, tmp_path):
    here = site.user(name="ann")
    (tmp_path / "there").mkdir()
    with FileSite(binary, tmp_path / "there", key=site.key, base=cephfs.elsewhere(site.root.parent), made=True) as other:
        there = other.user(name="ann")
        back = tmp_path / "back"
        for size in (0, 1000, 5_000_000):
            file = file_of(tmp_path, size)
            here.client.must(f"put {file} f")
            there.client.must(f"get f {back}", "rename f g")
            assert back.read_bytes() == file.read_bytes()
            here.client.must(f"get g {back}", "rm g")
            assert back.read_bytes() == file.read_bytes()
            assert "f" not in there.client.must("ls -1").splitlines()


def test_a_download_goes_on_while_the_file_is_replaced_from_another_machine(site, cephfs, tmp_path):
    user = site.user()
    old = file_of(tmp_path, 20_000_000)
    user.client.must(f"put {old} f")
    elsewhere = cephfs.elsewhere(user.home)
    reading = user.client.start(f"get f {tmp_path}/back")
    (elsewhere / "new").write_bytes(b"new")
    os.rename(elsewhere / "new", elsewhere / "f")
    reading.communicate(timeout=120)
    # Either file whole, never a mixture.
    assert (tmp_path / "back").read_bytes() in (old.read_bytes(), b"new")
