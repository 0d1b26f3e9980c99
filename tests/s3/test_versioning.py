"""Versioning of buckets, as the S3 user guide has it."""

import pytest

from support.refusals import refused
from support.s3_requests import Request
from support.s3_tools import all_keys


@pytest.fixture
def versioned(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def suspend(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


def put(s3, bucket, body, key="k"):
    return s3.put_object(Bucket=bucket, Key=key, Body=body).get("VersionId")


def body(s3, bucket, version=None, key="k"):
    return s3.get_object(Bucket=bucket, Key=key, **({"VersionId": version} if version else {}))["Body"].read()


def history(s3, bucket, **members):
    """[(key, version id, is latest, is a delete marker)] in the order of the listing, markers last within a page."""
    out = []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, **members):
        out += [(one["Key"], one["VersionId"], one["IsLatest"], False) for one in page.get("Versions", [])]
        out += [(one["Key"], one["VersionId"], one["IsLatest"], True) for one in page.get("DeleteMarkers", [])]
    return out


def test_the_state_is_none_then_enabled_then_suspended(s3, bucket):
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    for state in ("Enabled", "Suspended", "Enabled"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": state})
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == state
    for wrong in ("Disabled", ""):
        with refused("MalformedXML", status=400):
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": wrong})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_every_put_makes_a_version(s3, versioned):
    ids = [put(s3, versioned, b"first"), put(s3, versioned, b"second"), put(s3, versioned, b"third")]
    assert len(set(ids)) == 3 and None not in ids
    got = s3.get_object(Bucket=versioned, Key="k")
    assert (got["Body"].read(), got["VersionId"]) == (b"third", ids[2])
    assert [body(s3, versioned, version) for version in ids] == [b"first", b"second", b"third"]
    assert history(s3, versioned) == [("k", ids[2], True, False), ("k", ids[1], False, False), ("k", ids[0], False, False)]
    assert all_keys(s3, versioned) == ["k"]
    assert s3.head_object(Bucket=versioned, Key="k", VersionId=ids[0])["ContentLength"] == 5


def test_a_delete_leaves_a_marker_that_can_be_removed(s3, versioned):
    version = put(s3, versioned, b"content")
    deleted = s3.delete_object(Bucket=versioned, Key="k")
    assert deleted["DeleteMarker"] is True and deleted["VersionId"] != version
    with refused("NoSuchKey", status=404) as error:
        body(s3, versioned)
    assert error.response["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"] == "true"
    assert all_keys(s3, versioned) == []
    assert body(s3, versioned, version) == b"content"
    assert history(s3, versioned) == [("k", version, False, False), ("k", deleted["VersionId"], True, True)]
    with refused("MethodNotAllowed", status=405):
        body(s3, versioned, deleted["VersionId"])
    removed = s3.delete_object(Bucket=versioned, Key="k", VersionId=deleted["VersionId"])
    assert (removed["DeleteMarker"], removed["VersionId"]) == (True, deleted["VersionId"])
    assert body(s3, versioned) == b"content"


def test_deleting_a_version_is_for_good_and_the_one_before_comes_back(s3, versioned):
    first, second = put(s3, versioned, b"first"), put(s3, versioned, b"second")
    assert s3.delete_object(Bucket=versioned, Key="k", VersionId=second)["VersionId"] == second
    assert body(s3, versioned) == b"first"
    with refused("NoSuchVersion", status=404):
        body(s3, versioned, second)
    s3.delete_object(Bucket=versioned, Key="k", VersionId=first)
    assert history(s3, versioned) == []
    assert s3.delete_object(Bucket=versioned, Key="k", VersionId=first)["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_an_old_version_is_restored_by_a_copy(s3, versioned):
    first = put(s3, versioned, b"first")
    put(s3, versioned, b"second")
    copied = s3.copy_object(Bucket=versioned, Key="k", CopySource={"Bucket": versioned, "Key": "k", "VersionId": first})
    assert copied["CopySourceVersionId"] == first and copied["VersionId"] not in (None, first)
    assert body(s3, versioned) == b"first"
    assert len(history(s3, versioned)) == 3


def test_what_was_there_before_is_the_null_version(s3, bucket):
    assert put(s3, bucket, b"before") is None
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert body(s3, bucket) == b"before"
    assert history(s3, bucket) == [("k", "null", True, False)]
    new = put(s3, bucket, b"after")
    assert body(s3, bucket, "null") == b"before"
    assert history(s3, bucket) == [("k", new, True, False), ("k", "null", False, False)]


def test_while_suspended_puts_replace_the_null_version_only(s3, versioned):
    kept = put(s3, versioned, b"kept")
    suspend(s3, versioned)
    for content in (b"one", b"two"):
        put(s3, versioned, content)
    assert body(s3, versioned) == body(s3, versioned, "null") == b"two"
    assert body(s3, versioned, kept) == b"kept"
    assert history(s3, versioned) == [("k", "null", True, False), ("k", kept, False, False)]
    deleted = s3.delete_object(Bucket=versioned, Key="k")
    assert (deleted["DeleteMarker"], deleted["VersionId"]) == (True, "null")
    assert sorted(history(s3, versioned)) == sorted([("k", "null", True, True), ("k", kept, False, False)])


def test_versions_are_listed_in_pages(s3, versioned):
    expected = []
    for key in ("a/1", "a/2", "b", "c+d"):
        ids = [put(s3, versioned, b"%d" % i, key) for i in range(3)]
        expected += [(key, version, i == 0, False) for i, version in enumerate(reversed(ids))]
    for size in (1, 2, 5, 1000):
        assert history(s3, versioned, PaginationConfig={"PageSize": size}) == expected
    assert history(s3, versioned, Prefix="a/") == expected[:6]
    folded = s3.list_object_versions(Bucket=versioned, Delimiter="/")
    assert [one["Prefix"] for one in folded["CommonPrefixes"]] == ["a/"]
    assert len(folded["Versions"]) == 6


def test_deletes_in_bulk_can_name_versions(s3, versioned):
    first, second = put(s3, versioned, b"first"), put(s3, versioned, b"second")
    put(s3, versioned, b"other", "other")
    told = s3.delete_objects(Bucket=versioned, Delete={"Objects": [{"Key": "k", "VersionId": second}, {"Key": "other"}]})
    by_key = {one["Key"]: one for one in told["Deleted"]}
    assert by_key["k"]["VersionId"] == second
    assert by_key["other"]["DeleteMarker"] is True and by_key["other"]["DeleteMarkerVersionId"]
    assert body(s3, versioned) == b"first"
    everything = [{"Key": key, "VersionId": version} for key, version, _, _ in history(s3, versioned)]
    s3.delete_objects(Bucket=versioned, Delete={"Objects": everything})
    assert history(s3, versioned) == []
    s3.delete_bucket(Bucket=versioned)
    assert first != second


def test_a_bucket_with_old_versions_is_not_empty(s3, versioned):
    put(s3, versioned, b"x")
    s3.delete_object(Bucket=versioned, Key="k")
    assert all_keys(s3, versioned) == []
    with refused("BucketNotEmpty", status=409):
        s3.delete_bucket(Bucket=versioned)


def test_a_version_that_never_was_is_refused(s3, versioned):
    put(s3, versioned, b"x")
    with pytest.raises(s3.exceptions.ClientError) as error:
        body(s3, versioned, "never given out")
    assert error.value.response["Error"]["Code"] in ("InvalidArgument", "NoSuchVersion"), error.value
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404)


def test_parts_make_a_version_and_a_version_has_tags_of_its_own(s3, versioned):
    first = put(s3, versioned, b"first")
    at = {"Bucket": versioned, "Key": "k"}
    at["UploadId"] = s3.create_multipart_upload(**at)["UploadId"]
    etag = s3.upload_part(**at, PartNumber=1, Body=b"parts")["ETag"]
    second = s3.complete_multipart_upload(**at, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})["VersionId"]
    assert body(s3, versioned, second) == b"parts"
    s3.put_object_tagging(Bucket=versioned, Key="k", VersionId=first,
                          Tagging={"TagSet": [{"Key": "which", "Value": "first"}]})
    assert s3.get_object_tagging(Bucket=versioned, Key="k")["TagSet"] == []
    assert s3.get_object_tagging(Bucket=versioned, Key="k", VersionId=first)["TagSet"][0]["Value"] == "first"


def test_conditions_and_ranges_apply_to_a_version(s3, versioned):
    first = put(s3, versioned, b"0123456789")
    put(s3, versioned, b"other")
    got = s3.get_object(Bucket=versioned, Key="k", VersionId=first, Range="bytes=2-4")
    assert got["Body"].read() == b"234"
    with refused("PreconditionFailed", status=412):
        s3.get_object(Bucket=versioned, Key="k", VersionId=first, IfMatch='"other"')


def test_versions_survive_a_restart(fresh_sallyport):
    running = fresh_sallyport.start()
    s3, bucket = running.client("s3"), running.bucket()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    ids = [put(s3, bucket, b"first"), put(s3, bucket, b"second")]
    s3.delete_object(Bucket=bucket, Key="k")
    before = history(s3, bucket)
    running.kill()
    running.start()
    assert history(s3, bucket) == before and len(before) == 3
    assert [body(s3, bucket, version) for version in ids] == [b"first", b"second"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_a_malformed_configuration_changes_nothing(access, s3, bucket):
    for xml in (b"", b"<VersioningConfiguration>", b"<Other/>"):
        answer = Request(access, "PUT", f"/{bucket}", [("versioning", "")], body=xml).send()
        assert answer.status == 400, (xml, answer.body)
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
