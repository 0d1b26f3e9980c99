"""Writes with conditions (If-None-Match, If-Match), which Debian's boto3 does not know: the headers go in by hand."""

import concurrent.futures
import contextlib

import pytest

from support.refusals import refused


@contextlib.contextmanager
def sending(client, operation, **headers):
    """Adds headers to every request of that operation; `If_Match` for If-Match."""
    def add(request, **_):
        for name, value in headers.items():
            request.headers[name.replace("_", "-")] = value
    event = f"before-sign.s3.{operation}"
    client.meta.events.register(event, add)
    try:
        yield client
    finally:
        client.meta.events.unregister(event, add)


@pytest.fixture
def own(access):
    """A client of the test's own, as it changes it."""
    return access.client()


def body(s3, bucket, key="k"):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def test_if_none_match_makes_only_what_is_not_there(own, bucket):
    with sending(own, "PutObject", If_None_Match="*"):
        own.put_object(Bucket=bucket, Key="k", Body=b"first")
        with refused("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412):
            own.put_object(Bucket=bucket, Key="k", Body=b"second")
        assert body(own, bucket) == b"first"
        own.delete_object(Bucket=bucket, Key="k")
        own.put_object(Bucket=bucket, Key="k", Body=b"third")
    assert body(own, bucket) == b"third"


def test_if_match_replaces_only_that_object(own, bucket):
    etag = own.put_object(Bucket=bucket, Key="k", Body=b"first")["ETag"]
    with sending(own, "PutObject", If_Match=etag):
        own.put_object(Bucket=bucket, Key="k", Body=b"second")
        with refused("PreconditionFailed", status=412):
            own.put_object(Bucket=bucket, Key="k", Body=b"third")
        with refused("NoSuchKey", status=404):
            own.put_object(Bucket=bucket, Key="none", Body=b"third")
    assert body(own, bucket) == b"second"


def test_one_of_many_writers_wins(own, bucket):
    def put(i):
        try:
            own.put_object(Bucket=bucket, Key="k", Body=b"%d" % i)
            return i
        except own.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"), error
            return None

    with sending(own, "PutObject", If_None_Match="*"), concurrent.futures.ThreadPoolExecutor(8) as pool:
        winners = [i for i in pool.map(put, range(24)) if i is not None]
    assert len(winners) == 1
    assert body(own, bucket) == b"%d" % winners[0]


def test_a_multipart_upload_can_be_conditional_too(own, bucket):
    def upload():
        at = {"Bucket": bucket, "Key": "k"}
        at["UploadId"] = own.create_multipart_upload(**at)["UploadId"]
        etag = own.upload_part(**at, PartNumber=1, Body=b"parts")["ETag"]
        return own.complete_multipart_upload(**at, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})

    with sending(own, "CompleteMultipartUpload", If_None_Match="*"):
        upload()
        with refused("PreconditionFailed", status=412):
            upload()
    assert body(own, bucket) == b"parts"


def test_another_form_of_if_none_match_is_not_implemented(own, bucket):
    with sending(own, "PutObject", If_None_Match='"etag"'):
        with refused("NotImplemented", status=501):
            own.put_object(Bucket=bucket, Key="k", Body=b"x")
