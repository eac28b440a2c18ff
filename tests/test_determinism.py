"""The same bits for any number of threads and any batch; the same answers from every instruction set."""

import convx
import numpy as np
import pytest
from cases import CONV_BY_NAME, CONV_CASES, ConvCase
from checks import Array, assert_integers, assert_same_bits, use_isa
from convx import _core
from pool_cases import POOL_CASES, PoolCase

LEAST = _core.isas()[-1]  # what every CPU of this architecture runs

# Large enough that the work is shared out: by channel block, by image, by strips where both are few.
THREADED = [
    ConvCase("many_channels", (1, 32, 28, 28), (130, 32, 3, 3), padding=1),
    ConvCase("many_tiles", (1, 33, 30, 70), (34, 33, 5, 5), padding=2),
    ConvCase("few_outputs", (1, 64, 60, 60), (3, 64, 3, 3), padding=1),
    ConvCase("one_output", (1, 16, 120, 100), (1, 16, 3, 3), padding=1),
    ConvCase("many_images", (7, 16, 20, 20), (15, 16, 3, 3), padding=1),
    ConvCase("deep", (1, 300, 14, 14), (65, 300, 3, 3), padding=1),
    ConvCase("pointwise", (2, 128, 23, 23), (97, 128, 1, 1)),
    ConvCase("first_layer", (1, 3, 95, 95), (33, 3, 11, 11), stride=4),
    ConvCase("strided_dilated", (2, 33, 40, 41), (31, 33, 3, 3), stride=2, padding=2, dilation=2),
    ConvCase("groups", (1, 60, 30, 30), (66, 20, 3, 3), padding=1, groups=3),
    ConvCase("depthwise", (1, 65, 60, 60), (65, 1, 5, 5), padding=2, groups=65),
    ConvCase("long_1d", (1, 16, 4000), (17, 16, 9), padding="causal"),
    ConvCase("volume", (1, 9, 12, 20, 22), (14, 9, 3, 3, 3), padding=1),
]

THREADED_POOLS = [
    PoolCase("planes", (3, 65, 56, 56), 3, 2, 1),
    PoolCase("one_plane", (1, 1, 700, 700), 3, 1, 1),
    PoolCase("large_window", (1, 7, 130, 130), 13, 1, 6),
    PoolCase("volume", (1, 5, 20, 40, 40), 3, 2, 1, ceil_mode=True, rank=3),
    PoolCase("line", (1, 3, 90_000), 5, 2, 2, rank=1),
]


ACROSS = [CONV_BY_NAME[name] for name in ("3x3_c17_k15", "7x7_stride2_pad3", "depthwise_x2", "1d_kernel129", "3d_asym")]


def for_threads(compute: object) -> None:
    results = []
    for threads in (1, 2, 3, 8):
        convx.set_num_threads(threads)
        results.append(compute())  # type: ignore[operator]
        assert convx.get_num_threads() in (1, threads)
    for threads, result in zip((2, 3, 8), results[1:], strict=True):
        assert_same_bits(result, results[0], f"{threads} threads and 1")


@pytest.mark.parametrize("case", THREADED, ids=lambda case: case.name)
def test_conv_same_bits_for_any_threads(algorithm: str, isa: str, case: ConvCase, keep_threads: int) -> None:
    x, w, b = case.data("float32")
    for_threads(
        lambda: getattr(convx, case.function)(x, w, b, **case.parameters, activation="relu6", algorithm=algorithm)
    )


@pytest.mark.parametrize("case", THREADED[:5], ids=lambda case: case.name)
def test_conv_float64_same_bits_for_any_threads(algorithm: str, isa: str, case: ConvCase, keep_threads: int) -> None:
    x, w, b = case.data("float64")
    for_threads(lambda: getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=algorithm))


@pytest.mark.parametrize("case", THREADED_POOLS, ids=lambda case: case.name)
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pool_same_bits_for_any_threads(
    isa: str, dtype: np.dtype, kind: str, case: PoolCase, keep_threads: int
) -> None:
    x = case.data(dtype)
    for_threads(lambda: getattr(convx, f"{kind}_pool{case.rank}d")(x, **case.parameters))


def test_maxout_same_bits_for_any_threads(isa: str, dtype: np.dtype, keep_threads: int) -> None:
    x = np.random.default_rng(0).standard_normal((5, 60, 70, 71)).astype(dtype)
    for_threads(lambda: convx.maxout(x, 4))


@pytest.mark.parametrize("case", [*THREADED[:5], *THREADED[9:]], ids=lambda case: case.name)
def test_conv_same_bits_for_any_batch(named_algorithm: str, isa: str, case: ConvCase) -> None:
    """A named algorithm gives an image the same bits alone, in company, at any place and without N."""
    one, w, b = case.data("float32")
    images = np.concatenate([one[:1], np.flip(one[:1], -1), one[:1]])

    def convolve(x: Array) -> Array:
        result: Array = getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=named_algorithm)
        return result

    together = convolve(images)
    assert_same_bits(together[2], together[0], "image 2 and 0 are the same")
    for i, image in enumerate(images):
        assert_same_bits(convolve(images[i : i + 1])[0], together[i], f"image {i} alone")
        assert_same_bits(convolve(image), together[i], f"image {i} without N")


@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pool_same_bits_for_any_batch(isa: str, dtype: np.dtype, kind: str) -> None:
    x = np.random.default_rng(0).standard_normal((5, 17, 15, 16)).astype(dtype)
    pool = getattr(convx, f"{kind}_pool2d")
    together = pool(x, 3, 2, 1)
    for i, image in enumerate(x):
        assert_same_bits(pool(x[i : i + 1], 3, 2, 1)[0], together[i], f"image {i} alone")
        assert_same_bits(pool(image, 3, 2, 1), together[i], f"image {i} without N")


@pytest.mark.parametrize("case", ACROSS, ids=lambda case: case.name)
def test_conv_same_answers_from_every_isa(algorithm: str, dtype: np.dtype, case: ConvCase) -> None:
    """Integer data leaves no room for rounding; on real data the portable reference loops agree bit for bit."""
    for integers in {True, algorithm != "reference"}:
        results = {}
        for isa in _core.isas():
            with use_isa(isa):
                x, w, b = case.data(dtype, integers=integers)
                results[isa] = getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=algorithm)
        for isa, result in results.items():
            assert_integers(result, results[LEAST], algorithm, f"{isa} and {LEAST}")


@pytest.mark.parametrize("case", POOL_CASES, ids=lambda case: case.name)
def test_max_pool_same_bits_from_every_isa(dtype: np.dtype, case: PoolCase) -> None:
    results = {}
    for isa in _core.isas():
        with use_isa(isa):
            results[isa] = getattr(convx, f"max_pool{case.rank}d")(case.data(dtype), **case.parameters)
    for isa, result in results.items():
        assert_same_bits(result, results[LEAST], f"{isa} and {LEAST}")


def test_direct_and_im2col_agree_to_the_bit(isa: str, dtype: np.dtype) -> None:
    """Both add the terms of an output in one order: channel, depth, row, column."""
    for case in CONV_CASES:
        x, w, b = case.data(dtype)
        function = getattr(convx, case.function)
        results = [function(x, w, b, **case.parameters, algorithm=name) for name in ("direct", "im2col")]
        assert_same_bits(results[0], results[1], case.name)


def test_conv_repeated_gives_same_bits(any_algorithm: str, isa: str) -> None:
    case, algorithm = THREADED[0], any_algorithm
    x, w, b = case.data("float32")
    first = convx.conv2d(x, w, b, padding=1, algorithm=algorithm)
    for _ in range(5):
        assert_same_bits(convx.conv2d(x, w, b, padding=1, algorithm=algorithm), first)
