"""Temporary credentials: assuming roles, with session policies, and tokens that are none."""

import dataclasses
import datetime
import pathlib
import re
import urllib.error
import urllib.request

import boto3
import pytest

from support.iam_callers import allow, assume, bucket_arns, deny, document, make_role, make_user, trusting
from support.refusals import refused
from support.s3_requests import Request, now, presigned
from support.s3_tools import Access, AwsCli, Rclone
from support.sallyport import TRUST, Sallyport

ACCOUNT = "000000000000"


@pytest.fixture
def one(user):
    return user()


def test_the_root_knows_himself(root):
    told = root.client("sts").get_caller_identity()
    assert (told["Arn"], told["UserId"], told["Account"]) == (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, ACCOUNT)


def test_a_trusted_user_assumes_a_role_and_has_its_rights(one, role, bucket):
    arn = role(trusting(one.arn), allow(["s3:GetObject", "s3:ListBucket"], bucket_arns(bucket)))
    answer = one.client("sts").assume_role(RoleArn=arn, RoleSessionName="of-a_test@x")
    name = arn.split("/")[-1]
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/of-a_test@x"
    assert re.fullmatch(r"AROA[A-Z0-9]{16,}:of-a_test@x", answer["AssumedRoleUser"]["AssumedRoleId"])
    given = answer["Credentials"]
    assert re.fullmatch(r"ASIA[A-Z0-9]{16}", given["AccessKeyId"])
    life = given["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(minutes=55) < life <= datetime.timedelta(minutes=61)
    session = Access(one.access.url, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    told = session.client("sts").get_caller_identity()
    assert told["Arn"] == answer["AssumedRoleUser"]["Arn"] and told["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    assert session.client().get_object(Bucket=bucket, Key="top")["Body"].read() == b"top"
    with refused("AccessDenied", f"User: {told['Arn']} is not authorized to perform: s3:PutObject", 403):
        session.client().put_object(Bucket=bucket, Key="new", Body=b"x")
    with refused("AccessDenied", status=403):
        one.client().get_object(Bucket=bucket, Key="top")  # the user himself has none of it


def test_a_session_policy_narrows_and_never_widens(one, role, bucket):
    arn = role(trusting(one.arn), allow("s3:GetObject", f"arn:aws:s3:::{bucket}/a/*"))
    session = assume(one, arn, Policy=document(allow("s3:*", [f"arn:aws:s3:::{bucket}/a/1", f"arn:aws:s3:::{bucket}/b/*"])))
    assert session.client().get_object(Bucket=bucket, Key="a/1")["Body"].read() == b"a/1"
    with refused("AccessDenied", "because no session policy allows the s3:GetObject action", 403):
        session.client().get_object(Bucket=bucket, Key="a/2")
    with refused("AccessDenied", "because no identity-based policy allows the s3:GetObject action", 403):
        session.client().get_object(Bucket=bucket, Key="b/1")
    denied = assume(one, arn, Policy=document(allow("s3:*"), deny("s3:GetObject")))
    with refused("AccessDenied", "with an explicit deny in a session policy", 403):
        denied.client().get_object(Bucket=bucket, Key="a/1")


@pytest.mark.parametrize("policy", ["{", "[]", '{"Version":"2012-10-17"}', '{"Version":"2012-10-17","Statement":[{}]}',
                                    document({**allow("s3:*"), "Principal": "*"})])
def test_a_malformed_session_policy_is_refused(policy, one, role):
    with refused("MalformedPolicyDocument", status=400):
        assume(one, role(trusting(one.arn)), Policy=policy)


def test_a_session_policy_over_its_limit_is_refused(one, role):
    with pytest.raises(Exception) as error:
        assume(one, role(trusting(one.arn)), Policy=document(allow("s3:*", "arn:aws:s3:::" + "x" * 3000)))
    assert "ValidationError" in str(error.value) or "PackedPolicyTooLarge" in str(error.value)


def test_a_role_is_assumed_by_those_it_trusts_only(one, user, role):
    arn = role(trusting(one.arn))
    other = user(allow("sts:AssumeRole"))
    sentence = f"User: {other.arn} is not authorized to perform: sts:AssumeRole"
    with refused("AccessDenied", sentence, 403):
        assume(other, arn)
    with refused("AccessDenied", "is not authorized to perform: sts:AssumeRole", 403):
        assume(one, role(TRUST))  # for Transfer Family alone
    with refused("AccessDenied", "is not authorized to perform: sts:AssumeRole", 403):
        assume(one, arn + "-none")
    assume(one, arn)


def test_trust_in_the_account_leaves_it_to_the_users_policies(one, user, role):
    arn = role(trusting(f"arn:aws:iam::{ACCOUNT}:root"))
    with refused("AccessDenied", status=403):
        assume(one, arn)
    assume(user(allow("sts:AssumeRole", arn)), arn)
    with refused("AccessDenied", status=403):
        assume(user(allow("sts:*"), deny("sts:AssumeRole", arn)), arn)


def test_a_deny_in_the_trust_or_the_users_policy_wins(user, role):
    one = user(deny("sts:AssumeRole"))
    with refused("AccessDenied", status=403):
        assume(one, role(trusting(one.arn)))
    other = user()
    trust = document({"Effect": "Allow", "Principal": {"AWS": other.arn}, "Action": "sts:AssumeRole"},
                     {"Effect": "Deny", "Principal": {"AWS": other.arn}, "Action": "sts:AssumeRole"})
    with refused("AccessDenied", status=403):
        assume(other, role(trust))


def test_an_external_id_has_to_be_said(one, role):
    arn = role(trusting(one.arn, Condition={"StringEquals": {"sts:ExternalId": "secret-word"}}))
    for wrong in ({}, {"ExternalId": "another"}):
        with refused("AccessDenied", status=403):
            assume(one, arn, **wrong)
    assume(one, arn, ExternalId="secret-word")


def test_the_life_of_a_session_has_bounds(one, role):
    arn = role(trusting(one.arn), MaxSessionDuration=7200)
    assume(one, arn, DurationSeconds=900)
    assume(one, arn, DurationSeconds=7200)
    unchecked = one.client("sts", parameter_validation=False)
    for wrong in (0, 899, 7201, 43201):
        with refused("ValidationError", status=400):
            unchecked.assume_role(RoleArn=arn, RoleSessionName="session", DurationSeconds=wrong)


@pytest.mark.parametrize("session", ["x", "y" * 65, "has space", "semi;colon", "für"])
def test_a_wrong_session_name_is_refused(session, one, role):
    with refused("ValidationError", status=400):
        one.client("sts", parameter_validation=False).assume_role(RoleArn=role(trusting(one.arn)), RoleSessionName=session)


def test_a_session_can_assume_the_next_role(one, role, bucket):
    first = role(trusting(one.arn))
    second = role(trusting(first), allow("s3:GetObject"))
    session = assume(one, first)
    with refused("AccessDenied", status=403):
        session.client().get_object(Bucket=bucket, Key="top")
    assert assume(session, second).client().get_object(Bucket=bucket, Key="top")["Body"].read() == b"top"
    with refused("AccessDenied", status=403):
        assume(one, second)


def test_policies_count_as_they_stand_when_a_session_acts(iam, one, role, bucket):
    arn = role(trusting(one.arn), allow("s3:GetObject"))
    session, name = assume(one, arn).client(), arn.split("/")[-1]
    assert session.get_object(Bucket=bucket, Key="top")["Body"].read() == b"top"
    iam.delete_role_policy(RoleName=name, PolicyName="rights")
    with refused("AccessDenied", status=403):
        session.get_object(Bucket=bucket, Key="top")
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=document(allow("s3:GetObject")))
    assert session.get_object(Bucket=bucket, Key="top")["Body"].read() == b"top"
    # Trust was settled when it began.
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=TRUST)
    assert session.get_object(Bucket=bucket, Key="top")["Body"].read() == b"top"
    with refused("AccessDenied", status=403):
        assume(one, arn)


def test_a_session_ends_with_its_role(iam, one, role, bucket):
    arn = role(trusting(one.arn), allow("s3:GetObject"))
    session, name = assume(one, arn), arn.split("/")[-1]
    iam.delete_role_policy(RoleName=name, PolicyName="rights")
    iam.delete_role(RoleName=name)
    with pytest.raises(Exception) as error:
        session.client().get_object(Bucket=bucket, Key="top")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)
    # Nor does one of the same name give it back.
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(one.arn))
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=document(allow("s3:GetObject")))
    with pytest.raises(Exception) as error:
        session.client().get_object(Bucket=bucket, Key="top")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)


# Tokens

@pytest.fixture
def session(one, role, bucket):
    return assume(one, role(trusting(one.arn), allow("s3:*", bucket_arns(bucket))))


def changed(token, at):
    at %= len(token)
    return token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1:]


def test_a_changed_token_is_refused(session, bucket):
    for token in (changed(session.token, 0), changed(session.token, 20), changed(session.token, len(session.token) // 2),
                  session.token[:-8], session.token + "AAAA", session.token[4:], session.token * 2, "A" * 100, "%00"):
        forged = dataclasses.replace(session, token=token)
        answer = Request(forged, "GET", f"/{bucket}/top").send()
        assert (answer.status, answer.code) == (400, "InvalidToken"), (token, answer.body)
        assert forged.secret_key.encode() not in answer.body
    forged = dataclasses.replace(session, token=changed(session.token, 30))
    with refused("InvalidClientTokenId", "The security token included in the request is invalid", 403):
        forged.client("sts").get_caller_identity()
    with refused("UnrecognizedClientException", "The security token included in the request is invalid", 400):
        forged.client("transfer").list_servers()


def test_a_token_is_good_for_its_own_key_only(one, role, session, bucket):
    other = assume(one, role(trusting(one.arn), allow("s3:*")))
    for mixed in (dataclasses.replace(session, token=other.token),
                  dataclasses.replace(one.access, token=session.token)):
        answer = Request(mixed, "GET", f"/{bucket}/top").send()
        assert answer.status in (400, 403) and answer.code in ("InvalidToken", "InvalidAccessKeyId"), answer.body
    wrong_secret = dataclasses.replace(session, secret_key=other.secret_key)
    answer = Request(wrong_secret, "GET", f"/{bucket}/top").send()
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")


def test_a_temporary_key_without_its_token_is_refused(session, bucket):
    bare = dataclasses.replace(session, token=None)
    answer = Request(bare, "GET", f"/{bucket}/top").send()
    assert (answer.status, answer.code) == (403, "InvalidAccessKeyId")
    with refused("InvalidClientTokenId", status=403):
        bare.client("sts").get_caller_identity()


def test_a_token_must_be_signed_with_the_rest(session, bucket):
    request = Request(dataclasses.replace(session, token=None), "GET", f"/{bucket}/top")
    request.headers["x-amz-security-token"] = session.token
    assert request.send().status == 403


def test_a_token_of_another_installation_is_refused(fresh_sallyport, session, bucket):
    elsewhere = fresh_sallyport.start()
    foreign = dataclasses.replace(session, url=elsewhere.api_url)
    answer = Request(foreign, "GET", f"/{bucket}/top").send()
    assert (answer.status, answer.code) == (400, "InvalidToken")


def test_a_session_presigns(session, bucket):
    url = presigned(session, "GET", f"/{bucket}/top", 60)
    assert urllib.request.urlopen(url, timeout=10).read() == b"top"
    url = session.client().generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "top"}, ExpiresIn=60)
    assert urllib.request.urlopen(url, timeout=10).read() == b"top"
    forged = dataclasses.replace(session, token=changed(session.token, 10))
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(presigned(forged, "GET", f"/{bucket}/top", 60), timeout=10)
    assert error.value.code in (400, 403)


@pytest.mark.heavy
def test_a_session_that_has_expired_is_refused(binary, tmp_path):
    """The same installation started again with a clock that is an hour ahead."""
    class Later(Sallyport):
        def command(self):
            (library,) = pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1")
            return ["env", f"LD_PRELOAD={library}", "FAKETIME=+3605s", "FAKETIME_DONT_FAKE_MONOTONIC=1",
                    *super().command()]

    running = Sallyport(binary, tmp_path / "data").start()
    iam, bucket = running.client("iam"), running.bucket()
    one = make_user(running, iam)
    arn = make_role(running, iam, trusting(one.arn), allow("s3:*"), MaxSessionDuration=7200)
    short, long = assume(one, arn), assume(one, arn, DurationSeconds=7200)
    running.client("s3").put_object(Bucket=bucket, Key="k", Body=b"x")
    running.stop()
    later = Later(binary, tmp_path / "data").start()
    try:
        at = now() + datetime.timedelta(seconds=3605)

        def get(access):
            return Request(dataclasses.replace(access, url=later.api_url), "GET", f"/{bucket}/k", at=at).send()

        assert get(long).body == b"x"
        answer = get(short)
        assert (answer.status, answer.code) == (400, "ExpiredToken"), answer.body
        assert b"The provided token has expired." in answer.body
        assert get(dataclasses.replace(short, token=None)).code == "InvalidAccessKeyId"
        url = presigned(dataclasses.replace(short, url=later.api_url), "GET", f"/{bucket}/k", 7200)
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(url, timeout=10)
        assert error.value.code in (400, 403)
    finally:
        later.stop()


# Tools

def test_tools_work_with_a_session(session, s3, bucket, tmp_path):
    (tmp_path / "f").write_text("with a session")
    AwsCli(session, tmp_path).run("s3", "cp", tmp_path / "f", f"s3://{bucket}/aws")
    Rclone(session, tmp_path).run("copyto", tmp_path / "f", f"remote:{bucket}/rclone")
    session.node().call("PutObject", Bucket=bucket, Key="node", body=b"with a session")
    for key in ("aws", "rclone", "node"):
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"with a session"


def test_the_command_line_assumes_a_role_by_its_profile(one, role, bucket, tmp_path):
    arn = role(trusting(one.arn), allow("s3:GetObject"))
    (tmp_path / "config").write_text(
        f"[profile base]\naws_access_key_id = {one.access.access_key}\naws_secret_access_key = {one.access.secret_key}\n"
        f"region = us-east-1\n[profile narrow]\nrole_arn = {arn}\nsource_profile = base\nregion = us-east-1\n")
    aws = AwsCli(one.access, tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del aws.env[name]
    aws.env.update(AWS_CONFIG_FILE=str(tmp_path / "config"))
    given = aws.run("--profile", "base", "sts", "assume-role", "--role-arn", arn, "--role-session-name", "cli",
                    "--query", "Credentials.[AccessKeyId,SecretAccessKey,SessionToken]", "--output", "text").split()
    session = Access(one.access.url, *given)
    told = AwsCli(session, tmp_path)
    assert told.run("s3", "cp", f"s3://{bucket}/top", "-") == "top"


def test_the_javascript_sdk_assumes_a_role(one, role, bucket):
    arn = role(trusting(one.arn), allow("s3:GetObject"))
    given = one.access.node("sts").call("AssumeRole", RoleArn=arn, RoleSessionName="node")["Credentials"]
    session = Access(one.access.url, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert session.node().call("GetObject", Bucket=bucket, Key="top")["Body"] == b"top"


def test_boto3_renews_by_itself_with_a_role(one, role, bucket):
    """As programs do it: a session whose credentials come from AssumeRole."""
    arn = role(trusting(one.arn), allow("s3:GetObject"))
    given = one.client("sts").assume_role(RoleArn=arn, RoleSessionName="boto3")["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], "us-east-1")
    assert session.client("s3", endpoint_url=one.access.url).get_object(Bucket=bucket, Key="top")["Body"].read() == b"top"


def test_the_other_calls_of_sts_are_refused_clearly(root):
    with pytest.raises(Exception) as error:
        root.client("sts").get_federation_token(Name="xx")
    assert error.value.response["Error"]["Code"] in ("InvalidAction", "NotImplemented", "AccessDenied"), error.value
