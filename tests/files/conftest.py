"""One Sallyport over two file systems for all tests of a module."""

import os

import pytest

from support import ceph_fs
from support.file_systems import FileSite

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="acting as other users needs root")


@pytest.fixture(scope="session", autouse=True)
def directory():
    """Where SALLYPORT_TEST_DIRECTORY wants them."""
    if ceph_fs.chosen() and ceph_fs.why_not():
        pytest.skip(ceph_fs.why_not())


@pytest.fixture(scope="module")
def site(binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    with FileSite(binary, folder) as running:
        yield running
