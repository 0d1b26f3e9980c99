"""Presigned URLs, as made by boto3 and by hand."""

import dataclasses
import datetime
import urllib.error
import urllib.request

import pytest

from support.s3_requests import now, presigned
from support.s3_tools import all_keys


def fetch(url, method="GET", data=None, headers=None):
    """(status, body, headers)."""
    request = urllib.request.Request(url, method=method, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


@pytest.fixture
def place(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a key/ü+", Body=b"hello", ContentType="text/x-hello")
    return {"Bucket": bucket, "Key": "a key/ü+"}


def test_boto3_presigns_every_call(s3, place):
    url = s3.generate_presigned_url("get_object", Params=place, ExpiresIn=60)
    status, body, headers = fetch(url)
    assert (status, body, headers["Content-Type"]) == (200, b"hello", "text/x-hello")
    assert fetch(url, headers={"Range": "bytes=1-2"})[:2] == (206, b"el")
    head = s3.generate_presigned_url("head_object", Params=place, ExpiresIn=60)
    assert fetch(head, "HEAD")[2]["Content-Length"] == "5"
    listing = s3.generate_presigned_url("list_objects_v2", Params={"Bucket": place["Bucket"]}, ExpiresIn=60)
    assert b"<KeyCount>1</KeyCount>" in fetch(listing)[1]
    put = s3.generate_presigned_url("put_object", Params={**place, "Key": "new"}, ExpiresIn=60)
    assert fetch(put, "PUT", b"sent")[0] == 200
    assert s3.get_object(Bucket=place["Bucket"], Key="new")["Body"].read() == b"sent"
    delete = s3.generate_presigned_url("delete_object", Params=place, ExpiresIn=60)
    assert fetch(delete, "DELETE")[0] == 204
    assert all_keys(s3, place["Bucket"]) == ["new"]


def test_a_reader_is_given_the_headers_that_were_signed(s3, place):
    url = s3.generate_presigned_url("get_object", ExpiresIn=60, Params={
        **place, "ResponseContentDisposition": 'attachment; filename="a b.txt"', "ResponseContentType": "text/other"})
    headers = fetch(url)[2]
    assert (headers["Content-Disposition"], headers["Content-Type"]) == ('attachment; filename="a b.txt"', "text/other")


def test_a_put_must_send_the_headers_that_were_signed(s3, place):
    url = s3.generate_presigned_url("put_object", ExpiresIn=60, Params={
        "Bucket": place["Bucket"], "Key": "typed", "ContentType": "text/x-signed", "Metadata": {"a": "b"}})
    status, body, _ = fetch(url, "PUT", b"x", {"Content-Type": "text/x-other", "x-amz-meta-a": "b"})
    assert status == 403 and b"<Code>SignatureDoesNotMatch</Code>" in body
    assert fetch(url, "PUT", b"x", {"Content-Type": "text/x-signed", "x-amz-meta-a": "b"})[0] == 200
    head = s3.head_object(Bucket=place["Bucket"], Key="typed")
    assert (head["ContentType"], head["Metadata"]) == ("text/x-signed", {"a": "b"})


def test_an_expired_url_is_refused(access, place):
    path = f"/{place['Bucket']}/{place['Key']}"
    past = now() - datetime.timedelta(hours=2)
    status, body, _ = fetch(presigned(access, "GET", path, 3600, at=past))
    assert status == 403 and b"<Code>AccessDenied</Code>" in body and b"Request has expired" in body
    assert fetch(presigned(access, "GET", path, 3 * 3600, at=past))[:2] == (200, b"hello")
    assert fetch(presigned(access, "PUT", path, 3600, at=past), "PUT", b"late")[0] == 403
    assert fetch(presigned(access, "GET", path, 60))[:2] == (200, b"hello")


def test_a_url_of_the_future_is_refused(access, place):
    later = now() + datetime.timedelta(hours=1)
    assert fetch(presigned(access, "GET", f"/{place['Bucket']}/{place['Key']}", 3600, at=later))[0] == 403


@pytest.mark.parametrize("expires", [0, -1, 604801, "x", ""])
def test_a_life_outside_of_seven_days_is_refused(expires, access, place):
    status, body, _ = fetch(presigned(access, "GET", f"/{place['Bucket']}/{place['Key']}", expires))
    assert status in (400, 403) and b"hello" not in body
    if expires != 0:
        assert b"<Code>AuthorizationQueryParametersError</Code>" in body, body


@pytest.mark.parametrize("before, after", [
    ("X-Amz-Expires=60", "X-Amz-Expires=6000"), ("a%20key", "another%20key"), ("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders="),
    ("X-Amz-Signature=", "X-Amz-Signature=0"), ("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=none"),
    ("us-east-1", "eu-west-1"), ("aws4_request", "aws4"), ("&X-Amz-Date=", "&X-Amz-Other="),
    ("X-Amz-Expires=60", "X-Amz-Expires=60&versionId=null")])
def test_a_changed_url_is_refused(before, after, access, place):
    url = presigned(access, "GET", f"/{place['Bucket']}/{place['Key']}", 60)
    assert before in url
    status, body, _ = fetch(url.replace(before, after, 1))
    assert status in (400, 403) and b"hello" not in body, body


def test_a_url_is_good_for_its_method_only(access, s3, place):
    url = presigned(access, "GET", f"/{place['Bucket']}/{place['Key']}", 60)
    assert fetch(url, "DELETE")[0] == 403
    assert fetch(url, "PUT", b"other")[0] == 403
    assert fetch(url)[:2] == (200, b"hello")


def test_a_url_of_an_unknown_key_is_refused(access, place):
    stranger = dataclasses.replace(access, access_key="AKIAUNKNOWNUNKNOWN00")
    status, body, _ = fetch(presigned(stranger, "GET", f"/{place['Bucket']}/{place['Key']}", 60))
    assert status == 403 and b"<Code>InvalidAccessKeyId</Code>" in body


def test_two_ways_to_sign_at_once_are_refused(access, place):
    url = presigned(access, "GET", f"/{place['Bucket']}/{place['Key']}", 60)
    status, body, _ = fetch(url, headers={"Authorization": "AWS4-HMAC-SHA256 Credential=x"})
    assert status == 400 and b"<Code>InvalidArgument</Code>" in body
