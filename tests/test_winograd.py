"""What is special about Winograd: the shapes it takes, its schemes, its accuracy."""

import convx
import numpy as np
import pytest
from bad_calls import call, good_call
from cases import CONV_BY_NAME, CONV_CASES, ConvCase, conv_expected
from checks import ACCURATE_FACTOR, assert_equal_values, assert_same_bits, assert_within, conv_bound, run_python
from convx import _core, reference

pytestmark = pytest.mark.skipif("winograd" not in _core.algorithms(), reason="built without Winograd")

REFUSED = [case for case in CONV_CASES if not case.takes("winograd")]


@pytest.mark.parametrize("shape", REFUSED, ids=lambda case: case.name)
def test_winograd_refuses_other_shapes(shape: ConvCase) -> None:
    """Named for a shape that it cannot compute it must say so, not give another result."""
    x, w, b = shape.data("float32")
    for make in (
        lambda: getattr(convx, shape.function)(x, w, b, **shape.parameters, algorithm="winograd"),
        lambda: getattr(convx, shape.plan)(w, b, **shape.parameters, algorithm="winograd")(x),
    ):
        with pytest.raises(ValueError, match=r"^[cC]onv\dd: algorithm must .*winograd"):
            make()


@pytest.mark.parametrize(
    ("channels", "outputs", "size"),
    [(1024, 512, 7), (512, 512, 14), (512, 700, 5), (33, 31, 60), (256, 96, 13)],
    ids=str,
)
def test_winograd_schemes(isa: str, channels: int, outputs: int, size: int) -> None:
    """Many weights over few tiles take the scheme with fewer points; the bound holds for each."""
    case = ConvCase("schemes", (1, channels, size, size), (outputs, channels, 3, 3), padding=1)
    x, w, b = case.data("float32")
    wide = [None if a is None else a.astype("float64") for a in (x, w, b)]
    actual = convx.conv2d(x, w, b, padding=1, algorithm="winograd")
    assert_within(actual, reference.conv2d(*wide, padding=1), conv_bound(case, "winograd", "float32", x, w, b))


@pytest.mark.parametrize("sizes", [(7, 7), (8, 9), (14, 28), (33, 2), (2, 57)], ids=str)
def test_winograd_of_stride_2(isa: str, dtype: np.dtype, sizes: tuple[int, int]) -> None:
    """Maps that are no multiple of a tile, with every parity of size and padding."""
    for padding in (1, 0, ((0, 1), (1, 0)), ((1, 2), (3, 1)), "same", "same_lower"):
        if padding == 0 and min(sizes) < 3:
            continue
        case = ConvCase(f"stride2 {padding}", (2, 19, *sizes), (35, 19, 3, 3), stride=2, padding=padding)
        x, w, b = case.data(dtype)
        expected = conv_expected(case, dtype)
        actual = convx.conv2d(x, w, b, 2, padding, algorithm="winograd")
        assert_within(actual, expected, conv_bound(case, "winograd", dtype, x, w, b), case.name)


def test_winograd_plan_changes_its_scheme_with_the_input(isa: str) -> None:
    rng = np.random.default_rng(0)
    w = rng.uniform(-1, 1, (512, 512, 3, 3)).astype("float32")
    plan = convx.Conv2d(w, padding=1, algorithm="winograd")
    for size in (7, 30, 7, 4):
        x = rng.uniform(-1, 1, (1, 512, size, size)).astype("float32")
        assert_same_bits(plan(x), convx.conv2d(x, w, padding=1, algorithm="winograd"), f"size {size}")


def test_winograd_error_is_small_beside_the_output(isa: str) -> None:
    """By name any scheme may be taken. Measured at most 1e-4 of the output's root mean square, for 3x3."""
    for channels in (1, 3, 16, 64, 300):
        for kernel, stride in ((3, 1), (5, 1), (7, 1), (3, 2)):
            rng = np.random.default_rng(channels)
            x = rng.standard_normal((1, channels, 20, 23)).astype("float32")
            w = rng.standard_normal((33, channels, kernel, kernel)).astype("float32")
            expected = reference.conv2d(x.astype("float64"), w.astype("float64"), stride=stride)
            actual = convx.conv2d(x, w, stride=stride, algorithm="winograd")
            scale = float(np.sqrt((expected**2).mean()))
            assert_within(actual, expected, 1.6e-4 * scale, f"{channels} channels, kernel {kernel}, stride {stride}")


@pytest.mark.parametrize("channels", [64, 256, 2048])
def test_winograd_of_three_taps_errs_less_than_documented(isa: str, channels: int) -> None:
    """Eight points, which maps of 30x30 fit: 1.4e-5 of the largest output were measured, with 256 channels."""
    rng = np.random.default_rng(channels)
    w = rng.standard_normal((16, channels, 3, 3)).astype("float32")
    normal = rng.standard_normal((1, channels, 30, 30))
    for name, data in (("normal", normal), ("rectified", normal.clip(0)), ("uniform", rng.random(normal.shape))):
        x = data.astype("float32")
        expected = reference.conv2d(x.astype("float64"), w.astype("float64"), padding=1)
        actual = convx.conv2d(x, w, padding=1, algorithm="winograd")
        assert_within(actual, expected, 3e-5 * float(np.abs(expected).max()), name)


@pytest.mark.parametrize(
    ("channels", "sizes", "kernel"),
    [(64, (28, 28), (5, 5)), (160, (14, 14), (3, 3)), (32, (6, 14, 14), (3, 3, 3)), (96, (700,), (4,))],
    ids=str,
)
def test_winograd_gives_the_same_bits_for_any_threads_and_layout(
    isa: str, keep_threads: int, channels: int, sizes: tuple[int, ...], kernel: tuple[int, ...]
) -> None:
    """Large enough for threads to share the transformed input."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, channels, *sizes)).astype("float32")
    w = rng.standard_normal((130, channels, *kernel)).astype("float32")
    plan = {1: convx.Conv1d, 2: convx.Conv2d, 3: convx.Conv3d}[len(sizes)](w, padding=1, algorithm="winograd")
    convx.set_num_threads(1)
    expected = plan(x)
    last = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)
    turned = np.ascontiguousarray(x[..., ::-1])[..., ::-1]
    for threads in (1, 2, 3, 8, 16):
        convx.set_num_threads(threads)
        for name, view in (("first", x), ("last", last), ("turned", turned)):
            assert_same_bits(plan(view), expected, f"{threads} threads, channels {name}")
            assert_same_bits(plan(view[1:]), expected[1:], f"{threads} threads, channels {name}, one image")


@pytest.mark.parametrize("kernel", [(3, 3), (4, 4), (5, 5), (3, 5), (5, 4)], ids=str)
@pytest.mark.parametrize("sizes", [(28, 56), (14, 28), (10, 33), (4, 26), (61, 9)], ids=str)
def test_winograd_of_maps_that_end_in_narrow_tiles(
    isa: str, kernel: tuple[int, int], sizes: tuple[int, int], keep_threads: int
) -> None:
    """The last tiles of eight points have six of them, along either axis, of several images and several blocks."""
    padding = tuple((taps // 2, (taps - 1) // 2) for taps in kernel)
    case = ConvCase("narrow", (3, 65, *sizes), (70, 65, *kernel), padding=padding)
    x, w, b = case.data("float32")
    plan = convx.Conv2d(w, b, padding=padding, algorithm="winograd")
    convx.set_num_threads(1)
    alone = np.stack([plan(image) for image in x])
    assert_within(alone, conv_expected(case, np.dtype("float32")), conv_bound(case, "winograd", "float32", x, w, b))
    for threads in (1, 2):
        convx.set_num_threads(threads)
        assert_same_bits(plan(x), alone, f"{threads} threads")


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2), (2, 2), (3, 1)])
def test_winograd_of_planes(isa: str, stride: int, dilation: int, keep_threads: int) -> None:
    """Planes that meet the same taps are multiplied together, for some of the channels at a time."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1, 90, 9, 14, 10)).astype("float32")
    w = rng.standard_normal((37, 90, 3, 3, 3)).astype("float32")
    parameters = {"padding": (dilation, 1, 1), "stride": (stride, 1, 1), "dilation": (dilation, 1, 1)}
    expected = reference.conv3d(x.astype("float64"), w.astype("float64"), **parameters)
    for threads in (1, 2):
        convx.set_num_threads(threads)
        actual = convx.conv3d(x, w, **parameters, algorithm="winograd")
        assert_within(actual, expected, 1.6e-4 * float(expected.std()), f"{threads} threads")


@pytest.mark.parametrize("sizes", [(5, 6), (7, 7), (23, 22)], ids=str)
def test_winograd_of_images_that_share_their_weights(isa: str, sizes: tuple[int, int], keep_threads: int) -> None:
    """Tiles of several images are multiplied together: each image gets the bits that it gets alone."""
    case = ConvCase("images", (29, 18, *sizes), (34, 9, 3, 3), padding=1, groups=2)
    x, w, b = case.data("float32")
    residual = np.random.default_rng(1).standard_normal((29, 34, *sizes)).astype("float32")
    plan = convx.Conv2d(w, b, **case.parameters, algorithm="winograd")
    alone = np.stack([plan(*each, residual=r) for each, r in zip(x[:, None], residual, strict=True)])
    for threads in (1, 2, 3):
        convx.set_num_threads(threads)
        assert_same_bits(plan(x, residual=residual), alone, f"{threads} threads")
    assert_same_bits(plan(x[::-1].copy()[::-1], residual=residual), alone, "images that lie backwards")
    last = convx.Conv2d(w, b, **case.parameters, algorithm="winograd", data_format="channels_last")
    pixels = np.ascontiguousarray(np.moveaxis(x, 1, -1))
    assert_same_bits(np.moveaxis(last(pixels), -1, 1), plan(x), "channels last")


def test_auto_never_takes_winograd_for_float64(isa: str) -> None:
    for channels, size in [(64, 56), (256, 14), (512, 7)]:
        shapes = (1, channels, size, size), (channels, channels, 3, 3)
        assert _core.choose(*shapes, 1, 1, 1, 1, np.dtype("float64")) != "winograd"


def test_auto_without_winograd_is_exact(isa: str, keep_winograd: None) -> None:
    cases = [case for case in CONV_CASES if case.takes("winograd")]
    taken = set()
    for level in ("all", "off"):
        convx.set_winograd(level)
        for case in cases:
            x, w, b = case.data("float32", integers=True)
            plan = getattr(convx, case.plan)(w, b, **case.parameters)
            taken.add((level, plan.algorithm_for(case.input)))
            if level == "off":
                expected = conv_expected(case, np.dtype("float32"), integers=True)
                assert_equal_values(getattr(convx, case.function)(x, w, b, **case.parameters), expected, case.name)
                assert_equal_values(plan(x), expected, f"plan of {case.name}")
    assert ("all", "winograd") in taken
    assert ("off", "winograd") not in taken


@pytest.mark.parametrize("kernel", [(2, 2), (3, 3), (4, 4), (5, 5), (3, 5), (5, 3), (1, 3), (5, 1), (3, 4)], ids=str)
def test_accurate_schemes_stay_within_their_bound(isa: str, kernel: tuple[int, int], keep_winograd: None) -> None:
    """With numbers that differ in their signs alone, the worst for Winograd."""
    convx.set_winograd("accurate")
    taken = set()
    for channels in (4, 16, 40):
        rng = np.random.default_rng(channels)
        x = np.sign(rng.standard_normal((1, channels, 96, 96))).astype("float32")
        w = np.float32(0.7) * np.sign(rng.standard_normal((64, channels, *kernel))).astype("float32")
        plan = convx.Conv2d(w)
        taken.add(plan.algorithm_for(x.shape))
        exact = convx.conv2d(x.astype("float64"), w.astype("float64"), algorithm="im2col")
        bound = ACCURATE_FACTOR * np.finfo("float32").eps * w[0].size * float(w.max())
        assert_within(plan(x), exact, bound, f"{channels} channels")
    assert "winograd" in taken or (kernel == (5, 5) and "fft" in taken)


def test_a_plan_follows_the_level(isa: str, keep_winograd: None) -> None:
    """What it has chosen for a shape counts for the level of then."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1, 32, 61, 61)).astype("float32")
    w = rng.standard_normal((64, 32, 3, 5)).astype("float32")
    plan = convx.Conv2d(w)
    results = {}
    for level in ("accurate", "all", "off", "accurate", "all"):
        convx.set_winograd(level)
        result = plan(x)
        assert_same_bits(result, results.setdefault(level, result), level)
    exact = reference.conv2d(x.astype("float64"), w.astype("float64"))
    errors = {level: float(np.square(result - exact).mean()) for level, result in results.items()}
    assert errors["off"] < errors["accurate"] < errors["all"]


def test_winograd_by_name_works_where_auto_must_not_take_it(isa: str, keep_winograd: None) -> None:
    case = CONV_BY_NAME["3x3_c64_k65"]
    x, w, b = case.data("float32")
    before = convx.conv2d(x, w, b, padding=1, algorithm="winograd")
    convx.set_winograd(False)
    assert_same_bits(convx.conv2d(x, w, b, padding=1, algorithm="winograd"), before)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "all"), ("", "all"), ("0", "off"), ("1", "all"), ("off", "off"), ("accurate", "accurate"), ("all", "all")],
)
def test_winograd_follows_the_environment(value: str | None, expected: str) -> None:
    done = run_python("import convx; print(convx.get_winograd())", env={"CONVX_WINOGRAD": value})
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [expected]


def test_winograd_refuses_an_unknown_level_of_the_environment() -> None:
    done = run_python("import convx", env={"CONVX_WINOGRAD": "fast"})
    assert done.returncode == 1
    assert "ImportError: CONVX_WINOGRAD: level must be a bool, 'off', 'accurate' or 'all', got 'fast'" in done.stderr


@pytest.mark.parametrize(("value", "expected"), [(True, "all"), (False, "off"), (np.True_, "all")])
def test_set_winograd_takes_bools(value: bool, expected: str, keep_winograd: None) -> None:
    convx.set_winograd(value)
    assert convx.get_winograd() == expected


@pytest.mark.parametrize("value", [1, 0, None, 1.0, b"all"])
def test_set_winograd_takes_no_other_types(value: object, keep_winograd: None) -> None:
    with pytest.raises(TypeError, match=r"^set_winograd: level must be a bool or a str, got "):
        convx.set_winograd(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["no", "", "ALL", "0"])
def test_set_winograd_takes_no_other_names(value: str, keep_winograd: None) -> None:
    with pytest.raises(ValueError, match=r"^set_winograd: level must be a bool, 'off', 'accurate' or 'all', got "):
        convx.set_winograd(value)  # type: ignore[arg-type]


def test_winograd_with_zero_padding_only(isa: str, dtype: np.dtype) -> None:
    """Tiles that lie wholly in the padding give the bias."""
    w, b = np.ones((15, 3, 3, 3), dtype), np.arange(15, dtype=dtype)
    out = convx.conv2d(np.ones((1, 3, 1, 1), dtype), w, b, padding=12, algorithm="winograd")
    expected = reference.conv2d(np.ones((1, 3, 1, 1)), w.astype("float64"), b.astype("float64"), padding=12)
    assert_within(out, expected, 1e-4)


def test_winograd_validates_like_the_others() -> None:
    x = good_call("conv2d")["input"]
    with pytest.raises(ValueError, match=r"^conv2d: input must .* channels"):
        call("conv2d", input=x[:, :3], algorithm="winograd")
    with pytest.raises(ValueError, match=r"^conv2d: stride must be >= 1, got 0"):
        call("conv2d", stride=0, algorithm="winograd")
