"""IAM, STS, S3 and CloudWatch Logs as boto3 and the AWS command line see them."""

import hashlib
import json
import os
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from support.sallyport import TRUST, full_rights
from support.sftp_client import SftpClient
from support.sshkeys import make_key

from .helpers import aws, refused


def test_a_role_with_policies(sallyport):
    iam, name = sallyport.client("iam"), sallyport.name("role")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Description="files",
                           Tags=[{"Key": "a", "Value": "b"}])["Role"]
    assert made["Arn"] == f"arn:aws:iam::000000000000:role/{name}"
    found = iam.get_role(RoleName=name)["Role"]
    assert found["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert found["Tags"] == [{"Key": "a", "Value": "b"}]
    policy = full_rights("bucket")
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=json.dumps(policy))
    assert iam.get_role_policy(RoleName=name, PolicyName="rights")["PolicyDocument"] == policy
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["rights"]
    assert name in [r["RoleName"] for page in iam.get_paginator("list_roles").paginate(
        PaginationConfig={"PageSize": 1}) for r in page["Roles"]]
    with refused("EntityAlreadyExists"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    with refused("MalformedPolicyDocument"):
        iam.put_role_policy(RoleName=name, PolicyName="bad", PolicyDocument="{")
    with refused("DeleteConflict"):
        iam.delete_role(RoleName=name)
    iam.delete_role_policy(RoleName=name, PolicyName="rights")
    iam.delete_role(RoleName=name)
    with refused("NoSuchEntity"):
        iam.get_role(RoleName=name)


def test_the_caller_is_the_root(sallyport):
    assert sallyport.client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:root"
    assert aws(sallyport, "sts", "get-caller-identity")["Account"] == "000000000000"


def test_objects_go_and_come_back(sallyport):
    s3, bucket = sallyport.client("s3"), sallyport.bucket()
    body = os.urandom(3_000_000)
    put = s3.put_object(Bucket=bucket, Key="a b/é+.bin", Body=body, ContentType="application/x-test",
                        Metadata={"team": "blue"})
    got = s3.get_object(Bucket=bucket, Key="a b/é+.bin")
    assert hashlib.sha256(got["Body"].read()).digest() == hashlib.sha256(body).digest()
    assert (got["ETag"], got["ContentType"], got["Metadata"]) == (put["ETag"], "application/x-test", {"team": "blue"})
    part = s3.get_object(Bucket=bucket, Key="a b/é+.bin", Range="bytes=1000-1999")
    assert part["Body"].read() == body[1000:2000]
    assert part["ContentRange"] == "bytes 1000-1999/3000000"
    head = s3.head_object(Bucket=bucket, Key="a b/é+.bin")
    assert head["ContentLength"] == len(body)
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="a b/é+.bin", IfNoneMatch=put["ETag"])
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 304
    s3.delete_object(Bucket=bucket, Key="a b/é+.bin")
    with refused("NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="a b/é+.bin")


def test_a_wrong_checksum_stores_nothing(sallyport):
    s3, bucket = sallyport.client("s3"), sallyport.bucket()
    with refused("BadDigest"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"abc", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_listings_page_and_fold(sallyport):
    s3, bucket = sallyport.client("s3"), sallyport.bucket()
    keys = sorted([f"k{i:02}" for i in range(7)] + ["d/1", "d/2", "e+f", "ü"])
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 3})
    assert [o["Key"] for page in pages for o in page["Contents"]] == keys
    folded = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [p["Prefix"] for p in folded["CommonPrefixes"]] == ["d/"]
    with refused("BucketNotEmpty"):
        s3.delete_bucket(Bucket=bucket)
    with refused("NoSuchBucket"):
        s3.list_objects_v2(Bucket=sallyport.name("none"))


def test_presigned_urls_work_without_a_key_and_not_when_changed(sallyport):
    s3, bucket = sallyport.client("s3"), sallyport.bucket()
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    # The client of its own accord still presigns with version 2 here.
    env = sallyport.environment()
    signer = boto3.client("s3", endpoint_url=sallyport.api_url, region_name="us-east-1",
                          aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
                          aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
                          config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
    url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.read() == b"hello"
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(url.replace("/k?", "/other?"), timeout=10)
    assert error.value.code == 403


def test_what_s3_does_not_have_is_not_implemented(sallyport):
    s3, bucket = sallyport.client("s3"), sallyport.bucket()
    s3.put_object(Bucket=bucket, Key="k", Body=b"a,b")
    with refused("NotImplemented"):
        s3.select_object_content(Bucket=bucket, Key="k", ExpressionType="SQL", Expression="select * from s3object",
                                 InputSerialization={"CSV": {}}, OutputSerialization={"CSV": {}})
    with refused("NotImplemented"):
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"],
                                                                            "AllowedOrigins": ["*"]}]})


def test_the_command_line_copies_files(sallyport, tmp_path):
    bucket = sallyport.name("bucket")
    aws(sallyport, "s3", "mb", f"s3://{bucket}")
    source = tmp_path / "source.bin"
    source.write_bytes(os.urandom(100_000))
    aws(sallyport, "s3", "cp", str(source), f"s3://{bucket}/in/source.bin")
    assert "source.bin" in aws(sallyport, "s3", "ls", f"s3://{bucket}/in/")
    aws(sallyport, "s3", "cp", f"s3://{bucket}/in/source.bin", str(tmp_path / "back.bin"))
    assert (tmp_path / "back.bin").read_bytes() == source.read_bytes()
    aws(sallyport, "s3", "rm", f"s3://{bucket}/in/source.bin")
    aws(sallyport, "s3", "rb", f"s3://{bucket}")


def test_log_groups_without_lines_are_not_there(sallyport):
    logs = sallyport.client("logs")
    with refused("ResourceNotFoundException"):
        logs.filter_log_events(logGroupName="/aws/transfer/s-00000000000000000")
    with refused("InvalidParameterException", "JSON"):
        logs.filter_log_events(logGroupName="/aws/transfer/s-00000000000000000", filterPattern="{ $.a = 1 }")
    assert isinstance(logs.describe_log_groups()["logGroups"], list)


def test_logs_of_a_transfer_are_read_and_tailed(sallyport, tmp_path):
    server, key = sallyport.server(), make_key(tmp_path)
    bucket = sallyport.user(server, key)
    (tmp_path / "f").write_text("hello")
    SftpClient(*sallyport.endpoint(server), "ann", key).must(f"put {tmp_path}/f f")
    sallyport.wait_events(server, lambda events: any(e["activity-type"] == "CLOSE" for _, e in events))
    group, logs = f"/aws/transfer/{server}", sallyport.client("logs")
    assert logs.describe_log_streams(logGroupName=group)["logStreams"][0]["logStreamName"] == f"{server}/ann"
    lines = logs.get_log_events(logGroupName=group, logStreamName=f"{server}/ann", startFromHead=True)["events"]
    assert json.loads(lines[0]["message"])["activity-type"] == "CONNECTED"
    closes = logs.filter_log_events(logGroupName=group, filterPattern="CLOSE -PARTIAL_CLOSE")["events"]
    assert [json.loads(e["message"])["path"] for e in closes] == [f"/{bucket}/ann/f"]
    told = aws(sallyport, "logs", "tail", group, "--since", "1h", "--format", "short")
    assert '"activity-type":"CONNECTED"' in told.replace(" ", "")
