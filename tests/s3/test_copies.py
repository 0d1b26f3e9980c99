"""CopyObject and UploadPartCopy, within a bucket and across."""

import random

import boto3.s3.transfer
import pytest

from support.refusals import refused
from support.s3_requests import Request
from support.s3_tools import AwsCli, all_keys

MIB = 1 << 20


def body(s3, bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


@pytest.fixture
def source(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a b/ü+%.txt", Body=b"content", ContentType="text/x-source", CacheControl="no-store",
                  Metadata={"team": "blue"}, Tagging="kind=test&n=1")
    return {"Bucket": bucket, "Key": "a b/ü+%.txt"}


def test_a_copy_takes_everything_along(s3, source, other_bucket):
    for target in (source["Bucket"], other_bucket):
        copied = s3.copy_object(Bucket=target, Key="copy", CopySource=source)["CopyObjectResult"]
        got = s3.get_object(Bucket=target, Key="copy")
        assert got["Body"].read() == b"content"
        assert (got["ContentType"], got["CacheControl"], got["Metadata"]) == ("text/x-source", "no-store", {"team": "blue"})
        assert got["ETag"] == copied["ETag"]
        assert copied["LastModified"].replace(microsecond=0) == got["LastModified"]
        tags = s3.get_object_tagging(Bucket=target, Key="copy")["TagSet"]
        assert sorted((t["Key"], t["Value"]) for t in tags) == [("kind", "test"), ("n", "1")]
    assert body(s3, **{"bucket": source["Bucket"], "key": source["Key"]}) == b"content"


def test_a_copy_may_be_given_other_headers_and_tags(s3, source, bucket):
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source, MetadataDirective="REPLACE", ContentType="text/x-new",
                   Metadata={"team": "red"}, TaggingDirective="REPLACE", Tagging="other=2")
    got = s3.get_object(Bucket=bucket, Key="copy")
    assert (got["ContentType"], got["Metadata"]) == ("text/x-new", {"team": "red"})
    assert "CacheControl" not in got
    assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "other", "Value": "2"}]


def test_without_the_directive_given_headers_are_ignored(s3, source, bucket):
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source, Metadata={"team": "red"})
    assert s3.head_object(Bucket=bucket, Key="copy")["Metadata"] == {"team": "blue"}


def test_an_object_is_copied_onto_itself_only_to_change_it(s3, source):
    with refused("InvalidRequest", "This copy request is illegal", 400):
        s3.copy_object(**source, CopySource=source)
    s3.copy_object(**source, CopySource=source, MetadataDirective="REPLACE", Metadata={"team": "green"})
    got = s3.get_object(**source)
    assert (got["Body"].read(), got["Metadata"]) == (b"content", {"team": "green"})


def test_a_copy_over_an_object_replaces_it(s3, source, bucket):
    s3.put_object(Bucket=bucket, Key="there", Body=b"old and longer", Metadata={"old": "1"})
    s3.copy_object(Bucket=bucket, Key="there", CopySource=source)
    assert body(s3, bucket, "there") == b"content"
    assert s3.head_object(Bucket=bucket, Key="there")["Metadata"] == {"team": "blue"}


def test_a_missing_source_makes_nothing(s3, source, bucket):
    with refused("NoSuchKey", status=404):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "none"})
    with refused("NoSuchBucket", status=404):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket + "-none", "Key": "k"})
    with refused("NoSuchBucket", status=404):
        s3.copy_object(Bucket=bucket + "-none", Key="copy", CopySource=source)
    assert all_keys(s3, bucket) == [source["Key"]]


def test_a_copy_may_have_conditions(s3, source, bucket):
    etag = s3.head_object(**source)["ETag"]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source, CopySourceIfMatch=etag)
    for wrong in ({"CopySourceIfMatch": '"other"'}, {"CopySourceIfNoneMatch": etag}):
        with refused("PreconditionFailed", status=412):
            s3.copy_object(Bucket=bucket, Key="never", CopySource=source, **wrong)
    assert "never" not in all_keys(s3, bucket)


@pytest.mark.parametrize("given", ["", "/", "bucket", "/bucket/", "b/%ff", "b/k?versionId="])
def test_a_malformed_source_is_refused(given, access, s3, bucket):
    answer = Request(access, "PUT", f"/{bucket}/copy", headers={"x-amz-copy-source": given}).send()
    assert 400 <= answer.status < 500 and answer.code, answer.body
    assert all_keys(s3, bucket) == []


def test_parts_are_copied_from_objects(s3, bucket, other_bucket):
    content = random.Random(5).randbytes(11 * MIB)
    s3.put_object(Bucket=other_bucket, Key="source +", Body=content)
    source, at = {"Bucket": other_bucket, "Key": "source +"}, {"Bucket": bucket, "Key": "made"}
    at["UploadId"] = s3.create_multipart_upload(**at)["UploadId"]
    etags = [s3.upload_part_copy(**at, PartNumber=1, CopySource=source, CopySourceRange=f"bytes=0-{5 * MIB - 1}"),
             s3.upload_part_copy(**at, PartNumber=2, CopySource=source)]
    parts = [{"PartNumber": i + 1, "ETag": one["CopyPartResult"]["ETag"]} for i, one in enumerate(etags)]
    parts.append({"PartNumber": 3, "ETag": s3.upload_part(**at, PartNumber=3, Body=b"tail")["ETag"]})
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": parts})
    assert body(s3, bucket, "made") == content[:5 * MIB] + content + b"tail"


def test_a_part_outside_its_source_is_refused(s3, bucket, source):
    at = {"Bucket": bucket, "Key": "made"}
    at["UploadId"] = s3.create_multipart_upload(**at)["UploadId"]
    for wrong in ("bytes=0-7", "bytes=5-", "bytes=-3", "bytes=4-2", "0-3", "bytes=0-1,3-4"):
        with pytest.raises(s3.exceptions.ClientError) as error:
            s3.upload_part_copy(**at, PartNumber=1, CopySource=source, CopySourceRange=wrong)
        assert error.value.response["Error"]["Code"] in ("InvalidArgument", "InvalidRange"), (wrong, error.value)
    with refused("NoSuchKey", status=404):
        s3.upload_part_copy(**at, PartNumber=1, CopySource={"Bucket": bucket, "Key": "none"})
    with refused("PreconditionFailed", status=412):
        s3.upload_part_copy(**at, PartNumber=1, CopySource=source, CopySourceIfMatch='"other"')
    assert "Parts" not in s3.list_parts(**at)


@pytest.mark.heavy
def test_tools_copy_large_objects_in_parts_on_the_server(access, s3, bucket, other_bucket, tmp_path):
    content = random.Random(6).randbytes(20 * MIB)
    s3.put_object(Bucket=bucket, Key="large", Body=content, Metadata={"a": "b"}, ContentType="text/x-large")
    AwsCli(access, tmp_path).run("s3", "cp", f"s3://{bucket}/large", f"s3://{other_bucket}/aws")
    s3.copy({"Bucket": bucket, "Key": "large"}, other_bucket, "boto3",
            Config=boto3.s3.transfer.TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=6 * MIB))
    for key in ("aws", "boto3"):
        assert body(s3, other_bucket, key) == content
    # In several parts the tool itself carries the headers over.
    head = s3.head_object(Bucket=other_bucket, Key="aws")
    assert (head["Metadata"], head["ContentType"]) == ({"a": "b"}, "text/x-large")
