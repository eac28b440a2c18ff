"""padding_mode: numpy.pad, then a convolution without padding. Integer data, so that equality is exact."""

import re
from typing import Any

import convx
import numpy as np
import pytest
from cases import CONV_BY_NAME, CONV_CASES, ConvCase
from checks import Array, assert_equal_values, assert_integers, assert_same_bits
from convx import _core, reference
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import LAYOUTS, Layout

MODES = {
    "zeros": "constant",
    "reflect": "reflect",
    "replicate": "edge",
    "circular": "wrap",
    "symmetric": "symmetric",
}
SYNONYMS = {"edge": "replicate", "wrap": "circular"}
BORDERS = list(MODES)[1:]
PADDED = [case for case in CONV_CASES if case.padding not in (0, "valid")]


ROTATED = [(case, BORDERS[i % 4]) for i, case in enumerate(PADDED)] + [
    (CONV_BY_NAME[name], mode)
    for name in ("3x3_pad_asym_stride2_dil2", "5x5_pad2", "depthwise_c17")
    for mode in BORDERS
]


def pairs(case: ConvCase) -> list[tuple[int, int]]:
    """The padding of each axis in numbers, by the plan, which computes the named ones for an input of this shape."""
    size, kernel = case.input[-case.rank :], case.weight[2:]
    each = [value if isinstance(value, tuple) else (value,) * case.rank for value in (case.stride, case.dilation)]
    if not isinstance(case.padding, str):
        entries = case.padding if isinstance(case.padding, tuple) else (case.padding,)
        wide = [entry if isinstance(entry, tuple) else (entry, entry) for entry in entries]
        return wide * (case.rank // len(wide))
    found = []
    for length, taps, stride, dilation in zip(size, kernel, *each, strict=True):
        reach = dilation * (taps - 1)
        total = max((-(-length // stride) - 1) * stride + reach + 1 - length, 0)
        low = {"causal": reach, "same": total // 2, "same_lower": total - total // 2}[case.padding]
        found.append((low, 0 if case.padding == "causal" else total - low))
    return found


def padded(x: Array, pads: list[tuple[int, int]], mode: str) -> Array:
    """The input with its padding around it."""
    return np.pad(x, [(0, 0)] * (x.ndim - len(pads)) + pads, mode=MODES[mode])  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize(("case", "mode"), ROTATED, ids=lambda value: getattr(value, "name", value))
def test_conv_is_pad_then_conv(algorithm: str, isa: str, case: ConvCase, mode: str) -> None:
    x, w, b = case.data("float32", integers=True)
    oracle = getattr(reference, case.function)
    arguments = {**case.parameters, "padding": 0}
    expected = oracle(padded(x, pairs(case), mode), w, b, **arguments)
    actual = getattr(convx, case.function)(x, w, b, **case.parameters, padding_mode=mode, algorithm=algorithm)
    assert_integers(actual, expected, algorithm)
    assert_equal_values(oracle(x, w, b, **case.parameters, padding_mode=mode), expected, "reference")


def test_every_mode_differs() -> None:
    """The table above can tell the modes apart."""
    x, w = np.arange(1.0, 6).reshape(1, 1, 5), np.ones((1, 1, 1))
    seen = {mode: convx.conv1d(x, w, padding=3, padding_mode=mode).ravel().tolist() for mode in MODES}
    assert seen == {
        "zeros": [0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0],
        "reflect": [4, 3, 2, 1, 2, 3, 4, 5, 4, 3, 2],
        "replicate": [1, 1, 1, 1, 2, 3, 4, 5, 5, 5, 5],
        "circular": [3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3],
        "symmetric": [3, 2, 1, 1, 2, 3, 4, 5, 5, 4, 3],
    }


@pytest.mark.parametrize("mode", BORDERS)
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_padding_wider_than_the_input_repeats(any_algorithm: str, isa: str, size: int, mode: str) -> None:
    rng = np.random.default_rng(size)
    w = rng.integers(-4, 5, (5, 2, 3, 3)).astype("float32")
    x = rng.integers(-4, 5, (1, 2, size, size + 1)).astype("float32")
    for pads in ([(11, 7), (3, 17)], [(0, 9), (4, 0)]):
        expected = reference.conv2d(padded(x, pads, mode), w)
        actual = convx.conv2d(x, w, padding=pads, padding_mode=mode, algorithm=any_algorithm)
        assert_integers(actual, expected, any_algorithm)


@pytest.mark.parametrize("mode", BORDERS)
def test_depthwise_at_every_width(isa: str, dtype: np.dtype, mode: str) -> None:
    rng = np.random.default_rng(0)
    for width in (1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 70):
        for kernel, stride in ((3, 1), (3, 2), (5, 1), (5, 2), (7, 1)):
            x = rng.integers(-4, 5, (2, 3, 9, width)).astype(dtype)
            w = rng.integers(-4, 5, (6, 1, kernel, kernel)).astype(dtype)
            pads = [(kernel // 2, kernel), (kernel, kernel // 2 + 1)]
            arguments: dict[str, Any] = {"stride": stride, "groups": 3}
            expected = reference.conv2d(padded(x, pads, mode), w, **arguments)
            for algorithm in ("depthwise", "auto"):
                actual = convx.conv2d(x, w, **arguments, padding=pads, padding_mode=mode, algorithm=algorithm)
                assert_equal_values(actual, expected, f"width {width}, kernel {kernel}, stride {stride}")


@pytest.mark.parametrize("synonym", SYNONYMS)
def test_synonyms(synonym: str) -> None:
    x, w, b = CONV_BY_NAME["3x3_c5_k7"].data("float32")
    expected = convx.conv2d(x, w, b, padding=2, padding_mode=SYNONYMS[synonym])
    assert_same_bits(convx.conv2d(x, w, b, padding=2, padding_mode=synonym), expected)
    plan = convx.Conv2d(w, b, padding=2, padding_mode=synonym)
    assert plan.padding_mode == SYNONYMS[synonym]
    assert f"padding_mode='{SYNONYMS[synonym]}'" in repr(plan)
    assert_same_bits(plan(x), convx.Conv2d(w, b, padding=2, padding_mode=SYNONYMS[synonym])(x))  # type: ignore[arg-type]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_any_layout(filtered_algorithm: str, layout: Layout) -> None:
    for name in ("3x3_c5_k7", "depthwise_c17", "7x7_stride2_pad3", "5x5_pad2"):
        case = CONV_BY_NAME[name]
        if not case.takes(filtered_algorithm):
            continue
        x, w, b = case.data("float32", integers=True)
        odd = layout(x)
        arguments = {**case.parameters, "padding_mode": "reflect", "algorithm": filtered_algorithm}
        expected = convx.conv2d(np.ascontiguousarray(odd).astype("float32"), w, b, **arguments)
        assert_integers(convx.conv2d(odd, w, b, **arguments), expected, filtered_algorithm)


def test_nothing_changes_without_padding(any_algorithm: str, isa: str) -> None:
    x, w, b = CONV_BY_NAME["3x3_c65_k64"].data("float32")
    expected = convx.conv2d(x, w, b, algorithm=any_algorithm)
    for mode in MODES:
        assert_same_bits(convx.conv2d(x, w, b, padding_mode=mode, algorithm=any_algorithm), expected)


@pytest.mark.parametrize("mode", BORDERS)
def test_bits_do_not_depend_on_threads(any_algorithm: str, keep_threads: int, mode: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 33, 30, 31)).astype("float32")
    w = rng.standard_normal((37, 33, 3, 3)).astype("float32")
    results = []
    for threads in (1, 2, 3):
        convx.set_num_threads(threads)
        results.append(convx.conv2d(x, w, padding=2, padding_mode=mode, algorithm=any_algorithm))
    assert_same_bits(results[1], results[0])
    assert_same_bits(results[2], results[0])


def test_infinite_weights_meet_no_zeros(any_algorithm: str, isa: str) -> None:
    """A tap over padding multiplies a copy of the input: 1 * inf is inf, where zeros give NaN."""
    if any_algorithm in ("winograd", "fft"):
        return
    x, w = np.ones((1, 3, 6, 7), "float32"), np.full((5, 3, 3, 3), np.inf, "float32")
    assert np.isposinf(convx.conv2d(x, w, padding=2, padding_mode="circular", algorithm=any_algorithm)).all()
    assert np.isnan(convx.conv2d(x, w, padding=2, algorithm=any_algorithm)[..., 0]).all()


@settings(max_examples=400)
@given(st.data())
def test_parameter_combinations(data: st.DataObject) -> None:
    draw = data.draw
    rank, groups = draw(st.integers(1, 3)), draw(st.sampled_from([1, 1, 2, 4]))
    each, outs = draw(st.sampled_from([1, 1, 2, 5])), draw(st.integers(1, 5))
    kernel = tuple(draw(st.sampled_from([1, 2, 3, 3, 5])) for _ in range(rank))
    stride = tuple(draw(st.integers(1, 4)) for _ in range(rank))
    dilation = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    size = tuple(draw(st.integers(1, 12)) for _ in range(rank))
    mode = draw(st.sampled_from(list(MODES)))
    named = draw(st.sampled_from([None, None, "same", "same_lower", "causal"]))
    pads = [(draw(st.integers(0, 8)), draw(st.integers(0, 8))) for _ in range(rank)]
    # Wide enough for the kernel.
    pads = [(lo, hi + max(d * (k - 1) + 1 - n - lo - hi, 0)) for (lo, hi), d, k, n in zip(pads, dilation, kernel, size)]  # noqa: B905
    w_shape = (groups * outs, each, *kernel)
    case = ConvCase("drawn", (2, groups * each, *size), w_shape, stride, named or tuple(pads), dilation, groups)
    dtype = draw(st.sampled_from(["float32", "float64", "float16"]))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    x = rng.integers(-3, 4, case.input).astype(dtype)
    w = rng.integers(-3, 4, case.weight).astype(dtype)
    oracle = getattr(reference, case.function)
    expected = oracle(padded(x, pairs(case), mode), w, **{**case.parameters, "padding": 0})
    algorithm = draw(st.sampled_from([name for name in _core.algorithms() if case.takes(name)]))
    arguments: dict[str, Any] = {**case.parameters, "padding_mode": mode, "algorithm": algorithm}
    if draw(st.booleans()):
        last = np.ascontiguousarray(np.moveaxis(x, 1, -1))
        actual = getattr(convx, case.function)(last, w, **arguments, data_format="channels_last")
        actual = np.moveaxis(actual, -1, 1)
    else:
        actual = getattr(convx, case.function)(x, w, **arguments)
    assert_integers(actual, expected, algorithm)


@pytest.mark.parametrize(
    ("value", "error", "got"),
    [
        ("constant", ValueError, "'constant'"),
        ("Reflect", ValueError, "'Reflect'"),
        ("", ValueError, "''"),
        (None, TypeError, "None"),
        (0, TypeError, "0"),
    ],
)
def test_an_unknown_mode_is_refused(value: Any, error: type[Exception], got: str) -> None:
    x, w = np.ones((2, 3, 5, 6)), np.ones((4, 3, 2, 2))
    choices = "" if error is TypeError else ".*'zeros', 'reflect', 'replicate', 'circular', 'symmetric', 'edge', 'wrap'"
    for name, call in {
        "conv2d": lambda: convx.conv2d(x, w, padding_mode=value),
        "Conv2d": lambda: convx.Conv2d(w, padding_mode=value),
    }.items():
        with pytest.raises(error, match=f"^{name}: padding_mode must {choices}.*got {re.escape(got)}$"):
            call()
    if error is ValueError:
        with pytest.raises(ValueError, match="padding_mode must be one of"):
            reference.conv2d(x, w, padding_mode=value)
