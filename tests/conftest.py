"""Fixtures that every suite shares: a running Sallyport on free loopback ports in a temporary folder."""

import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.sallyport import Sallyport  # noqa: E402


def pytest_collection_modifyitems(config, items):
    """`wide` tests run only when asked for, by SALLYPORT_WIDE or by -m."""
    if os.environ.get("SALLYPORT_WIDE") or "wide" in (config.getoption("-m") or ""):
        return
    skip = pytest.mark.skip(reason="wide: ./dev check runs it")
    for item in items:
        if "wide" in item.keywords:
            item.add_marker(skip)


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report):
    """A failure is told when it happens, so that a run that is cut has told it."""
    if report.failed and not os.environ.get("PYTEST_XDIST_WORKER"):
        print(f"\nFAILED {report.nodeid}\n{report.longreprtext}", file=sys.__stdout__, flush=True)


@pytest.fixture(scope="session")
def binary():
    path = ROOT / os.environ.get("SALLYPORT_BIN", "build/release/sallyport")
    if not path.exists():
        pytest.fail(f"{path} is not there; ./dev build makes it")
    return path


@pytest.fixture(scope="module")
def sallyport(binary, tmp_path_factory):
    """One Sallyport for all tests of a module; each test makes its own servers and buckets."""
    with Sallyport(binary, tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def fresh_sallyport(binary, tmp_path):
    """One of a test's own, to be stopped, killed and started at will. Not started yet."""
    instance = Sallyport(binary, tmp_path / "data")
    yield instance
    instance.kill()
