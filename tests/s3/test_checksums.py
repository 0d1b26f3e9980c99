"""Checksums that clients send before, behind and instead of MD5; trailing ones of the newest SDK, chunk by chunk."""

import base64
import hashlib
import zlib

import pytest

from support.node_sdk import NodeError
from support.refusals import refused
from support.s3_requests import Request, signed_chunks, unsigned_chunks
from support.s3_tools import all_keys

MIB = 1 << 20
CONTENT = b"what is checked" * 1000


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def table(polynomial, bits):
    out = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (polynomial if byte & 1 else 0)
        out.append(byte)
    return out, (1 << bits) - 1


def reflected(data, polynomial, bits):
    """A reflected CRC with all bits set before and inverted after."""
    entries, mask = table(polynomial, bits)
    value = mask
    for byte in data:
        value = value >> 8 ^ entries[(value ^ byte) & 255]
    return base64.b64encode((value ^ mask).to_bytes(bits // 8, "big")).decode()


# The polynomials of RFC 3720 (Castagnoli) and of the NVM Express specification, bits reversed.
CHECKSUMS = {
    "CRC32": crc32,
    "CRC32C": lambda data: reflected(data, 0x82F63B78, 32),
    "CRC64NVME": lambda data: reflected(data, 0x9A6C9329AC4BC9B5, 64),
    "SHA1": lambda data: base64.b64encode(hashlib.sha1(data).digest()).decode(),
    "SHA256": lambda data: base64.b64encode(hashlib.sha256(data).digest()).decode(),
}


def stored(access, bucket, key="k"):
    """The checksums that the object was stored with, by name."""
    answer = Request(access, "HEAD", f"/{bucket}/{key}", headers={"x-amz-checksum-mode": "ENABLED"}).send()
    assert answer.status == 200
    return {name: answer.headers[f"x-amz-checksum-{name}"] for name in CHECKSUMS
            if f"x-amz-checksum-{name}" in answer.headers}


def test_the_checksums_here_are_the_published_ones():
    assert CHECKSUMS["CRC32C"](b"123456789") == base64.b64encode(bytes.fromhex("e3069283")).decode()
    assert CHECKSUMS["CRC64NVME"](b"123456789") == base64.b64encode(bytes.fromhex("ae8b14860a799888")).decode()


# The JavaScript SDK

@pytest.fixture
def node(access):
    return access.node()


def test_the_sdk_sends_a_crc32_of_its_own_accord(access, node, bucket):
    put = node.call("PutObject", Bucket=bucket, Key="k", body=CONTENT)
    assert put["ChecksumCRC32"] == CHECKSUMS["CRC32"](CONTENT)
    assert stored(access, bucket) == {"CRC32": CHECKSUMS["CRC32"](CONTENT)}


@pytest.mark.parametrize("name", CHECKSUMS)
@pytest.mark.parametrize("streamed", [False, True], ids=["buffer", "stream"])
def test_the_sdk_sends_any_checksum(name, streamed, access, node, s3, bucket, tmp_path):
    (tmp_path / "f").write_bytes(CONTENT)
    body = {"file": str(tmp_path / "f")} if streamed else {"base64": base64.b64encode(CONTENT).decode()}
    put, got = node.run([
        {"command": "PutObject", "body": body,
         "input": {"Bucket": bucket, "Key": "k", "ChecksumAlgorithm": name, "ContentLength": len(CONTENT)}},
        # The SDK itself compares what comes back with its checksum.
        {"command": "GetObject", "input": {"Bucket": bucket, "Key": "k", "ChecksumMode": "ENABLED"}}])
    for one in (put, got):
        assert not isinstance(one, NodeError), one
        assert one[f"Checksum{name}"] == CHECKSUMS[name](CONTENT)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == CONTENT
    assert stored(access, bucket) == {name: CHECKSUMS[name](CONTENT)}
    # The framing of a stream is no encoding of the content.
    assert s3.head_object(Bucket=bucket, Key="k").get("ContentEncoding", "") == ""


@pytest.mark.heavy
@pytest.mark.parametrize("name", CHECKSUMS)
def test_the_sdk_uploads_in_parts_with_any_checksum(name, access, node, s3, bucket, tmp_path):
    content = bytes(range(256)) * (12 * MIB // 256)
    (tmp_path / "f").write_bytes(content)
    (done,) = node.run([{"upload": {"queueSize": 2}, "body": {"file": str(tmp_path / "f")},
                         "input": {"Bucket": bucket, "Key": "k", "ChecksumAlgorithm": name}}])
    assert not isinstance(done, NodeError), done
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == content
    kept = stored(access, bucket)
    assert set(kept) == {name}
    if name == "CRC64NVME":
        assert kept[name] == CHECKSUMS[name](content)  # always of the full object
    else:
        parts = [base64.b64decode(CHECKSUMS[name](content[at:at + 5 * MIB])) for at in range(0, len(content), 5 * MIB)]
        assert kept[name] in (CHECKSUMS[name](b"".join(parts)) + "-3", CHECKSUMS[name](content))


def test_the_sdk_deletes_in_bulk_with_a_checksum(node, s3, bucket):
    for key in ("a", "b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    told = node.call("DeleteObjects", Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "b"}]})
    assert sorted(one["Key"] for one in told["Deleted"]) == ["a", "b"]
    assert all_keys(s3, bucket) == []


def test_a_wrong_checksum_of_the_sdk_stores_nothing(node, s3, bucket):
    for name in CHECKSUMS:
        (outcome,) = node.run([{"command": "PutObject", "body": {"text": "other content"}, "input": {
            "Bucket": bucket, "Key": "k", f"Checksum{name}": CHECKSUMS[name](CONTENT)}}])
        assert isinstance(outcome, NodeError) and (outcome.name, outcome.status) == ("BadDigest", 400), (name, outcome)
    assert all_keys(s3, bucket) == []


# boto3

@pytest.mark.parametrize("name", ["CRC32", "SHA1", "SHA256"])
def test_boto3_sends_checksums(name, access, s3, bucket):
    put = s3.put_object(Bucket=bucket, Key="k", Body=CONTENT, ChecksumAlgorithm=name)
    assert put[f"Checksum{name}"] == CHECKSUMS[name](CONTENT)
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (got["Body"].read(), got[f"Checksum{name}"]) == (CONTENT, CHECKSUMS[name](CONTENT))
    assert f"Checksum{name}" not in s3.get_object(Bucket=bucket, Key="k")


def test_the_checksums_of_parts_are_kept(s3, bucket):
    at, parts, first, second = {"Bucket": bucket, "Key": "k"}, [], b"1" * (5 * MIB), b"2"
    at["UploadId"] = s3.create_multipart_upload(**at, ChecksumAlgorithm="SHA256")["UploadId"]
    for number, content in enumerate((first, second), 1):
        part = s3.upload_part(**at, PartNumber=number, Body=content, ChecksumAlgorithm="SHA256")
        assert part["ChecksumSHA256"] == CHECKSUMS["SHA256"](content)
        parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]})
    assert [one["ChecksumSHA256"] for one in s3.list_parts(**at)["Parts"]] == [one["ChecksumSHA256"] for one in parts]
    wrong = [{**parts[0], "ChecksumSHA256": parts[1]["ChecksumSHA256"]}, parts[1]]
    with refused("InvalidPart", status=400):
        s3.complete_multipart_upload(**at, MultipartUpload={"Parts": wrong})
    done = s3.complete_multipart_upload(**at, MultipartUpload={"Parts": parts})
    digests = b"".join(hashlib.sha256(content).digest() for content in (first, second))
    assert done["ChecksumSHA256"] == CHECKSUMS["SHA256"](digests) + "-2"


def test_a_copy_keeps_the_checksum_or_makes_the_one_asked_for(access, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=CONTENT, ChecksumAlgorithm="SHA256")
    s3.copy_object(Bucket=bucket, Key="kept", CopySource={"Bucket": bucket, "Key": "k"})
    assert stored(access, bucket, "kept") == {"SHA256": CHECKSUMS["SHA256"](CONTENT)}
    s3.copy_object(Bucket=bucket, Key="made", CopySource={"Bucket": bucket, "Key": "k"}, ChecksumAlgorithm="CRC32")
    assert stored(access, bucket, "made") == {"CRC32": CHECKSUMS["CRC32"](CONTENT)}


# By hand

@pytest.mark.parametrize("name", CHECKSUMS)
def test_a_checksum_in_the_header_is_compared(name, access, s3, bucket):
    header = f"x-amz-checksum-{name.lower()}"
    wrong = Request(access, "PUT", f"/{bucket}/k", headers={header: CHECKSUMS[name](b"other")}, body=CONTENT).send()
    assert (wrong.status, wrong.code) == (400, "BadDigest"), wrong.body
    malformed = Request(access, "PUT", f"/{bucket}/k", headers={header: "AAAA"}, body=CONTENT).send()
    assert (malformed.status, malformed.code) == (400, "InvalidRequest"), malformed.body
    assert all_keys(s3, bucket) == []
    right = Request(access, "PUT", f"/{bucket}/k", headers={header: CHECKSUMS[name](CONTENT)}, body=CONTENT).send()
    assert right.status == 200 and right.headers[header] == CHECKSUMS[name](CONTENT)


@pytest.mark.parametrize("make", [signed_chunks, unsigned_chunks])
@pytest.mark.parametrize("name", CHECKSUMS)
def test_a_checksum_behind_the_chunks_is_compared(name, make, access, s3, bucket):
    trailer, chunks = f"x-amz-checksum-{name.lower()}", [CONTENT[:8192], CONTENT[8192:]]
    wrong = make(access, f"/{bucket}/k", chunks, trailer=(trailer, CHECKSUMS[name](b"other"))).send()
    assert (wrong.status, wrong.code) == (400, "BadDigest"), wrong.body
    assert all_keys(s3, bucket) == []
    right = make(access, f"/{bucket}/k", chunks, trailer=(trailer, CHECKSUMS[name](CONTENT))).send()
    assert right.status == 200, right.body
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == CONTENT
    assert stored(access, bucket) == {name: CHECKSUMS[name](CONTENT)}


def test_a_promised_trailer_must_come(access, s3, bucket):
    answer = unsigned_chunks(access, f"/{bucket}/k", [CONTENT], trailer=("x-amz-checksum-crc32", "")).send()
    assert answer.status == 400 and answer.code, answer.body
    assert all_keys(s3, bucket) == []


def test_another_trailer_than_the_promised_one_is_refused(access, s3, bucket):
    request = unsigned_chunks(access, f"/{bucket}/k", [CONTENT], trailer=("x-amz-checksum-crc32", crc32(CONTENT)))
    request.body = request.body.replace(b"x-amz-checksum-crc32:", b"x-amz-checksum-sha1x:")
    answer = request.send()
    assert answer.status == 400 and answer.code, answer.body
    assert all_keys(s3, bucket) == []


def test_two_checksums_are_one_too_many(access, s3, bucket):
    headers = {f"x-amz-checksum-{name.lower()}": CHECKSUMS[name](CONTENT) for name in ("CRC32", "SHA256")}
    answer = Request(access, "PUT", f"/{bucket}/k", headers=headers, body=CONTENT).send()
    assert (answer.status, answer.code) == (400, "InvalidRequest"), answer.body
    assert all_keys(s3, bucket) == []
