"""Reading objects: ranges, conditions, headers and metadata, as the S3 API reference has GetObject and HeadObject."""

import datetime

import pytest

from support.refusals import refused
from support.s3_requests import Request

BODY = b"0123456789" * 100


@pytest.fixture(scope="module")
def place(sallyport, s3):
    bucket = sallyport.bucket()
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    return {"Bucket": bucket, "Key": "k"}


@pytest.mark.parametrize("asked, first, last", [
    ("bytes=0-0", 0, 0), ("bytes=5-14", 5, 14), ("bytes=990-", 990, 999), ("bytes=-3", 997, 999),
    ("bytes=0-999999", 0, 999), ("bytes=-999999", 0, 999), ("bytes=999-999", 999, 999)])
def test_a_range_is_answered_with_that_part(asked, first, last, s3, place):
    got = s3.get_object(**place, Range=asked)
    assert got["Body"].read() == BODY[first:last + 1]
    assert got["ContentRange"] == f"bytes {first}-{last}/1000"
    assert got["ContentLength"] == last + 1 - first
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert s3.head_object(**place, Range=asked)["ContentLength"] == last + 1 - first


@pytest.mark.parametrize("key, asked", [("k", "bytes=1000-"), ("k", "bytes=5000-6000"), ("k", "bytes=-0"),
                                        ("empty", "bytes=0-0"), ("empty", "bytes=0-")])
def test_a_range_outside_is_refused(key, asked, s3, place):
    with refused("InvalidRange", status=416):
        s3.get_object(Bucket=place["Bucket"], Key=key, Range=asked)


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=x-y", "lines=1-2", "bytes=", "5-6"])
def test_a_range_that_is_none_is_ignored(asked, s3, place):
    got = s3.get_object(**place, Range=asked)
    assert (got["Body"].read(), got["ResponseMetadata"]["HTTPStatusCode"]) == (BODY, 200)


def test_conditions_on_the_etag(s3, place):
    etag = s3.head_object(**place)["ETag"]
    assert s3.get_object(**place, IfMatch=etag)["Body"].read() == BODY
    assert s3.get_object(**place, IfNoneMatch='"other"')["Body"].read() == BODY
    assert s3.head_object(**place, IfMatch=etag)["ETag"] == etag
    with refused("PreconditionFailed", status=412):
        s3.get_object(**place, IfMatch='"other"')
    with refused("304"):
        s3.get_object(**place, IfNoneMatch=etag)
    with refused("412"):
        s3.head_object(**place, IfMatch='"other"')
    with refused("304"):
        s3.head_object(**place, IfNoneMatch=etag)


def test_conditions_on_the_time(s3, place):
    modified = s3.head_object(**place)["LastModified"]
    earlier = modified - datetime.timedelta(hours=1)
    assert s3.get_object(**place, IfModifiedSince=earlier)["Body"].read() == BODY
    assert s3.get_object(**place, IfUnmodifiedSince=modified)["Body"].read() == BODY
    with refused("304"):
        s3.get_object(**place, IfModifiedSince=modified)
    with refused("PreconditionFailed", status=412):
        s3.get_object(**place, IfUnmodifiedSince=earlier)


def test_the_etag_wins_over_the_time(s3, place):
    head = s3.head_object(**place)
    earlier = head["LastModified"] - datetime.timedelta(hours=1)
    assert s3.get_object(**place, IfMatch=head["ETag"], IfUnmodifiedSince=earlier)["Body"].read() == BODY
    with refused("304"):
        s3.get_object(**place, IfNoneMatch=head["ETag"], IfModifiedSince=earlier)


HEADERS = {"ContentType": "text/x-test; charset=utf-8", "CacheControl": "max-age=60, private",
           "ContentDisposition": 'attachment; filename="a b.txt"', "ContentEncoding": "identity",
           "ContentLanguage": "de-DE, en"}


def test_headers_and_metadata_round_trip(s3, bucket):
    expires = datetime.datetime(2031, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc)
    metadata = {"team": "blue", "empty": "", "with-dash": "a, b;  c", "long": "v" * 1500}
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata=metadata, Expires=expires, **HEADERS)
    for got in (s3.get_object(Bucket=bucket, Key="k"), s3.head_object(Bucket=bucket, Key="k")):
        assert {name: got[name] for name in HEADERS} == HEADERS
        assert (got["Metadata"]["team"], got["Metadata"]["long"]) == ("blue", "v" * 1500)
        assert set(got["Metadata"]) == set(metadata)
        assert got["Expires"] == expires
        assert got["AcceptRanges"] == "bytes"
        assert abs((datetime.datetime.now(datetime.timezone.utc) - got["LastModified"]).total_seconds()) < 600


def test_replacing_an_object_replaces_its_headers(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"first", Metadata={"a": "1"}, **HEADERS)
    s3.put_object(Bucket=bucket, Key="k", Body=b"second one")
    got = s3.get_object(Bucket=bucket, Key="k")
    assert (got["Body"].read(), got["Metadata"]) == (b"second one", {})
    assert got["ContentType"] == "binary/octet-stream"
    assert "CacheControl" not in got and "ContentDisposition" not in got


def test_a_reader_may_ask_for_other_headers(s3, place):
    got = s3.get_object(**place, ResponseContentType="text/other", ResponseContentDisposition='inline; filename="x"',
                        ResponseCacheControl="no-cache", ResponseContentLanguage="fr",
                        ResponseContentEncoding="x-none")
    assert (got["ContentType"], got["ContentDisposition"]) == ("text/other", 'inline; filename="x"')
    assert (got["CacheControl"], got["ContentLanguage"], got["ContentEncoding"]) == ("no-cache", "fr", "x-none")


def test_metadata_over_two_kilobytes_is_refused(s3, bucket):
    with refused("MetadataTooLarge", status=400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata={"long": "v" * 2100})
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_what_is_missing_is_told_apart(s3, place, sallyport):
    with refused("NoSuchKey", "The specified key does not exist.", 404) as error:
        s3.get_object(Bucket=place["Bucket"], Key="none")
    assert error.response["Error"]["Key"] == "none"
    with refused("404"):
        s3.head_object(Bucket=place["Bucket"], Key="none")
    with refused("NoSuchBucket", "The specified bucket does not exist", 404):
        s3.get_object(Bucket=sallyport.name("none"), Key="k")
    with refused("404"):
        s3.head_bucket(Bucket=sallyport.name("none"))


def test_every_answer_has_a_request_id(access, s3, place):
    ok = Request(access, "GET", f"/{place['Bucket']}/k").send()
    wrong = Request(access, "GET", f"/{place['Bucket']}/none").send()
    ids = {ok.headers["x-amz-request-id"], wrong.headers["x-amz-request-id"]}
    assert len(ids) == 2 and None not in ids
    assert wrong.headers["x-amz-request-id"].encode() in wrong.body


def test_a_reader_keeps_what_it_began_to_read(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"a" * 3_000_000)
    reading = s3.get_object(Bucket=bucket, Key="k")["Body"]
    first = reading.read(10)
    s3.put_object(Bucket=bucket, Key="k", Body=b"b" * 10)
    assert first + reading.read() == b"a" * 3_000_000
    s3.delete_object(Bucket=bucket, Key="k")
    with refused("NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="k")
