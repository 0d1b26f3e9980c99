"""Fixtures of the tests of remote stores: one Ceph RADOS Gateway for a test process, and fault proxies before it."""

import pytest

from support import ceph_rgw
from support.s3_faults import FaultProxy

from .site import Site


@pytest.fixture(scope="session")
def rgw():
    return ceph_rgw.shared()


@pytest.fixture
def rgw_bucket(rgw):
    return rgw.make_bucket()


@pytest.fixture
def proxy(rgw):
    with FaultProxy(rgw.url) as running:
        yield running


@pytest.fixture(scope="module")
def site(binary, rgw, tmp_path_factory):
    with FaultProxy(rgw.url) as proxy:
        running = Site.start(binary, tmp_path_factory.mktemp("site"), rgw, proxy)
        yield running
        running.sallyport.stop()
