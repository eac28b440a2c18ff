"""Corners of ONNX's semantics, held against ONNX Runtime: attributes in combinations that the node cases lack.

Data are small integers: every difference is one of meaning. Where ONNX Runtime departs from the text of the operator, a
test says how, and fails when it no longer does.
"""

from itertools import product
from typing import Any

import convx
import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

OPSET = 22
OLDER = {"GlobalLpPool": 21}  # which ONNX Runtime has in its earlier version only


def run(operator: str, inputs: list[Any], attributes: dict[str, Any], outputs: int = 1) -> list[Any]:
    """What ONNX Runtime gives; an input that is None is left out."""
    kind = onnx.helper.np_dtype_to_tensor_dtype
    names = [f"x{i}" if value is not None else "" for i, value in enumerate(inputs)]
    results = [f"y{i}" for i in range(outputs)]
    node = onnx.helper.make_node(operator, names, results, **attributes)
    graph = onnx.helper.make_graph(
        [node],
        "one node",
        [
            onnx.helper.make_tensor_value_info(name, kind(value.dtype), value.shape)
            for name, value in zip(names, inputs, strict=True)
            if name
        ],
        [onnx.helper.make_empty_tensor_value_info(name) for name in results],
    )
    opset = onnx.helper.make_opsetid("", OLDER.get(operator, OPSET))
    model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=10)
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    session = runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    given = {name: value for name, value in zip(names, inputs, strict=True) if name}
    found: list[Any] = session.run(None, given)
    return found


def integers(*shape: int, dtype: str = "float32", lo: int = -9, hi: int = 9, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(lo, hi + 1, shape).astype(dtype)


def compare(operator: str, inputs: list[Any], attributes: dict[str, Any], atol: float = 0.0) -> None:
    arguments = dict(attributes)
    outputs = 2 if arguments.pop("return_indices", False) else 1
    expected = run(operator, inputs, arguments, outputs)
    result = getattr(convx.onnx, operator)(*inputs, **attributes)
    results = result if isinstance(result, tuple) else (result,)
    for actual, theirs in zip(results, expected, strict=True):
        assert actual.dtype == theirs.dtype
        assert actual.shape == theirs.shape
        np.testing.assert_allclose(actual, theirs, rtol=1e-6, atol=atol)


AUTO_PADS = ("SAME_UPPER", "SAME_LOWER", "VALID")


@pytest.mark.parametrize("auto_pad", AUTO_PADS)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_conv_auto_pad(rank: int, auto_pad: str) -> None:
    for kernel, stride in product((1, 2, 3, 4), (1, 2, 3)):
        x, w = integers(2, 4, *(9, 8, 7)[:rank]), integers(6, 2, *[kernel] * rank)
        attributes = {"auto_pad": auto_pad, "strides": [stride] * rank, "group": 2}
        compare("Conv", [x, w, integers(6)], attributes, atol=1e-2)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_conv_pads(rank: int) -> None:
    x, w = integers(1, 3, *(9, 8, 7)[:rank]), integers(2, 3, *(2, 3, 2)[:rank])
    pads = [*(1, 0, 4)[:rank], *(2, 3, 0)[:rank]]
    attributes = {"pads": pads, "dilations": [2, 1, 3][:rank], "strides": [1, 2, 2][:rank], "kernel_shape": w.shape[2:]}
    compare("Conv", [x, w], attributes)


TRANSPOSED: dict[str, dict[str, Any]] = {
    "plain": {},
    "strides": {"strides": [3, 2]},
    "output_padding": {"strides": [3, 2], "output_padding": [2, 1]},
    "dilated_output_padding": {"dilations": [2, 2], "strides": [2, 2], "output_padding": [1, 1]},
    "pads": {"strides": [2, 2], "pads": [1, 0, 2, 1]},
    "group": {"group": 2, "strides": [2, 1], "pads": [0, 1, 1, 0]},
    "dilations": {"dilations": [3, 2], "strides": [2, 2], "pads": [1, 2, 3, 0]},
    "same_upper": {"auto_pad": "SAME_UPPER", "strides": [2, 3]},
    "same_lower": {"auto_pad": "SAME_LOWER", "strides": [2, 3]},
    "valid": {"auto_pad": "VALID", "strides": [2, 3]},
    "shape": {"output_shape": [10, 12], "strides": [2, 3]},
    "shape_odd": {"output_shape": [8, 11], "strides": [2, 3]},
    "shape_odd_upper": {"output_shape": [8, 11], "strides": [2, 3], "auto_pad": "SAME_UPPER"},
    "shape_odd_lower": {"output_shape": [8, 11], "strides": [2, 3], "auto_pad": "SAME_LOWER"},
    "shape_and_output_padding": {"output_shape": [8, 11], "strides": [2, 3], "output_padding": [1, 2]},
    "shape_ignores_pads": {"output_shape": [8, 11], "strides": [2, 3], "pads": [1, 1, 1, 1]},
    "shape_same_size": {"output_shape": [11, 14], "strides": [2, 3]},
}


@pytest.mark.parametrize("name", TRANSPOSED)
@pytest.mark.parametrize("kernel", [(3, 2), (4, 5), (1, 1)], ids=str)
def test_conv_transpose(name: str, kernel: tuple[int, int]) -> None:
    attributes = TRANSPOSED[name]
    x, w = integers(2, 4, 5, 4), integers(4, 3, *kernel, seed=1)
    maps = 3 * attributes.get("group", 1)
    short = any(k < s for k, s in zip(kernel, attributes.get("strides", (1, 1)), strict=True))
    if short and name in ("same_upper", "same_lower"):
        departs("ConvTranspose", [x, w, integers(maps)], attributes, (2, maps, 10, 12))
    elif short and name == "shape_same_size":
        departs("ConvTranspose", [x, w, integers(maps)], attributes, (2, maps, 11, 14))
    else:
        compare("ConvTranspose", [x, w, integers(maps)], attributes)


def departs(operator: str, inputs: list[Any], attributes: dict[str, Any], shape: tuple[int, ...]) -> None:
    """The text of ConvTranspose gives this shape; where nothing of X reaches its end, ONNX Runtime does not."""
    assert getattr(convx.onnx, operator)(*inputs, **attributes).shape == shape
    if attributes.get("output_shape"):
        with pytest.raises(runtime.capi.onnxruntime_pybind11_state.InvalidArgument, match="output_shape is inconsist"):
            run(operator, inputs, attributes)
    else:
        assert run(operator, inputs, attributes)[0].shape != shape


def test_conv_transpose_of_other_ranks() -> None:
    compare("ConvTranspose", [integers(1, 2, 7), integers(2, 3, 4)], {"strides": [3], "pads": [2, 1]})
    attributes = {"strides": [2, 1, 3], "output_padding": [1, 0, 2], "pads": [0, 1, 2, 1, 0, 0]}
    compare("ConvTranspose", [integers(1, 2, 3, 4, 3), integers(2, 3, 2, 3, 4)], attributes)


POOLS: dict[str, dict[str, Any]] = {
    "plain": {"kernel_shape": [3, 2]},
    "strides": {"kernel_shape": [3, 2], "strides": [2, 3]},
    "pads": {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 0, 2, 1]},
    "wide_pads": {"kernel_shape": [3, 3], "pads": [2, 2, 2, 2]},
    "ceil": {"kernel_shape": [3, 2], "strides": [2, 3], "ceil_mode": 1},
    "ceil_drops_a_window": {"kernel_shape": [2, 2], "strides": [3, 3], "pads": [1, 1, 1, 1], "ceil_mode": 1},
    "ceil_overhang": {"kernel_shape": [4, 5], "strides": [4, 5], "pads": [1, 1, 1, 1], "ceil_mode": 1},
    "dilations": {"kernel_shape": [3, 2], "dilations": [2, 3], "strides": [1, 2]},
    "dilations_ceil_pads": {
        "kernel_shape": [3, 2],
        "dilations": [2, 3],
        "strides": [2, 3],
        "pads": [1, 1, 2, 0],
        "ceil_mode": 1,
    },
    "same_upper": {"kernel_shape": [3, 4], "auto_pad": "SAME_UPPER", "strides": [2, 3]},
    "same_lower": {"kernel_shape": [3, 4], "auto_pad": "SAME_LOWER", "strides": [2, 3]},
    "valid": {"kernel_shape": [3, 4], "auto_pad": "VALID", "strides": [2, 3]},
    "line": {"kernel_shape": [4], "strides": [3], "pads": [2, 1], "ceil_mode": 1},
    "volume": {"kernel_shape": [2, 3, 2], "strides": [2, 1, 3], "pads": [1, 0, 1, 0, 2, 1], "ceil_mode": 1},
}
SPATIAL = (10, 11, 9)


def pool_input(attributes: dict[str, Any], lo: int = -9) -> Any:
    return integers(2, 3, *SPATIAL[: len(attributes["kernel_shape"])], lo=lo)


@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("storage_order", [0, 1])
def test_max_pool(name: str, storage_order: int) -> None:
    """Many ties among -9 ... 9: the indices say which is taken."""
    attributes = {**POOLS[name], "storage_order": storage_order, "return_indices": True}
    compare("MaxPool", [pool_input(POOLS[name])], attributes)


@pytest.mark.parametrize("type_name", ["int8", "uint8", "float64"])
def test_max_pool_of_other_types(type_name: str) -> None:
    for attributes in POOLS.values():
        x = pool_input(attributes, 0 if type_name == "uint8" else -9).astype(type_name)
        compare("MaxPool", [x], {**attributes, "return_indices": True})


@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("count_include_pad", [0, 1])
def test_average_pool(name: str, count_include_pad: int) -> None:
    compare("AveragePool", [pool_input(POOLS[name])], {**POOLS[name], "count_include_pad": count_include_pad}, 1e-5)


@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("p", [1, 2, 3])
def test_lp_pool(name: str, p: int) -> None:
    compare("LpPool", [pool_input(POOLS[name])], {**POOLS[name], "p": p}, 1e-4)


def test_global_pools() -> None:
    for shape in ((2, 3, 7), (2, 3, 5, 6), (2, 3, 4, 5, 6)):
        x = integers(*shape)
        compare("GlobalAveragePool", [x], {}, 1e-5)
        compare("GlobalMaxPool", [x], {})
        for p in (1, 2, 3):
            compare("GlobalLpPool", [x], {"p": p}, 1e-4)


def test_max_unpool() -> None:
    x = np.random.default_rng(0).permutation(2 * 3 * 8 * 9).reshape(2, 3, 8, 9).astype("float32")
    pool = {"kernel_shape": [2, 3], "strides": [2, 3]}
    values, indices = run("MaxPool", [x], pool, 2)
    compare("MaxUnpool", [values, indices], pool)


def test_col2im() -> None:
    for attributes in ({}, {"strides": [2, 1]}, {"pads": [1, 0, 2, 1]}, {"dilations": [2, 3]}):
        sizes, block = np.array([7, 8]), np.array([2, 3])
        zeros = np.zeros((1, 2, 7, 8))
        pads = attributes.get("pads", [0] * 4)
        pairs = tuple(zip(pads[:2], pads[2:], strict=True))
        length = convx.unfold(zeros, (2, 3), attributes.get("dilations", 1), pairs, attributes.get("strides", 1)).shape
        compare("Col2Im", [integers(*length), sizes, block], attributes)
    columns = integers(1, 2 * 8, 24)
    compare("Col2Im", [columns, np.array([3, 4, 5]), np.array([2, 2, 2])], {})


@pytest.mark.parametrize("types", [("uint8", "uint8"), ("uint8", "int8"), ("int8", "int8")], ids=str)
def test_integer_convolutions(types: tuple[str, str]) -> None:
    x = integers(2, 4, 7, 8, dtype=types[0], lo=0 if types[0] == "uint8" else -99, hi=99)
    w = integers(6, 2, 3, 3, dtype=types[1], lo=0 if types[1] == "uint8" else -99, hi=99)
    attributes = {"group": 2, "strides": [2, 1], "pads": [1, 0, 1, 2]}
    x_zero, w_zero = np.array(3, types[0]), np.array(0, types[1])
    compare("ConvInteger", [x, w, x_zero, w_zero], attributes)
    compare("ConvInteger", [x, w], {"auto_pad": "SAME_LOWER", "strides": [2, 2], "group": 2})
    scales = np.linspace(0.01, 0.02, 6, dtype="float32")
    one, zeros, bias = np.array(0.05, "float32"), np.zeros(6, types[1]), integers(6, dtype="int32", lo=-999, hi=999)
    y_zero = np.array(7, types[0])
    compare("QLinearConv", [x, one, x_zero, w, scales, zeros, np.array(0.3, "float32"), y_zero, bias], attributes)


DEFORMED: dict[str, dict[str, Any]] = {
    "plain": {},
    "strides_pads": {"strides": [2, 1], "pads": [1, 2, 1, 2]},
    "dilations": {"dilations": [2, 2], "pads": [1, 1, 1, 1]},
    "groups": {"group": 2, "offset_group": 2},
    "offset_group": {"offset_group": 4, "pads": [2, 0, 2, 0]},
}


@pytest.mark.parametrize("name", DEFORMED)
@pytest.mark.parametrize("masked", [False, True])
def test_deform_conv(name: str, masked: bool) -> None:
    attributes = DEFORMED[name]
    x, w = integers(2, 4, 7, 8), integers(6, 4 // attributes.get("group", 1), 3, 2)
    plain = {key: value for key, value in attributes.items() if key != "offset_group"}
    sizes = convx.onnx.Conv(x, w, **plain).shape[2:]
    places = attributes.get("offset_group", 1) * 6
    offset = integers(2, 2 * places, *sizes, lo=-12, hi=12) / np.float32(4)
    mask = integers(2, places, *sizes, lo=0, hi=2) if masked else None
    compare("DeformConv", [x, w, offset, integers(6), mask], attributes, 1e-3)


@pytest.mark.parametrize("type_name", ["float32", "float64"])
def test_nan_and_infinity_in_max_pool(type_name: str) -> None:
    """A window of nothing but -inf gives -inf; ONNX Runtime gives the least finite number there."""
    x = integers(1, 1, 4, 6, dtype=type_name)
    x[0, 0, :2, :2] = -np.inf
    x[0, 0, 0, 5] = np.inf
    ours = convx.onnx.MaxPool(x, kernel_shape=[2, 2], strides=[2, 2])
    (theirs,) = run("MaxPool", [x], {"kernel_shape": [2, 2], "strides": [2, 2]})
    assert ours[0, 0, 0, 0] == -np.inf
    np.testing.assert_array_equal(ours.ravel()[1:], theirs.ravel()[1:])


def test_same_upper_with_dilation() -> None:
    """ONNX Runtime 1.32 pads for a kernel without its gaps; the text pads for the dilated one."""
    x = integers(1, 1, 9)
    attributes: dict[str, Any] = {"kernel_shape": [3], "dilations": [2], "auto_pad": "SAME_UPPER"}
    ours = convx.onnx.MaxPool(x, **attributes)
    explicit = {"kernel_shape": [3], "dilations": [2], "pads": [2, 2]}
    (theirs,) = run("MaxPool", [x], explicit)
    np.testing.assert_array_equal(ours, theirs)
    (named,) = run("MaxPool", [x], attributes)
    assert named.shape != ours.shape or not np.array_equal(named, ours)
