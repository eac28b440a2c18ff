"""Objects that speak __array__ or DLPack: read where they lie, refused by name where they cannot be."""

import tracemalloc
from typing import Any

import convx
import numpy as np
import pytest
from checks import Array, assert_same_bits

try:
    import torch
except ImportError:
    torch = None  # type: ignore[assignment, unused-ignore]

needs_torch = pytest.mark.skipif(torch is None, reason="torch is not installed")
RNG = np.random.default_rng(0)
X, W, B = (RNG.standard_normal(shape).astype("float32") for shape in ((2, 4, 9, 10), (6, 4, 3, 3), (6,)))


class Arrays:
    """Speaks __array__ alone, as a JAX array does: read-only, made without a copy."""

    def __init__(self, a: Array) -> None:
        self.a = a.view()
        self.a.flags.writeable = False

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        return self.a


class Packed:
    """Speaks DLPack alone."""

    def __init__(self, a: Array) -> None:
        self.a = a

    def __dlpack__(self, **arguments: Any) -> Any:
        return self.a.__dlpack__(**arguments)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.a.__dlpack_device__()  # type: ignore[return-value]


class Elsewhere(Packed):
    """Lies on another device."""

    def __dlpack_device__(self) -> tuple[int, int]:
        return (2, 0)  # CUDA

    def __dlpack__(self, **arguments: Any) -> Any:
        raise BufferError("this lies on another device")


class Broken:
    """Its exporter fails."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        raise RuntimeError("call detach first")


def tensor(a: Array) -> Any:
    """The same memory as a tensor."""
    return torch.from_numpy(a)


KINDS = [
    pytest.param(Arrays, id="array"),
    pytest.param(Packed, id="dlpack"),
    pytest.param(tensor, id="torch", marks=needs_torch),
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_function_takes_them(kind: Any) -> None:
    assert_same_bits(convx.conv2d(kind(X), kind(W), kind(B)), convx.conv2d(X, W, B))
    plan = convx.Conv2d(kind(W), kind(B), padding=1)
    assert_same_bits(plan(kind(X)), convx.Conv2d(W, B, padding=1)(X))
    assert_same_bits(convx.max_pool2d(kind(X), 3, 2), convx.max_pool2d(X, 3, 2))
    assert_same_bits(convx.avg_pool2d(kind(X), 3, 2), convx.avg_pool2d(X, 3, 2))
    assert_same_bits(convx.maxout(kind(X), 2), convx.maxout(X, 2))
    assert type(plan(kind(X))) is np.ndarray


@pytest.mark.parametrize("kind", KINDS)
def test_any_strides(kind: Any) -> None:
    odd = np.swapaxes(X, 2, 3)[:, ::2]
    if kind is Packed or kind is Arrays:
        odd = odd[..., ::-1]
    assert_same_bits(convx.max_pool2d(kind(odd), 2), convx.max_pool2d(odd, 2))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_copied(kind: Any) -> None:
    """NumPy tells tracemalloc of its memory: a copy of 16 MB would show."""
    large = np.ones((1, 4, 1024, 1024), "float32")
    given = kind(large)
    convx.avg_pool2d(given, 1024)
    tracemalloc.start()
    try:
        convx.avg_pool2d(given, 1024)
        convx.conv2d(given, W, stride=512)
        assert tracemalloc.get_traced_memory()[1] < large.nbytes / 16
    finally:
        tracemalloc.stop()


def test_a_copy_would_show() -> None:
    """The test above can fail."""
    large = np.ones((1, 4, 1024, 1024), "float16")
    tracemalloc.start()
    try:
        convx.conv2d(large, W.astype("float64"), stride=512)
        assert tracemalloc.get_traced_memory()[1] > large.nbytes
    finally:
        tracemalloc.stop()


def test_the_owner_lives_as_long_as_it_is_read() -> None:
    assert_same_bits(convx.conv2d(Packed(X.copy()), Packed(W.copy())), convx.conv2d(X, W))


def arrays_named(name: str, value: object) -> dict[str, Any]:
    return {"input": X, "weight": W, "bias": B, name: value}


@pytest.mark.parametrize("name", ["input", "weight", "bias"])
@pytest.mark.parametrize(
    ("value", "text"),
    [(Elsewhere(X), "another device"), (Broken(), "RuntimeError: call detach first")],
    ids=["elsewhere", "broken"],
)
def test_a_failing_exporter_is_named(name: str, value: object, text: str) -> None:
    with pytest.raises(TypeError, match=f"^conv2d: {name} must be an array in memory .*{text}"):
        convx.conv2d(**arrays_named(name, value))
    if name == "input":
        with pytest.raises(TypeError, match=f"^max_pool2d: input must .*{text}"):
            convx.max_pool2d(value, 3)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=f"^maxout: input must .*{text}"):
            convx.maxout(value, 2)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=f"^Conv2d: input must .*{text}"):
            convx.Conv2d(W)(value)  # type: ignore[arg-type]


@needs_torch
def test_tensors_that_numpy_cannot_read_are_named() -> None:
    for bad in (
        torch.ones(2, 4, 9, 10, requires_grad=True),
        torch.ones(2, 4, 9, 10, device="meta"),
        torch.ones(2, 4, 9, 10, dtype=torch.bfloat16),
    ):
        with pytest.raises(TypeError, match=r"^conv2d: input must be an array in memory that NumPy can read, got "):
            convx.conv2d(bad, W)  # type: ignore[arg-type]


def test_memory_errors_and_interrupts_pass() -> None:
    class Raises:
        def __init__(self, error: type[BaseException]) -> None:
            self.error = error

        def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
            raise self.error

    for error in (MemoryError, KeyboardInterrupt):
        with pytest.raises(error):
            convx.conv2d(Raises(error), W)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS[1:])
def test_out_must_be_an_ndarray(kind: Any) -> None:
    with pytest.raises(TypeError, match=r"^conv2d: out must be a numpy\.ndarray"):
        convx.conv2d(X, W, out=kind(np.zeros((2, 6, 7, 8), "float32")))
