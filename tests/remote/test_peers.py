"""The peers of the remote stores' tests are what they are taken for: a real S3 with an IAM and STS of its own."""

import dataclasses
import os
import ssl
import urllib.parse

import botocore.exceptions
import pytest

from support.ceph_rgw import DOMAIN, KMS_KEY, allow, policy
from support.s3_requests import Request
from support.s3_tools import all_keys

pytestmark = pytest.mark.heavy  # no Sallyport takes part: once is enough
PART = os.urandom(5 << 20)


def refusal(call, *arguments, **named):
    """The code that a call of boto3 is refused with."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(*arguments, **named)
    return caught.value.response["Error"]["Code"]


def assume_role(access, role, **more):
    """(status, code) of an AssumeRole; this STS tells its errors in S3's document, which boto3 does not read."""
    form = {"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": role, "RoleSessionName": "session", **more}
    answer = Request(access, "POST", "/", body=urllib.parse.urlencode(form).encode(), service="sts",
                     headers={"Content-Type": "application/x-www-form-urlencoded"}).send()
    return answer.status, answer.code


def put_multipart(s3, bucket, key, parts):
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    done = [{"PartNumber": number, "ETag": s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number,
                                                          Body=part)["ETag"]} for number, part in enumerate(parts, 1)]
    return s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": done})


def read(s3, bucket, key, **more):
    return s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read()


def test_an_object_comes_back_whole_and_in_ranges(rgw, rgw_bucket):
    s3 = rgw.access.client()
    s3.put_object(Bucket=rgw_bucket, Key="d/ü +%.bin", Body=PART, Metadata={"user": "x"})
    assert read(s3, rgw_bucket, "d/ü +%.bin") == PART
    assert read(s3, rgw_bucket, "d/ü +%.bin", Range="bytes=1000-1999") == PART[1000:2000]
    assert s3.head_object(Bucket=rgw_bucket, Key="d/ü +%.bin")["Metadata"] == {"user": "x"}
    assert refusal(s3.get_object, Bucket=rgw_bucket, Key="other") == "NoSuchKey"
    assert refusal(s3.get_object, Bucket="no-such-bucket", Key="other") == "NoSuchBucket"


def test_names_may_have_1024_bytes(rgw, rgw_bucket):
    s3 = rgw.access.client()
    s3.put_object(Bucket=rgw_bucket, Key="k" * 1024, Body=b"1")
    assert all_keys(s3, rgw_bucket) == ["k" * 1024]


def test_a_multipart_upload_is_the_parts_in_their_order(rgw, rgw_bucket):
    s3 = rgw.access.client()
    put_multipart(s3, rgw_bucket, "big", [PART, b"tail"])
    assert read(s3, rgw_bucket, "big") == PART + b"tail"
    assert refusal(put_multipart, s3, rgw_bucket, "small", [b"1", b"2"]) == "EntityTooSmall"
    assert len(s3.list_multipart_uploads(Bucket=rgw_bucket)["Uploads"]) == 1  # what was refused stays until aborted


def test_a_copy_and_a_copied_part_hold_what_their_source_held(rgw, rgw_bucket):
    s3 = rgw.access.client()
    source = {"Bucket": rgw_bucket, "Key": "a"}
    s3.put_object(Bucket=rgw_bucket, Key="a", Body=PART + b"more")
    s3.copy_object(Bucket=rgw_bucket, Key="b", CopySource=source)
    assert read(s3, rgw_bucket, "b") == PART + b"more"
    upload = s3.create_multipart_upload(Bucket=rgw_bucket, Key="c")["UploadId"]
    etag = s3.upload_part_copy(Bucket=rgw_bucket, Key="c", UploadId=upload, PartNumber=1, CopySource=source,
                               CopySourceRange="bytes=4-99")["CopyPartResult"]["ETag"]
    s3.complete_multipart_upload(Bucket=rgw_bucket, Key="c", UploadId=upload,
                                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert read(s3, rgw_bucket, "c") == PART[4:100]


def test_listings_come_in_pages_with_folders_folded(rgw, rgw_bucket):
    s3 = rgw.access.client()
    for key in ("d/a", "d/b/1", "d/b/2", "d/c", "e"):
        s3.put_object(Bucket=rgw_bucket, Key=key, Body=b"1")
    found, more = [], {}
    while True:
        page = s3.list_objects_v2(Bucket=rgw_bucket, Prefix="d/", Delimiter="/", MaxKeys=1, **more)
        found += [one["Key"] for one in page.get("Contents", [])]
        found += [one["Prefix"] for one in page.get("CommonPrefixes", [])]
        if not page["IsTruncated"]:
            break
        more = {"ContinuationToken": page["NextContinuationToken"]}
    assert found == ["d/a", "d/b/", "d/c"]
    after = s3.list_objects_v2(Bucket=rgw_bucket, Prefix="d/", StartAfter="d/b/1")
    assert [one["Key"] for one in after["Contents"]] == ["d/b/2", "d/c"]


def test_tags_are_kept(rgw, rgw_bucket):
    s3 = rgw.access.client()
    s3.put_object(Bucket=rgw_bucket, Key="a", Body=b"1", Tagging="k=v")
    s3.put_object_tagging(Bucket=rgw_bucket, Key="a", Tagging={"TagSet": [{"Key": "n", "Value": "a b"}]})
    assert s3.get_object_tagging(Bucket=rgw_bucket, Key="a")["TagSet"] == [{"Key": "n", "Value": "a b"}]


def test_versions_are_kept_and_a_deletion_is_a_marker(rgw, rgw_bucket):
    s3 = rgw.access.client()
    s3.put_bucket_versioning(Bucket=rgw_bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=rgw_bucket, Key="a", Body=b"old")["VersionId"]
    s3.put_object(Bucket=rgw_bucket, Key="a", Body=b"new")
    s3.delete_object(Bucket=rgw_bucket, Key="a")
    assert refusal(s3.get_object, Bucket=rgw_bucket, Key="a") == "NoSuchKey"
    assert read(s3, rgw_bucket, "a", VersionId=old) == b"old"


def test_a_kms_key_that_is_not_there_refuses_the_upload(rgw, rgw_bucket):
    s3 = rgw.access.client()
    s3.put_object(Bucket=rgw_bucket, Key="a", Body=b"1", ServerSideEncryption="aws:kms", SSEKMSKeyId=KMS_KEY)
    assert s3.head_object(Bucket=rgw_bucket, Key="a")["SSEKMSKeyId"] == KMS_KEY
    assert refusal(s3.put_object, Bucket=rgw_bucket, Key="b", Body=b"1", ServerSideEncryption="aws:kms",
                   SSEKMSKeyId="another") == "InvalidAccessKeyId"
    assert all_keys(s3, rgw_bucket) == ["a"]


def test_a_session_has_the_roles_rights_narrowed_by_its_policy(rgw, rgw_bucket):
    s3 = rgw.access.client()
    for key in ("home/u1/f", "home/u2/f", "top"):
        s3.put_object(Bucket=rgw_bucket, Key=key, Body=key.encode())
    user, access = rgw.make_user()
    arn = f"arn:aws:s3:::{rgw_bucket}"
    role = rgw.make_role([user], policy(allow("s3:*", [arn, f"{arn}/home/*"])))
    assert refusal(access.client().get_object, Bucket=rgw_bucket, Key="home/u1/f") == "AccessDenied"

    whole = rgw.assume(access, role).client()
    assert read(whole, rgw_bucket, "home/u2/f") == b"home/u2/f"
    assert refusal(whole.get_object, Bucket=rgw_bucket, Key="top") == "AccessDenied"

    narrow = rgw.assume(access, role, session_policy=policy(
        allow(["s3:GetObject", "s3:PutObject"], [f"{arn}/home/u1/*", f"{arn}/top"]),
        allow("s3:ListBucket", arn, Condition={"StringLike": {"s3:prefix": ["home/u1/*"]}}))).client()
    assert read(narrow, rgw_bucket, "home/u1/f") == b"home/u1/f"
    narrow.put_object(Bucket=rgw_bucket, Key="home/u1/g", Body=b"g")
    assert all_keys(narrow, rgw_bucket, "home/u1/") == ["home/u1/f", "home/u1/g"]
    for refused in (lambda: narrow.get_object(Bucket=rgw_bucket, Key="home/u2/f"),
                    lambda: narrow.get_object(Bucket=rgw_bucket, Key="top"),  # the role has no right to it
                    lambda: narrow.put_object(Bucket=rgw_bucket, Key="home/u2/g", Body=b"g"),
                    lambda: narrow.delete_object(Bucket=rgw_bucket, Key="home/u1/g"),
                    lambda: narrow.list_objects_v2(Bucket=rgw_bucket),
                    lambda: narrow.copy_object(Bucket=rgw_bucket, Key="home/u1/c",
                                               CopySource={"Bucket": rgw_bucket, "Key": "home/u2/f"})):
        assert refusal(refused) == "AccessDenied"


def test_who_is_not_trusted_gets_no_session(rgw):
    user, access = rgw.make_user()
    _, stranger = rgw.make_user()
    role = rgw.make_role([user], policy(allow("s3:*", "*")))
    assert rgw.assume(access, role).token
    assert assume_role(stranger, role) == (403, "AccessDenied")
    assert assume_role(access, role + "-other") == (404, "NoSuchEntity")
    assert assume_role(access, role, DurationSeconds="3601") == (400, "InvalidArgument")
    assert assume_role(access, role, Policy="{") == (400, "MalformedPolicyDocument")
    assert assume_role(access, role) == (200, "")


def test_wrong_secrets_and_foreign_tokens_are_refused(rgw, rgw_bucket):
    user, access = rgw.make_user()
    session = rgw.assume(access, rgw.make_role([user], policy(allow("s3:*", "*"))))
    path = f"/{rgw_bucket}/k"
    assert Request(session, "PUT", path, body=b"1").send().status == 200
    for wrong, code in ((dataclasses.replace(rgw.access, secret_key="wrong"), "AccessDenied"),
                        (dataclasses.replace(rgw.access, access_key="AKIANOBODY"), "AccessDenied"),
                        (dataclasses.replace(session, secret_key="wrong"), "SignatureDoesNotMatch"),
                        (dataclasses.replace(session, token="AAAA"), "AccessDenied"),
                        (dataclasses.replace(session, token=None), "AccessDenied")):
        answer = Request(wrong, "GET", path).send()
        assert (answer.status, answer.code) == (403, code)


def test_https_shows_a_certificate_of_its_own_ca(rgw, rgw_bucket):
    access = rgw.over_tls()
    access.client().put_object(Bucket=rgw_bucket, Key="a", Body=PART)
    assert read(access.client(), rgw_bucket, "a") == PART
    with pytest.raises(ssl.SSLCertVerificationError):
        Request(dataclasses.replace(access, ca=None), "GET", f"/{rgw_bucket}/a").send()


def test_buckets_are_names_below_its_domain_too(rgw, rgw_bucket):
    Request(rgw.access, "PUT", f"/{rgw_bucket}/a", body=b"1").send()
    assert Request(rgw.access, "GET", "/a", host=f"{rgw_bucket}.{DOMAIN}").send().body == b"1"
    assert Request(rgw.access, "GET", "/a", host=f"{rgw_bucket}.elsewhere.example").send().code == "NoSuchBucket"


def test_what_is_stored_outlives_the_gateway(rgw, rgw_bucket):
    s3 = rgw.access.client()
    s3.put_object(Bucket=rgw_bucket, Key="a", Body=b"1")
    rgw.kill_gateway()
    try:
        with pytest.raises(botocore.exceptions.EndpointConnectionError):
            read(s3, rgw_bucket, "a")
    finally:
        rgw.start_gateway()
    assert read(s3, rgw_bucket, "a") == b"1"
