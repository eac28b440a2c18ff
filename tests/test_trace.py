"""convx.trace in text and numbers: what is said of a value is what NumPy computes."""

import re
from functools import partial
from typing import Any

import convx
import numpy as np
import pytest
from convx import reference
from trace_networks import MADE_IMAGE, made_layers, made_outputs, relu

Value = Any


def digits_trace(digit: int = 7) -> Any:
    network = convx.networks.digits()
    return convx.trace(network.layers, network.images[digit], classes=network.classes)


def test_outputs_are_those_of_the_layers() -> None:
    network = convx.networks.digits()
    trace, maps = digits_trace(3), network.images[3:4]
    assert np.array_equal(trace.image, network.images[3])
    assert len(trace.outputs) == len(network.layers)
    for layer, output in zip(network.layers, trace.outputs, strict=True):
        maps = layer(maps)
        assert np.array_equal(output, maps[0])
    assert trace.prediction == "3"
    assert np.array_equal(trace.scores, trace.outputs[-1][:, 0, 0])


def test_made_network_is_numpys() -> None:
    trace = convx.trace(made_layers(), MADE_IMAGE)
    for output, expected in zip(trace.outputs, made_outputs(), strict=True):
        np.testing.assert_allclose(output, expected[0], rtol=0, atol=1e-5)


@pytest.mark.parametrize("number", range(len(made_layers())))
def test_every_value_is_made_of_its_parts(number: int) -> None:
    """For every rule, window, border and group: the window times the weight is the value that NumPy has."""
    trace = convx.trace(made_layers(), MADE_IMAGE)
    expected = made_outputs()[number][0].astype(np.float64)
    shape = trace.outputs[number].shape
    for channel, i, j in np.ndindex(*shape):
        value = trace.value(number, channel, (i, j))
        assert value.agrees
        assert abs(value.computed - expected[channel, i, j]) <= 1e-5
        assert value.output == trace.outputs[number][channel, i, j]
        if value.products is not None:
            assert np.array_equal(value.products, value.window * value.weight)
            assert value.total == pytest.approx(value.products.sum() + value.bias, abs=1e-12)
            assert np.allclose(value.shares, value.products.sum(axis=(1, 2)), rtol=0, atol=1e-12)


def test_groups_are_read_alone() -> None:
    trace = convx.trace(made_layers(), MADE_IMAGE)
    assert trace.value(1, 0, (0, 0)).reads == [0, 1, 2]
    assert trace.value(1, 7, (0, 0)).reads == [3, 4, 5]


def test_relu_once_after_the_sum_is_not_relu_of_each_share() -> None:
    """The question that convx grew out of, answered by one value."""
    weight = np.array([[[[2.0]], [[-3.0]]]])
    trace = convx.trace([convx.Conv2d(weight, np.array([0.5]), activation="relu")], np.array([[[1.0]], [[1.0]]]))
    value = trace.value(0, 0, (0, 0))
    assert value.shares.tolist() == [2.0, -3.0]
    assert (value.total, value.computed, value.output) == (-0.5, 0.0, 0.0)
    assert relu(value.shares).sum() + value.bias == 2.5


def test_winner_padding_and_receptive_field() -> None:
    image = np.arange(36.0).reshape(1, 6, 6)
    layers = [partial(convx.max_pool2d, kernel_size=3, stride=2, padding=1), convx.Conv2d(np.ones((1, 1, 2, 2)))]
    trace = convx.trace(layers, image)
    value = trace.value(0, 0, (0, 0))
    assert np.isnan(value.window[0, 0]).all()
    assert np.isnan(value.window[0, :, 0]).all()
    assert value.total == 7.0
    assert "at row 1, column 1" in str(value)
    assert trace.value(1, 0, (0, 1)).receptive_field == (0, 3, 1, 5)


@pytest.mark.parametrize("mode", ["zeros", "reflect", "symmetric", "replicate", "circular"])
def test_padding_holds_what_its_mode_says(mode: Any) -> None:
    image = np.random.default_rng(0).standard_normal((1, 5, 6))
    plan = convx.Conv2d(np.ones((1, 1, 3, 3)), padding=2, padding_mode=mode)
    names = {"zeros": "constant", "replicate": "edge", "circular": "wrap"}
    padded = np.pad(image[0], 2, mode=names.get(mode, mode))  # type: ignore[call-overload]
    trace = convx.trace([plan], image)
    for i, j in np.ndindex(7, 8):
        assert np.array_equal(trace.value(0, 0, (i, j)).window[0], padded[i : i + 3, j : j + 3])


def test_text_of_one_value() -> None:
    trace = digits_trace()
    text = str(trace.value(2, 0, (2, 1)))
    value = trace.value(2, 0, (2, 1))
    assert text.startswith("layer 2, Conv2d: map 0, row 2, column 1")
    assert "window           rows 1 to 3, columns 0 to 2 of maps 0 to 7 of layer 1" in text
    shares = [float(number) for number in re.findall(r"^share of map \d+ +(\S+)", text, re.MULTILINE)]
    np.testing.assert_allclose(shares, value.shares, rtol=1e-3)
    total = re.search(r"^sum \+ bias +(\S+)", text, re.MULTILINE)
    assert total
    assert float(total[1]) == pytest.approx(value.total, rel=1e-3)
    assert "applied once, to the whole sum" in text
    assert max(map(len, text.splitlines())) <= 120
    assert repr(value) == text


def test_one_axis_is_a_row() -> None:
    image = np.array([[1.0, 2.0, 4.0, 7.0]])
    plan = convx.Conv1d(np.array([[[-1.0, 1.0]]]), padding="causal")
    for given in (image, image[0], image[np.newaxis]):
        trace = convx.trace([plan], given)
        assert trace.outputs[0].tolist() == [[1.0, 1.0, 2.0, 3.0]]
    assert trace.value(0, 0, 2).window.tolist() == [[[2.0, 4.0]]]
    assert str(trace.value(0, 0, 2)) == str(trace.value(0, 0, (0, 2)))


def test_channels_last_and_integers() -> None:
    image = np.random.default_rng(0).integers(-9, 9, (5, 6, 2), dtype=np.int16)
    weight = np.random.default_rng(1).integers(-9, 9, (3, 2, 3, 3), dtype=np.int16)
    plan = convx.Conv2d(weight, data_format="channels_last")
    trace = convx.trace([plan], image)
    expected = reference.conv2d(image, weight, data_format="channels_last")
    assert np.array_equal(trace.outputs[0], expected)
    value = trace.value(0, 2, (1, 3))
    assert value.output == value.total == expected[1, 3, 2]


@pytest.mark.parametrize("name", ["float16", "float32", "float64", "bfloat16"])
def test_dtypes(name: str) -> None:
    """Narrow floats too: what the parts add up to is the value, but for one rounding to their few bits."""
    dtype = np.dtype(name) if name != "bfloat16" else pytest.importorskip("ml_dtypes").bfloat16
    random = np.random.default_rng(0)
    image, weight = (random.standard_normal(shape).astype(dtype) for shape in ((2, 6, 6), (3, 2, 3, 3)))
    layers = [convx.Conv2d(weight, activation="relu6"), convx.global_avg_pool]
    trace = convx.trace(layers, image)
    assert trace.outputs[0].dtype == dtype
    for number, output in enumerate(trace.outputs):
        for channel, i, j in np.ndindex(*output.shape):
            value = trace.value(number, channel, (i, j))
            assert value.output == float(output[channel, i, j])
            assert value.agrees
            assert abs(value.computed - value.output) <= 0.02
    assert trace.html


@pytest.mark.parametrize("asked", ["auto", "direct", "fft", "im2col", "winograd"])
@pytest.mark.parametrize("kind", ["Conv2d", "ConvTranspose2d"])
def test_bound_is_that_of_the_algorithm(kind: str, asked: Any) -> None:
    """Of the one that is taken, where "auto" leaves it open too."""
    plan = getattr(convx, kind)(np.ones((64, 64, 3, 3), np.float32), algorithm=asked)
    taken = plan.algorithm_for((1, 64, 56, 56))
    assert asked in ("auto", taken)
    (step,) = convx.trace([plan], np.ones((64, 56, 56), np.float32))._steps
    factor = {"winograd": 128, "fft": 16}.get(taken, 4)
    assert step.bound == factor * np.finfo(np.float32).eps * 64 * 9


def test_values_that_are_not_finite_agree() -> None:
    image = np.array([[[1.0, np.inf], [np.nan, 2.0]]])
    trace = convx.trace([convx.Conv2d(np.ones((1, 1, 1, 1)), activation="relu")], image)
    assert all(trace.value(0, 0, at).agrees for at in np.ndindex(2, 2))
    assert trace.html.count("NaN") >= 1


PLAN = convx.Conv2d(np.ones((2, 1, 3, 3)))


@pytest.mark.parametrize(
    ("layers", "image", "arguments", "error", "message"),
    [
        ([convx.Conv3d(np.ones((1, 1, 2, 2, 2)))], np.ones((1, 3, 3, 3)), {}, ValueError, "one or two spatial axes"),
        ([PLAN], np.ones((2, 1, 5, 5)), {}, ValueError, "image must be one image, got 2"),
        ([PLAN], np.ones((1, 2, 5, 5)), {}, ValueError, "layer 0"),
        ([PLAN], np.ones((1, 5, 5)), {"classes": "abc"}, ValueError, "classes must have one name for each map"),
        ([PLAN], np.array(["a"]), {}, TypeError, "image must hold floats or integers"),
        ([abs], np.ones((1, 5, 5)), {}, TypeError, "a layer must be a plan"),
        ([], np.ones((1, 5, 5)), {}, TypeError, "layers must be .* of one layer or more"),
        (
            [partial(convx.unfold, kernel_size=2)],
            np.ones((1, 5, 5)),
            {},
            ValueError,
            r"layers\[0\] must be conv, conv_transpose or a pool",
        ),
        ([partial(convx.conv2d, weight=(2, 1, 3, 3))], np.ones((1, 5, 5)), {}, ValueError, "weight of known values"),
    ],
)
def test_bad_arguments(layers: Any, image: Any, arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as raised:
        convx.trace(layers, image, **arguments)
    assert str(raised.value).startswith("trace: ")


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ((4, 0, (0, 0)), r"layer must be in \[-4, 4\), got 4"),
        ((0, 8, (0, 0)), r"channel must be in \[-8, 8\), got 8"),
        ((0, 0, (8, 0)), r"row must be in \[-8, 8\), got 8"),
        ((0, 0, (0, -9)), r"column must be in \[-8, 8\), got -9"),
        ((0, 0, (0, 0, 0)), r"position must be \(row, column\)"),
    ],
)
def test_no_such_value(where: Any, message: str) -> None:
    with pytest.raises(IndexError, match=message):
        digits_trace().value(*where)


def test_page_is_one_file_and_not_too_large(tmp_path: Any) -> None:
    trace = digits_trace()
    trace.save_html(tmp_path / "trace.html")
    page = (tmp_path / "trace.html").read_text("utf-8")
    assert page == trace.html
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)|url\(|@import|https?://(?!www\.w3\.org/)", page)
    assert "{{" not in page
    frame = trace._repr_html_()
    assert frame.startswith("<iframe ")
    assert "srcdoc=" in frame
    assert len(page) < 150_000
    large = convx.trace([convx.Conv2d(np.ones((8, 1, 1, 1), np.float32))], np.ones((1, 500, 500), np.float32))
    with pytest.raises(
        ValueError, match=r"at most 2000000 values and weights, and 512 maps a layer, got 2250008 and 8"
    ):
        large.save_html(tmp_path / "large.html")
    assert large.value(0, 0, (3, 4)).output == 1.0


def test_title_and_classes_are_text(tmp_path: Any) -> None:
    title = "</script><script>alert(1)</script>"
    plan = convx.Conv2d(np.ones((2, 1, 3, 3)))
    page = convx.trace([plan], np.ones((1, 3, 3)), classes=[title, "{{scripts}}"], title=title).html
    assert "<script>alert" not in page
    assert page.count("</script>") == 2
