"""20,000 keys listed in pages while others write."""

import concurrent.futures
import itertools
import pathlib
import threading

import pytest

from support.s3_tools import AwsCli, Rclone, all_keys
from support.sallyport import ACCESS_KEY, SECRET_KEY, Sallyport
from support.s3_tools import Access

pytestmark = pytest.mark.heavy
COUNT = 20_000
STAYING = sorted(f"{i % 20:02}/{i:05}" for i in range(COUNT))


@pytest.fixture(scope="module")
def crowded(binary, tmp_path_factory):
    """An endpoint with a bucket of 20,000 small files that came from outside, by way of its folder."""
    with Sallyport(binary, tmp_path_factory.mktemp("data")) as running:
        access = Access(running.api_url, ACCESS_KEY, SECRET_KEY)
        bucket = running.bucket()
        folder = pathlib.Path(running.data_dir) / "buckets" / bucket
        running.stop()
        for part in range(20):
            (folder / f"{part:02}").mkdir(parents=True)
        for key in STAYING:
            (folder / key).write_bytes(b"x")
        running.start()
        s3 = access.client()
        for _ in range(600):
            if len(all_keys(s3, bucket)) == COUNT:
                break
        yield access, bucket


class Writers:
    """Threads that put and delete keys of their own among the others until the block ends."""

    def __init__(self, access, bucket, threads=3):
        self.access, self.bucket, self.threads = access, bucket, threads
        self.over, self.rounds = threading.Event(), itertools.count()

    def _run(self, which):
        s3 = self.access.client()
        for i in itertools.count():
            key = f"{i % 20:02}/{i * 37 % COUNT:05}-writer-{which}"
            s3.put_object(Bucket=self.bucket, Key=key, Body=b"y")
            s3.delete_object(Bucket=self.bucket, Key=key)
            next(self.rounds)
            if self.over.is_set():
                return

    def __enter__(self):
        self.pool = concurrent.futures.ThreadPoolExecutor(self.threads)
        self.running = [self.pool.submit(self._run, which) for which in range(self.threads)]
        return self

    def __exit__(self, *_):
        self.over.set()
        for one in self.running:
            one.result()
        self.pool.shutdown()


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
def test_each_key_is_listed_once_while_others_write(operation, crowded):
    access, bucket = crowded
    s3 = access.client()
    with Writers(access, bucket) as writers:
        pages = [[one["Key"] for one in page["Contents"]]
                 for page in s3.get_paginator(operation).paginate(Bucket=bucket)]
    seen = [key for page in pages for key in page]
    assert all(len(page) <= 1000 for page in pages) and len(pages) >= 20
    assert seen == sorted(set(seen))
    assert [key for key in seen if "writer" not in key] == STAYING
    assert next(writers.rounds) > 0


def test_folding_20_000_keys_shows_their_folders_while_others_write(crowded):
    access, bucket = crowded
    s3 = access.client()
    with Writers(access, bucket):
        page = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
        inside = [key for key in all_keys(s3, bucket, "07/") if "writer" not in key]
    assert [one["Prefix"] for one in page["CommonPrefixes"]] == [f"{i:02}/" for i in range(20)]
    assert "Contents" not in page
    assert inside == [key for key in STAYING if key.startswith("07/")]


def test_the_command_lines_list_them_all(crowded, tmp_path):
    access, bucket = crowded
    listed = AwsCli(access, tmp_path).run("s3", "ls", "--recursive", "--summarize", f"s3://{bucket}/")
    assert f"Total Objects: {COUNT}" in listed
    counted = Rclone(access, tmp_path).run("lsf", "-R", "--files-only", f"remote:{bucket}")
    assert sorted(counted.split()) == STAYING


def test_a_thousand_of_them_go_at_once(crowded):
    access, bucket = crowded
    s3 = access.client()
    given = [f"gone/{i}" for i in range(1000)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: s3.put_object(Bucket=bucket, Key=key, Body=b""), given))
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in given]})
    assert sorted(one["Key"] for one in deleted["Deleted"]) == sorted(given)
    assert all_keys(s3, bucket, "gone/") == []
    assert len(all_keys(s3, bucket)) == COUNT
