"""Bucket policies: kept as given, refused when wrong, and obeyed."""

import json
import urllib.error
import urllib.request

import pytest

from support.refusals import refused
from support.s3_requests import Request


def statement(bucket, action, effect="Allow", below="/*", **more):
    return {"Effect": effect, "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{bucket}{below}", **more}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":"))


def anonymous(access, path, method="GET", data=None):
    """The status of an unsigned request and its body."""
    request = urllib.request.Request(access.url + path, method=method, data=data)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.fixture
def filled(s3, bucket):
    for key in ("open/k", "closed/k"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    return bucket


def test_a_policy_is_kept_as_given_and_deleted(s3, bucket):
    with refused("NoSuchBucketPolicy", "The bucket policy does not exist", 404):
        s3.get_bucket_policy(Bucket=bucket)
    text = policy(statement(bucket, "s3:GetObject"))
    s3.put_bucket_policy(Bucket=bucket, Policy=text)
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == json.loads(text)
    s3.delete_bucket_policy(Bucket=bucket)
    s3.delete_bucket_policy(Bucket=bucket)
    with refused("NoSuchBucketPolicy", status=404):
        s3.get_bucket_policy(Bucket=bucket)


def test_everyone_may_read_what_a_policy_opens_and_nothing_else(access, s3, filled):
    assert anonymous(access, f"/{filled}/open/k")[0] == 403
    s3.put_bucket_policy(Bucket=filled, Policy=policy(statement(filled, "s3:GetObject", below="/open/*")))
    assert anonymous(access, f"/{filled}/open/k") == (200, b"open/k")
    assert anonymous(access, f"/{filled}/open/k", "HEAD")[0] == 200
    for path, method, data in ((f"/{filled}/closed/k", "GET", None), (f"/{filled}?list-type=2", "GET", None),
                               (f"/{filled}/open/k", "DELETE", None), (f"/{filled}/open/new", "PUT", b"x"),
                               (f"/{filled}?policy", "GET", None), ("/", "GET", None),
                               (f"/{filled}/open/k?tagging", "GET", None)):
        status, body = anonymous(access, path, method, data)
        assert status == 403 and b"<Code>AccessDenied</Code>" in body, (method, path, body)
    s3.delete_bucket_policy(Bucket=filled)
    assert anonymous(access, f"/{filled}/open/k")[0] == 403


def test_a_missing_key_is_only_told_to_who_may_list(access, s3, filled):
    s3.put_bucket_policy(Bucket=filled, Policy=policy(statement(filled, "s3:GetObject")))
    assert anonymous(access, f"/{filled}/none")[0] == 403
    s3.put_bucket_policy(Bucket=filled, Policy=policy(statement(filled, "s3:GetObject"),
                                                      statement(filled, "s3:ListBucket", below="")))
    status, body = anonymous(access, f"/{filled}/none")
    assert status == 404 and b"NoSuchKey" in body


def test_everyone_may_put_and_list_what_a_policy_opens(access, s3, filled):
    s3.put_bucket_policy(Bucket=filled, Policy=policy(
        statement(filled, "s3:PutObject", below="/inbox/*"),
        statement(filled, "s3:ListBucket", below="", Condition={"StringLike": {"s3:prefix": "open/*"}})))
    assert anonymous(access, f"/{filled}/inbox/new", "PUT", b"given")[0] == 200
    assert s3.get_object(Bucket=filled, Key="inbox/new")["Body"].read() == b"given"
    assert anonymous(access, f"/{filled}/elsewhere", "PUT", b"x")[0] == 403
    status, body = anonymous(access, f"/{filled}?list-type=2&prefix=open/")
    assert status == 200 and b"<Key>open/k</Key>" in body
    assert anonymous(access, f"/{filled}?list-type=2")[0] == 403
    assert anonymous(access, f"/{filled}?list-type=2&prefix=closed/")[0] == 403


def test_a_deny_stops_even_the_owner_who_can_still_take_it_away(s3, filled):
    s3.put_bucket_policy(Bucket=filled, Policy=policy(
        statement(filled, ["s3:DeleteObject", "s3:PutObject"], "Deny", "/closed/*")))
    for call in (lambda: s3.delete_object(Bucket=filled, Key="closed/k"),
                 lambda: s3.put_object(Bucket=filled, Key="closed/new", Body=b"x"),
                 lambda: s3.copy_object(Bucket=filled, Key="closed/k", CopySource=f"{filled}/open/k")):
        with refused("AccessDenied", status=403):
            call()
    told = s3.delete_objects(Bucket=filled, Delete={"Objects": [{"Key": "closed/k"}, {"Key": "open/k"}]})
    assert [(one["Key"], one["Code"]) for one in told["Errors"]] == [("closed/k", "AccessDenied")]
    assert [one["Key"] for one in told["Deleted"]] == ["open/k"]
    assert s3.get_object(Bucket=filled, Key="closed/k")["Body"].read() == b"closed/k"
    s3.delete_bucket_policy(Bucket=filled)
    s3.delete_object(Bucket=filled, Key="closed/k")


def test_a_deny_of_everything_does_not_lock_the_owner_out_of_the_policy(s3, filled):
    s3.put_bucket_policy(Bucket=filled, Policy=policy(
        statement(filled, "s3:*", "Deny"), statement(filled, "s3:*", "Deny", "")))
    with refused("AccessDenied", status=403):
        s3.get_object(Bucket=filled, Key="open/k")
    with refused("AccessDenied", status=403):
        s3.list_objects_v2(Bucket=filled)
    s3.delete_bucket_policy(Bucket=filled)
    assert s3.get_object(Bucket=filled, Key="open/k")["Body"].read() == b"open/k"


def test_conditions_on_the_address_are_obeyed(access, s3, filled):
    def opened_to(network):
        s3.put_bucket_policy(Bucket=filled, Policy=policy(
            statement(filled, "s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": network}})))
        return anonymous(access, f"/{filled}/open/k")[0]

    assert opened_to("127.0.0.0/8") == 200
    assert opened_to("192.0.2.0/24") == 403
    assert opened_to(["192.0.2.0/24", "127.0.0.1"]) == 200


def wrong_policies(bucket):
    good = statement(bucket, "s3:GetObject")
    return {
        "no json": "{",
        "a list": "[]",
        "no statement": json.dumps({"Version": "2012-10-17"}),
        "no principal": policy({k: v for k, v in good.items() if k != "Principal"}),
        "no effect": policy({k: v for k, v in good.items() if k != "Effect"}),
        "other effect": policy({**good, "Effect": "Maybe"}),
        "no action": policy({k: v for k, v in good.items() if k != "Action"}),
        "other service": policy({**good, "Action": "iam:CreateUser"}),
        "no resource": policy({k: v for k, v in good.items() if k != "Resource"}),
        "other bucket": policy({**good, "Resource": "arn:aws:s3:::another-bucket/*"}),
        "no arn": policy({**good, "Resource": "everything"}),
        "unknown member": policy({**good, "Extra": "1"}),
        "unknown operator": policy({**good, "Condition": {"StringSounds": {"aws:Referer": "x"}}}),
        "old version": json.dumps({"Version": "2020-01-01", "Statement": [good]}),
    }


@pytest.mark.parametrize("which", wrong_policies("x"))
def test_a_wrong_policy_is_refused_and_the_old_one_stays(which, s3, bucket):
    before = policy(statement(bucket, "s3:GetObject", below="/open/*"))
    s3.put_bucket_policy(Bucket=bucket, Policy=before)
    with refused("MalformedPolicy", status=400):
        s3.put_bucket_policy(Bucket=bucket, Policy=wrong_policies(bucket)[which])
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == json.loads(before)


def test_an_empty_policy_and_a_missing_bucket_are_refused(access, s3, bucket):
    empty = Request(access, "PUT", f"/{bucket}", [("policy", "")]).send()
    assert empty.status == 400 and empty.code in ("MalformedPolicy", "MissingRequestBodyError"), empty.body
    with refused("NoSuchBucket", status=404):
        s3.put_bucket_policy(Bucket=bucket + "-none", Policy=policy(statement(bucket + "-none", "s3:GetObject")))


def test_a_policy_goes_with_its_bucket(s3, bucket):
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(statement(bucket, "s3:GetObject")))
    s3.delete_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket)
    with refused("NoSuchBucketPolicy", status=404):
        s3.get_bucket_policy(Bucket=bucket)
