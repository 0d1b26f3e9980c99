import pytest

from support.sallyport import Sallyport


@pytest.fixture(scope="module")
def sallyport(binary, tmp_path_factory):
    """As everywhere, with a configuration file that a case may change."""
    folder = tmp_path_factory.mktemp("access")
    config = folder / "sallyport.toml"
    config.write_text("")
    with Sallyport(binary, folder / "data", config=config) as running:
        yield running


@pytest.fixture(scope="module")
def server(sallyport):
    """One that cases share; each has a user of its own. It logs in both formats."""
    return sallyport.server(**sallyport.both_formats())
