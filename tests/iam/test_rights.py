"""What callers may do on S3, as their policies say; and what they are told when they may not."""

import pytest

from support.iam_callers import allow, bucket_arns, deny, document, make_user
from support.refusals import refused
from support.s3_tools import AwsCli, Rclone, all_keys

READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def test_a_user_without_policies_may_nothing(user, bucket):
    one = user()
    told = f"User: {one.arn} is not authorized to perform: {{}} on resource: \"{{}}\" because no identity-based policy allows the {{}} action"
    for call, action, resource in (
            (lambda s3: s3.get_object(Bucket=bucket, Key="top"), "s3:GetObject", f"arn:aws:s3:::{bucket}/top"),
            (lambda s3: s3.put_object(Bucket=bucket, Key="new", Body=b""), "s3:PutObject", f"arn:aws:s3:::{bucket}/new"),
            (lambda s3: s3.list_objects_v2(Bucket=bucket), "s3:ListBucket", f"arn:aws:s3:::{bucket}"),
            (lambda s3: s3.delete_object(Bucket=bucket, Key="top"), "s3:DeleteObject", f"arn:aws:s3:::{bucket}/top"),
            (lambda s3: s3.delete_bucket(Bucket=bucket), "s3:DeleteBucket", f"arn:aws:s3:::{bucket}"),
            (lambda s3: s3.create_bucket(Bucket=bucket + "-new"), "s3:CreateBucket", f"arn:aws:s3:::{bucket}-new"),
            (lambda s3: s3.get_bucket_policy(Bucket=bucket), "s3:GetBucketPolicy", f"arn:aws:s3:::{bucket}"),
            (lambda s3: s3.put_bucket_policy(Bucket=bucket, Policy="{}"), "s3:PutBucketPolicy", f"arn:aws:s3:::{bucket}"),
            (lambda s3: s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}),
             "s3:PutBucketVersioning", f"arn:aws:s3:::{bucket}"),
            (lambda s3: s3.get_object_tagging(Bucket=bucket, Key="top"), "s3:GetObjectTagging", f"arn:aws:s3:::{bucket}/top"),
            (lambda s3: s3.create_multipart_upload(Bucket=bucket, Key="new"), "s3:PutObject", f"arn:aws:s3:::{bucket}/new")):
        with refused("AccessDenied", told.format(action, resource, action), 403):
            call(one.client())
    with refused("403"):
        one.client().head_object(Bucket=bucket, Key="top")
    with refused("403"):
        one.client().head_bucket(Bucket=bucket)


def test_a_managed_policy_gives_its_rights_and_takes_them_along(iam, user, bucket):
    one = user()
    iam.attach_user_policy(UserName=one.name, PolicyArn=READ_ONLY)
    assert one.client().get_object(Bucket=bucket, Key="top")["Body"].read() == b"top"
    assert bucket in [b["Name"] for b in one.client().list_buckets()["Buckets"]]
    with refused("AccessDenied", "s3:PutObject", 403):
        one.client().put_object(Bucket=bucket, Key="top", Body=b"x")
    iam.detach_user_policy(UserName=one.name, PolicyArn=READ_ONLY)
    with refused("AccessDenied", "s3:GetObject", 403):
        one.client().get_object(Bucket=bucket, Key="top")


def test_the_default_version_of_a_policy_counts(iam, user, bucket, sallyport):
    one = user()
    arn = iam.create_policy(PolicyName=sallyport.name("p"), PolicyDocument=document(
        allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*")))["Policy"]["Arn"]
    iam.attach_user_policy(UserName=one.name, PolicyArn=arn)
    s3 = one.client()
    assert s3.get_object(Bucket=bucket, Key="top")["Body"].read() == b"top"
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("s3:ListBucket")))
    assert s3.get_object(Bucket=bucket, Key="top")["Body"].read() == b"top"
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    with refused("AccessDenied", "s3:GetObject", 403):
        s3.get_object(Bucket=bucket, Key="top")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 4


def test_rights_end_at_a_prefix(user, bucket):
    one = user(allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{bucket}/a/*"),
               allow("s3:ListBucket", f"arn:aws:s3:::{bucket}", Condition={"StringLike": {"s3:prefix": ["a/*"]}}))
    s3 = one.client()
    assert all_keys(s3, bucket, "a/") == ["a/1", "a/2"]
    s3.put_object(Bucket=bucket, Key="a/new", Body=b"x")
    assert s3.get_object(Bucket=bucket, Key="a/1")["Body"].read() == b"a/1"
    for call in (lambda: s3.get_object(Bucket=bucket, Key="b/1"), lambda: s3.put_object(Bucket=bucket, Key="b/n", Body=b""),
                 lambda: s3.list_objects_v2(Bucket=bucket), lambda: s3.list_objects_v2(Bucket=bucket, Prefix="b/"),
                 lambda: s3.list_objects(Bucket=bucket), lambda: s3.delete_object(Bucket=bucket, Key="a/1"),
                 lambda: s3.copy_object(Bucket=bucket, Key="a/c", CopySource=f"{bucket}/b/1"),
                 lambda: s3.copy_object(Bucket=bucket, Key="b/c", CopySource=f"{bucket}/a/1"),
                 lambda: s3.list_buckets()):
        with refused("AccessDenied", status=403):
            call()
    s3.copy_object(Bucket=bucket, Key="a/copy", CopySource=f"{bucket}/a/1")
    told = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a/1"}, {"Key": "b/1"}]})
    assert sorted((e["Key"], e["Code"]) for e in told["Errors"]) == [("a/1", "AccessDenied"), ("b/1", "AccessDenied")]


def test_a_deny_wins_over_every_allow(user, bucket):
    one = user(allow("*"), deny("s3:GetObject", f"arn:aws:s3:::{bucket}/b/*"))
    assert one.client().get_object(Bucket=bucket, Key="a/1")["Body"].read() == b"a/1"
    with refused("AccessDenied", "with an explicit deny in an identity-based policy", 403):
        one.client().get_object(Bucket=bucket, Key="b/1")


def test_a_missing_key_is_only_told_to_who_may_list(user, bucket):
    reader = user(allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*"))
    with refused("AccessDenied", "s3:ListBucket", 403):
        reader.client().get_object(Bucket=bucket, Key="none")
    lister = user(allow(["s3:GetObject", "s3:ListBucket"], bucket_arns(bucket)))
    with refused("NoSuchKey", status=404):
        lister.client().get_object(Bucket=bucket, Key="none")


def test_a_policy_speaks_of_its_user_by_a_variable(iam, user, s3, bucket, sallyport):
    arn = iam.create_policy(PolicyName=sallyport.name("home"), PolicyDocument=document(
        allow("s3:*Object", f"arn:aws:s3:::{bucket}/home/${{aws:username}}/*")))["Policy"]["Arn"]
    people = [user(), user()]
    for one in people:
        iam.attach_user_policy(UserName=one.name, PolicyArn=arn)
        one.client().put_object(Bucket=bucket, Key=f"home/{one.name}/f", Body=b"own")
    with refused("AccessDenied", status=403):
        people[0].client().get_object(Bucket=bucket, Key=f"home/{people[1].name}/f")


@pytest.mark.parametrize("statement, allowed", [
    (allow("s3:Get?bject"), True), (allow("S3:getobject"), True), (allow("s3:GetObjectVersion"), False),
    ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, True),
    ({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::*/top"}, False),
    (allow("s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}), True),
    (allow("s3:GetObject", Condition={"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}), False),
    (allow("s3:GetObject", Condition={"Bool": {"aws:SecureTransport": "true"}}), False),
    (allow("s3:GetObject", Condition={"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}), True),
    (allow("s3:GetObject", Condition={"StringEqualsIfExists": {"s3:VersionId": "x"}}), True),
    (allow("s3:GetObject", Condition={"StringEquals": {"s3:VersionId": "x"}}), False)])
def test_statements_mean_what_they_mean_there(statement, allowed, user, bucket):
    s3 = user(statement).client()
    if allowed:
        assert s3.get_object(Bucket=bucket, Key="top")["Body"].read() == b"top"
    else:
        with refused("AccessDenied", status=403):
            s3.get_object(Bucket=bucket, Key="top")


def test_finer_rights_are_asked_for(user, s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="top", Body=b"new")["VersionId"]
    plain = user(allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], f"arn:aws:s3:::{bucket}/*")).client()
    for call, action in (
            (lambda: plain.get_object(Bucket=bucket, Key="top", VersionId=version), "s3:GetObjectVersion"),
            (lambda: plain.delete_object(Bucket=bucket, Key="top", VersionId=version), "s3:DeleteObjectVersion"),
            (lambda: plain.put_object(Bucket=bucket, Key="top", Body=b"x", Tagging="a=1"), "s3:PutObjectTagging"),
            (lambda: plain.list_object_versions(Bucket=bucket), "s3:ListBucketVersions"),
            (lambda: plain.list_multipart_uploads(Bucket=bucket), "s3:ListBucketMultipartUploads"),
            (lambda: plain.get_bucket_versioning(Bucket=bucket), "s3:GetBucketVersioning")):
        with refused("AccessDenied", f"is not authorized to perform: {action} on", 403):
            call()
    upload = plain.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    with refused("AccessDenied", "s3:AbortMultipartUpload", 403):
        plain.abort_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload)
    with refused("AccessDenied", "s3:ListMultipartUploadParts", 403):
        plain.list_parts(Bucket=bucket, Key="parts", UploadId=upload)


def test_a_bucket_policy_can_give_a_user_rights_or_take_them(user, s3, bucket):
    given, taken = user(), user(allow("s3:*"))
    s3.put_bucket_policy(Bucket=bucket, Policy=document(
        {**allow("s3:GetObject", f"arn:aws:s3:::{bucket}/a/*"), "Principal": {"AWS": given.arn}},
        {**deny("s3:GetObject", f"arn:aws:s3:::{bucket}/a/*"), "Principal": {"AWS": taken.arn}}))
    assert given.client().get_object(Bucket=bucket, Key="a/1")["Body"].read() == b"a/1"
    with refused("AccessDenied", status=403):
        given.client().get_object(Bucket=bucket, Key="b/1")
    assert taken.client().get_object(Bucket=bucket, Key="b/1")["Body"].read() == b"b/1"
    with refused("AccessDenied", "with an explicit deny in a resource-based policy", 403):
        taken.client().get_object(Bucket=bucket, Key="a/1")
    assert s3.get_object(Bucket=bucket, Key="a/1")["Body"].read() == b"a/1"


def test_a_change_counts_for_a_client_that_is_connected(iam, user, bucket):
    one = user(allow("s3:GetObject"))
    s3 = one.client(max_pool_connections=1)
    for _ in range(3):
        iam.put_user_policy(UserName=one.name, PolicyName="rights", PolicyDocument=document(allow("s3:GetObject")))
        assert s3.get_object(Bucket=bucket, Key="top")["Body"].read() == b"top"
        iam.put_user_policy(UserName=one.name, PolicyName="rights", PolicyDocument=document(deny("s3:GetObject")))
        with refused("AccessDenied", status=403):
            s3.get_object(Bucket=bucket, Key="top")


def test_tools_of_a_narrow_user_work_where_he_may_and_say_where_not(sallyport, iam, s3, bucket, tmp_path):
    one = make_user(sallyport, iam, allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{bucket}/a/*"),
                    allow("s3:ListBucket", f"arn:aws:s3:::{bucket}", Condition={"StringLike": {"s3:prefix": "a/*"}}))
    (tmp_path / "f").write_text("from a tool")
    aws, rclone = AwsCli(one.access, tmp_path), Rclone(one.access, tmp_path)
    aws.run("s3", "cp", tmp_path / "f", f"s3://{bucket}/a/f")
    assert aws.run("s3", "ls", f"s3://{bucket}/a/").split()[-1] == "f"
    assert rclone.run("cat", f"remote:{bucket}/a/f") == "from a tool"
    denied = aws.run("s3", "ls", f"s3://{bucket}/b/", check=False)
    assert denied.returncode != 0
    assert "An error occurred (AccessDenied) when calling the ListObjectsV2 operation" in denied.stderr
    assert f"User: {one.arn} is not authorized to perform: s3:ListBucket" in denied.stderr
    assert aws.run("s3", "cp", tmp_path / "f", f"s3://{bucket}/b/f", check=False).returncode == 1
    refusal = rclone.run("copy", tmp_path / "f", f"remote:{bucket}/b/", check=False)
    assert refusal.returncode != 0 and "403" in refusal.stderr
    assert all_keys(s3, bucket, "b/") == ["b/1"]


def test_root_is_limited_by_no_policy_of_others(user, s3, bucket):
    user(deny("*"))
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 4
