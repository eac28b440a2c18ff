"""What the microbenchmarks share: the number of threads, and a header that names what is measured."""

from collections.abc import Iterator

import convx
import pytest
from convx import _core


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--threads", type=int, default=1, help="threads used by convx (default: 1)")


def pytest_report_header(config: pytest.Config) -> str:
    return f"convx {convx.__version__}: instruction set {_core.get_isa()}, threads: {config.getoption('threads')}"


@pytest.fixture(autouse=True)
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    """The number of threads, set for the test."""
    count: int = request.config.getoption("threads")
    with convx.num_threads(count):
        yield count
