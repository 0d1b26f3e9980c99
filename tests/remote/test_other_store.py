"""SFTP over a store that is neither Ceph nor ourselves, with static keys."""

import os

import pytest

from support.s3rver import S3rver
from support.sallyport import Sallyport
from support.sftp_client import SftpClient
from support.sshkeys import new_key

MIB = 1 << 20
STORE = """
[stores.{name}]
buckets = ["{name}-*"]
endpoint = "{access.url}"
access_key_id = "{key}"
secret_access_key = "{access.secret_key}"
sts = false
"""
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with S3rver(tmp_path_factory.mktemp("store")) as running:
        yield running


@pytest.fixture(scope="module")
def sallyport(binary, store, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sallyport")
    config = folder / "stores.toml"
    config.write_text(STORE.format(name="other", access=store.access, key=store.access.access_key) +
                      STORE.format(name="wrong", access=store.access, key="NOBODY"))
    running = Sallyport(binary, folder / "data", config=config)
    running.elsewhere = None  # its configuration is its own
    with running:
        yield running


@pytest.fixture
def user(store, sallyport, tmp_path):
    """user(kind): (an SftpClient, its bucket)."""
    key = new_key(tmp_path)

    def make(kind="other", **members):
        bucket = sallyport.name(kind)
        store.access.client().create_bucket(Bucket=bucket)
        server = sallyport.server(S3StorageOptions={"DirectoryListingOptimization": "ENABLED"})
        sallyport.call("CreateUser", ServerId=server, UserName="ann", SshPublicKeyBody=key.public_text,
                       Role=sallyport.role(EVERYTHING), HomeDirectory=f"/{bucket}", **members)
        return SftpClient(*sallyport.endpoint(server), "ann", key), bucket

    return make


def listed(client, folder):
    return sorted(line.removeprefix(folder + "/") for line in client.must(f"ls -1 {folder}").splitlines()
                  if line.startswith(folder + "/"))


def test_files_of_every_size_come_back_and_tell_who_stored_them(store, user, tmp_path):
    client, bucket = user()
    sent, back = tmp_path / "sent", tmp_path / "back"
    for size in (0, 1, 16 << 10, (256 << 10) + 1, 8 * MIB, 20 * MIB):
        sent.write_bytes(os.urandom(size))
        client.must(f"put {sent} f{size}", f"get f{size} {back}")
        assert back.read_bytes() == sent.read_bytes()
        head = store.access.client().head_object(Bucket=bucket, Key=f"f{size}")
        assert head["ContentLength"] == size and head["Metadata"]["user-agent"] == "AWSTransfer"
    back.write_bytes(sent.read_bytes()[:7 * MIB])
    client.must(f"reget f{20 * MIB} {back}")
    assert back.read_bytes() == sent.read_bytes()


def test_names_are_what_they_were(user, tmp_path):
    client, _ = user()
    (tmp_path / "file").write_bytes(b"content")
    plain = ["a b", "100%", "%41", "ä ö", "\N{GRINNING FACE}", "it's", "a<b", "a~b"]
    names = [*plain, "a+b", "a&b", "a#b", "a;b", "a=b", "a@b"]
    client.must("mkdir n", *(f'put {tmp_path}/file "n/{name}"' for name in names))
    assert listed(client, "n") == sorted(names)
    client.must(*(f'get "n/{name}" {tmp_path}/back' for name in names))
    client.must(*(f'rename "n/{name}" "n/was {name}"' for name in plain))
    assert listed(client, "n") == sorted([*names[len(plain):], *(f"was {name}" for name in plain)])
    client.must(*(f'rm "n/{name}"' for name in listed(client, "n")), "rmdir n")


def test_folders_and_refusals_are_as_everywhere(user, tmp_path):
    client, _ = user()
    (tmp_path / "file").write_bytes(b"content")
    client.must("mkdir d", "mkdir d/e", f"put {tmp_path}/file d/f", f"put {tmp_path}/file d/g")
    for line in ("rmdir d", "mkdir d", "rename d/f d/g", f"get d/h {tmp_path}/h", "rm d/h"):
        assert not client.batch(line).ok, line
    assert listed(client, "d") == ["e", "f", "g"]
    client.must("rmdir d/e", "rm d/f", "rm d/g", "rmdir d")


def test_pages_of_keys_are_listed_once_each(store, user):
    client, bucket = user()
    s3 = store.access.client()
    for number in range(1100):
        s3.put_object(Bucket=bucket, Key=f"l/{number:04d} +%", Body=b"")
    assert listed(client, "l") == [f"{number:04d} +%" for number in range(1100)]


def test_keys_that_the_store_refuses_open_nothing(user, tmp_path):
    client, _ = user("wrong")
    (tmp_path / "file").write_bytes(b"content")
    for line in (f"put {tmp_path}/file f", "mkdir d", "rename f g"):
        assert "Permission denied" in client.batch(line).stderr
