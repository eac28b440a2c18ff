"""Matrix products; by a weight they are convolutions of one tap: rows are pixels, channels last. Private."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._types import Activation, FloatArray
from convx.plans import Conv1d

__all__ = ["Linear", "matmul"]

_LAST: Any = {"data_format": "channels_last"}


def _as_rows(array: NDArray[Any]) -> NDArray[Any]:
    """Return (..., features) as (1, rows, features)."""
    return array.reshape(1, -1, array.shape[-1])


class Linear:
    """A layer ``activation(input @ weight.T + bias + residual)`` whose weight is packed once.

    Parameters
    ----------
    weight : array_like, shape (out_features, in_features)
    bias : array_like, shape (out_features,), optional
    activation : as :func:`convx.conv1d` takes it, default None
    rows : int, optional
        Of the inputs, as far as is known: the weight is packed now, and kept as packed alone where that can be.
    """

    __slots__ = ("features", "plan")

    def __init__(
        self,
        weight: ArrayLike,
        bias: ArrayLike | None = None,
        *,
        activation: Activation = None,
        rows: int | None = None,
    ) -> None:
        w = np.asarray(weight)
        if w.ndim != 2:
            raise ValueError(f"Linear: weight must have shape (out_features, in_features), got shape {w.shape}")
        self.features = len(w)
        make: Any = Conv1d if rows is None else partial(Conv1d._for_shape, (1, rows, w.shape[1]))
        self.plan: Conv1d = make(w[:, :, np.newaxis], bias, activation=activation, **_LAST)

    def __call__(
        self, input: ArrayLike, *, residual: NDArray[Any] | None = None, out: NDArray[Any] | None = None
    ) -> NDArray[Any]:
        """Return the layer of `input`, shape (..., in_features); `residual` and `out` have the result's shape."""
        x = np.asarray(input)
        if x.ndim == 0:
            raise ValueError("Linear: input must have shape (..., in_features), got a number")
        shape = (*x.shape[:-1], self.features)
        for argument, array in (("residual", residual), ("out", out)):
            if array is not None and array.shape != shape:
                raise ValueError(f"Linear: {argument} must have shape {shape}, got shape {array.shape}")
        if x.size == 0:
            return self.plan(x.reshape(0, 1, x.shape[-1])).reshape(shape) if out is None else out
        in_place = out is not None and out.flags.c_contiguous
        result: NDArray[Any] = self.plan(
            _as_rows(x),
            residual=None if residual is None else _as_rows(residual),
            out=_as_rows(out) if out is not None and in_place else None,
        ).reshape(shape)
        if out is None:
            return result
        if not in_place:
            out[...] = result
        return out


def matmul(input: ArrayLike, other: ArrayLike, *, out: FloatArray | None = None) -> FloatArray:
    """Return the matrix products of stacks, as :func:`numpy.matmul`: (..., n, k) by (..., k, m), stacks broadcast.

    They run on convx's threads, which those of NumPy's BLAS are not.
    """
    return _core.matmul("matmul", input, other, out)
