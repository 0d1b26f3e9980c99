"""Buckets named by the host: BUCKET.localhost and BUCKET.s3.localhost, beside the path style."""

import socket
import urllib.parse

import pytest

from support.s3_requests import Request
from support.s3_tools import Access, all_keys

DOMAINS = ["localhost", "s3.localhost"]


@pytest.fixture(autouse=True)
def every_localhost_name_is_this_machine(monkeypatch):
    """As a wildcard DNS record would have it."""
    ask = socket.getaddrinfo

    def answer(host, *rest, **more):
        name = host.decode() if isinstance(host, bytes) else host
        return ask("127.0.0.1" if name and name.endswith("localhost") else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def virtual(access, domain):
    """The same endpoint under another name."""
    return Access(f"http://{domain}:{access.host.split(':')[1]}", access.access_key, access.secret_key)


@pytest.mark.parametrize("domain", DOMAINS)
def test_boto3_works_with_buckets_in_the_host(domain, access, s3, bucket, other_bucket):
    hosts = []
    by_host = virtual(access, domain).client(s3={"addressing_style": "virtual"})
    by_host.meta.events.register("before-send.s3", lambda request, **_: hosts.append(urllib.parse.urlsplit(request.url).netloc))
    by_host.put_object(Bucket=bucket, Key="a b/ü+", Body=b"by host", Metadata={"a": "b"})
    assert s3.get_object(Bucket=bucket, Key="a b/ü+")["Body"].read() == b"by host"
    assert by_host.get_object(Bucket=bucket, Key="a b/ü+")["Metadata"] == {"a": "b"}
    by_host.copy_object(Bucket=other_bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a b/ü+"})
    assert all_keys(by_host, other_bucket) == ["copy"]
    by_host.upload_part(Bucket=bucket, Key="p", PartNumber=1, Body=b"x", UploadId=by_host.create_multipart_upload(
        Bucket=bucket, Key="p")["UploadId"])
    assert len(by_host.list_multipart_uploads(Bucket=bucket)["Uploads"]) == 1
    by_host.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a b/ü+"}]})
    assert all_keys(s3, bucket) == []
    port = access.host.split(":")[1]
    assert set(hosts) == {f"{name}.{domain}:{port}" for name in (bucket, other_bucket)}


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_javascript_sdk_works_with_buckets_in_the_host(domain, access, s3, bucket):
    node = virtual(access, domain).node(path_style=False)
    node.call("PutObject", Bucket=bucket, Key="a b/ü+", body=b"by host")
    assert node.call("GetObject", Bucket=bucket, Key="a b/ü+")["Body"] == b"by host"
    assert [one["Key"] for one in node.call("ListObjectsV2", Bucket=bucket)["Contents"]] == ["a b/ü+"]
    assert s3.get_object(Bucket=bucket, Key="a b/ü+")["Body"].read() == b"by host"


def test_a_bucket_is_made_and_removed_by_its_host(access, sallyport, s3):
    name, by_host = sallyport.name("virtual"), virtual(access, "s3.localhost").client(s3={"addressing_style": "virtual"})
    by_host.create_bucket(Bucket=name)
    assert name in [one["Name"] for one in by_host.list_buckets()["Buckets"]]
    by_host.delete_bucket(Bucket=name)
    assert name not in [one["Name"] for one in s3.list_buckets()["Buckets"]]


@pytest.mark.parametrize("host", ["{}.localhost", "{}.s3.localhost:{port}", "{}.LOCALHOST:{port}"])
def test_the_host_decides_with_and_without_port_and_in_any_case(host, access, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    name = host.format(bucket, port=access.host.split(":")[1])
    assert Request(access, "GET", "/k", host=name).send().body == b"x"
    assert Request(access, "GET", "/", [("list-type", "2")], host=name).send().status == 200


@pytest.mark.parametrize("host", ["localhost", "s3.localhost:80", "127.0.0.1", "anything.example:4566", "[::1]:4566"])
def test_any_other_host_means_path_style(host, access, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert Request(access, "GET", f"/{bucket}/k", host=host).send().body == b"x"


def test_a_bucket_with_dots_is_found_by_its_host(access, s3, sallyport):
    name = sallyport.name("with.dots")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    assert Request(access, "GET", "/k", host=f"{name}.localhost").send().body == b"x"


def test_a_bucket_that_is_not_there_is_told_by_host_too(access, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    answer = Request(access, "GET", f"/{bucket}/k", host="no-such-bucket.localhost").send()
    assert (answer.status, answer.code) == (404, "NoSuchBucket")


def test_a_signature_for_one_host_is_none_for_another(access, bucket):
    request = Request(access, "GET", "/", [("list-type", "2")], host=f"{bucket}.localhost")
    request.headers["Host"] = f"{bucket}x.localhost"
    answer = request.send()
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
