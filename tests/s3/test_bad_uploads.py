"""Uploads that lie about their length, their content or their sender: the service's own error, and nothing stored."""

import base64
import dataclasses
import datetime
import hashlib

import pytest

from support.s3_requests import CHUNKS, UNSIGNED, Request, now, signed_chunks
from support.s3_tools import all_keys

BODY = b"0123456789" * 1000


@pytest.fixture
def target(s3, bucket):
    """The bucket, in which nothing may be at the end but what was there before."""
    s3.put_object(Bucket=bucket, Key="before", Body=b"stays")
    yield bucket
    assert all_keys(s3, bucket) == ["before"]
    assert s3.get_object(Bucket=bucket, Key="before")["Body"].read() == b"stays"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def md5(data):
    return base64.b64encode(hashlib.md5(data).digest()).decode()


def expect(answer, status, *codes):
    assert (answer.status, answer.code) in [(status, code) for code in codes], (answer.status, answer.body)


def test_a_wrong_md5(access, target):
    for key in ("new", "before"):
        expect(Request(access, "PUT", f"/{target}/{key}", headers={"Content-MD5": md5(b"x")}, body=BODY).send(),
               400, "BadDigest")


@pytest.mark.parametrize("digest", ["", "AAAA", "not base64!", base64.b64encode(bytes(17)).decode()])
def test_a_malformed_md5(digest, access, target):
    expect(Request(access, "PUT", f"/{target}/new", headers={"Content-MD5": digest}, body=BODY).send(), 400, "InvalidDigest")


def test_a_wrong_content_sha256(access, target):
    wrong = hashlib.sha256(b"other").hexdigest()
    expect(Request(access, "PUT", f"/{target}/new", body=BODY, payload=wrong).send(), 400, "XAmzContentSHA256Mismatch")
    for none in ("x", "", "STREAMING-SOMETHING-ELSE"):
        answer = Request(access, "PUT", f"/{target}/new", body=BODY, payload=none or " ").send()
        assert answer.status in (400, 403) and answer.code, answer.body


def test_a_body_that_ends_too_early(access, target):
    for payload in (None, UNSIGNED):
        answer = Request(access, "PUT", f"/{target}/new", body=BODY, payload=payload).send_half(BODY[:5000])
        assert answer is None or answer.status == 400 and answer.code in ("IncompleteBody", "RequestTimeout"), answer
    Request(access, "PUT", f"/{target}/before", body=BODY).send_half(b"")


def test_a_body_that_ends_with_the_connection(access, target):
    request = Request(access, "PUT", f"/{target}/new", body=BODY)
    with request.connect() as connection:
        connection.sendall(request.head() + BODY[:5000])


def test_a_part_that_ends_too_early(access, s3, target):
    at = {"Bucket": target, "Key": "new"}
    at["UploadId"] = s3.create_multipart_upload(**at)["UploadId"]
    request = Request(access, "PUT", f"/{target}/new", [("partNumber", "1"), ("uploadId", at["UploadId"])], body=BODY)
    request.send_half(BODY[:5000])
    assert "Parts" not in s3.list_parts(**at)
    s3.abort_multipart_upload(**at)


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "99999999999999999999", "0x10", "+5", "5, 5", "5 5"])
def test_a_length_that_is_none(length, access, target):
    request = Request(access, "PUT", f"/{target}/new", body=b"01234", payload=UNSIGNED)
    request.headers["Content-Length"] = length
    answer = request.send()
    assert answer.status == 400, answer


def test_two_lengths(access, target):
    request = Request(access, "PUT", f"/{target}/new", body=BODY, payload=UNSIGNED)
    with request.connect() as connection:
        connection.sendall(request.head().replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n") + BODY)
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_no_length(access, target):
    request = Request(access, "PUT", f"/{target}/new", body=b"", payload=UNSIGNED)
    request.headers["Content-Length"] = None
    expect(request.send(), 411, "MissingContentLength")


def test_an_object_over_five_gigabytes_is_refused_before_it_is_sent(access, target):
    request = Request(access, "PUT", f"/{target}/new", payload=UNSIGNED, headers={"Expect": "100-continue"})
    request.headers["Content-Length"] = str(5 * (1 << 30) + 1)
    with request.connect() as connection:
        connection.sendall(request.head())
        said = connection.recv(4096)
    assert said.startswith(b"HTTP/1.1 400") and b"EntityTooLarge" in said, said


# Chunk-signed uploads

CHUNKED = [BODY[:8192], BODY[8192:]]


def test_signed_chunks_are_put_together(access, s3, bucket):
    assert signed_chunks(access, f"/{bucket}/k", CHUNKED).send().status == 200
    got = s3.get_object(Bucket=bucket, Key="k")
    assert (got["Body"].read(), got.get("ContentEncoding", "")) == (BODY, "")
    assert signed_chunks(access, f"/{bucket}/empty", []).send().status == 200
    assert s3.head_object(Bucket=bucket, Key="empty")["ContentLength"] == 0
    headers = {"Content-Encoding": "aws-chunked,gzip", "Content-MD5": md5(BODY)}
    assert signed_chunks(access, f"/{bucket}/coded", CHUNKED, headers=headers).send().status == 200
    assert s3.head_object(Bucket=bucket, Key="coded")["ContentEncoding"] == "gzip"


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_chunk_with_a_forged_signature(which, access, target):
    expect(signed_chunks(access, f"/{target}/new", CHUNKED, damage=which).send(), 403, "SignatureDoesNotMatch")


def test_a_chunk_with_changed_content(access, target):
    request = signed_chunks(access, f"/{target}/new", CHUNKED)
    request.body = request.body.replace(b"0123456789\r\n", b"012345678X\r\n", 1).replace(b"01234567", b"X1234567", 1)
    expect(request.send(), 403, "SignatureDoesNotMatch")


def test_chunks_in_another_order(access, target):
    one, other = signed_chunks(access, f"/{target}/new", [b"a" * 8192, b"b" * 8192]).body, b""
    lines = one.split(b"\r\n")
    other = b"\r\n".join(lines[2:4] + lines[0:2] + lines[4:])
    request = signed_chunks(access, f"/{target}/new", [b"a" * 8192, b"b" * 8192])
    assert len(other) == len(request.body)
    request.body = other
    expect(request.send(), 403, "SignatureDoesNotMatch")


@pytest.mark.parametrize("decoded", [0, len(BODY) - 1, len(BODY) + 1, 10**15, -1, "x"])
def test_a_decoded_length_that_lies(decoded, access, target):
    answer = signed_chunks(access, f"/{target}/new", CHUNKED, decoded=decoded).send()
    assert answer.status in (400, 411) and answer.code, answer.body


def test_chunks_without_the_last(access, target):
    request = signed_chunks(access, f"/{target}/new", CHUNKED)
    request.body = request.body[:request.body.rindex(b"0;chunk-signature")]
    request.headers["Content-Length"] = str(len(request.body))
    answer = request.send()
    assert answer.status == 400 and answer.code == "IncompleteBody", answer.body


@pytest.mark.parametrize("line", [b"zz;chunk-signature=", b"ffffffffffffffff;chunk-signature=", b"-1;chunk-signature=",
                                  b"2000;other=", b"2000", b"", b"2000;chunk-signature=" + b"a" * 10000])
def test_a_malformed_chunk_header(line, access, target):
    request = signed_chunks(access, f"/{target}/new", [b"a" * 8192])
    end = request.body.index(b"\r\n")
    request.body = line + request.body[20:end] + request.body[end:] if line.endswith(b"=") else line + request.body[end:]
    request.headers["Content-Length"] = str(len(request.body))
    answer = request.send()
    assert answer.status in (400, 403) and answer.code, answer.body


def test_chunks_that_are_announced_but_not_there(access, target):
    request = Request(access, "PUT", f"/{target}/new", body=BODY, payload=CHUNKS,
                      headers={"x-amz-decoded-content-length": str(len(BODY)), "Content-Encoding": "aws-chunked"})
    answer = request.send()
    assert answer.status in (400, 403) and answer.code, answer.body


# Senders

def test_a_forged_signature(access, target):
    forged = dataclasses.replace(access, secret_key=access.secret_key + "x")
    for method, path in (("PUT", f"/{target}/new"), ("DELETE", f"/{target}/before"), ("GET", f"/{target}/before"),
                         ("DELETE", f"/{target}")):
        answer = Request(forged, method, path).send()
        expect(answer, 403, "SignatureDoesNotMatch")
        assert access.secret_key.encode() not in answer.body


def test_a_signature_that_covers_something_else(access, target):
    request = Request(access, "GET", f"/{target}/before")
    request.method = "DELETE"
    expect(request.send(), 403, "SignatureDoesNotMatch")
    request = Request(access, "PUT", f"/{target}/other", body=BODY)
    request.path = f"/{target}/new"
    expect(request.send(), 403, "SignatureDoesNotMatch")
    request = Request(access, "PUT", f"/{target}/new", headers={"x-amz-meta-a": "signed"}, body=BODY)
    request.headers["x-amz-meta-a"] = "changed"
    expect(request.send(), 403, "SignatureDoesNotMatch")


def test_an_amazon_header_that_is_not_signed(access, target):
    request = Request(access, "PUT", f"/{target}/new", body=BODY)
    request.headers["x-amz-copy-source"] = f"{target}/before"
    expect(request.send(), 403, "AccessDenied")


def test_an_unknown_access_key(access, target):
    stranger = dataclasses.replace(access, access_key="AKIAUNKNOWNUNKNOWN00")
    expect(Request(stranger, "PUT", f"/{target}/new", body=BODY).send(), 403, "InvalidAccessKeyId")


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_wrong(hours, access, target):
    at = now() + datetime.timedelta(hours=hours)
    expect(Request(access, "PUT", f"/{target}/new", body=BODY, at=at).send(), 403, "RequestTimeTooSkewed")


def test_a_token_that_nobody_gave_out(access, target):
    for token in ("forged", "A" * 400, "FwoGZXIvYXdzE" + "x" * 3000, "ü"):
        forged = dataclasses.replace(access, token=token)
        answer = Request(forged, "PUT", f"/{target}/new", body=BODY).send()
        assert answer.status in (400, 403) and answer.code in ("InvalidToken", "SignatureDoesNotMatch"), answer.body


@pytest.mark.parametrize("header", [
    "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=x", "AWS AKIA:signature", "Basic YTpi", "AWS4-HMAC-SHA256 " + "x" * 5000,
    "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0"])
def test_an_authorization_that_is_none(header, access, target):
    request = Request(access, "PUT", f"/{target}/new", body=BODY)
    request.headers["Authorization"] = header
    answer = request.send()
    assert answer.status in (400, 403) and answer.code, answer.body


def test_an_unsigned_upload(access, target):
    expect(Request(access, "PUT", f"/{target}/new", body=BODY, sign=False).send(), 403, "AccessDenied")


def test_headers_beyond_every_limit(access, target):
    request = Request(access, "PUT", f"/{target}/new", body=BODY)
    request.headers["x-padding"] = "x" * 200_000
    with request.connect() as connection:
        try:
            connection.sendall(request.head() + BODY)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            assert connection.recv(100).split(b" ")[1] in (b"400", b"431")
        except ConnectionResetError:
            pass
