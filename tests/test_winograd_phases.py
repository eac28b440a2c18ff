"""Winograd of strides and dilations, whose phases are channels and images of a convolution without them."""

from typing import Any

import convx
import numpy as np
import pytest
from cases import ConvCase
from checks import assert_same_bits, assert_within, check_bound, conv_bound
from convx import _core, reference

pytestmark = pytest.mark.skipif("winograd" not in _core.algorithms(), reason="built without Winograd")

CASES = [
    ConvCase("stride 4", (2, 3, 59, 62), (35, 3, 11, 11), stride=4),
    ConvCase("stride 2", (2, 3, 33, 38), (33, 3, 7, 7), stride=2, padding=3),
    ConvCase("stride 3", (1, 5, 30, 31), (18, 5, 8, 9), stride=3, padding=((4, 3), (1, 5))),
    ConvCase("stride 5", (3, 2, 61, 27), (7, 2, 10, 25), stride=5, padding=6),
    ConvCase("strides", (2, 4, 40, 45), (12, 2, 7, 5), stride=(3, 2), padding=2, groups=2),
    ConvCase("one axis", (1, 4, 21, 44), (9, 4, 3, 6), stride=(1, 2), padding=1),
    ConvCase("one tap", (1, 4, 22, 44), (9, 4, 1, 6), stride=(3, 2), padding=1),
    ConvCase("3x3 and more", (1, 4, 31, 44), (9, 4, 3, 5), stride=2),
    ConvCase("dilation", (1, 6, 40, 41), (10, 3, 7, 7), stride=2, padding=6, dilation=2, groups=2),
    ConvCase("a phase of two", (2, 3, 60, 41), (9, 3, 6, 5), stride=4, padding=6, dilation=2),
    ConvCase("dilation alone", (2, 5, 23, 31), (18, 5, 3, 3), dilation=2, padding=2),
    ConvCase("dilations", (1, 4, 29, 50), (10, 2, 3, 5), dilation=(3, 4), padding=((3, 2), (8, 7)), groups=2),
    ConvCase("rows apart", (1, 4, 29, 30), (9, 4, 3, 3), dilation=(3, 1)),
    ConvCase("columns apart", (1, 4, 9, 50), (9, 4, 2, 3), dilation=(1, 5), padding=1),
    ConvCase("both apart", (2, 3, 40, 61), (12, 3, 5, 7), stride=(2, 4), dilation=(3, 6), padding=6),
    ConvCase("more dilation than outputs", (1, 3, 15, 16), (9, 3, 3, 3), dilation=7),
    ConvCase("more stride than taps", (1, 3, 60, 30), (9, 3, 3, 4), stride=(7, 1), padding=1),
    ConvCase("wide padding", (1, 3, 5, 6), (20, 3, 5, 5), stride=2, padding=9),
    ConvCase("one output", (2, 3, 13, 13), (20, 3, 13, 13), stride=5),
    ConvCase("signal", (3, 2, 503), (33, 2, 10), stride=5, padding=3),
    ConvCase("volume", (2, 3, 9, 23, 24), (17, 3, 5, 7, 7), stride=2, padding=(2, 3, 3)),
    ConvCase("volume apart", (2, 3, 6, 15, 16), (17, 3, 3, 3, 3), dilation=2, padding=2),
    ConvCase("planes", (1, 2, 4, 23, 24), (5, 2, 1, 7, 7), stride=(1, 2, 2), padding=(0, 3, 3)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_phases(isa: str, dtype: np.dtype, case: ConvCase) -> None:
    """Every combination of strides, dilations, axes and paddings."""
    assert case.takes("winograd")
    check_bound(case, "winograd", dtype)


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular", "symmetric"])
@pytest.mark.parametrize("name", ["stride 2", "stride 3", "dilations", "both apart", "volume"])
def test_phases_of_borders(isa: str, name: str, mode: str) -> None:
    """What lies beyond the input repeats it."""
    case = next(case for case in CASES if case.name == name)
    x, w, b = case.data("float32")
    wide = [None if a is None else a.astype("float64") for a in (x, w, b)]
    expected = getattr(reference, case.function)(*wide, **case.parameters, padding_mode=mode)
    actual = getattr(convx, case.function)(x, w, b, **case.parameters, padding_mode=mode, algorithm="winograd")
    assert_within(actual, expected, conv_bound(case, "winograd", "float32", x, w, b))


@pytest.mark.parametrize(
    ("sizes", "kernel", "stride", "dilation"),
    [
        ((90, 91), (7, 7), 2, 1),
        ((200, 130), (11, 11), 4, 1),
        ((8, 40, 40), (3, 5, 5), 2, 1),
        ((90, 91), (3, 3), 1, 2),
        ((60, 61), (3, 3), 2, 3),
    ],
    ids=str,
)
def test_phases_give_the_same_bits_for_any_threads_and_layout(
    isa: str, keep_threads: int, sizes: tuple[int, ...], kernel: tuple[int, ...], stride: int, dilation: int
) -> None:
    """However the images lie, and whatever others there are."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, 5, *sizes)).astype("float32")
    w = rng.standard_normal((70, 5, *kernel)).astype("float32")
    make = {2: convx.Conv2d, 3: convx.Conv3d}[len(sizes)]
    plan = make(w, stride=stride, padding=2, dilation=dilation, algorithm="winograd")
    convx.set_num_threads(1)
    expected = plan(x)
    last = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)
    turned = np.ascontiguousarray(x[..., ::-1])[..., ::-1]
    for threads in (1, 2, 3):
        convx.set_num_threads(threads)
        for name, view in (("first", x), ("last", last), ("turned", turned)):
            assert_same_bits(plan(view), expected, f"{threads} threads, channels {name}")
            assert_same_bits(plan(view[1:]), expected[1:], f"{threads} threads, channels {name}, other images")


@pytest.mark.parametrize("steps", [{"stride": 2}, {"dilation": 2}], ids=str)
def test_phases_of_many_images(isa: str, steps: dict[str, Any]) -> None:
    """More than are split at a time: each has the bits that it has alone, its residual and its place."""
    rng = np.random.default_rng(0)
    x = np.broadcast_to(rng.standard_normal((5, 3, 1, 517)).astype("float32"), (5, 3, 517, 517))
    w, b = rng.standard_normal((4, 3, 7, 7)).astype("float32"), rng.standard_normal(4).astype("float32")
    plan = convx.Conv2d(w, b, **steps, algorithm="winograd", activation="relu")
    residual = rng.standard_normal(plan.output_shape(x.shape)).astype("float32")
    alone = np.concatenate([plan(x[i : i + 1], residual=residual[i : i + 1]) for i in range(5)])
    out = np.concatenate([residual] * 4)
    plan(np.concatenate([x] * 4), residual=out, out=out)
    assert_same_bits(out, np.concatenate([alone] * 4))


@pytest.mark.parametrize("steps", [{"stride": 2}, {"dilation": 2}, {"stride": 2, "dilation": 3}], ids=str)
def test_phases_channels_last(isa: str, steps: dict[str, Any]) -> None:
    """With and without a residual."""
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 25, 27, 6)).astype("float32"), rng.standard_normal((35, 6, 5, 5)).astype("float32")
    last = convx.Conv2d(w, **steps, padding=3, algorithm="winograd", data_format="channels_last")
    first = convx.Conv2d(w, **steps, padding=3, algorithm="winograd")
    expected = first(np.moveaxis(x, -1, 1))
    assert_same_bits(np.moveaxis(last(x), -1, 1), expected)
    residual = rng.standard_normal(last.output_shape(x.shape)).astype("float32")
    expected = first(np.moveaxis(x, -1, 1), residual=np.ascontiguousarray(np.moveaxis(residual, -1, 1)))
    assert_same_bits(np.moveaxis(last(x, residual=residual), -1, 1), expected)


def test_auto_takes_phases_where_they_save(isa: str) -> None:
    """The first layers of AlexNet and of video networks, and dilated ones; not those of few taps."""
    if isa == "baseline" or convx.get_winograd() != "all":
        pytest.skip("of the estimates of wide vectors")
    for weight, stride, sizes in (((96, 3, 11, 11), 4, (227, 227)), ((64, 3, 7, 7, 7), 2, (16, 112, 112))):
        plan = {2: convx.Conv2d, 3: convx.Conv3d}[len(sizes)](np.ones(weight, "float32"), stride=stride)
        assert plan.algorithm_for((1, 3, *sizes)) == "winograd"
    assert convx.Conv2d(np.ones((64, 64, 3, 3), "float32"), dilation=2).algorithm_for((1, 64, 56, 56)) == "winograd"
    assert convx.Conv2d(np.ones((32, 3, 3, 3), "float32"), stride=2).algorithm_for((1, 3, 224, 224)) == "narrow"
