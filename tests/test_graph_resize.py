"""Resize in all its modes, against ONNX Runtime."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")
runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

from graph_cases import one_node, run_model  # noqa: E402

X = np.random.default_rng(7).standard_normal((1, 2, 8, 11)).astype(np.float32)
NONE = np.zeros(0, np.float32)
TRANSFORMATIONS = ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")
SIZES = [(8, 11), (16, 22), (5, 23), (3, 4), (1, 1), (24, 10)]


def left_out(opset: int) -> list[Any]:
    """Region and scales, which version 11 wanted to be empty arrays."""
    return [NONE, NONE] if opset < 13 else [None, None]


def assert_as_onnxruntime(opset: int, inputs: list[Any], attributes: dict[str, Any], tolerance: float = 2e-5) -> None:
    model = one_node("Resize", opset, inputs, **attributes)
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    session = runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    given = [value for value in inputs if value is not None]
    names = [value.name for value in session.get_inputs()]
    (expected,) = session.run(None, dict(zip(names, given, strict=True)))
    (actual,) = run_model(model, given, True)
    assert actual.dtype == expected.dtype
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("transformation", TRANSFORMATIONS)
@pytest.mark.parametrize("rounding", ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])
def test_nearest(size: Any, transformation: str, rounding: str) -> None:
    sizes = np.array((1, 2, *size), np.int64)
    attributes = {"coordinate_transformation_mode": transformation, "nearest_mode": rounding, "mode": "nearest"}
    for opset in (11, 13, 19):
        assert_as_onnxruntime(opset, [X, *left_out(opset), sizes], attributes)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("transformation", TRANSFORMATIONS)
@pytest.mark.parametrize("mode", ["linear", "cubic"])
def test_weighted(size: Any, transformation: str, mode: str) -> None:
    sizes = np.array((1, 2, *size), np.int64)
    attributes = {"coordinate_transformation_mode": transformation, "mode": mode}
    for opset in (11, 13, 19):
        assert_as_onnxruntime(opset, [X, *left_out(opset), sizes], attributes)


@pytest.mark.parametrize("scales", [(2, 2), (0.5, 0.7), (1.3, 3.1), (0.6, 1)])
@pytest.mark.parametrize("transformation", ["half_pixel", "pytorch_half_pixel", "asymmetric", "half_pixel_symmetric"])
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_scales(scales: Any, transformation: str, mode: str) -> None:
    """Without align_corners: the size is in * scale in ONNX's own cases, and its whole part in ONNX Runtime."""
    attributes = {"coordinate_transformation_mode": transformation, "mode": mode}
    assert_as_onnxruntime(19, [X, None, np.float32((1, 1, *scales))], attributes)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", ["linear", "cubic"])
def test_antialias(size: Any, mode: str) -> None:
    sizes = np.array((1, 2, *size), np.int64)
    assert_as_onnxruntime(19, [X, None, None, sizes], {"mode": mode, "antialias": 1, "exclude_outside": 1}, 1e-4)


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_crop(mode: str) -> None:
    roi = np.float32([0, 0, 0.3, -0.2, 1, 1, 0.8, 1.1])
    sizes = np.array((1, 2, 6, 9), np.int64)
    attributes = {
        "coordinate_transformation_mode": "tf_crop_and_resize", "mode": mode, "extrapolation_value": 5.0,
    }  # fmt: skip
    assert_as_onnxruntime(13, [X, roi, None, sizes], attributes)


@pytest.mark.parametrize("policy", ["not_larger", "not_smaller"])
def test_proportions(policy: str) -> None:
    attributes = {"mode": "linear", "keep_aspect_ratio_policy": policy, "axes": [2, 3]}
    assert_as_onnxruntime(18, [X, None, None, np.array([12, 12], np.int64)], attributes)
