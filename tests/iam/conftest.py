"""Fixtures of the rights' tests: the root's clients, users with keys, a bucket with a few objects."""

import pytest

from support.iam_callers import make_role, make_user
from support.s3_tools import Access
from support.sallyport import ACCESS_KEY, SECRET_KEY


@pytest.fixture(scope="module")
def root(sallyport):
    return Access(sallyport.api_url, ACCESS_KEY, SECRET_KEY)


@pytest.fixture(scope="module")
def iam(root):
    return root.client("iam")


@pytest.fixture(scope="module")
def s3(root):
    return root.client("s3")


@pytest.fixture
def user(sallyport, iam):
    """user(*statements, name=, path=) → Person."""
    return lambda *statements, **more: make_user(sallyport, iam, *statements, **more)


@pytest.fixture
def role(sallyport, iam):
    """role(trust, *statements, **members of CreateRole) → ARN."""
    return lambda trust, *statements, **more: make_role(sallyport, iam, trust, *statements, **more)


@pytest.fixture
def bucket(sallyport, s3):
    name = sallyport.bucket()
    for key in ("a/1", "a/2", "b/1", "top"):
        s3.put_object(Bucket=name, Key=key, Body=key.encode())
    return name
