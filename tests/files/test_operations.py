"""What an SFTP client can do on a server with Domain=EFS (AWS Transfer Family user guide, "Supported SFTP/FTPS/FTP
commands")."""

import os
import shutil
import stat

from .conftest import needs_root
from support.file_systems import FILE_SYSTEM, MOUNT, ROOT, WRITE


def test_files_go_there_and_back_with_their_owner_and_mode(site, tmp_path):
    user = site.user()
    content = os.urandom(700_000)
    (tmp_path / "a").write_bytes(content)
    (tmp_path / "a").chmod(0o640)
    user.client.must(f"put {tmp_path}/a a", f"get a {tmp_path}/b", "ls -ln")
    assert (tmp_path / "b").read_bytes() == content
    there = (user.home / "a").stat()
    assert stat.S_IMODE(there.st_mode) == 0o640
    assert (there.st_uid, there.st_gid) == (user.home.stat().st_uid, user.home.stat().st_gid)


def test_the_prompt_shows_where_the_user_is(site):
    user = site.user()
    assert f"Remote working directory: /{FILE_SYSTEM}/home/{user.name}" in user.client.must("pwd")


def test_directories_are_made_listed_renamed_and_removed(site):
    user = site.user()
    shown = user.client.must("mkdir d", "mkdir d/e", "rename d f", "ls -1", "ls -1 f", "rmdir f/e", "rmdir f", "ls -1")
    assert "f/e" in shown and os.listdir(user.home) == []


def test_a_directory_that_is_not_empty_stays(site):
    user = site.user()
    user.client.must("mkdir d", "mkdir d/e")
    done = user.client.batch("rmdir d")
    assert not done.ok and (user.home / "d" / "e").is_dir()


def test_many_names_are_listed_whole(site):
    user = site.user()
    for i in range(3000):
        (user.home / f"file-{i:05}-{'x' * 40}").touch()
    assert user.client.must("ls -1").count("file-") == 3000


def test_nothing_is_renamed_onto_an_existing_name(site):
    user = site.user()
    (user.home / "a").write_text("a")
    (user.home / "b").write_text("b")
    assert not user.client.batch("rename a b").ok
    assert (user.home / "a").read_text() == "a" and (user.home / "b").read_text() == "b"


@needs_root
def test_an_extended_server_renames_onto_an_existing_file(site):
    user = site.user(compatibility="extended")
    (user.home / "a").write_text("a")
    (user.home / "b").write_text("b")
    user.client.must("rename a b")
    assert os.listdir(user.home) == ["b"] and (user.home / "b").read_text() == "a"


def test_times_are_set_and_kept(site, tmp_path):
    user = site.user()
    (tmp_path / "a").write_text("x")
    os.utime(tmp_path / "a", (1_000_000_000, 1_100_000_000))
    (tmp_path / "a").chmod(0o644)
    user.client.must(f"put -p {tmp_path}/a a")
    there = (user.home / "a").stat()
    assert (there.st_atime, there.st_mtime) == (1_000_000_000, 1_100_000_000)
    user.client.must(f"get -p a {tmp_path}/b")
    assert (tmp_path / "b").stat().st_mtime == 1_100_000_000


def test_an_interrupted_transfer_is_resumed(site, tmp_path):
    user = site.user()
    content = os.urandom(300_000)
    (tmp_path / "a").write_bytes(content)
    (user.home / "a").write_bytes(content[:100_000])
    shutil.chown(user.home / "a", user.home.stat().st_uid, user.home.stat().st_gid)
    (tmp_path / "b").write_bytes(content[:50_000])
    user.client.must(f"reput {tmp_path}/a a", f"reget a {tmp_path}/b")
    assert (user.home / "a").read_bytes() == content and (tmp_path / "b").read_bytes() == content


@needs_root
def test_modes_and_owners_are_changed_by_root_alone(site):
    root = site.user(uid=0, gid=0, actions=(MOUNT, WRITE, ROOT))
    (root.home / "a").write_text("x")
    root.client.must("chmod 0600 a", "chown 1234 a", "chgrp 4321 a")
    there = (root.home / "a").stat()
    assert (stat.S_IMODE(there.st_mode), there.st_uid, there.st_gid) == (0o600, 1234, 4321)

    owner = site.user(uid=1005, gid=1005, groups=(2001,))
    (owner.home / "a").write_text("x")
    os.chown(owner.home / "a", 1005, 1005)
    (owner.home / "a").chmod(0o644)
    for refused in ("chmod 0600 a", "chown 1234 a", "chgrp 4321 a"):
        assert "Permission denied" in owner.client.batch(refused).stderr
    owner.client.must("chgrp 2001 a", "chmod 0644 a")
    there = (owner.home / "a").stat()
    assert (stat.S_IMODE(there.st_mode), there.st_uid, there.st_gid) == (0o644, 1005, 2001)


@needs_root
def test_an_owner_changes_modes_at_an_extended_server(site):
    user = site.user(compatibility="extended")
    (user.home / "a").write_text("x")
    os.chown(user.home / "a", 1001, 1001)
    user.client.must("chmod 0600 a")
    assert stat.S_IMODE((user.home / "a").stat().st_mode) == 0o600


@needs_root
def test_the_kernel_decides_what_a_user_may(site, tmp_path):
    ann, bob = site.user(uid=1101), site.user(uid=1102)
    ann.home.chmod(0o700)
    (ann.home / "secret").write_text("ann's")
    path = f"/{FILE_SYSTEM}/home/{ann.name}"
    (tmp_path / "x").write_text("x")
    for attempt in (f"get {path}/secret {tmp_path}/y", f"put {tmp_path}/x {path}/x", f"ls {path}", f"rm {path}/secret",
                    f"mkdir {path}/d", f"rename {path}/secret mine", f"ln -s a {path}/l", f"rmdir {path}",
                    f"chgrp 1102 {path}/secret", f"df {path}"):
        done = bob.client.batch(attempt)
        assert not done.ok, attempt
    assert os.listdir(ann.home) == ["secret"] and (ann.home / "secret").read_text() == "ann's"
    assert not (tmp_path / "y").exists()


@needs_root
def test_secondary_groups_count(site, tmp_path):
    shared = site.root / "shared"
    shared.mkdir(exist_ok=True)
    os.chown(shared, 0, 2001)
    shared.chmod(0o770)
    (tmp_path / "x").write_text("x")
    member, stranger = site.user(uid=1201, groups=(2001,)), site.user(uid=1202)
    member.client.must(f"put {tmp_path}/x /{FILE_SYSTEM}/shared/x")
    assert (shared / "x").stat().st_uid == 1201
    assert "denied" in stranger.client.batch(f"rm /{FILE_SYSTEM}/shared/x").stderr
    assert (shared / "x").exists()


@needs_root
def test_root_is_nobody_without_the_right(site, tmp_path):
    squashed = site.user(uid=0, gid=0, groups=(0,))
    site.home(squashed.name, 0, 0, 0o777)
    (squashed.home / "roots").write_text("x")
    (squashed.home / "roots").chmod(0o600)
    (tmp_path / "x").write_text("x")
    squashed.client.must(f"put {tmp_path}/x x")
    there = (squashed.home / "x").stat()
    assert (there.st_uid, there.st_gid) == (65534, 65534)
    assert not squashed.client.batch(f"get roots {tmp_path}/y").ok

    root = site.user(uid=0, gid=0, actions=(MOUNT, WRITE, ROOT))
    root.client.must(f"put {tmp_path}/x x", f"get /{FILE_SYSTEM}/home/{squashed.name}/roots {tmp_path}/y")
    assert (root.home / "x").stat().st_uid == 0


def test_a_pipe_is_refused_at_once(site, tmp_path):
    user = site.user()
    os.mkfifo(user.home / "pipe", 0o666)
    (user.home / "pipe").chmod(0o666)
    (tmp_path / "x").write_text("x")
    assert not user.client.batch(f"get pipe {tmp_path}/y", timeout=60).ok
    assert not user.client.batch(f"put {tmp_path}/x pipe", timeout=60).ok
