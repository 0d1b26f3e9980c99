"""Symbolic links, and that no path leads out of a file system."""

import os
import threading

import pytest

from support.file_systems import FILE_SYSTEM, MOUNT, OTHER_SYSTEM, ROOT, WRITE


@pytest.fixture
def outside(site):
    """A directory beside the file system, open to everybody, whose content nobody may see or change."""
    folder = site.folder / "outside"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    (folder / "secret").write_text("secret")
    (folder / "secret").chmod(0o666)
    return folder


def test_links_are_made_read_and_followed(site, tmp_path):
    user = site.user()
    (user.home / "a").write_text("content")
    (user.home / "d").mkdir()
    (user.home / "d" / "in").write_text("inside")
    shown = user.client.must("ln -s a l", "ln -s d m", f"get l {tmp_path}/x", f"get m/in {tmp_path}/y", "ls -l")
    assert os.readlink(user.home / "l") == "a" and "lrwxrwxrwx" in shown
    assert (tmp_path / "x").read_text() == "content" and (tmp_path / "y").read_text() == "inside"


def test_the_working_directory_behind_a_link_is_the_real_one(site):
    user = site.user()
    (user.home / "d").mkdir()
    os.symlink("d", user.home / "m")
    assert f"/{FILE_SYSTEM}/home/{user.name}/d" in user.client.must("cd m", "pwd")


def test_an_absolute_target_is_kept_as_a_relative_one(site, tmp_path):
    user = site.user()
    (user.home / "a").write_text("content")
    (user.home / "d").mkdir()
    os.chmod(user.home / "d", 0o777)
    user.client.must(f"ln -s /{FILE_SYSTEM}/home/{user.name}/a d/l", f"get d/l {tmp_path}/x")
    assert os.readlink(user.home / "d" / "l") == "../a" and (tmp_path / "x").read_text() == "content"


def test_a_link_to_another_file_system_is_refused(site):
    user = site.user()
    assert not user.client.batch(f"ln -s /{OTHER_SYSTEM}/a l").ok
    assert os.listdir(user.home) == []


def ways_out(outside):
    return {"absolute": str(outside), "up": "../" * 3 + "outside", "far-up": "../" * 40 + str(outside)[1:],
            "chain": "absolute", "proc": "/proc/self/root", "etc": "/etc"}


@pytest.mark.parametrize("way", ["absolute", "up", "far-up", "chain", "proc", "etc"])
def test_no_link_leads_out(site, outside, tmp_path, way):
    user = site.user(uid=0, gid=0, actions=(MOUNT, WRITE, ROOT)) if os.geteuid() == 0 else site.user()
    for name, target in ways_out(outside).items():
        os.symlink(target, user.home / name)
    (tmp_path / "x").write_text("changed")
    (user.home / "mine").write_text("mine")
    before = sorted(os.listdir(outside))
    for attempt in (f"get {way}/secret {tmp_path}/y", f"put {tmp_path}/x {way}/secret", f"put {tmp_path}/x {way}/new",
                    f"mkdir {way}/d", f"rm {way}/secret", f"rename mine {way}/moved",
                    f"rename {way}/secret taken", f"chmod 0777 {way}/secret", f"ln -s x {way}/l", f"cd {way}",
                    f"rmdir {way}/d"):
        assert not user.client.batch(attempt).ok, attempt
    assert "secret" not in user.client.batch(f"ls -la {way}/").stdout
    assert sorted(os.listdir(outside)) == before and (outside / "secret").read_text() == "secret"
    assert not (tmp_path / "y").exists() and (user.home / "mine").exists()


@pytest.mark.parametrize("path", ["..", "../..", "../../../outside/secret", f"/{FILE_SYSTEM}/../../outside/secret",
                                  f"/{FILE_SYSTEM}/home/../../../outside/secret", "/etc/passwd", "/../etc/passwd"])
def test_dots_lead_nowhere_else(site, outside, tmp_path, path):
    user = site.user()
    done = user.client.batch(f"get {path} {tmp_path}/y")
    assert not done.ok and not (tmp_path / "y").exists()


def test_a_directory_that_becomes_a_link_again_and_again_lets_nobody_out(site, outside):
    user = site.user(uid=0, gid=0, actions=(MOUNT, WRITE, ROOT)) if os.geteuid() == 0 else site.user()
    real, link, place = user.home / "real", user.home / "link", user.home / "place"
    real.mkdir()
    (real / "secret").write_text("inside")
    (real / "secret").chmod(0o666)
    os.symlink(str(outside), link)
    place.mkdir()
    done = threading.Event()

    def swap():
        while not done.is_set():
            os.rename(place, user.home / "aside")
            os.rename(link, place)
            os.rename(place, link)
            os.rename(real, place)
            os.rename(place, real)
            os.rename(user.home / "aside", place)

    swapping = threading.Thread(target=swap)
    swapping.start()
    seen = set()
    try:
        with user.paramiko() as sftp:
            for i in range(400):
                try:
                    with sftp.open("place/secret", "r") as file:
                        seen.add(file.read())
                except OSError as error:
                    seen.add(str(error))
                for act in (lambda: sftp.mkdir(f"place/d{i}"), lambda: sftp.remove("place/secret-not"),
                            lambda: sftp.open(f"place/n{i}", "w").close()):
                    try:
                        act()
                    except OSError:
                        pass
    finally:
        done.set()
        swapping.join()
    assert b"secret" not in seen and len(seen) > 1
    assert os.listdir(outside) == ["secret"]


# ---- Logical directories.

def logical(site, **more):
    user = site.user(HomeDirectoryType="LOGICAL", HomeDirectoryMappings=[{"Entry": "/", "Target": f"/{FILE_SYSTEM}/none"}])
    site.sallyport.call("UpdateUser", ServerId=user.server, UserName=user.name, HomeDirectoryType="LOGICAL",
                        HomeDirectoryMappings=[{"Entry": "/", "Target": f"/{FILE_SYSTEM}/home/{user.name}"}])
    return user


def test_logical_directories_are_a_root_of_their_own(site, tmp_path):
    user = logical(site)
    (tmp_path / "x").write_text("x")
    shown = user.client.must("pwd", f"put {tmp_path}/x x", "ls -1 /", "mkdir /d", "cd d", "pwd")
    assert "working directory: /\n" in shown and "working directory: /d" in shown
    assert (user.home / "x").read_text() == "x"


def test_links_of_logical_directories_are_refused(site, tmp_path):
    user = logical(site)
    (user.home / "a").write_text("x")
    (user.home / "d").mkdir()
    os.symlink("a", user.home / "l")
    os.symlink("d", user.home / "m")
    with user.paramiko() as sftp:
        for refused in (lambda: sftp.readlink("l"), lambda: sftp.symlink("a", "n"), lambda: sftp.stat("l"),
                        lambda: sftp.normalize("m"), lambda: sftp.normalize("m/x")):
            with pytest.raises(OSError, match="symbolic links in logical directories"):
                refused()
        assert sftp.lstat("l").st_mode & 0o170000 == 0o120000
        assert sftp.open("l").read() == b"x"
    assert sorted(os.listdir(user.home)) == ["a", "d", "l", "m"]


def test_a_link_does_not_lead_out_of_a_mapping(site, tmp_path):
    user = logical(site)
    (site.root / "shared.txt").write_text("others")
    os.symlink("../../shared.txt", user.home / "up")
    os.symlink(f"/home/{user.name}", user.home / "absolute")
    for attempt in (f"get up {tmp_path}/y", f"get absolute/x {tmp_path}/y"):
        assert not user.client.batch(attempt).ok
    with user.paramiko() as sftp:
        with pytest.raises(PermissionError):
            sftp.open("up")


def test_the_target_of_a_mapping_may_be_reached_by_links(site, tmp_path):
    user = logical(site)
    os.symlink(user.name, user.home.parent / f"{user.name}-alias")
    site.sallyport.call("UpdateUser", ServerId=user.server, UserName=user.name, HomeDirectoryType="LOGICAL",
                        HomeDirectoryMappings=[{"Entry": "/", "Target": f"/{FILE_SYSTEM}/home/{user.name}-alias"}])
    (tmp_path / "x").write_text("x")
    assert "working directory: /\n" in user.client.must(f"put {tmp_path}/x x", "pwd", "ls -l", "mkdir d", "cd d")
    assert (user.home / "x").read_text() == "x"


def test_a_link_that_a_mapping_leads_through_stays(site):
    user = logical(site)
    (user.home / "d").mkdir()
    os.symlink("d", user.home / "alias")
    site.sallyport.call("UpdateUser", ServerId=user.server, UserName=user.name, HomeDirectoryType="LOGICAL",
                        HomeDirectoryMappings=[{"Entry": "/in", "Target": f"/{FILE_SYSTEM}/home/{user.name}/alias"}])
    for attempt in ("rm /in", "rmdir /in", "rename /in /out"):
        assert not user.client.batch(attempt).ok, attempt
    assert sorted(os.listdir(user.home)) == ["alias", "d"]


def test_a_mapping_may_be_of_one_file(site, tmp_path):
    user = logical(site)
    (user.home / "rates.csv").write_text("1,2")
    site.sallyport.call("UpdateUser", ServerId=user.server, UserName=user.name, HomeDirectoryType="LOGICAL",
                        HomeDirectoryMappings=[{"Entry": "/r.csv", "Type": "FILE",
                                                "Target": f"/{FILE_SYSTEM}/home/{user.name}/rates.csv"}])
    assert "/r.csv" in user.client.must(f"get /r.csv {tmp_path}/y", "ls -1 /")
    assert (tmp_path / "y").read_text() == "1,2"


def test_a_mapping_whose_target_is_missing_is_not_shown(site):
    user = site.user(HomeDirectoryType="LOGICAL",
                     HomeDirectoryMappings=[{"Entry": "/in", "Target": f"/{FILE_SYSTEM}/none"},
                                            {"Entry": "/out", "Target": f"/{FILE_SYSTEM}/home"}])
    assert user.client.must("ls -1 /").split()[-1] == "/out"


def test_a_missing_home_can_be_entered_and_not_listed(site):
    user = site.user(HomeDirectoryType="LOGICAL",
                     HomeDirectoryMappings=[{"Entry": "/", "Target": f"/{FILE_SYSTEM}/none"}])
    done = user.client.interactive("ls")
    assert "sftp>" in done.stdout and "No such file or directory" in done.stderr
