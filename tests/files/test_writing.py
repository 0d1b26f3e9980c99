"""Random, concurrent and read-write opens, which Domain=S3 refuses, and files that others write meanwhile."""

import asyncio
import os
import shutil
import struct

import asyncssh
import pytest

from support.file_systems import FILE_SYSTEM


@pytest.fixture
def user(site):
    return site.user()


@pytest.fixture
def sftp(user):
    with user.paramiko() as client:
        yield client


def test_blocks_are_written_in_any_order(user, sftp):
    blocks = [os.urandom(40_000) for _ in range(20)]
    with sftp.open("a", "w") as file:
        for i in reversed(range(20)):
            file.seek(i * 40_000)
            file.write(blocks[i])
    assert (user.home / "a").read_bytes() == b"".join(blocks)


def test_holes_read_as_zeros(user, sftp):
    with sftp.open("a", "w+") as file:
        file.seek(100_000)
        file.write(b"end")
        file.seek(0)
        assert file.read() == bytes(100_000) + b"end"
    assert (user.home / "a").stat().st_size == 100_003


def test_a_file_open_for_reading_and_writing_shows_what_was_written(user, sftp):
    (user.home / "a").write_bytes(b"0123456789")
    (user.home / "a").chmod(0o666)
    with sftp.open("a", "r+") as file:
        file.seek(3)
        file.write(b"xyz")
        file.seek(0)
        assert file.read() == b"012xyz6789"
        assert file.stat().st_size == 10
    assert (user.home / "a").read_bytes() == b"012xyz6789"


def test_appending_goes_to_the_end_of_what_others_write(user, sftp):
    (user.home / "log").write_bytes(b"one\n")
    (user.home / "log").chmod(0o666)
    with sftp.open("log", "a") as file:
        file.write(b"two\n")
        with open(user.home / "log", "ab") as other:
            other.write(b"three\n")
        file.write(b"four\n")
    assert (user.home / "log").read_bytes() == b"one\ntwo\nthree\nfour\n"


def test_what_was_answered_is_seen_by_others_at_once(user, sftp):
    with sftp.open("a", "w") as file:
        file.write(b"first")
        file.flush()
        assert (user.home / "a").read_bytes() == b"first"


def test_a_file_that_grows_is_read_to_its_new_end(user, sftp):
    (user.home / "log").write_bytes(b"one\n")
    with sftp.open("log", "r") as file:
        assert file.read() == b"one\n"
        with open(user.home / "log", "ab") as other:
            other.write(b"two\n")
        assert file.read() == b"two\n" and file.stat().st_size == 8


def copy_data(sftp, source, target):
    """All of one open file to the beginning of another; the status of the answer."""
    def text(value):
        return struct.pack(">I", len(value)) + value
    body = struct.pack(">BI", 200, 1 << 30) + text(b"copy-data") + text(source.handle) + bytes(16) + text(
        target.handle) + bytes(8)
    channel = sftp.get_channel()
    channel.sendall(text(body))
    answer = b""
    while len(answer) < 13:
        answer += channel.recv(1000)
    kind, number, status = struct.unpack_from(">BII", answer, 4)
    assert (kind, number) == (101, 1 << 30)
    return status


def test_a_copy_takes_what_the_file_has_now(site):
    user = site.user(compatibility="extended")
    (user.home / "log").touch()
    with user.paramiko() as sftp:
        log, copy = sftp.open("log", "r"), sftp.open("copy", "w")
        (user.home / "log").write_bytes(b"x" * 1000)
        assert copy_data(sftp, log, copy) == 0
    assert (user.home / "copy").read_bytes() == b"x" * 1000


def test_what_is_set_of_an_open_file_is_set_of_no_other_that_took_its_name(user, sftp):
    old, new = user.home / "old", user.home / "a"
    new.write_bytes(b"0123456789")
    shutil.chown(new, user.home.stat().st_uid)
    with sftp.open("a", "r") as file:
        new.rename(old)
        new.write_bytes(b"new")
        shutil.chown(new, user.home.stat().st_uid)
        file.truncate(4)
        file.utime((1_000_000_000, 1_000_000_000))
    assert old.stat().st_mtime == 1_000_000_000 and new.stat().st_mtime > 1_000_000_000
    assert old.read_bytes() == b"0123" and new.read_bytes() == b"new"


def test_an_exclusive_open_finds_a_file_that_is_there(user, sftp):
    sftp.open("a", "x").close()
    with pytest.raises(OSError):
        sftp.open("a", "x")


def test_a_file_is_cut_and_made_longer(user, sftp):
    with sftp.open("a", "w") as file:
        file.write(b"0123456789")
        file.truncate(4)
    assert (user.home / "a").read_bytes() == b"0123"
    sftp.truncate("a", 6)
    assert (user.home / "a").read_bytes() == b"0123\0\0"


def test_a_removed_file_is_written_to_its_end(user, sftp):
    with sftp.open("a", "w") as file:
        file.write(b"x" * 10)
        (user.home / "a").unlink()
        file.write(b"y" * 10)
    assert not (user.home / "a").exists()


def test_several_sessions_write_parts_of_one_file(user):
    part, parts = 300_000, 6
    content = os.urandom(part * parts)

    async def one(i):
        async with asyncssh.connect(user.host, user.port, username=user.name, client_keys=[str(user.site.key.path)],
                                    known_hosts=None, config=None) as connection:
            async with connection.start_sftp_client() as sftp:
                async with sftp.open("a", asyncssh.FXF_WRITE | asyncssh.FXF_CREAT, encoding=None) as file:
                    await file.write(content[i * part:(i + 1) * part], i * part)

    async def everyone():
        await asyncio.gather(*(one(i) for i in range(parts)))

    asyncio.run(everyone())
    assert (user.home / "a").read_bytes() == content


def test_attributes_tell_owner_mode_and_times(user, sftp):
    (user.home / "a").write_bytes(b"12345")
    os.utime(user.home / "a", (1_000_000_000, 1_100_000_000))
    (user.home / "a").chmod(0o640)
    there, seen = (user.home / "a").stat(), sftp.stat("a")
    assert (seen.st_mode, seen.st_uid, seen.st_gid, seen.st_size) == (there.st_mode, there.st_uid, there.st_gid, 5)
    assert (seen.st_atime, seen.st_mtime) == (1_000_000_000, 1_100_000_000)
    assert sftp.listdir_attr(".")[0].st_uid == there.st_uid


def test_names_that_are_not_utf8_are_not_shown(user, sftp):
    open(bytes(user.home) + b"/\xff\xfe", "w").close()
    (user.home / "straße 文").touch()
    assert sftp.listdir(f"/{FILE_SYSTEM}/home/{user.name}") == ["straße 文"]
