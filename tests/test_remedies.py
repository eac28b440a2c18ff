"""Where a mistake is typical, the error says what to write instead."""

import re
from typing import Any

import convx
import numpy as np
import pytest
from convx import ndimage

WEIGHT = np.zeros((4, 3, 3, 3), np.float32)
CHW = np.zeros((3, 8, 9), np.float32)
HWC = np.moveaxis(CHW, 0, -1)
GREY = CHW[0]


def message(function: Any, *args: Any, error: type[Exception] = ValueError, **arguments: Any) -> str:
    with pytest.raises(error) as raised:
        function(*args, **arguments)
    return str(raised.value)


@pytest.mark.parametrize("integer", ["uint8", "int16", "int64", "bool"])
def test_a_picture_of_integers_is_to_be_converted(integer: str) -> None:
    for function in (convx.conv2d, lambda x, w: convx.Conv2d(w)(x)):
        said = message(function, CHW.astype(integer), WEIGHT, error=TypeError)
        assert re.search(rf"\(pass input.astype\('float32'\)\), got dtype {integer}$", said), said
    said = message(convx.conv2d, CHW, WEIGHT.astype(int), error=TypeError)
    assert "(pass weight.astype('float32') for sums of floats), got dtype float32" in said
    convx.conv2d(CHW.astype(integer).astype("float32"), WEIGHT)


def test_complex_arrays_have_two_parts() -> None:
    said = message(convx.conv2d, CHW * 1j, WEIGHT, error=TypeError)
    assert "(pass input.real and input.imag one after the other)" in said


@pytest.mark.parametrize("batch", [(), (1,)])
def test_maps_on_the_other_side(batch: tuple[int, ...]) -> None:
    first, last = CHW.reshape(*batch, 3, 8, 9), HWC.reshape(*batch, 8, 9, 3)
    assert "(pass data_format='channels_last' where maps come last)" in message(convx.conv2d, last, WEIGHT)
    assert convx.conv2d(last, WEIGHT, data_format="channels_last").shape[-1] == 4
    said = message(convx.conv2d, first, WEIGHT, data_format="channels_last")
    assert "(leave data_format out where maps come first)" in said
    turned = np.zeros((3, 4, 3, 3), np.float32)
    assert "channels_last" in message(convx.conv_transpose2d, last, turned)
    neither = message(convx.conv2d, first[..., :5, :, :][..., :2, :, :], WEIGHT)
    assert "data_format" not in neither


def test_one_map_lacks_two_axes() -> None:
    assert "(pass input[None, None] for one map), got shape (8, 9)" in message(convx.conv2d, GREY, WEIGHT)
    assert "(pass weight[None, None] for one map)" in message(convx.conv2d, CHW, np.ones((3, 3)))
    assert "(pass input[None, None] for one map)" in message(convx.max_pool2d, GREY, 2)
    said = message(convx.max_pool2d, GREY, 2, data_format="channels_last")
    assert "(pass input[None, ..., None] for one map)" in said
    convx.max_pool2d(GREY[None, ..., None], 2, data_format="channels_last")
    assert "[None" not in message(convx.conv2d, GREY[0], WEIGHT)


@pytest.mark.parametrize(
    ("argument", "theirs", "ours"),
    [
        ("data_format", "NHWC", "channels_last"),
        ("data_format", "NCHW", "channels_first"),
        ("data_format", "channel_last", "channels_last"),
        ("padding", "SAME", "same"),
        ("padding", "SAME_UPPER", "same"),
        ("padding", "SAME_LOWER", "same_lower"),
        ("padding", "VALID", "valid"),
        ("padding_mode", "constant", "zeros"),
        ("padding_mode", "nearest", "replicate"),
        ("padding_mode", "mirror", "reflect"),
        ("padding_mode", "grid-mirror", "symmetric"),
        ("padding_mode", "grid-wrap", "circular"),
        ("padding_mode", "grid-constant", "zeros"),
    ],
)
def test_names_of_other_libraries(argument: str, theirs: str, ours: str) -> None:
    said = message(convx.conv2d, CHW, WEIGHT, **{argument: theirs})
    assert said.endswith(f" (write '{ours}' for '{theirs}'), got '{theirs}'"), said
    x = HWC if ours == "channels_last" else CHW
    convx.conv2d(x, WEIGHT, **{"padding": 1, argument: ours})  # type: ignore[arg-type]


def test_a_name_that_no_library_has_gets_no_remedy() -> None:
    for argument in ("data_format", "padding", "padding_mode"):
        assert "write" not in message(convx.conv2d, CHW, WEIGHT, **{argument: "sideways"})


def test_full_padding_is_a_number() -> None:
    assert "(write kernel size - 1 for 'full')" in message(convx.conv2d, CHW, WEIGHT, padding="full")


@pytest.mark.parametrize("theirs", ["symmetric", "edge", "replicate", "circular", "zeros", "reflect_101"])
def test_modes_of_other_libraries(theirs: str) -> None:
    said = message(ndimage.gaussian_filter, GREY, 1, mode=theirs, error=RuntimeError)
    (ours,) = re.findall(rf"\(write '(\w+)' for '{theirs}'\)", said)
    ndimage.gaussian_filter(GREY, 1, mode=ours)
