"""DeleteObject and DeleteObjects."""

import base64
import concurrent.futures
import hashlib

import pytest

from support.refusals import refused
from support.s3_requests import Request
from support.s3_tools import all_keys


def put(s3, bucket, *keys):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: s3.put_object(Bucket=bucket, Key=key, Body=b"x"), keys))


def batch(access, bucket, xml, **headers):
    digest = base64.b64encode(hashlib.md5(xml.encode()).digest()).decode()
    return Request(access, "POST", f"/{bucket}", [("delete", "")], {"Content-MD5": digest, **headers}, xml.encode()).send()


def test_deleting_twice_is_no_error(s3, bucket):
    put(s3, bucket, "k")
    assert s3.delete_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.delete_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("NoSuchBucket", status=404):
        s3.delete_object(Bucket=bucket + "-none", Key="k")


def test_a_thousand_keys_go_in_one_request(s3, bucket):
    keys = [f"a+b &<{i}>/ü" for i in range(1000)]
    put(s3, bucket, "stays", *keys)
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    assert sorted(one["Key"] for one in deleted["Deleted"]) == sorted(keys)
    assert "Errors" not in deleted
    assert all_keys(s3, bucket) == ["stays"]


def test_more_than_a_thousand_are_refused_whole(s3, bucket):
    put(s3, bucket, "k0")
    with refused("MalformedXML", status=400):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": f"k{i}"} for i in range(1001)]})
    assert all_keys(s3, bucket) == ["k0"]


def test_keys_that_are_not_there_count_as_deleted(s3, bucket):
    put(s3, bucket, "k")
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}, {"Key": "none"}]})
    assert sorted(one["Key"] for one in deleted["Deleted"]) == ["k", "none"]


def test_a_quiet_request_tells_errors_only(s3, bucket):
    put(s3, bucket, "k")
    told = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}], "Quiet": True})
    assert "Deleted" not in told and "Errors" not in told
    assert all_keys(s3, bucket) == []


@pytest.mark.parametrize("xml", ["", "<Delete>", "<Delete></Delete>", "<Delete><Object></Object></Delete>", "not xml",
                                 "<Other><Object><Key>k</Key></Object></Other>",
                                 '<!DOCTYPE d [<!ENTITY e "k">]><Delete><Object><Key>&e;</Key></Object></Delete>'])
def test_a_malformed_request_deletes_nothing(xml, access, s3, bucket):
    put(s3, bucket, "k")
    answer = batch(access, bucket, xml)
    assert answer.status == 400 and answer.code in ("MalformedXML", "MissingRequestBodyError"), answer.body
    assert all_keys(s3, bucket) == ["k"]


def test_a_wrong_digest_deletes_nothing(access, s3, bucket):
    put(s3, bucket, "k")
    answer = batch(access, bucket, "<Delete><Object><Key>k</Key></Object></Delete>",
                   **{"Content-MD5": base64.b64encode(bytes(16)).decode()})
    assert (answer.status, answer.code) == (400, "BadDigest")
    assert all_keys(s3, bucket) == ["k"]
