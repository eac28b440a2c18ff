"""GridSample, RoiAlign and NonMaxSuppression on random numbers, against ONNX Runtime."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")
runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

from graph_cases import one_node, run_model  # noqa: E402

rng = np.random.default_rng(5)
X = rng.standard_normal((2, 3, 6, 7)).astype(np.float32)


def assert_as_onnxruntime(name: str, opset: int, inputs: list[Any], attributes: dict[str, Any]) -> None:
    model = one_node(name, opset, inputs, **attributes)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    feed = {value.name: array for value, array in zip(session.get_inputs(), inputs, strict=True)}
    (expected,) = session.run(None, feed)
    (actual,) = run_model(model, inputs, True)
    assert actual.dtype == expected.dtype
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("aligned", [0, 1])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_grid_sample(mode: str, padding: str, aligned: int) -> None:
    """Also at places far outside."""
    grid = rng.uniform(-2.5, 2.5, (2, 5, 4, 2)).astype(np.float32)
    attributes = {"padding_mode": padding, "align_corners": aligned}
    assert_as_onnxruntime("GridSample", 20, [X, grid], {"mode": mode, **attributes})
    old = {"linear": "bilinear", "cubic": "bicubic"}.get(mode, mode)
    assert_as_onnxruntime("GridSample", 16, [X, grid], {"mode": old, **attributes})


@pytest.mark.parametrize("opset", [10, 16])
@pytest.mark.parametrize("mode", ["avg", "max"])
@pytest.mark.parametrize("count", [0, 2])
def test_roi_align(opset: int, mode: str, count: int) -> None:
    low = rng.uniform(-2, 8, (6, 2))
    rois = np.concatenate([low, low + rng.uniform(0.5, 9, (6, 2))], 1).astype(np.float32)
    batch = np.array([0, 1, 1, 0, 0, 1], np.int64)
    attributes = {"mode": mode, "output_height": 3, "output_width": 2, "spatial_scale": 0.7, "sampling_ratio": count}
    assert_as_onnxruntime("RoiAlign", opset, [np.abs(X), rois, batch], attributes)


@pytest.mark.parametrize("centred", [0, 1])
def test_non_max_suppression(centred: int) -> None:
    boxes = rng.uniform(1, 9, (2, 30, 4)).astype(np.float32)
    scores = rng.uniform(0, 1, (2, 3, 30)).astype(np.float32)
    limits = [np.array([7], np.int64), np.float32([0.3]), np.float32([0.2])]
    for opset in (10, 11):
        assert_as_onnxruntime("NonMaxSuppression", opset, [boxes, scores, *limits], {"center_point_box": centred})
