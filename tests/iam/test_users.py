"""IAM users and their access keys."""

import json
import re

import pytest

from support.iam_callers import allow, document, make_user
from support.refusals import refused
from support.s3_tools import Access, AwsCli


def test_a_user_is_made_found_listed_and_removed(iam, sallyport):
    name = sallyport.name("user")
    made = iam.create_user(UserName=name, Path="/team/blue/", Tags=[{"Key": "a", "Value": "b"}])["User"]
    assert made["Arn"] == f"arn:aws:iam::000000000000:user/team/blue/{name}"
    assert (made["UserName"], made["Path"]) == (name, "/team/blue/")
    assert re.fullmatch(r"AIDA[A-Z0-9]{16,}", made["UserId"])
    found = iam.get_user(UserName=name)["User"]
    assert (found["UserId"], found["CreateDate"], found["Tags"]) == (
        made["UserId"], made["CreateDate"], [{"Key": "a", "Value": "b"}])
    assert [u["UserName"] for u in iam.list_users(PathPrefix="/team/")["Users"]] == [name]
    iam.delete_user(UserName=name)
    for call in (iam.get_user, iam.delete_user, iam.create_access_key, iam.list_user_policies):
        with refused("NoSuchEntity", f"The user with name {name} cannot be found", 404):
            call(UserName=name)


def test_users_are_listed_in_pages(iam, user):
    names = {user().name for _ in range(3)}
    pages = list(iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 1}))
    assert all(len(page["Users"]) == 1 for page in pages)
    seen = [one["UserName"] for page in pages for one in page["Users"]]
    assert names <= set(seen) and len(seen) == len(set(seen))


def test_a_name_is_taken_once_whatever_its_case(iam, user):
    name = user().name
    for again in (name, name.upper()):
        with refused("EntityAlreadyExists", "already exists", 409):
            iam.create_user(UserName=again)


@pytest.mark.parametrize("wrong", ["has space", "slash/in", "x" * 65, "ü", "a:b"])
def test_a_wrong_name_is_refused(wrong, iam):
    with refused("ValidationError", status=400):
        iam.create_user(UserName=wrong)


def test_a_user_with_keys_or_policies_is_not_deleted(iam, user):
    one = user(allow("s3:*"))
    with refused("DeleteConflict", "Cannot delete entity", 409):
        iam.delete_user(UserName=one.name)
    iam.delete_access_key(UserName=one.name, AccessKeyId=one.access.access_key)
    with refused("DeleteConflict", status=409):
        iam.delete_user(UserName=one.name)
    iam.delete_user_policy(UserName=one.name, PolicyName="rights")
    iam.attach_user_policy(UserName=one.name, PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    with refused("DeleteConflict", status=409):
        iam.delete_user(UserName=one.name)
    iam.detach_user_policy(UserName=one.name, PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    iam.delete_user(UserName=one.name)


def test_a_key_is_shown_once_and_speaks_for_its_user(iam, user):
    one = user()
    assert re.fullmatch(r"AKIA[A-Z0-9]{16}", one.access.access_key)
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", one.access.secret_key)
    (listed,) = iam.list_access_keys(UserName=one.name)["AccessKeyMetadata"]
    assert (listed["AccessKeyId"], listed["Status"]) == (one.access.access_key, "Active")
    assert one.access.secret_key not in str(listed)
    told = one.client("sts").get_caller_identity()
    assert (told["Arn"], told["Account"]) == (one.arn, "000000000000")
    assert told["UserId"] == iam.get_user(UserName=one.name)["User"]["UserId"]


def test_a_user_has_two_keys_at_most(iam, user):
    one = user()
    second = iam.create_access_key(UserName=one.name)["AccessKey"]
    assert second["AccessKeyId"] != one.access.access_key
    with refused("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", 409):
        iam.create_access_key(UserName=one.name)


def test_an_inactive_or_deleted_key_is_refused_everywhere(iam, user, bucket):
    one = user(allow("*"))
    assert one.client().list_objects_v2(Bucket=bucket)["KeyCount"] == 4

    def is_refused():
        with refused("InvalidAccessKeyId", status=403):
            one.client().list_objects_v2(Bucket=bucket)
        with refused("InvalidClientTokenId", "The security token included in the request is invalid", 403):
            one.client("sts").get_caller_identity()
        with refused("UnrecognizedClientException", "The security token included in the request is invalid"):
            one.client("transfer").list_servers()

    key = {"UserName": one.name, "AccessKeyId": one.access.access_key}
    iam.update_access_key(**key, Status="Inactive")
    is_refused()
    iam.update_access_key(**key, Status="Active")
    assert one.client().list_objects_v2(Bucket=bucket)["KeyCount"] == 4
    iam.delete_access_key(**key)
    is_refused()
    with refused("NoSuchEntity", status=404):
        iam.delete_access_key(**key)


def test_keys_belong_to_their_user(iam, user):
    one, other = user(), user()
    with refused("NoSuchEntity", status=404):
        iam.delete_access_key(UserName=other.name, AccessKeyId=one.access.access_key)
    assert one.client("sts").get_caller_identity()["Arn"] == one.arn


def test_a_user_made_again_is_another_one(iam, user, bucket, sallyport):
    name = sallyport.name("again")
    one = user(allow("s3:*"), name=name)
    iam.delete_user_policy(UserName=name, PolicyName="rights")
    iam.delete_access_key(UserName=name, AccessKeyId=one.access.access_key)
    first = iam.get_user(UserName=name)["User"]["UserId"]
    iam.delete_user(UserName=name)
    again = user(name=name)
    assert iam.get_user(UserName=name)["User"]["UserId"] != first
    assert iam.list_user_policies(UserName=name)["PolicyNames"] == []
    with refused("InvalidAccessKeyId", status=403):
        one.client().list_objects_v2(Bucket=bucket)
    with refused("AccessDenied", status=403):
        again.client().list_objects_v2(Bucket=bucket)


def test_keys_and_users_survive_a_restart(fresh_sallyport):
    running = fresh_sallyport.start()
    one = make_user(running, running.client("iam"), allow("s3:ListAllMyBuckets"))
    name = running.bucket()
    running.kill()
    running.start()
    assert one.client("sts").get_caller_identity()["Arn"] == one.arn
    assert name in [b["Name"] for b in one.client().list_buckets()["Buckets"]]
    with refused("AccessDenied", status=403):
        one.client().list_objects_v2(Bucket=name)


def test_a_user_sees_himself_when_he_names_nobody(user):
    one = user(allow(["iam:GetUser", "iam:ListAccessKeys"], "arn:aws:iam::000000000000:user/${aws:username}"))
    assert one.client("iam").get_user()["User"]["UserName"] == one.name
    assert [k["AccessKeyId"] for k in one.client("iam").list_access_keys()["AccessKeyMetadata"]] == [one.access.access_key]


def test_the_command_line_makes_a_user(root, sallyport, tmp_path):
    aws, name = AwsCli(root, tmp_path), sallyport.name("cli")
    assert json.loads(aws.run("iam", "create-user", "--user-name", name))["User"]["UserName"] == name
    (tmp_path / "policy.json").write_text(document(allow("s3:ListAllMyBuckets")))
    aws.run("iam", "put-user-policy", "--user-name", name, "--policy-name", "p", "--policy-document",
            f"file://{tmp_path}/policy.json")
    assert json.loads(aws.run("iam", "list-user-policies", "--user-name", name))["PolicyNames"] == ["p"]
    key = json.loads(aws.run("iam", "create-access-key", "--user-name", name))["AccessKey"]
    aws.env.update(AWS_ACCESS_KEY_ID=key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"])
    assert json.loads(aws.run("sts", "get-caller-identity"))["Arn"].endswith(f":user/{name}")
    aws.run("s3", "ls")
    denied = aws.run("iam", "list-users", check=False)
    assert denied.returncode != 0 and "(AccessDenied)" in denied.stderr
    assert f"user/{name} is not authorized to perform: iam:ListUsers" in denied.stderr


def test_the_javascript_sdk_makes_a_user(root, sallyport, bucket):
    name, iam = sallyport.name("node"), root.node("iam")
    assert iam.call("CreateUser", UserName=name)["User"]["UserName"] == name
    iam.call("PutUserPolicy", UserName=name, PolicyName="p",
             PolicyDocument=document(allow("s3:ListBucket", f"arn:aws:s3:::{bucket}")))
    key = iam.call("CreateAccessKey", UserName=name)["AccessKey"]
    own = Access(root.url, key["AccessKeyId"], key["SecretAccessKey"])
    assert own.node("sts").call("GetCallerIdentity")["Arn"].endswith(f":user/{name}")
    listed, got = own.node().run([{"command": "ListObjectsV2", "input": {"Bucket": bucket}},
                                  {"command": "GetObject", "input": {"Bucket": bucket, "Key": "top"}}])
    assert listed["KeyCount"] == 4
    assert (got.name, got.status) == ("AccessDenied", 403)
