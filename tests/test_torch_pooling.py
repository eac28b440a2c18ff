"""Pooling held against PyTorch, where it is installed: random parameters of every function that both have."""

from typing import Any

import convx
import numpy as np
import pytest
from checks import Array, assert_equal_values
from hypothesis import assume, given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
functional = torch.nn.functional


@st.composite
def images(draw: Any, numbers: tuple[str, ...] = ("float32", "float64")) -> tuple[Array, int]:
    """An image, with few different values, and its number of spatial axes."""
    rank = draw(st.integers(1, 3))
    sizes = draw(st.lists(st.integers(1, (30, 12, 7)[rank - 1]), min_size=rank, max_size=rank))
    batch = draw(st.sampled_from([(), (1,), (2,)]))
    number = draw(st.sampled_from(numbers))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    x = rng.integers(0, draw(st.sampled_from([3, 100])), (*batch, draw(st.integers(1, 9)), *sizes)).astype(number)
    if x.dtype.kind == "f":
        x[rng.random(x.shape) < draw(st.sampled_from([0, 0, 0.05]))] = draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    return x, rank


@st.composite
def windows(draw: Any, x: Array, rank: int, *, dilated: bool = True) -> dict[str, Any]:
    """Parameters that torch accepts: padding up to half of the kernel, and an output of at least one element."""
    axes = []
    for size in x.shape[-rank:]:
        kernel, dilation = draw(st.integers(1, 5)), draw(st.integers(1, 3)) if dilated else 1
        padding = draw(st.integers(0, kernel // 2))
        assume(dilation * (kernel - 1) + 1 <= size + 2 * padding)
        axes.append((kernel, draw(st.integers(1, 4)), padding, dilation))
    names = ("kernel_size", "stride", "padding", "dilation")
    parameters = dict(zip(names, (list(each) for each in zip(*axes, strict=True)), strict=True))
    if not dilated:
        del parameters["dilation"]
    if draw(st.booleans()):
        del parameters["stride"]
    return {**parameters, "ceil_mode": draw(st.booleans())}


def theirs(name: str, x: Array, *more: Any, **parameters: Any) -> Any:
    result = getattr(functional, name)(torch.from_numpy(x), *more, **parameters)
    return tuple(part.numpy() for part in result) if isinstance(result, tuple) else result.numpy()


NUMBERS = ("float32", "float64", "uint8", "int8", "int16", "int32", "int64")


@settings(max_examples=300)
@given(data=st.data())
def test_max_pool_as_torch(data: st.DataObject) -> None:
    x, rank = data.draw(images(NUMBERS))
    parameters = data.draw(windows(x, rank))
    name = f"max_pool{rank}d"
    values, indices = theirs(name, x, **parameters, return_indices=True)
    ours, where = getattr(convx, name)(x, **parameters, return_indices=True)
    assert_equal_values(ours, values)
    # torch gives a window without any element an index outside of the map, or in another row.
    real = where >= 0
    assert_equal_values(where[real], indices[real])
    assert_equal_values(getattr(convx, name)(x, **parameters), values)


@settings(max_examples=200)
@given(data=st.data())
def test_max_unpool_as_torch(data: st.DataObject) -> None:
    x, rank = data.draw(images())
    x = np.nan_to_num(x, posinf=7, neginf=-7)
    parameters = data.draw(windows(x, rank, dilated=False))
    values, indices = getattr(convx, f"max_pool{rank}d")(x, **parameters, return_indices=True)
    # Each index once: torch's threads put back equal ones in any order.
    assume(
        all(len(set(places)) == len(places) for places in indices.reshape(-1, np.prod(indices.shape[-rank:])).tolist())
    )
    del parameters["ceil_mode"]
    name = f"max_unpool{rank}d"
    for size in (None, list(x.shape[-rank:])):
        try:
            expected = theirs(name, values, torch.from_numpy(indices), **parameters, output_size=size)
        except (ValueError, RuntimeError):
            with pytest.raises(ValueError, match=f"^{name}: (output|indices)"):
                getattr(convx, name)(values, indices, **parameters, output_size=size)
        else:
            if expected.size:  # convx refuses an image without elements
                assert_equal_values(getattr(convx, name)(values, indices, **parameters, output_size=size), expected)


@settings(max_examples=300)
@given(data=st.data())
def test_avg_pool_as_torch(data: st.DataObject) -> None:
    x, rank = data.draw(images())
    parameters = data.draw(windows(x, rank, dilated=False))
    if rank == 3:  # torch wants the kernel to fit without the padding
        assume(all(k <= size for k, size in zip(parameters["kernel_size"], x.shape[-3:], strict=True)))
    parameters["count_include_pad"] = data.draw(st.booleans())
    if rank > 1:
        parameters["divisor_override"] = data.draw(st.none() | st.integers(1, 9))
    name = f"avg_pool{rank}d"
    close(getattr(convx, name)(x, **parameters), theirs(name, x, **parameters))


def close(ours: Array, expected: Array) -> None:
    """Equal but for rounding, and for which of NaN and infinity a sum of infinities is."""
    assert ours.shape == expected.shape
    assert ours.dtype == expected.dtype
    assert np.allclose(ours, expected, rtol=1e-5 if ours.dtype == np.float32 else 1e-12, atol=1e-5, equal_nan=True)


@settings(max_examples=300)
@given(data=st.data())
def test_adaptive_pool_as_torch(data: st.DataObject) -> None:
    x, rank = data.draw(images())
    sizes = data.draw(st.lists(st.integers(1, 9), min_size=rank, max_size=rank))
    size: Any = sizes[0] if data.draw(st.booleans()) else tuple(sizes)
    if rank > 1 and data.draw(st.booleans()):
        size = (None, *sizes[1:])
    name = f"adaptive_max_pool{rank}d"
    values, indices = theirs(name, x, size, return_indices=True)
    ours, where = getattr(convx, name)(x, size, return_indices=True)
    assert_equal_values(ours, values)
    assert_equal_values(where, indices)
    assert_equal_values(getattr(convx, name)(x, size), values)
    name = f"adaptive_avg_pool{rank}d"
    close(getattr(convx, name)(x, size), theirs(name, x, size))


@settings(max_examples=200)
@given(data=st.data())
def test_lp_pool_as_torch(data: st.DataObject) -> None:
    """Where no window is clipped and no element is negative the two agree."""
    x, rank = data.draw(images())
    x = np.abs(np.nan_to_num(x, posinf=7, neginf=7))
    parameters = data.draw(windows(x, rank, dilated=False))
    kernel = parameters["kernel_size"]
    stride = parameters.get("stride", kernel)
    del parameters["padding"]
    axes = list(zip(x.shape[-rank:], kernel, stride, strict=True))
    assume(all(size >= k for size, k, _ in axes))
    if parameters["ceil_mode"]:
        assume(all((size - k) % s == 0 for size, k, s in axes))
    p = data.draw(st.sampled_from([1, 2, 3, 1.5, float("inf")]))
    name = f"lp_pool{rank}d"
    if rank == 1:
        parameters["kernel_size"] = kernel[0]
    close(getattr(convx, name)(x, p, **parameters), theirs(name, x, p, **parameters))


def test_lp_pool_keeps_the_norm_where_torch_rescales() -> None:
    x = np.array([[1.0, 2.0, 3.0, 4.0, 5.0]])
    assert convx.lp_pool1d(x, 2, 2, ceil_mode=True)[0, 2] == 5.0
    assert abs(theirs("lp_pool1d", x, 2, 2, ceil_mode=True)[0, 2] - 5 * 2**0.5) < 1e-12


def test_window_without_an_element_has_no_index_where_torch_has_one_outside() -> None:
    x = np.array([[[[7.0, 8.0]]]])
    _, outside = theirs("max_pool2d", x, (1, 2), 1, (0, 1), (1, 3), return_indices=True)
    assert outside.item() == 2
    assert convx.max_pool2d(x, (1, 2), 1, (0, 1), (1, 3), return_indices=True)[1].item() == -1
