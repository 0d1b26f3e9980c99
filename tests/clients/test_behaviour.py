"""What one client does that others do not: whole trees, many transfers at once, blocks out of order, shared connections."""

import asyncio
import itertools
import os
import random
import stat
import subprocess

import pytest

from support.sallyport import full_rights

from .libraries import Asyncssh, NodeSftp, Paramiko
from .matrix import Trial
from .openssh import Scp, SharedSftp, options_of
from .programs import Lftp, Rclone, Sshfs
from .putty import Pscp
from .world import World

_numbers = itertools.count(1)
RANDOM_ACCESS = "AWS Transfer does not support random access writes to S3 objects"


@pytest.fixture(scope="module")
def world(sallyport, tmp_path_factory):
    world = World(sallyport, tmp_path_factory.mktemp("behaviour"))
    for strict in (True, False):
        world.add_server("2025-03", strict)
    return world


@pytest.fixture
def place(world):
    return world.place("2025-03", f"user-{next(_numbers)}")


@pytest.fixture
def extended(world):
    """A place at an extended server."""
    return world.place("2025-03", f"user-{next(_numbers)}", strict=False)


@pytest.fixture
def made(place, tmp_path):
    """Makes a client at the test's place, or at another, and ends it afterwards."""
    clients = []

    def make(client_class, at=None):
        clients.append(client_class(at or place, tmp_path / f"client-{len(clients)}"))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def tree(folder, files, largest=3000):
    """Makes a tree of files in folders of several depths; relative path → content."""
    out = {}
    for number in range(files):
        parts = ["with space", "ünï", "c"][:number % 4] + [f"file {number}.txt"]
        out["/".join(parts)] = os.urandom(number * 7919 % largest)
    for path, content in out.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return out


def content_below(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_lftp_mirrors_a_tree_up_and_down(world, place, made, tmp_path):
    lftp = made(Lftp)
    files = tree(tmp_path / "tree", 200)
    answer, _ = lftp.lines(f"mirror -R --parallel=4 {tmp_path}/tree tree")
    assert answer.ok, answer.words
    assert {key for key in world.objects(place) if not key.endswith("/")} == {f"tree/{path}" for path in files}
    answer, _ = lftp.lines(f"mirror --parallel=4 tree {tmp_path}/back")
    assert answer.ok, answer.words
    assert content_below(tmp_path / "back") == files


def test_lftp_mirrors_again_what_has_changed_and_removes_what_is_gone(world, place, made, tmp_path):
    lftp = made(Lftp)
    tree(tmp_path / "tree", 8)
    assert lftp.lines(f"mirror -R {tmp_path}/tree tree")[0].ok
    (tmp_path / "tree/file 0.txt").unlink()
    (tmp_path / "tree/file 4.txt").write_bytes(b"longer than it was" * 4000)
    answer, _ = lftp.lines(f"mirror -R --delete {tmp_path}/tree tree")
    assert answer.ok, answer.words
    assert "tree/file 0.txt" not in world.objects(place)
    assert world.content(place, "tree/file 4.txt") == b"longer than it was" * 4000


def test_rclone_copies_syncs_and_checks_with_many_transfers(world, place, made, tmp_path):
    rclone = made(Rclone)
    files = tree(tmp_path / "tree", 60, largest=200_000)
    many = ["--transfers", "16", "--checkers", "16"]
    answer, _ = rclone.rclone("copy", *many, tmp_path / "tree", "remote:tree")
    assert answer.ok, answer.words
    answer, _ = rclone.rclone("check", "--download", *many, tmp_path / "tree", "remote:tree")
    assert answer.ok, answer.words
    gone, changed = sorted(files)[:2]
    (tmp_path / "tree" / gone).unlink()
    (tmp_path / "tree" / changed).write_bytes(b"other content, and another size" * 100)
    assert not rclone.rclone("check", "--download", *many, tmp_path / "tree", "remote:tree")[0].ok
    answer, _ = rclone.rclone("sync", *many, tmp_path / "tree", "remote:tree")
    assert answer.ok, answer.words
    answer, _ = rclone.rclone("sync", *many, "remote:tree", tmp_path / "back")
    assert answer.ok, answer.words
    assert content_below(tmp_path / "back") == content_below(tmp_path / "tree")


def test_rclone_finds_no_hashes_and_does_without_them(world, place, made, tmp_path):
    rclone = made(Rclone)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/a").write_bytes(b"abc" * 1000)
    # After an upload it would compare hashes that it has the server make in a shell.
    assert rclone.rclone("copy", tmp_path / "tree", "remote:tree")[0].ok
    answer, _ = rclone.rclone("hashsum", "md5", "remote:tree")
    assert not answer.ok and "hash type not supported" in answer.words
    for settings in ({}, {"RCLONE_SFTP_DISABLE_HASHCHECK": "true"}):
        answer, _ = rclone.rclone("check", tmp_path / "tree", "remote:tree", **settings)
        assert answer.ok and "1 hashes could not be checked" in answer.words
    world.store(place, "tree/a", b"abd" * 1000)
    assert not rclone.rclone("check", "--download", tmp_path / "tree", "remote:tree")[0].ok


def test_rclone_sets_times_where_the_server_is_told_to_pass_over_them(world, place, made, tmp_path):
    rclone = made(Rclone)
    (tmp_path / "a").write_bytes(b"abc")
    times = {"RCLONE_SFTP_SET_MODTIME": "true"}  # as is its default
    answer, _ = rclone.rclone("copyto", tmp_path / "a", "remote:a", **times)
    assert not answer.ok and "Setting attributes is not supported on S3 storage" in answer.words
    lenient = world.sallyport.server(ProtocolDetails={"SetStatOption": "ENABLE_NO_OP"})
    bucket = world.sallyport.user(lenient, world.pair, Role=world.sallyport.role(full_rights("*")))
    rclone.place.address, rclone.place.port = world.sallyport.endpoint(lenient)
    rclone.place.user = "ann"
    answer, _ = rclone.rclone("copyto", tmp_path / "a", "remote:a", **times)
    assert answer.ok, answer.words
    assert world.s3.get_object(Bucket=bucket, Key="ann/a")["Body"].read() == b"abc"


def test_rclone_sets_times_at_an_extended_server(world, extended, made, tmp_path):
    rclone = made(Rclone, extended)
    (tmp_path / "a").write_bytes(b"abc")
    os.utime(tmp_path / "a", (1_000_000_000, 1_000_000_000))
    answer, _ = rclone.rclone("copyto", tmp_path / "a", "remote:a", RCLONE_SFTP_SET_MODTIME="true")
    assert answer.ok, answer.words
    assert rclone.rclone("lsl", "remote:")[1].split()[1] == "2001-09-09"


def test_asyncssh_reads_one_file_in_many_places_at_once(world, place, made):
    client, content = made(Asyncssh), os.urandom(3_000_001)
    world.store(place, "big", content)
    places = [(random.randrange(len(content)), random.randrange(1, 100_000)) for _ in range(200)]

    async def act(sftp):
        async with sftp.open("big", "rb") as one, sftp.open("big", "rb") as other:
            return await asyncio.gather(*((one, other)[at % 2].read(size, at) for at, size in places))

    answer = client.within(act)
    assert answer.ok, answer.words
    assert answer.names == [content[at:at + size] for at, size in places]


def test_asyncssh_transfers_many_files_at_once_over_one_connection(world, place, made, tmp_path):
    files = tree(tmp_path / "tree", 40, largest=100_000)

    async def act(sftp):
        await asyncio.gather(*(sftp.put(str(tmp_path / "tree" / path), path.replace("/", "-")) for path in files))
        return await asyncio.gather(*(sftp.getsize(path.replace("/", "-")) for path in files))

    answer = made(Asyncssh).within(act)
    assert answer.ok, answer.words
    assert answer.names == [len(content) for content in files.values()]
    for path, content in files.items():
        assert world.content(place, path.replace("/", "-")) == content


@pytest.mark.parametrize("older", [None, b"older"])
def test_fast_put_is_refused_as_it_writes_out_of_order_and_leaves_what_was_there(world, place, made, tmp_path, older):
    client, content = made(NodeSftp), os.urandom(2_000_003)
    (tmp_path / "big").write_bytes(content)
    for _ in range(20):
        world.take(place, "big")
        if older is not None:
            world.store(place, "big", older)
        answer = client.fast_put(tmp_path / "big", "big")
        if not answer.ok:
            break
        # Its threads happened to read the blocks in order.
        assert world.content(place, "big") == content
    assert not answer.ok and RANDOM_ACCESS in answer.words
    assert (world.content(place, "big") if older else world.objects(place)) == (older or set())


def test_fast_put_of_one_block_at_a_time_works(world, place, made, tmp_path):
    client, content = made(NodeSftp), os.urandom(2_000_003)
    (tmp_path / "big").write_bytes(content)
    answer = client.fast_put(tmp_path / "big", "big", concurrency=1)
    assert answer.ok, answer.words
    assert world.content(place, "big") == content
    answer = client.call(["fastGet", "big", tmp_path / "back"])
    assert answer.ok and (tmp_path / "back").read_bytes() == content


def test_fast_put_writes_in_any_order_at_an_extended_server(world, extended, made, tmp_path):
    client, content = made(NodeSftp, extended), os.urandom(2_000_003)
    (tmp_path / "big").write_bytes(content)
    for _ in range(5):
        answer = client.fast_put(tmp_path / "big", "big")
        assert answer.ok, answer.words
        assert world.content(extended, "big") == content
        world.take(extended, "big")


@pytest.mark.skipif(not Sshfs.can_run(), reason="FUSE is not available here")
def test_sshfs_edits_and_describes_files_at_an_extended_server(world, extended, made):
    client = made(Sshfs, extended)
    trial = Trial(client, world)

    def act():
        # Each step waits until the server has closed the file: sshfs does not.
        with open(client.mount / "new", "wb", buffering=0) as file:
            file.write(b"0123456789")
            os.fchmod(file.fileno(), 0o640)
            os.utime(file.fileno(), (1_000_000_000, 1_000_000_000))
        assert trial.becomes("new", b"0123456789")
        seen = (client.mount / "new").stat()
        assert (stat.S_IMODE(seen.st_mode), seen.st_mtime) == (0o640, 1_000_000_000)
        with open(client.mount / "new", "r+b", buffering=0) as file:
            file.seek(3)
            file.write(b"abc")
            assert os.fstat(file.fileno()).st_size == (client.mount / "new").stat().st_size == 10
            file.seek(0, os.SEEK_END)
            file.write(b"end")
            file.seek(0)
            assert file.read() == b"012abc6789end"
        assert trial.becomes("new", b"012abc6789end")
        (client.mount / "folder").mkdir()
        (client.mount / "folder/old").write_bytes(b"old")
        assert trial.becomes("folder/old", b"old")
        (client.mount / "new").replace(client.mount / "folder/old")
        (client.mount / "folder").rename(client.mount / "moved")

    answer = client.within(act)
    assert answer.ok, answer.words
    assert world.objects(extended) == {"moved/", "moved/old"}
    assert world.content(extended, "moved/old") == b"012abc6789end"


def test_paramiko_prefetches_while_it_reads_elsewhere(world, place, made):
    content = os.urandom(4_000_001)
    world.store(place, "big", content)

    def act(sftp):
        with sftp.open("big") as file:
            file.prefetch()
            parts = [file.read(1_000_000)]
            file.seek(3_500_000)
            parts.append(file.read(400_000))
            with sftp.open("big") as other:
                parts += list(other.readv([(2_000_000, 70_000), (5, 1), (4_000_000, 1)]))
            file.seek(1_000_000)
            return [*parts, file.read()]

    answer = made(Paramiko).within(act)
    assert answer.ok, answer.words
    assert answer.names == [content[:1_000_000], content[3_500_000:3_900_000], content[2_000_000:2_070_000], content[5:6],
                            content[4_000_000:], content[1_000_000:]]


def test_paramiko_writes_one_file_with_pipelining(world, place, made):
    content = os.urandom(2_000_003)

    def act(sftp):
        with sftp.open("big", "wb") as file:
            file.set_pipelined(True)
            for at in range(0, len(content), 30_011):
                file.write(content[at:at + 30_011])

    assert made(Paramiko).within(act).ok
    assert world.content(place, "big") == content


def test_openssh_shares_one_connection_among_many_sessions(world, place, made, tmp_path):
    client = made(SharedSftp)
    assert client.ls().ok and client.is_shared()
    content = {name: os.urandom(700_001) for name in "abcdefgh"}
    for name, data in content.items():
        (tmp_path / name).write_bytes(data)
    running = [subprocess.Popen([str(c) for c in client.command()], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, text=True) for _ in content]
    for process, name in zip(running, content):
        process.stdin.write(f"put {tmp_path}/{name} {name}\nget {name} {tmp_path}/{name}.back\n")
        process.stdin.close()
    assert [process.wait(120) for process in running] == [0] * len(content)
    for name, data in content.items():
        assert world.content(place, name) == data == (tmp_path / f"{name}.back").read_bytes()
    server = world.servers["2025-03", True][0]
    client.close()
    client.close = lambda: None

    def own(events):
        return [event for stream, event in events if stream.startswith(f"{server}/{place.user}")]

    # The sessions were channels of the first one's connection.
    events = own(world.sallyport.wait_events(
        server, lambda events: any(e["activity-type"] == "DISCONNECTED" for e in own(events))))
    assert sum(e["activity-type"] == "CONNECTED" for e in events) == 1


def test_scps_own_protocol_is_refused_at_once(world, place, made, tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    by_openssh = made(Scp).put([(tmp_path / "a", "a")], "-O")
    by_putty = made(Pscp).put_by_scp(tmp_path / "a", "a")
    assert not by_openssh.ok and "exec request failed" in by_openssh.words
    assert not by_putty.ok and "Server refused to start a shell/command" in by_putty.words
    assert world.objects(place) == set()


def test_a_command_is_refused(place, made):
    client = made(Scp)
    answer, out = client.run("ssh", *options_of(place), "-T", "-p", place.port, f"{place.user}@{place.address}", "id")
    assert not answer.ok and out == "" and "exec request failed" in answer.words
