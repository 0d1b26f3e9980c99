"""Files go up and come down the same with every tool, whatever their size and name."""

import random

import pytest

from support.s3_tools import AwsCli, Rclone, all_keys, content_below, files_below

MIB = 1 << 20


def written(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return written(tmp_path_factory.mktemp("small"), {
        "empty": b"", "one": b"1", "below/some": random.Random(1).randbytes(100_000), "below/deep/er/text.txt": b"text\n"})


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    return written(tmp_path_factory.mktemp("large"), {
        "a part and a byte": random.Random(2).randbytes(5 * MIB + 1), "parts": random.Random(3).randbytes(20 * MIB)})


@pytest.mark.parametrize("which", ["small", pytest.param("large", marks=pytest.mark.heavy)])
def test_a_folder_goes_up_and_comes_down_the_same(tool, which, s3, bucket, request, tmp_path):
    folder = request.getfixturevalue(which)
    tool.upload_folder(folder, bucket, "in/")
    files = content_below(folder)
    assert all_keys(s3, bucket) == sorted("in/" + name for name in files)
    for name, content in files.items():
        assert s3.head_object(Bucket=bucket, Key="in/" + name)["ContentLength"] == len(content)
    if which == "large" and tool.name != "rclone":  # rclone's own limit is 200 MiB
        assert s3.head_object(Bucket=bucket, Key="in/parts", PartNumber=1)["PartsCount"] > 1
    tool.download_folder(bucket, "in/", tmp_path / "back")
    assert content_below(tmp_path / "back") == files


@pytest.mark.heavy
def test_rclone_reads_what_the_aws_command_line_wrote_and_the_other_way(access, large, s3, bucket, tmp_path):
    one, other = AwsCli(access, tmp_path), Rclone(access, tmp_path)
    one.upload_folder(large, bucket, "aws/")
    other.upload_folder(large, bucket, "rclone/")
    other.download_folder(bucket, "aws/", tmp_path / "1")
    one.download_folder(bucket, "rclone/", tmp_path / "2")
    assert content_below(tmp_path / "1") == content_below(tmp_path / "2") == content_below(large)


@pytest.mark.heavy
def test_rclone_uploads_in_parts_and_reads_with_many_connections(access, large, s3, bucket, tmp_path):
    rclone = Rclone(access, tmp_path)
    rclone.run("copy", "--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M", large, f"remote:{bucket}/")
    rclone.run("copy", "--multi-thread-cutoff", "5M", "--multi-thread-streams", "4", f"remote:{bucket}/",
               tmp_path / "back")
    assert content_below(tmp_path / "back") == content_below(large)


def test_rclone_finds_no_difference_after_a_copy(access, small, s3, bucket, tmp_path):
    rclone = Rclone(access, tmp_path)
    rclone.run("copy", small, f"remote:{bucket}/")
    assert "0 differences found" in rclone.run("check", small, f"remote:{bucket}/", check=False).stderr
    s3.put_object(Bucket=bucket, Key="one", Body=b"no longer 1")
    assert "1 differences found" in rclone.run("check", small, f"remote:{bucket}/", check=False).stderr


@pytest.mark.parametrize("provider, list_version", [("Minio", "1"), ("Other", "2")])
def test_rclone_lists_and_purges_in_either_way(access, provider, list_version, small, s3, bucket, tmp_path):
    rclone = Rclone(access, tmp_path, provider)
    rclone.env["RCLONE_S3_LIST_VERSION"] = list_version
    rclone.upload_folder(small, bucket)
    assert sorted(rclone.run("lsf", "-R", "--files-only", f"remote:{bucket}").split()) == files_below(small)
    rclone.run("purge", f"remote:{bucket}")
    assert bucket not in [one["Name"] for one in s3.list_buckets()["Buckets"]]


def test_a_stream_of_unknown_length_goes_up(access, s3, bucket, tmp_path):
    content = random.Random(4).randbytes(300_000)
    Rclone(access, tmp_path).run("rcat", f"remote:{bucket}/rclone", text=False, given=content)
    aws = AwsCli(access, tmp_path)
    aws.run("s3", "cp", "-", f"s3://{bucket}/aws", text=False, given=content)
    assert aws.run("s3", "cp", f"s3://{bucket}/rclone", "-", text=False) == content
    for key in ("rclone", "aws"):
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == content


NAMES = ["sp ace", "a+b", "100%", "a%20b", "a&b=c;d", "it's", 'say "x"', "ünï/cødé.txt", "日本/語.txt", "😀", "#hash?",
         "~tilde,[x]{y}(z)!$@^`|", "back\\slash", "<xml> &amp;", ".hidden", "two  spaces "]


def test_files_with_odd_names_go_up_and_come_down_the_same(tool, s3, bucket, tmp_path):
    folder = written(tmp_path / "odd", {name: name.encode() for name in NAMES})
    tool.upload_folder(folder, bucket, "in/")
    assert all_keys(s3, bucket) == sorted(("in/" + name for name in NAMES), key=str.encode)
    for name in NAMES:
        assert s3.get_object(Bucket=bucket, Key="in/" + name)["Body"].read() == name.encode()
    tool.download_folder(bucket, "in/", tmp_path / "back")
    assert content_below(tmp_path / "back") == content_below(folder)
