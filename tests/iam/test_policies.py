"""Policies of users and roles: inline, customer-managed with versions, AWS-managed; and those that are none."""

import json

import pytest

from support.iam_callers import allow, document, trusting
from support.refusals import refused

READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
DOCUMENT = document(allow("s3:GetObject"))


@pytest.fixture
def policy(iam, sallyport):
    return iam.create_policy(PolicyName=sallyport.name("policy"), PolicyDocument=DOCUMENT,
                             Description="reads")["Policy"]


def test_an_inline_policy_is_put_read_listed_and_deleted(iam, user):
    name = user().name
    for policy in ("one", "two"):
        iam.put_user_policy(UserName=name, PolicyName=policy, PolicyDocument=DOCUMENT)
    assert iam.get_user_policy(UserName=name, PolicyName="one")["PolicyDocument"] == json.loads(DOCUMENT)
    other = document(allow("s3:ListBucket"))
    iam.put_user_policy(UserName=name, PolicyName="one", PolicyDocument=other)
    assert iam.get_user_policy(UserName=name, PolicyName="one")["PolicyDocument"] == json.loads(other)
    assert iam.list_user_policies(UserName=name)["PolicyNames"] == ["one", "two"]
    iam.delete_user_policy(UserName=name, PolicyName="one")
    for call in (iam.get_user_policy, iam.delete_user_policy):
        with refused("NoSuchEntity", status=404):
            call(UserName=name, PolicyName="one")


def test_a_managed_policy_is_made_found_and_deleted(iam, policy):
    arn = policy["Arn"]
    assert arn == f"arn:aws:iam::000000000000:policy/{policy['PolicyName']}"
    assert (policy["DefaultVersionId"], policy["AttachmentCount"]) == ("v1", 0)
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (found["PolicyId"], found["Description"]) == (policy["PolicyId"], "reads")
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert (version["Document"], version["IsDefaultVersion"]) == (json.loads(DOCUMENT), True)
    assert arn in [p["Arn"] for page in iam.get_paginator("list_policies").paginate(Scope="Local")
                   for p in page["Policies"]]
    with refused("EntityAlreadyExists", status=409):
        iam.create_policy(PolicyName=policy["PolicyName"], PolicyDocument=DOCUMENT)
    iam.delete_policy(PolicyArn=arn)
    for call in (iam.get_policy, iam.delete_policy, iam.list_policy_versions):
        with refused("NoSuchEntity", status=404):
            call(PolicyArn=arn)


def test_a_policy_has_five_versions_and_one_default(iam, policy):
    arn = policy["Arn"]
    for number in range(2, 6):
        made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT)["PolicyVersion"]
        assert (made["VersionId"], made["IsDefaultVersion"]) == (f"v{number}", False)
    with refused("LimitExceeded", status=409):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v3")
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v3"
    with refused("DeleteConflict", status=409):
        iam.delete_policy_version(PolicyArn=arn, VersionId="v3")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v5")
    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT, SetAsDefault=True)["PolicyVersion"]
    assert (made["VersionId"], made["IsDefaultVersion"]) == ("v6", True)
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert sorted(v["VersionId"] for v in versions) == ["v1", "v2", "v3", "v4", "v6"]
    assert [v["VersionId"] for v in versions if v["IsDefaultVersion"]] == ["v6"]
    with refused("NoSuchEntity", status=404):
        iam.set_default_policy_version(PolicyArn=arn, VersionId="v5")
    with refused("DeleteConflict", status=409):  # all versions but the default go first
        iam.delete_policy(PolicyArn=arn)


def test_policies_are_attached_and_detached(iam, policy, user, role):
    name, role_name = user().name, role(trusting("000000000000")).split("/")[-1]
    for arn in (policy["Arn"], READ_ONLY):
        iam.attach_user_policy(UserName=name, PolicyArn=arn)
        iam.attach_user_policy(UserName=name, PolicyArn=arn)  # twice is once
        iam.attach_role_policy(RoleName=role_name, PolicyArn=arn)
    attached = iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]
    assert sorted(p["PolicyArn"] for p in attached) == sorted((policy["Arn"], READ_ONLY))
    assert len(iam.list_attached_role_policies(RoleName=role_name)["AttachedPolicies"]) == 2
    assert iam.get_policy(PolicyArn=policy["Arn"])["Policy"]["AttachmentCount"] == 2
    with refused("DeleteConflict", status=409):
        iam.delete_policy(PolicyArn=policy["Arn"])
    iam.detach_user_policy(UserName=name, PolicyArn=policy["Arn"])
    with refused("NoSuchEntity", status=404):
        iam.detach_user_policy(UserName=name, PolicyArn=policy["Arn"])
    iam.detach_role_policy(RoleName=role_name, PolicyArn=policy["Arn"])
    iam.delete_policy(PolicyArn=policy["Arn"])


@pytest.mark.parametrize("arn", ["arn:aws:iam::000000000000:policy/none", "arn:aws:iam::aws:policy/NoSuchPolicy"])
def test_what_is_not_there_is_not_attached(arn, iam, user):
    with refused("NoSuchEntity", status=404):
        iam.attach_user_policy(UserName=user().name, PolicyArn=arn)


@pytest.mark.parametrize("name", ["AmazonS3FullAccess", "AmazonS3ReadOnlyAccess", "AmazonAPIGatewayAdministrator",
                                  "AmazonElasticFileSystemClientFullAccess", "service-role/AWSTransferLoggingAccess"])
def test_policies_of_aws_are_there(name, iam):
    found = iam.get_policy(PolicyArn=f"arn:aws:iam::aws:policy/{name}")["Policy"]
    assert found["PolicyName"] == name.split("/")[-1]
    version = iam.get_policy_version(PolicyArn=found["Arn"], VersionId=found["DefaultVersionId"])["PolicyVersion"]
    assert version["Document"]["Statement"]
    with pytest.raises(iam.exceptions.ClientError) as error:
        iam.delete_policy(PolicyArn=found["Arn"])
    assert error.value.response["Error"]["Code"] in ("AccessDenied", "InvalidInput"), error.value


def test_the_trust_of_a_role_is_replaced(iam, role, user):
    one = user()
    name = role(trusting("000000000000")).split("/")[-1]
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=trusting(one.arn))
    assert iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"] == json.loads(trusting(one.arn))
    with refused("MalformedPolicyDocument", status=400):
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=DOCUMENT)
    with refused("NoSuchEntity", status=404):
        iam.update_assume_role_policy(RoleName=name + "-none", PolicyDocument=trusting(one.arn))


GOOD = allow("s3:GetObject", "arn:aws:s3:::b/*")
MALFORMED = {
    "no json": "{", "a list": "[]", "a text": '"x"', "cut off": DOCUMENT[:-3], "more behind": DOCUMENT + "x",
    "no statement": '{"Version":"2012-10-17"}', "empty statements": '{"Version":"2012-10-17","Statement":[]}',
    "other version": '{"Version":"2012-10-18","Statement":[]}',
    "no effect": document({k: v for k, v in GOOD.items() if k != "Effect"}),
    "other effect": document({**GOOD, "Effect": "allow"}),
    "no action": document({k: v for k, v in GOOD.items() if k != "Action"}),
    "two actions": document({**GOOD, "NotAction": "s3:PutObject"}),
    "action without service": document({**GOOD, "Action": "GetObject"}),
    "no resource": document({k: v for k, v in GOOD.items() if k != "Resource"}),
    "resource is no arn": document({**GOOD, "Resource": "bucket"}),
    "a principal": document({**GOOD, "Principal": "*"}),
    "unknown member": document({**GOOD, "Recource": "*"}),
    "unknown operator": document({**GOOD, "Condition": {"StringSounds": {"aws:username": "x"}}}),
    "condition is a list": document({**GOOD, "Condition": []}),
    "a number for a text": document({**GOOD, "Action": 5}),
    "the same sid twice": document({**GOOD, "Sid": "a"}, {**GOOD, "Sid": "a"}),
    "a member twice": DOCUMENT.replace('"Effect"', '"Effect": "Deny", "Effect"'),
    "too deep": '{"Version":"2012-10-17","Statement":' + "[" * 900 + "]" * 900 + "}",
}


@pytest.mark.parametrize("which", MALFORMED)
def test_a_malformed_policy_is_refused_wherever_it_is_given(which, iam, user, role, sallyport):
    wrong, name = MALFORMED[which], user().name
    role_name = role(trusting("000000000000")).split("/")[-1]
    for call in (lambda: iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=wrong),
                 lambda: iam.put_role_policy(RoleName=role_name, PolicyName="p", PolicyDocument=wrong),
                 lambda: iam.create_policy(PolicyName=sallyport.name("p"), PolicyDocument=wrong)):
        with refused("MalformedPolicyDocument", status=400):
            call()
    assert iam.list_user_policies(UserName=name)["PolicyNames"] == []
    assert iam.list_role_policies(RoleName=role_name)["PolicyNames"] == []


@pytest.mark.parametrize("which", ["no json", "no statement", "no effect", "no action", "other version", "a text"])
def test_a_malformed_trust_is_refused(which, iam, sallyport):
    with refused("MalformedPolicyDocument", status=400):
        iam.create_role(RoleName=sallyport.name("never"), AssumeRolePolicyDocument=MALFORMED[which])


@pytest.mark.parametrize("statement", [
    {"Effect": "Allow", "Action": "sts:AssumeRole"}, {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"},
    {"Effect": "Allow", "Principal": {"AWS": "x"}, "Action": "sts:AssumeRole", "Resource": "*"},
    {"Effect": "Allow", "Principal": {"Nobody": "x"}, "Action": "sts:AssumeRole"}])
def test_a_trust_names_who_may_assume_and_nothing_else(statement, iam, sallyport):
    with refused("MalformedPolicyDocument", status=400):
        iam.create_role(RoleName=sallyport.name("never"), AssumeRolePolicyDocument=document(statement))


@pytest.mark.parametrize("statements", [130, 1200, 10_000])
def test_a_policy_over_its_limit_is_refused(statements, iam, user, role, sallyport):
    huge = document(*[allow("s3:GetObject", f"arn:aws:s3:::bucket/{i:050}") for i in range(statements)])
    name = user().name
    role_name = role(trusting("000000000000")).split("/")[-1]
    for call in (lambda: iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=huge),
                 lambda: iam.put_role_policy(RoleName=role_name, PolicyName="p", PolicyDocument=huge),
                 lambda: iam.create_policy(PolicyName=sallyport.name("p"), PolicyDocument=huge)):
        with pytest.raises(iam.exceptions.ClientError) as error:
            call()
        answer = error.value.response["ResponseMetadata"]["HTTPStatusCode"], error.value.response["Error"]["Code"]
        # So long a text is refused before anyone reads it.
        too_long = {(400, "ValidationError"), (413, "RequestEntityTooLargeException")}
        assert answer in ({(409, "LimitExceeded")} if statements < 1000 else {(409, "LimitExceeded")} | too_long)


def test_white_space_does_not_count_against_the_limit(iam, user):
    name = user().name
    one = document(*[allow("s3:GetObject", "arn:aws:s3:::b/" + "x" * 100) for _ in range(10)])
    assert len(one) < 2048
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=one.replace(" ", " " * 40))
    with refused("LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user", 409):
        iam.put_user_policy(UserName=name, PolicyName="q", PolicyDocument=document(
            *[allow("s3:GetObject", "arn:aws:s3:::b/" + "x" * 100) for _ in range(20)]))
