"""Fixtures that the API tests share."""

import pytest

from support.certificates import self_signed


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate and its key."""
    return self_signed(tmp_path_factory.mktemp("certificate"))
