"""Uploads in parts, as the S3 API reference has them."""

import concurrent.futures
import random

import pytest

from support.refusals import refused
from support.s3_requests import Request
from support.s3_tools import all_keys

MIB = 1 << 20
FULL = random.Random(7).randbytes(5 * MIB)


class Upload:
    def __init__(self, s3, bucket, key="k", **members):
        self.s3, self.at = s3, {"Bucket": bucket, "Key": key}
        self.at["UploadId"] = s3.create_multipart_upload(**self.at, **members)["UploadId"]
        self.parts = {}

    def part(self, number, content, **members):
        self.parts[number] = self.s3.upload_part(**self.at, PartNumber=number, Body=content, **members)["ETag"]
        return self

    def complete(self, *numbers):
        listed = [{"PartNumber": n, "ETag": self.parts[n]} for n in (numbers or sorted(self.parts))]
        return self.s3.complete_multipart_upload(**self.at, MultipartUpload={"Parts": listed})

    def listed(self, **members):
        return [(one["PartNumber"], one["Size"]) for one in self.s3.list_parts(**self.at, **members).get("Parts", [])]


def test_parts_in_any_order_become_one_object(s3, bucket):
    upload = Upload(s3, bucket, "d/made in parts", ContentType="text/x-parts", Metadata={"a": "b"}, Tagging="t=1")
    upload.part(7, b"the end").part(2, FULL).part(1, FULL[::-1])
    assert all_keys(s3, bucket) == []
    assert upload.listed() == [(1, 5 * MIB), (2, 5 * MIB), (7, 7)]
    done = upload.complete()
    assert done["ETag"].strip('"').endswith("-3")
    got = s3.get_object(Bucket=bucket, Key="d/made in parts")
    assert got["Body"].read() == FULL[::-1] + FULL + b"the end"
    assert (got["ContentType"], got["Metadata"], got["ETag"]) == ("text/x-parts", {"a": "b"}, done["ETag"])
    assert s3.get_object_tagging(Bucket=bucket, Key="d/made in parts")["TagSet"] == [{"Key": "t", "Value": "1"}]
    with refused("NoSuchUpload", status=404):
        upload.listed()


def test_one_part_of_an_object_can_be_read(s3, bucket):
    Upload(s3, bucket).part(1, FULL).part(2, b"second").complete()
    got = s3.get_object(Bucket=bucket, Key="k", PartNumber=2)
    assert (got["Body"].read(), got["PartsCount"]) == (b"second", 2)
    assert got["ContentRange"] == f"bytes {5 * MIB}-{5 * MIB + 5}/{5 * MIB + 6}"
    assert s3.head_object(Bucket=bucket, Key="k", PartNumber=1)["ContentLength"] == 5 * MIB
    with refused("InvalidPartNumber", status=416):
        s3.get_object(Bucket=bucket, Key="k", PartNumber=3)


def test_a_part_sent_again_replaces_the_first(s3, bucket):
    upload = Upload(s3, bucket).part(1, b"first try")
    old = upload.parts[1]
    upload.part(1, b"second")
    assert upload.listed() == [(1, 6)]
    new, upload.parts[1] = upload.parts[1], old
    with refused("InvalidPart", status=400):
        upload.complete()
    upload.parts[1] = new
    upload.complete()
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"second"


def test_parts_that_are_not_named_are_left_out(s3, bucket):
    Upload(s3, bucket).part(1, FULL).part(2, b"not wanted").part(3, b"end").complete(1, 3)
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 5 * MIB + 3


def test_a_small_part_before_the_last_is_refused(s3, bucket):
    upload = Upload(s3, bucket).part(1, b"small").part(2, b"last")
    with refused("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed", 400):
        upload.complete()
    assert all_keys(s3, bucket) == []
    assert upload.listed() == [(1, 5), (2, 4)]


def test_wrong_lists_of_parts_are_refused(s3, bucket):
    upload = Upload(s3, bucket).part(1, FULL).part(2, b"end")
    with refused("InvalidPartOrder", status=400):
        upload.complete(2, 1)
    upload.parts[3] = upload.parts[2]
    with refused("InvalidPart", status=400):
        upload.complete(1, 3)
    with refused("MalformedXML", status=400):
        s3.complete_multipart_upload(**upload.at, MultipartUpload={"Parts": []})
    assert all_keys(s3, bucket) == []


@pytest.mark.parametrize("number", [0, 10001, -1])
def test_part_numbers_have_bounds(number, s3, bucket):
    upload = Upload(s3, bucket)
    with refused("InvalidArgument", status=400):
        upload.part(number, b"x")
    upload.part(10000, b"x").complete()


def test_an_aborted_upload_is_gone(s3, bucket):
    upload = Upload(s3, bucket).part(1, b"x")
    s3.abort_multipart_upload(**upload.at)
    for late in (upload.listed, upload.complete, lambda: upload.part(2, b"y"),
                 lambda: s3.abort_multipart_upload(**upload.at)):
        with refused("NoSuchUpload", status=404):
            late()
    assert all_keys(s3, bucket) == []
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_an_upload_belongs_to_its_key(s3, bucket):
    upload = Upload(s3, bucket)
    for other in ({"Key": "other"}, {"UploadId": "never given out"}):
        with refused("NoSuchUpload", status=404):
            s3.upload_part(**{**upload.at, **other}, PartNumber=1, Body=b"x")
    assert upload.listed() == []


def test_uploads_are_listed_in_pages(s3, bucket):
    made = {(key, Upload(s3, bucket, key).at["UploadId"]) for key in ("a/1", "a/2", "b", "b", "c+d")}
    first = s3.list_multipart_uploads(Bucket=bucket, MaxUploads=2)
    assert (len(first["Uploads"]), first["IsTruncated"]) == (2, True)
    seen = [(one["Key"], one["UploadId"])
            for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
            for one in page["Uploads"]]
    assert len(seen) == 5 and set(seen) == made
    assert [key for key, _ in seen] == ["a/1", "a/2", "b", "b", "c+d"]
    folded = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert [one["Prefix"] for one in folded["CommonPrefixes"]] == ["a/"]
    assert [one["Key"] for one in s3.list_multipart_uploads(Bucket=bucket, Prefix="b")["Uploads"]] == ["b", "b"]


def test_parts_are_listed_in_pages(s3, bucket):
    upload = Upload(s3, bucket)
    for number in (1, 5, 6, 9):
        upload.part(number, b"x" * number)
    page = s3.list_parts(**upload.at, MaxParts=3)
    assert (page["IsTruncated"], page["NextPartNumberMarker"]) == (True, 6)
    assert upload.listed(PartNumberMarker=6) == [(9, 9)]


def test_two_uploads_of_one_key_do_not_meet(s3, bucket):
    one, other = Upload(s3, bucket), Upload(s3, bucket)
    one.part(1, b"one")
    other.part(1, b"other")
    one.complete()
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"one"
    other.complete()
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"other"


def test_a_bucket_with_an_unfinished_upload_keeps_its_parts_to_itself(s3, bucket):
    upload = Upload(s3, bucket, "d/k").part(1, b"x")
    assert all_keys(s3, bucket) == []
    assert "CommonPrefixes" not in s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    with refused("NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="d/k")
    s3.abort_multipart_upload(**upload.at)
    s3.delete_bucket(Bucket=bucket)


@pytest.mark.heavy
def test_parts_go_up_side_by_side(s3, bucket):
    upload, contents = Upload(s3, bucket), [random.Random(i).randbytes(5 * MIB) for i in range(12)]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda i: upload.part(i + 1, contents[i]), range(12)))
    upload.complete()
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"".join(contents)


def test_parts_survive_a_restart(fresh_sallyport):
    running = fresh_sallyport.start()
    s3, bucket = running.client("s3"), running.bucket()
    upload = Upload(s3, bucket).part(1, FULL)
    running.kill()
    running.start()
    assert upload.listed() == [(1, 5 * MIB)]
    upload.part(2, b"after").complete()
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == FULL + b"after"


@pytest.mark.parametrize("xml", ["", "<CompleteMultipartUpload/>", "<nonsense", "<CompleteMultipartUpload><Part><PartNumber>"
                                 "x</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>"])
def test_a_malformed_completion_completes_nothing(xml, access, s3, bucket):
    upload = Upload(s3, bucket).part(1, b"x")
    answer = Request(access, "POST", f"/{bucket}/k", [("uploadId", upload.at["UploadId"])], body=xml.encode()).send()
    assert answer.status == 400 and answer.code in ("MalformedXML", "InvalidRequest"), answer.body
    assert all_keys(s3, bucket) == []
    upload.complete()
