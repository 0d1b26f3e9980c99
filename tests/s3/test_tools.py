"""What people do with the tools beside copying: sync, mv, rm, ls, presign, mb and rb, s3api."""

import json
import os
import time
import urllib.request

import pytest

from support.s3_tools import TOOLS, AwsCli, Rclone, S3cmd, all_keys, content_below


@pytest.fixture(params=["aws", "rclone", "s3cmd"])
def mirroring(request, access, tmp_path_factory):
    return TOOLS[request.param](access, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def aws(access, tmp_path_factory):
    return AwsCli(access, tmp_path_factory.mktemp("aws"))


def bodies(s3, bucket, prefix=""):
    return {key[len(prefix):]: s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            for key in all_keys(s3, bucket, prefix)}


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"
    for name in ("one", "two", "sub/three", "sub/deep/four", "gone/five"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"this is {name}")
        # S3's times are whole seconds: a file of this second would look newer than its copy.
        an_hour_ago = (folder / name).stat().st_mtime - 3600
        os.utime(folder / name, (an_hour_ago, an_hour_ago))
    return folder


def test_a_mirror_follows_changes_upwards(mirroring, tree, s3, bucket):
    s3.put_object(Bucket=bucket, Key="elsewhere", Body=b"stays")
    mirroring.mirror_up(tree, bucket, "m/")
    assert bodies(s3, bucket, "m/") == content_below(tree)
    (tree / "gone/five").unlink()
    (tree / "gone").rmdir()
    (tree / "one").write_text("one has become longer")
    (tree / "new").mkdir()
    (tree / "new/six").write_text("a new file")
    mirroring.mirror_up(tree, bucket, "m/")
    assert bodies(s3, bucket, "m/") == content_below(tree)
    assert bodies(s3, bucket, "else") == {"where": b"stays"}


def test_a_mirror_follows_changes_downwards(mirroring, s3, bucket, tmp_path):
    for key in ("one", "two", "sub/three", "gone/four"):
        s3.put_object(Bucket=bucket, Key="m/" + key, Body=f"this is {key}".encode())
    mirroring.mirror_down(bucket, "m/", tmp_path / "down")
    assert content_below(tmp_path / "down") == bodies(s3, bucket, "m/")
    s3.delete_object(Bucket=bucket, Key="m/gone/four")
    s3.put_object(Bucket=bucket, Key="m/one", Body=b"one has become longer")
    s3.put_object(Bucket=bucket, Key="m/sub/new", Body=b"new")
    mirroring.mirror_down(bucket, "m/", tmp_path / "down")
    assert content_below(tmp_path / "down") == bodies(s3, bucket, "m/")


def test_a_second_sync_has_nothing_to_do(access, aws, tree, bucket, tmp_path):
    assert aws.run("s3", "sync", tree, f"s3://{bucket}/aws").count("upload: ") == 5
    assert aws.run("s3", "sync", tree, f"s3://{bucket}/aws") == ""
    s3cmd = S3cmd(access, tmp_path)
    assert s3cmd.run("sync", f"{tree}/", f"s3://{bucket}/s3cmd/").count("upload: ") == 5
    assert s3cmd.run("sync", f"{tree}/", f"s3://{bucket}/s3cmd/") == ""
    rclone = Rclone(access, tmp_path)
    rclone.run("sync", tree, f"remote:{bucket}/rclone")
    again = rclone.run("sync", "-v", tree, f"remote:{bucket}/rclone", check=False)
    assert again.returncode == 0 and "There was nothing to transfer" in again.stderr, again.stderr


def test_a_file_is_moved(tool, s3, bucket):
    s3.put_object(Bucket=bucket, Key="from/a file", Body=b"moving", ContentType="text/x-moved", Metadata={"a": "b"})
    tool.move(bucket, "from/a file", "to/another name")
    assert all_keys(s3, bucket) == ["to/another name"]
    got = s3.get_object(Bucket=bucket, Key="to/another name")
    assert got["Body"].read() == b"moving"
    assert (got["ContentType"], got["Metadata"]["a"]) == ("text/x-moved", "b")


def test_a_folder_is_removed_and_its_neighbours_stay(tool, s3, bucket):
    for key in ("d/1", "d/2 +", "d/deep/3", "d2/stays", "dstays"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    tool.remove_folder(bucket, "d/")
    assert all_keys(s3, bucket) == ["d2/stays", "dstays"]


def test_aws_moves_a_local_file_up_and_a_folder_down(aws, tree, s3, bucket, tmp_path):
    aws.run("s3", "mv", tree / "one", f"s3://{bucket}/up/")
    assert not (tree / "one").exists()
    assert bodies(s3, bucket) == {"up/one": b"this is one"}
    aws.run("s3", "mv", "--recursive", f"s3://{bucket}/up", tmp_path / "down")
    assert content_below(tmp_path / "down") == {"one": b"this is one"}
    assert all_keys(s3, bucket) == []


def test_aws_filters_what_it_copies(aws, tree, s3, bucket):
    aws.run("s3", "cp", "--recursive", tree, f"s3://{bucket}/", "--exclude", "*", "--include", "sub/*")
    assert all_keys(s3, bucket) == ["sub/deep/four", "sub/three"]
    aws.run("s3", "rm", "--recursive", f"s3://{bucket}/", "--exclude", "*three")
    assert all_keys(s3, bucket) == ["sub/three"]


def test_aws_lists_as_usual(aws, s3, bucket):
    s3.put_object(Bucket=bucket, Key="d/f", Body=b"12345")
    s3.put_object(Bucket=bucket, Key="top", Body=b"1234567")
    lines = [line.split() for line in aws.run("s3", "ls", f"s3://{bucket}").splitlines()]
    assert lines[0] == ["PRE", "d/"]
    assert lines[1][2:] == ["7", "top"]
    whole = aws.run("s3", "ls", "--recursive", "--summarize", f"s3://{bucket}")
    assert "Total Objects: 2" in whole and "Total Size: 12" in whole
    assert bucket in aws.run("s3", "ls")
    assert aws.run("s3", "ls", f"s3://{bucket}/nothing/", check=False).returncode == 1
    missing = aws.run("s3", "ls", "s3://no-such-bucket-anywhere", check=False)
    assert missing.returncode != 0 and "(NoSuchBucket)" in missing.stderr


def test_aws_says_what_is_missing(aws, bucket, tmp_path):
    copied = aws.run("s3", "cp", f"s3://{bucket}/none", tmp_path / "x", check=False)
    assert copied.returncode == 1 and "(404)" in copied.stderr, copied.stderr
    assert not (tmp_path / "x").exists()
    got = aws.run("s3api", "get-object", "--bucket", bucket, "--key", "none", tmp_path / "x", check=False)
    assert "(NoSuchKey)" in got.stderr


def test_aws_makes_and_removes_a_bucket_with_all_that_is_in_it(aws, sallyport, s3):
    name = sallyport.name("made")
    aws.run("s3", "mb", f"s3://{name}")
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    full = aws.run("s3", "rb", f"s3://{name}", check=False)
    assert full.returncode == 1 and "BucketNotEmpty" in full.stderr
    aws.run("s3", "rb", "--force", f"s3://{name}")
    assert name not in aws.run("s3", "ls")


def test_aws_presigns(aws, s3, bucket):
    s3.put_object(Bucket=bucket, Key="a key", Body=b"hello")
    url = aws.run("s3", "presign", f"s3://{bucket}/a key", "--expires-in", "60").strip()
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.read() == b"hello"


def test_s3api_speaks_json(aws, bucket, tmp_path):
    (tmp_path / "f").write_bytes(b"0123456789")
    put = json.loads(aws.run("s3api", "put-object", "--bucket", bucket, "--key", "k", "--body", tmp_path / "f",
                             "--metadata", "team=blue", "--content-type", "text/plain"))
    head = json.loads(aws.run("s3api", "head-object", "--bucket", bucket, "--key", "k"))
    assert head["ETag"] == put["ETag"]
    assert (head["ContentLength"], head["ContentType"], head["Metadata"]) == (10, "text/plain", {"team": "blue"})
    got = json.loads(aws.run("s3api", "get-object", "--bucket", bucket, "--key", "k", "--range", "bytes=2-4",
                             tmp_path / "part"))
    assert (tmp_path / "part").read_bytes() == b"234" and got["ContentRange"] == "bytes 2-4/10"
    listed = json.loads(aws.run("s3api", "list-objects-v2", "--bucket", bucket))
    assert [(o["Key"], o["Size"], o["ETag"]) for o in listed["Contents"]] == [("k", 10, put["ETag"])]
    deleted = json.loads(aws.run("s3api", "delete-objects", "--bucket", bucket, "--delete", "Objects=[{Key=k},{Key=l}]"))
    assert sorted(one["Key"] for one in deleted["Deleted"]) == ["k", "l"]


def test_s3cmd_informs_and_removes(access, s3, bucket, tmp_path):
    s3cmd = S3cmd(access, tmp_path)
    s3.put_object(Bucket=bucket, Key="d/ü", Body=b"12345", ContentType="text/plain")
    assert f"s3://{bucket}" in s3cmd.run("ls")
    assert s3cmd.run("ls", "--recursive", f"s3://{bucket}").split()[-1] == f"s3://{bucket}/d/ü"
    told = s3cmd.run("info", f"s3://{bucket}/d/ü")
    assert "text/plain" in told and "5" in told
    assert s3cmd.run("du", f"s3://{bucket}").split()[0] == "5"
    s3cmd.run("del", f"s3://{bucket}/d/ü")
    assert all_keys(s3, bucket) == []
    s3cmd.run("rb", f"s3://{bucket}")
    made = f"{bucket}-2"
    s3cmd.run("mb", f"s3://{made}")
    assert f"s3://{made}" in s3cmd.run("ls")


def test_rclone_keeps_the_time_of_a_file(access, tree, bucket, tmp_path):
    os.utime(tree / "one", (time.time(), 1_000_000_000))
    rclone = Rclone(access, tmp_path)
    rclone.run("copyto", tree / "one", f"remote:{bucket}/one")
    assert "2001-09-09" in rclone.run("lsl", f"remote:{bucket}/one")
    rclone.run("touch", "--timestamp", "2010-02-03T04:05:06", f"remote:{bucket}/one")
    assert "2010-02-03" in rclone.run("lsl", f"remote:{bucket}/one")
    assert rclone.run("cat", f"remote:{bucket}/one") == "this is one"
