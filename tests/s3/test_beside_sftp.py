"""The same buckets through S3, through SFTP and as files on disk."""

import json
import pathlib
import random

import pytest

from support.refusals import refused
from support.s3_tools import all_keys
from support.sftp_client import SftpClient
from support.sshkeys import make_key

MIB = 1 << 20


@pytest.fixture(scope="module")
def server(sallyport):
    return sallyport.server()


@pytest.fixture
def sftp(sallyport, server, bucket, tmp_path):
    """A user's client; his home is the top of the bucket."""
    key, name = make_key(tmp_path), sallyport.name("ann")
    sallyport.user(server, key, bucket, name=name, HomeDirectory=f"/{bucket}")
    sallyport.client("s3").delete_object(Bucket=bucket, Key=f"{name}/")
    return SftpClient(*sallyport.endpoint(server), name, key)


def test_what_s3_puts_sftp_gets(s3, bucket, sftp, tmp_path):
    s3.put_object(Bucket=bucket, Key="d/a b+ü.txt", Body=b"from S3")
    sftp.must(f'get "d/a b+ü.txt" {tmp_path}/got')
    assert (tmp_path / "got").read_bytes() == b"from S3"
    s3.delete_object(Bucket=bucket, Key="d/a b+ü.txt")
    assert "not found" in sftp.batch(f'get "d/a b+ü.txt" {tmp_path}/again').stderr


def test_what_sftp_puts_s3_gets(s3, bucket, sftp, tmp_path):
    content = random.Random(8).randbytes(3 * MIB)
    (tmp_path / "f").write_bytes(content)
    sftp.must("mkdir d", f"put {tmp_path}/f d/f", "rename d/f d/g")
    assert all_keys(s3, bucket) == ["d/", "d/g"]
    got = s3.get_object(Bucket=bucket, Key="d/g")
    assert got["Body"].read() == content
    assert got["ETag"].strip('"').endswith("-1")  # no client may take it for an MD5
    part = s3.get_object(Bucket=bucket, Key="d/g", Range="bytes=1000000-1000009", IfMatch=got["ETag"])
    assert part["Body"].read() == content[1000000:1000010]


def test_an_object_made_in_parts_is_one_file(s3, sallyport, bucket, sftp, tmp_path):
    content, at = random.Random(9).randbytes(6 * MIB), {"Bucket": bucket, "Key": "made"}
    at["UploadId"] = s3.create_multipart_upload(**at)["UploadId"]
    parts = [{"PartNumber": number, "ETag": s3.upload_part(**at, PartNumber=number, Body=body)["ETag"]}
             for number, body in enumerate((content[:5 * MIB], content[5 * MIB:]), 1)]
    assert "made" not in sftp.must("ls")
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": parts})
    sftp.must(f"get made {tmp_path}/got")
    assert (tmp_path / "got").read_bytes() == content
    assert (pathlib.Path(sallyport.data_dir) / "buckets" / bucket / "made").read_bytes() == content


def test_a_versioned_bucket_keeps_what_sftp_replaces_and_removes(s3, bucket, sftp, tmp_path):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="f", Body=b"first")["VersionId"]
    (tmp_path / "f").write_text("second")
    sftp.must(f"put {tmp_path}/f f", f"get f {tmp_path}/got", "rm f")
    assert (tmp_path / "got").read_text() == "second"
    assert "f" not in sftp.must("ls").split()
    history = s3.list_object_versions(Bucket=bucket)
    assert len(history["Versions"]) == 2 and len(history["DeleteMarkers"]) == 1
    second = next(one["VersionId"] for one in history["Versions"] if one["VersionId"] != first)
    assert s3.get_object(Bucket=bucket, Key="f", VersionId=first)["Body"].read() == b"first"
    assert s3.get_object(Bucket=bucket, Key="f", VersionId=second)["Body"].read() == b"second"
    s3.delete_object(Bucket=bucket, Key="f", VersionId=history["DeleteMarkers"][0]["VersionId"])
    sftp.must(f"get f {tmp_path}/again")
    assert (tmp_path / "again").read_text() == "second"


def test_markers_made_by_either_side_are_folders(s3, bucket, sftp):
    s3.put_object(Bucket=bucket, Key="from-s3/", Body=b"")
    sftp.must("mkdir from-sftp", "cd from-s3", "cd ..", "rmdir from-s3")
    assert all_keys(s3, bucket) == ["from-sftp/"]


def test_a_bucket_policy_stops_sftp_too(s3, bucket, sftp, tmp_path):
    s3.put_object(Bucket=bucket, Key="closed", Body=b"x")
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/closed"}]}))
    assert "Permission denied" in sftp.batch(f"get closed {tmp_path}/got").stderr
    with refused("AccessDenied", status=403):
        s3.get_object(Bucket=bucket, Key="closed")
    s3.delete_bucket_policy(Bucket=bucket)
    sftp.must(f"get closed {tmp_path}/got")


def test_a_file_from_outside_becomes_an_object(sallyport, s3, bucket):
    folder = pathlib.Path(sallyport.data_dir) / "buckets" / bucket
    s3.put_object(Bucket=bucket, Key="f", Body=b"through the API")
    assert (folder / "f").read_bytes() == b"through the API"
    (folder / "f").write_bytes(b"changed from outside")
    assert s3.get_object(Bucket=bucket, Key="f")["Body"].read() == b"changed from outside"
