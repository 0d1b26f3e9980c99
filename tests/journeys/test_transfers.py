"""Files go up and come down as they were, and every verb of the client gets its right answer."""

import hashlib
import os
import subprocess

import pytest

from .conftest import Site, activities


def digest(path):
    out = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            out.update(block)
    return out.hexdigest()


def complaint(done):
    """What the client said on standard error, less its greeting."""
    return "\n".join(line for line in done.stderr.splitlines() if not line.startswith("Connected to")).strip()


def random_file(path, size):
    """`size` random bytes, written in pieces."""
    with open(path, "wb") as out:
        left = size
        block = os.urandom(1 << 20)
        while left > 0:
            piece = block[:min(left, len(block))]
            out.write(len(block).to_bytes(4, "big") + left.to_bytes(8, "big") if len(piece) < 12 else
                      left.to_bytes(8, "big") + piece[8:])
            left = size - out.tell()
        out.truncate(size)
    return path


@pytest.mark.parametrize("size", [0, 1, 255, 32768, 32769, 261120, 1 << 20, (5 << 20) + 17])
def test_file_comes_back_as_it_went(site, tmp_path, size):
    source, back = random_file(tmp_path / "a.bin", size), tmp_path / "b.bin"
    site.client().must(f"put {source} a.bin", f"get a.bin {back}")
    assert digest(source) == digest(back)
    assert site.body("ann/a.bin") == source.read_bytes()
    plain = os.path.join(site.sallyport.data_dir, "buckets", site.bucket, "ann/a.bin")
    assert digest(plain) == digest(source)


def test_object_carries_the_documented_metadata(site, tmp_path):
    random_file(tmp_path / "a", 10)
    site.client().must(f"put {tmp_path}/a a")
    head = site.s3().head_object(Bucket=site.bucket, Key="ann/a")
    assert head["Metadata"] == {"user-agent": "AWSTransfer", "user-agent-id": f"ann@{site.server}"}
    assert head["ETag"].endswith('-1"')


def test_transfers_are_logged_with_real_paths_and_bytes(site, tmp_path):
    random_file(tmp_path / "a", 1234)
    site.client().must(f"put {tmp_path}/a a", f"get a {tmp_path}/b", "rename a c", "rm c", "mkdir d", "rmdir d")
    events = [e for _, e in site.events(lambda e: "DISCONNECTED" in activities(e))]
    path = f"/{site.bucket}/ann"
    session = events[0]["session-id"]
    common = {"resource-arn": events[0]["resource-arn"], "session-id": session}
    assert events[1:-1] == [
        {"activity-type": "OPEN", "path": f"{path}/a", "mode": "CREATE|TRUNCATE|WRITE", **common},
        {"activity-type": "CLOSE", "path": f"{path}/a", "bytes-in": "1234", **common},
        {"activity-type": "OPEN", "path": f"{path}/a", "mode": "READ", **common},
        {"activity-type": "CLOSE", "path": f"{path}/a", "bytes-out": "1234", **common},
        {"activity-type": "RENAME", "path": f"{path}/a", "new-path": f"{path}/c", **common},
        {"activity-type": "DELETE", "path": f"{path}/c", **common},
        {"activity-type": "MKDIR", "path": f"{path}/d", **common},
        {"activity-type": "RMDIR", "path": f"{path}/d", **common},
    ]


def test_directories_are_markers_and_prefixes(site, tmp_path):
    random_file(tmp_path / "a", 3)
    site.s3().put_object(Bucket=site.bucket, Key="ann/prefix/deep/file", Body=b"x")
    client = site.client()
    client.must("mkdir made", f"put {tmp_path}/a made/a")
    keys = [o["Key"] for o in site.s3().list_objects_v2(Bucket=site.bucket)["Contents"]]
    assert keys == ["ann/", "ann/made/", "ann/made/a", "ann/prefix/deep/file"]
    listing = client.must("ls -1", "ls -1 prefix", "cd prefix/deep", "ls -1")
    assert [line for line in listing.splitlines() if not line.startswith("sftp>")] == \
        ["made", "prefix", "prefix/deep", "file"]


def test_listing_shows_sizes_and_kinds(site, tmp_path):
    random_file(tmp_path / "a", 4321)
    listing = site.client().must(f"put {tmp_path}/a a", "mkdir d", "ls -l")
    lines = {line.split()[-1]: line for line in listing.splitlines() if not line.startswith("sftp>")}
    assert lines["a"].startswith("-rw") and "4321" in lines["a"]
    assert lines["d"].startswith("drwx")


def test_what_is_refused_is_refused_with_the_right_words(site, tmp_path):
    random_file(tmp_path / "a", 3)
    client = site.client()
    client.must(f"put {tmp_path}/a a", f"put {tmp_path}/a b", "mkdir full", f"put {tmp_path}/a full/a", "mkdir d")
    cases = {
        "rename a b": "Failure",                       # not onto an existing name
        "rename d e": "",                              # directories are not renamed
        "rmdir full": "",                              # only an empty directory
        "rm missing": "No such file or directory",
        "get missing": "not found",
        "cd missing": "No such file or directory",
        "ls missing": "not found",
        "ln -s a l": "Operation unsupported",
        "chmod 600 a": "",
        "mkdir d": "Failure",
        "cd a": "",
    }
    for command, words in cases.items():
        said = complaint(client.interactive(command))
        assert said and words in said, (command, said)
    assert client.must("ls -1").split("\n", 1)[1].split() == ["a", "b", "d", "full"]


def test_longest_key_goes_up_and_a_longer_one_does_not(site, tmp_path):
    client = site.client()
    random_file(tmp_path / "a", 3)
    # 1,024 bytes of key are the most; "ann/" are four of them.
    long = "/".join(["n" * 200] * 5)
    name = long + "/" + "x" * (1024 - 4 - len(long) - 1)
    client.must(f"put {tmp_path}/a {name}")
    assert site.body("ann/" + name) == (tmp_path / "a").read_bytes()
    assert complaint(client.interactive(f"put {tmp_path}/a {name}y"))


def test_rekeying_in_the_middle_of_transfers_changes_nothing(site, tmp_path):
    source = random_file(tmp_path / "a", 12 << 20)
    site.client(options={"RekeyLimit": "1M"}).must(f"put {source} a", f"get a {tmp_path}/b")
    assert digest(tmp_path / "b") == digest(source)


def test_set_stat_option_decides_about_put_with_times(sallyport, tmp_path):
    random_file(tmp_path / "a", 3)
    site = Site(sallyport, tmp_path)
    refused = site.client().interactive(f"put -p {tmp_path}/a a")
    assert "Operation unsupported" in complaint(refused) and site.body("ann/a") == (tmp_path / "a").read_bytes()
    sallyport.call("UpdateServer", ServerId=site.server, ProtocolDetails={"SetStatOption": "ENABLE_NO_OP"})
    accepted = site.client().interactive(f"put -p {tmp_path}/a b")
    assert not complaint(accepted)
    events = site.events(lambda e: activities(e).count("DISCONNECTED") == 2)
    assert "SETSTAT" in activities(events)


@pytest.mark.heavy
def test_five_gibibytes_come_back_as_they_went(site, tmp_path):
    source, back = random_file(tmp_path / "a", 5 << 30), tmp_path / "b"
    site.client().must(f"put {source} a", f"get a {back}")
    assert digest(back) == digest(source)
    os.unlink(source)
    os.unlink(back)


@pytest.mark.heavy
def test_ten_thousand_small_files_come_back_as_they_went(site, tmp_path):
    source, back = tmp_path / "small", tmp_path / "back"
    source.mkdir()
    block = os.urandom(1 << 16)
    for number in range(10000):
        (source / f"f{number:05d}").write_bytes(number.to_bytes(4, "big") + block[number:number + 4092])
    site.client().must(f"put -r {source} small", f"get -r small {back}")
    assert subprocess.run(["diff", "-r", str(source), str(back)]).returncode == 0
    listing = site.client().must("ls -1 small")
    assert listing.count("\n") == 10001
