"""Uploads with checksums that the store compares, as buckets with object lock want them at Amazon S3. The store is
another Sallyport, since Ceph's gateway knows no checksums."""

import os

import pytest

from support.s3_faults import FaultProxy
from support.sallyport import ACCESS_KEY, SECRET_KEY, Sallyport
from support.sftp_client import SftpClient
from support.sshkeys import new_key

STORE = """
[stores.other]
buckets = ["other-*"]
endpoint = "{url}"
access_key_id = "{access}"
secret_access_key = "{secret}"
sts = false
checksum = "{checksum}"
"""
LARGE = 20 << 20


class Checked:
    """A user of one Sallyport whose bucket is at another."""

    def __init__(self, front, back, proxy, folder):
        self.front, self.back, self.proxy = front, back, proxy
        self.bucket = back.bucket(back.name("other"))
        self.key, self.server = new_key(folder), front.server()
        role = front.role({"Version": "2012-10-17",
                           "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
        front.call("CreateUser", ServerId=self.server, UserName="ann", SshPublicKeyBody=self.key.public_text, Role=role,
                   HomeDirectory=f"/{self.bucket}")

    def batch(self, *lines):
        return SftpClient(*self.front.endpoint(self.server), "ann", self.key).batch(*lines)

    def head(self, key):
        return self.back.own_client("s3").head_object(Bucket=self.bucket, Key=key, ChecksumMode="ENABLED")


@pytest.fixture(params=("crc32c", "md5"))
def checked(request, binary, tmp_path):
    with Sallyport(binary, tmp_path / "back") as back, FaultProxy(back.api_url) as proxy:
        config = tmp_path / "front.toml"
        config.write_text(STORE.format(url=proxy.url, access=ACCESS_KEY, secret=SECRET_KEY, checksum=request.param))
        with Sallyport(binary, tmp_path / "front", config=config) as front:
            front.elsewhere = None  # its configuration is its own
            yield Checked(front, back, proxy, tmp_path), request.param


def test_small_and_large_files_are_sent_with_their_checksums(checked, tmp_path):
    site, algorithm = checked
    for size in (0, 1000, LARGE):
        file, back = tmp_path / f"f{size}", tmp_path / "back.bin"
        file.write_bytes(os.urandom(size))
        done = site.batch(f"put {file} f{size}", f"get f{size} {back}")
        assert done.ok, done.stderr
        assert back.read_bytes() == file.read_bytes()
        head = site.head(f"f{size}")
        assert ("ChecksumCRC32C" in head) == (algorithm == "crc32c"), head
    sent = [one for one in site.proxy.seen("PUT") if "/f" in one.path]
    assert len(sent) >= 4
    header = {"crc32c": "x-amz-checksum-crc32c", "md5": "content-md5"}[algorithm]
    assert all(header in one.headers for one in sent)
