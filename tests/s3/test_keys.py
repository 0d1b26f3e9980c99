"""Keys that are no ordinary file names: long, odd, ending in a slash, one the beginning of another."""

import pytest

from support.refusals import refused
from support.s3_requests import Request
from support.s3_tools import AwsCli, Rclone, all_keys

ODD = ["a b", "a+b", "100%", "a%20b", "a&b=c", "it's", 'say "x"', "ü/é ñ", "日本/語", "😀", "a//b", "a//", "/leading",
       "a?b#c", "a;b,c", "tab\tkey", "line\nbreak", "<xml>&amp;", "~", "back\\slash", "{b}[c]|^`$@!*()", " ", "con.", "é"]


def test_odd_keys_round_trip(s3, bucket):
    for key in ODD:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), Metadata={"is": "here"})
    assert all_keys(s3, bucket) == sorted(ODD, key=str.encode)
    for key in ODD:
        got = s3.get_object(Bucket=bucket, Key=key)
        assert (got["Body"].read(), got["Metadata"]) == (key.encode(), {"is": "here"})
    for key in ODD:
        s3.copy_object(Bucket=bucket, Key="copy of " + key, CopySource={"Bucket": bucket, "Key": key})
        s3.delete_object(Bucket=bucket, Key=key)
    assert all_keys(s3, bucket) == sorted(("copy of " + key for key in ODD), key=str.encode)


def test_composed_and_decomposed_letters_are_two_keys(s3, bucket):
    s3.put_object(Bucket=bucket, Key="\u00e9", Body=b"one")
    s3.put_object(Bucket=bucket, Key="e\u0301", Body=b"two")
    assert s3.get_object(Bucket=bucket, Key="\u00e9")["Body"].read() == b"one"
    assert all_keys(s3, bucket) == ["e\u0301", "\u00e9"]


@pytest.mark.parametrize("key", ["k" * 1024, "é" * 512, "d/" * 511 + "kk", "x" * 255 + "/" + "y" * 768, "/" * 1024],
                         ids=["letters", "two-byte letters", "folders", "long names", "slashes"])
def test_a_key_of_1024_bytes_round_trips(key, s3, bucket):
    assert len(key.encode()) == 1024
    s3.put_object(Bucket=bucket, Key=key, Body=b"deep")
    assert all_keys(s3, bucket) == [key]
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"deep"
    s3.delete_object(Bucket=bucket, Key=key)
    assert all_keys(s3, bucket) == []


@pytest.mark.parametrize("key", ["k" * 1025, "é" * 512 + "k"], ids=["letters", "two-byte letters"])
def test_a_longer_key_is_refused(key, s3, bucket):
    with refused("KeyTooLongError", status=400):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    assert all_keys(s3, bucket) == []


def test_keys_ending_in_a_slash_keep_their_content(s3, bucket):
    s3.put_object(Bucket=bucket, Key="empty/", Body=b"")
    s3.put_object(Bucket=bucket, Key="full/", Body=b"content")
    s3.put_object(Bucket=bucket, Key="full/below", Body=b"file")
    assert s3.get_object(Bucket=bucket, Key="empty/")["ContentLength"] == 0
    assert s3.get_object(Bucket=bucket, Key="full/")["Body"].read() == b"content"
    assert [p["Prefix"] for p in s3.list_objects_v2(Bucket=bucket, Delimiter="/")["CommonPrefixes"]] == ["empty/", "full/"]
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix="full/", Delimiter="/")["Contents"]] == [
        "full/", "full/below"]
    for key in ("full", "empty"):
        with refused("NoSuchKey", status=404):
            s3.get_object(Bucket=bucket, Key=key)
    s3.delete_object(Bucket=bucket, Key="full/")
    assert s3.get_object(Bucket=bucket, Key="full/below")["Body"].read() == b"file"
    assert all_keys(s3, bucket) == ["empty/", "full/below"]


@pytest.mark.parametrize("order", [["a", "a/b", "a/b/", "a/b/c", "a/"], ["a/b/c", "a/", "a/b/", "a/b", "a"]])
def test_a_key_lives_beside_keys_below_it(order, s3, bucket):
    for key in order:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert all_keys(s3, bucket) == ["a", "a/", "a/b", "a/b/", "a/b/c"]
    for key in order:
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    folded = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [o["Key"] for o in folded["Contents"]] == ["a"]
    assert [p["Prefix"] for p in folded["CommonPrefixes"]] == ["a/"]
    left = sorted(order)
    for key in order:
        s3.delete_object(Bucket=bucket, Key=key)
        left.remove(key)
        assert all_keys(s3, bucket) == left
        for one in left:
            assert s3.get_object(Bucket=bucket, Key=one)["Body"].read() == one.encode()


def test_a_folder_and_its_marker_are_copied_between_buckets(access, s3, bucket, other_bucket, tmp_path):
    for key in ("a", "a/b", "marker/f"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    s3.put_object(Bucket=bucket, Key="marker/", Body=b"")
    AwsCli(access, tmp_path).run("s3", "sync", f"s3://{bucket}", f"s3://{other_bucket}/aws")
    # An empty marker is no file for it.
    assert all_keys(s3, other_bucket, "aws/") == ["aws/a", "aws/a/b", "aws/marker/f"]
    listed = Rclone(access, tmp_path).run("lsf", "-R", "--files-only", f"remote:{bucket}").splitlines()
    assert sorted(listed) == ["a", "a/b", "marker/f"]


@pytest.mark.parametrize("key", ["../escaped", "a/../../../escaped", "..", ".", "./x", "a/./b", "../../etc/passwd"])
def test_dots_are_letters_of_a_key_and_lead_nowhere(key, access, s3, bucket, sallyport):
    put = Request(access, "PUT", f"/{bucket}/{key}", body=b"dots").send()
    assert put.status == 200, put.body
    assert all_keys(s3, bucket) == [key]
    assert Request(access, "GET", f"/{bucket}/{key}").send().body == b"dots"
    assert Request(access, "DELETE", f"/{bucket}/{key}").send().status == 204
    assert all_keys(s3, bucket) == []


def test_a_key_that_is_not_utf8_or_holds_nul_is_refused(access, s3, bucket):
    for key in ("nul\x00", "\udcff"):
        request = Request(access, "PUT", f"/{bucket}/k", body=b"x")
        encoded = "%00" if key == "nul\x00" else "%FF"
        sent = request.head().replace(b"/k HTTP", f"/{encoded} HTTP".encode())
        with request.connect() as connection:
            connection.sendall(sent + b"x")
            first = connection.recv(4096)
        assert first.startswith(b"HTTP/1.1 40"), first
    assert all_keys(s3, bucket) == []
