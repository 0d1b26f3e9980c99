"""Fixtures of the S3 clients' tests: the endpoint, a client, a fresh bucket, each tool."""

import pytest

from support.s3_tools import TOOLS, Access
from support.sallyport import ACCESS_KEY, SECRET_KEY


@pytest.fixture(scope="module")
def access(sallyport):
    return Access(sallyport.api_url, ACCESS_KEY, SECRET_KEY)


@pytest.fixture(scope="module")
def s3(access):
    return access.client()


@pytest.fixture
def bucket(sallyport):
    return sallyport.bucket()


@pytest.fixture
def other_bucket(sallyport):
    return sallyport.bucket()


@pytest.fixture(params=TOOLS)
def tool(request, access, tmp_path_factory):
    return TOOLS[request.param](access, tmp_path_factory.mktemp(request.param))
