"""Tags of objects."""

import pytest

from support.refusals import refused
from support.s3_tools import AwsCli


@pytest.fixture
def place(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    return {"Bucket": bucket, "Key": "k"}


def tags(**pairs):
    return {"TagSet": [{"Key": key, "Value": value} for key, value in pairs.items()]}


def read(s3, place):
    return {tag["Key"]: tag["Value"] for tag in s3.get_object_tagging(**place)["TagSet"]}


def test_tags_are_put_replaced_and_deleted(s3, place):
    assert read(s3, place) == {}
    assert "TagCount" not in s3.get_object(**place)
    s3.put_object_tagging(**place, Tagging=tags(a="1", b="ü +-=._:/@ 1", empty=""))
    assert read(s3, place) == {"a": "1", "b": "ü +-=._:/@ 1", "empty": ""}
    assert s3.get_object(**place)["TagCount"] == 3
    s3.put_object_tagging(**place, Tagging=tags(other="2"))
    assert read(s3, place) == {"other": "2"}
    s3.delete_object_tagging(**place)
    assert read(s3, place) == {}
    assert s3.get_object(**place)["Body"].read() == b"x"


def test_tags_come_with_a_put_and_go_with_the_next(s3, place):
    s3.put_object(**place, Body=b"y", Tagging="a=1&b%20c=d%2Be&f=")
    assert read(s3, place) == {"a": "1", "b c": "d+e", "f": ""}
    s3.put_object(**place, Body=b"z")
    assert read(s3, place) == {}


def test_ten_tags_are_the_most(s3, place):
    s3.put_object_tagging(**place, Tagging=tags(**{f"t{i}": "v" for i in range(10)}))
    with refused("BadRequest", "Object tags cannot be greater than 10", 400):
        s3.put_object_tagging(**place, Tagging=tags(**{f"t{i}": "v" for i in range(11)}))
    assert len(read(s3, place)) == 10


@pytest.mark.parametrize("wrong", [[("k" * 129, "v")], [("k", "v" * 257)], [("a", "1"), ("a", "2")],
                                   [("aws:own", "v")], [("tab\t", "v")]],
                         ids=["long key", "long value", "twice", "reserved", "control"])
def test_wrong_tags_are_refused(wrong, s3, place):
    s3.put_object_tagging(**place, Tagging=tags(before="1"))
    with refused("InvalidTag", status=400):
        s3.put_object_tagging(**place, Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in wrong]})
    assert read(s3, place) == {"before": "1"}


def test_a_put_with_wrong_tags_stores_nothing(s3, bucket):
    with refused("InvalidArgument", "The header 'x-amz-tagging' shall be encoded as", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="a=1&a=2")
    with refused("404"):
        s3.head_object(Bucket=bucket, Key="k")


def test_what_is_not_there_has_no_tags(s3, bucket):
    for call in (s3.get_object_tagging, s3.delete_object_tagging):
        with refused("NoSuchKey", status=404):
            call(Bucket=bucket, Key="none")
    with refused("NoSuchKey", status=404):
        s3.put_object_tagging(Bucket=bucket, Key="none", Tagging=tags(a="1"))


def test_the_command_line_tags(access, s3, place, tmp_path):
    aws = AwsCli(access, tmp_path)
    aws.run("s3api", "put-object-tagging", "--bucket", place["Bucket"], "--key", "k", "--tagging",
            "TagSet=[{Key=team,Value=blue}]")
    assert read(s3, place) == {"team": "blue"}
    assert "blue" in aws.run("s3api", "get-object-tagging", "--bucket", place["Bucket"], "--key", "k")
