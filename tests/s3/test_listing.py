"""Listings: both versions, folding, paging, order and encoding, as the S3 API reference has them."""

import dataclasses
import urllib.parse
import xml.etree.ElementTree as ElementTree

import pytest

from support.refusals import refused
from support.s3_requests import Request

KEYS = sorted([f"k{i:02}" for i in range(7)] + ["d/1", "d/2", "d/sub/3", "d2/4", "e+f", "photos/a&b.jpg", "ü/x", "z"],
              key=str.encode)


@pytest.fixture(scope="module")
def filled(sallyport, s3):
    bucket = sallyport.bucket()
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    return bucket


def keys(page):
    return [one["Key"] for one in page.get("Contents", [])]


def folded(page):
    return [one["Prefix"] for one in page.get("CommonPrefixes", [])]


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_pages_hold_every_key_once_and_in_order(operation, size, s3, filled):
    pages = list(s3.get_paginator(operation).paginate(Bucket=filled, PaginationConfig={"PageSize": size}))
    assert [key for page in pages for key in keys(page)] == KEYS
    assert len(pages) == -(-len(KEYS) // size)
    assert [page["IsTruncated"] for page in pages] == [True] * (len(pages) - 1) + [False]


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_folding_counts_prefixes_into_pages(operation, size, s3, filled):
    seen = []
    pages = s3.get_paginator(operation).paginate(Bucket=filled, Delimiter="/", PaginationConfig={"PageSize": size})
    for page in pages:
        assert len(keys(page)) + len(folded(page)) <= size
        seen += sorted(keys(page) + folded(page), key=str.encode)
    assert seen == ["d/", "d2/", "e+f", *[f"k{i:02}" for i in range(7)], "photos/", "z", "ü/"]


def test_prefix_and_delimiter(s3, filled):
    page = s3.list_objects_v2(Bucket=filled, Prefix="d/", Delimiter="/")
    assert (keys(page), folded(page)) == (["d/1", "d/2"], ["d/sub/"])
    assert (page["Prefix"], page["Delimiter"], page["KeyCount"]) == ("d/", "/", 3)
    page = s3.list_objects_v2(Bucket=filled, Prefix="d", Delimiter="/")
    assert (keys(page), folded(page)) == ([], ["d/", "d2/"])
    assert keys(s3.list_objects_v2(Bucket=filled, Prefix="z", Delimiter="/")) == ["z"]
    nothing = s3.list_objects_v2(Bucket=filled, Prefix="nothing/")
    assert (nothing["KeyCount"], keys(nothing), nothing["IsTruncated"]) == (0, [], False)


def test_a_delimiter_may_be_any_string(s3, filled):
    assert folded(s3.list_objects_v2(Bucket=filled, Delimiter="0")) == ["k0"]
    page = s3.list_objects_v2(Bucket=filled, Delimiter="/sub/")
    assert folded(page) == ["d/sub/"] and "d/1" in keys(page)
    assert keys(s3.list_objects_v2(Bucket=filled, Delimiter="never")) == KEYS


def test_start_after_is_exclusive_and_need_not_exist(s3, filled):
    assert keys(s3.list_objects_v2(Bucket=filled, StartAfter="k05")) == ["k06", "photos/a&b.jpg", "z", "ü/x"]
    assert keys(s3.list_objects_v2(Bucket=filled, StartAfter="k055")) == ["k06", "photos/a&b.jpg", "z", "ü/x"]
    assert keys(s3.list_objects_v2(Bucket=filled, Prefix="d/", StartAfter="d/1")) == ["d/2", "d/sub/3"]
    assert keys(s3.list_objects_v2(Bucket=filled, Prefix="d/", StartAfter="a")) == ["d/1", "d/2", "d/sub/3"]
    assert keys(s3.list_objects_v2(Bucket=filled, StartAfter="\U0001f600")) == []


def test_version_1_pages_by_marker(s3, filled):
    first = s3.list_objects(Bucket=filled, MaxKeys=2)
    assert (keys(first), first["IsTruncated"], first["Marker"]) == (["d/1", "d/2"], True, "")
    assert keys(s3.list_objects(Bucket=filled, Marker="d/2", MaxKeys=2)) == ["d/sub/3", "d2/4"]
    # With a delimiter the answer says where the next page begins.
    page = s3.list_objects(Bucket=filled, Delimiter="/", MaxKeys=1)
    assert (folded(page), page["NextMarker"]) == (["d/"], "d/")
    assert folded(s3.list_objects(Bucket=filled, Delimiter="/", MaxKeys=1, Marker="d/")) == ["d2/"]


def test_the_number_of_keys_is_bounded(s3, filled, access):
    none = s3.list_objects_v2(Bucket=filled, MaxKeys=0)
    assert (none["KeyCount"], none["IsTruncated"]) == (0, False)
    assert s3.list_objects_v2(Bucket=filled, MaxKeys=5000)["MaxKeys"] in (1000, 5000)
    for wrong in ("-1", "x", "99999999999999999999"):
        answer = Request(access, "GET", f"/{filled}", [("list-type", "2"), ("max-keys", wrong)]).send()
        assert (answer.status, answer.code) == (400, "InvalidArgument"), wrong


def test_wrong_parameters_are_refused(access, s3, filled):
    for pairs in ([("list-type", "2"), ("continuation-token", "never given out")],
                  [("list-type", "2"), ("encoding-type", "base64")], [("encoding-type", "xml")]):
        answer = Request(access, "GET", f"/{filled}", pairs).send()
        assert (answer.status, answer.code) == (400, "InvalidArgument"), pairs


def test_the_encoding_is_chosen_by_the_client(access, s3, bucket):
    s3.put_object(Bucket=bucket, Key="a b+ü/&<>.txt", Body=b"x")

    def listed(*pairs):
        root = ElementTree.fromstring(Request(access, "GET", f"/{bucket}", [("list-type", "2"), *pairs]).send().body)
        space = {"s": "http://s3.amazonaws.com/doc/2006-03-01/"}
        assert root.tag == "{%s}ListBucketResult" % space["s"]
        return root.findtext("s:EncodingType", None, space), root.findtext("s:Contents/s:Key", None, space)

    assert listed() == (None, "a b+ü/&<>.txt")
    kind, key = listed(("encoding-type", "url"))
    assert kind == "url"
    assert urllib.parse.unquote_plus(key) == "a b+ü/&<>.txt"
    assert not set(key) & set(" &<>ü"), key


def test_an_entry_says_size_time_tag_and_class(s3, filled):
    head = s3.head_object(Bucket=filled, Key="d/sub/3")
    (entry,) = s3.list_objects_v2(Bucket=filled, Prefix="d/sub/")["Contents"]
    assert (entry["Size"], entry["ETag"], entry["StorageClass"]) == (7, head["ETag"], "STANDARD")
    assert abs((entry["LastModified"] - head["LastModified"]).total_seconds()) < 1
    assert "Owner" not in entry
    (entry,) = s3.list_objects_v2(Bucket=filled, Prefix="d/sub/", FetchOwner=True)["Contents"]
    assert entry["Owner"]["ID"]


def test_keys_are_ordered_by_their_bytes(s3, bucket):
    given = ["\uffee", "\U0001f600", "a", "B", "aa", "a-", "a/", "a0", "~", "é", "z", "\u0800"]
    for key in given:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    assert keys(s3.list_objects_v2(Bucket=bucket)) == sorted(given, key=str.encode)
    assert keys(s3.list_objects_v2(Bucket=bucket, StartAfter="\uffee")) == ["\U0001f600"]


def test_buckets_are_made_listed_and_removed(s3, sallyport, bucket):
    assert bucket in [one["Name"] for one in s3.list_buckets()["Buckets"]]
    answer = s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    assert answer["x-amz-bucket-region"] == "us-east-1"
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] in (None, "us-east-1")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with refused("BucketNotEmpty", status=409):
        s3.delete_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)
    with refused("NoSuchBucket", status=404):
        s3.list_objects_v2(Bucket=bucket)
    with refused("NoSuchBucket", status=404):
        s3.delete_bucket(Bucket=bucket)


def test_a_bucket_keeps_its_region(access, sallyport):
    name = sallyport.name("west")
    west = dataclasses.replace(access, region="eu-west-1").client()
    west.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert west.get_bucket_location(Bucket=name)["LocationConstraint"] == "eu-west-1"
    headers = west.head_bucket(Bucket=name)["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-bucket-region"] == "eu-west-1"


def test_a_bucket_that_is_there_is_not_made_again_elsewhere(access, bucket):
    west = dataclasses.replace(access, region="eu-west-1").client()
    with refused("BucketAlreadyOwnedByYou", status=409):
        west.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


@pytest.mark.parametrize("name", ["ab", "Upper-case", "under_score", "-dash", "dash-", "a..b", "192.168.1.1", "x" * 64,
                                  "xn--prefix", "suffix-s3alias"])
def test_a_wrong_bucket_name_is_refused(name, access):
    answer = Request(access, "PUT", f"/{name}").send()
    assert (answer.status, answer.code) == (400, "InvalidBucketName")
