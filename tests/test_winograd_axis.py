"""Winograd of kernels that lie along one axis, whose taps may be any distance apart."""

from typing import Any

import convx
import numpy as np
import pytest
from cases import ConvCase
from checks import assert_same_bits, assert_within, check_bound, conv_bound
from convx import _core, reference

pytestmark = pytest.mark.skipif("winograd" not in _core.algorithms(), reason="built without Winograd")

CASES = [
    ConvCase("neighbours", (2, 5, 150), (19, 5, 3), padding=1),
    ConvCase("two apart", (3, 9, 301), (35, 9, 2), dilation=2),
    ConvCase("three apart", (1, 17, 203), (9, 17, 3), padding=((4, 1),), dilation=3),
    ConvCase("as far as run together", (1, 4, 260), (18, 2, 5), padding=31, dilation=16, groups=2),
    ConvCase("farther", (1, 4, 530), (18, 4, 2), padding=33, dilation=67),
    ConvCase("more than there are outputs", (2, 4, 90), (9, 4, 3), padding=7, dilation=41),
    ConvCase("one output", (2, 4, 61), (9, 4, 7), dilation=10),
    ConvCase("padding alone", (1, 4, 3), (9, 4, 3), padding=30, dilation=11),
    ConvCase("along depth", (2, 7, 9, 5, 7), (19, 7, 3, 1, 1), padding=((1, 1), (0, 0), (0, 0))),
    ConvCase(
        "along depth apart", (1, 7, 17, 3, 9), (19, 7, 4, 1, 1), padding=((2, 5), (0, 0), (0, 0)), dilation=(3, 1, 1)
    ),
    ConvCase("along depth of small planes", (3, 5, 40, 1, 2), (7, 5, 5, 1, 1)),
    ConvCase(
        "along depth by steps", (1, 5, 19, 6, 7), (7, 5, 5, 1, 1), stride=(2, 1, 1), padding=((2, 2), (0, 0), (0, 0))
    ),
    ConvCase("along height", (2, 6, 3, 31, 5), (9, 6, 1, 3, 1), padding=((0, 0), (2, 3), (0, 0)), dilation=(1, 4, 1)),
    ConvCase("along width", (2, 6, 3, 4, 60), (9, 6, 1, 1, 3), padding=((0, 0), (0, 0), (3, 9)), dilation=(1, 1, 7)),
    ConvCase("rows below", (2, 6, 31, 6), (10, 3, 5, 1), padding=((4, 3), (0, 0)), dilation=(2, 1), groups=2),
    ConvCase("rows below of long rows", (1, 6, 12, 130), (34, 6, 3, 1), padding=((2, 2), (0, 0)), dilation=(2, 1)),
]
AT_ONCE = ["two apart", "farther", "along depth", "along depth by steps", "along height", "along width", "rows below"]
named = {case.name: case for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_axis(isa: str, dtype: np.dtype, case: ConvCase) -> None:
    """Any axis, distance and padding."""
    assert case.takes("winograd")
    check_bound(case, "winograd", dtype)


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular", "symmetric"])
@pytest.mark.parametrize("name", ["three apart", "along height", "along width", "rows below"])
def test_borders(isa: str, name: str, mode: str) -> None:
    """What lies beyond the input repeats it."""
    case = named[name]
    x, w, b = case.data("float32")
    wide = [None if a is None else a.astype("float64") for a in (x, w, b)]
    expected = getattr(reference, case.function)(*wide, **case.parameters, padding_mode=mode)
    actual = getattr(convx, case.function)(x, w, b, **case.parameters, padding_mode=mode, algorithm="winograd")
    assert_within(actual, expected, conv_bound(case, "winograd", "float32", x, w, b))


def lain(x: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """The same numbers, in memory of other orders, directions and distances."""
    room = np.zeros((*x.shape[:2], *(size + 3 for size in x.shape[2:])), x.dtype)
    within = room[(..., *(slice(1, 1 + size) for size in x.shape[2:]))]
    within[...] = x
    return {
        "channels last": np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1),
        "turned": np.ascontiguousarray(x[..., ::-1])[..., ::-1],
        "within a larger one": within,
        "axes swapped": np.ascontiguousarray(x.swapaxes(2, -1)).swapaxes(2, -1),
    }


@pytest.mark.parametrize("name", AT_ONCE)
def test_the_same_bits_for_any_threads_layout_and_batch(isa: str, keep_threads: int, name: str) -> None:
    """However the images lie, whatever others there are, and in either format."""
    case = named[name]
    x, w, b = case.data("float32")
    arguments: dict[str, Any] = {**case.parameters, "algorithm": "winograd", "activation": "relu"}
    plan = getattr(convx, case.plan)(w, b, **arguments)
    last = getattr(convx, case.plan)(w, b, **arguments, data_format="channels_last")
    residual = np.random.default_rng(0).standard_normal(plan.output_shape(x.shape)).astype("float32")
    convx.set_num_threads(1)
    expected, added = plan(x), plan(x, residual=residual)
    for threads in (1, 2, 3):
        convx.set_num_threads(threads)
        for layout, view in {"as it is": x, **lain(x)}.items():
            assert_same_bits(plan(view), expected, f"{threads} threads, {layout}")
            assert_same_bits(plan(view[1:]), expected[1:], f"{threads} threads, {layout}, other images")
        assert_same_bits(plan(x, residual=residual), added, f"{threads} threads, residual")
        turned = last(np.moveaxis(x, 1, -1), residual=np.ascontiguousarray(np.moveaxis(residual, 1, -1)))
        assert_same_bits(np.moveaxis(turned, -1, 1), added, f"{threads} threads, channels last")


def test_auto_takes_what_saves(isa: str) -> None:
    """Dilated signals, and kernels along the depth of a volume."""
    if isa == "baseline" or convx.get_winograd() != "all":
        pytest.skip("of the estimates of wide vectors")
    assert convx.Conv1d(np.ones((128, 128, 3), "float32"), dilation=4).algorithm_for((1, 128, 1024)) == "winograd"
    plan = convx.Conv3d(np.ones((64, 144, 3, 1, 1), "float32"), padding=(1, 0, 0))
    assert plan.algorithm_for((1, 144, 8, 56, 56)) == "winograd"


def test_phases_of_transposed_convolutions_are_not_joined(isa: str) -> None:
    """Their paddings are known with the shape alone, and packed weights must fit every shape."""
    x, w = np.ones((1, 5, 2, 10, 13), "float32"), np.ones((5, 7, 4, 5, 2), "float32")
    with pytest.raises(ValueError, match="must fit each phase"):
        convx.conv_transpose3d(x, w, stride=(1, 3, 3), dilation=(1, 2, 2), padding=(0, 0, 1), algorithm="winograd")
    x, w = np.random.default_rng(0).standard_normal((2, 5, 7, 9, 8)).astype("float32")[:, :, 0], w[:, :, 0, :3]
    for padding in (0, 1):
        given: dict[str, Any] = {"stride": (1, 2), "padding": padding, "dilation": (2, 3)}
        expected = convx.conv_transpose2d(x, w, algorithm="direct", **given)
        np.testing.assert_allclose(convx.conv_transpose2d(x, w, algorithm="winograd", **given), expected, atol=1e-4)
