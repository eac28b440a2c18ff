"""Every function that torch has too, with random parameters: the same shapes, dtypes and numbers."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

pytest.importorskip("torch", reason="torch is not installed")

from torch_families import FAMILIES

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
LONG = 300  # of each family


def compare(name: str, examples: int) -> None:
    @settings(max_examples=examples)
    @given(st.data())
    def one(data: st.DataObject) -> None:
        FAMILIES[name](data.draw)

    one()


@pytest.mark.parametrize("name", FAMILIES)
def test_sample(name: str) -> None:
    compare(name, 20)


@pytest.mark.conformance
@pytest.mark.parametrize("name", FAMILIES)
def test_many(name: str) -> None:
    compare(name, LONG)


def test_the_long_run_is_long() -> None:
    assert LONG * len(FAMILIES) >= 2000
