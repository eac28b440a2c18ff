"""Plans of transposed convolutions, whose weight is turned around and packed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._plan import Plan
from convx._types import Activation, FloatArray, Ints, Padding

__all__ = ["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]


class _TransposePlan(Plan):
    """What the three plans have in common."""

    __slots__ = ("_run",)
    _run: Callable[[ArrayLike, FloatArray | None], FloatArray]

    def __init__(
        self,
        weight: ArrayLike,
        bias: ArrayLike | None = None,
        stride: Ints = 1,
        padding: Padding = 0,
        output_padding: Ints = 0,
        groups: SupportsIndex = 1,
        dilation: Ints = 1,
        *,
        output_size: Ints | None = None,
        data_format: str = "channels_first",
        activation: Activation = None,
        algorithm: str = "auto",
    ) -> None:
        rank = self._rank
        self._core = _core.conv_transpose_plan(
            f"ConvTranspose{rank}d",
            rank,
            weight,
            bias,
            stride,
            padding,
            output_padding,
            groups,
            dilation,
            output_size,
            activation,
            algorithm,
            data_format,
        )
        self._run = self._core
        self._activation = activation

    def __call__(self, input: ArrayLike, *, out: FloatArray | None = None) -> FloatArray:
        """Spread `input`, see the class for shapes.

        Parameters
        ----------
        input : array_like, shape (N, Cin, ...) or (Cin, ...)
            Images of ``Cin`` maps, float16, bfloat16, float32 or float64, of any strides. Without ``N`` the result has
            none either. Here and below, a plan of ``data_format='channels_last'`` has the maps as the last axis.
        out : ndarray, optional
            Where to write the result, of exactly its shape and dtype; any strides. May overlap `input`.

        Returns
        -------
        ndarray, shape (N, Cout, ...) or (Cout, ...)
            `out` if given, else a new array of the dtype to which NumPy promotes `input` and the plan's dtype.

        Raises
        ------
        TypeError
            If `input` is of another dtype, or if `out` is not an ndarray of the result's dtype.
        ValueError
            If the shape of `input` or `out` does not fit, or if `out` is read-only.
        """
        return self._run(input, out)

    @property
    def dtype(self) -> np.dtype[np.float16 | np.float32 | np.float64]:
        """The dtype to which weight and bias were promoted."""
        return self._core.dtype

    @property
    def output_padding(self) -> tuple[int, ...]:
        """Outputs added at the end of each axis."""
        return self._core.output_padding

    @property
    def output_size(self) -> tuple[int, ...] | None:
        """Spatial sizes of the output, where they were given."""
        return self._core.output_size

    def __repr__(self) -> str:
        return (
            f"ConvTranspose{self._rank}d(weight_shape={self.weight_shape}, stride={self.stride}, "
            f"padding={self.padding!r}, output_padding={self.output_padding}, groups={self.groups}, "
            f"dilation={self.dilation}, output_size={self.output_size}, data_format={self.data_format!r}, "
            f"activation={self.activation!r}, algorithm={self.algorithm!r}, dtype={self.dtype})"
        )


@document(rank=1)
class ConvTranspose1d(_TransposePlan):
    """A :func:`conv_transpose1d` with its weight packed once, for many calls.

    Weight and bias are copied: changing the arrays later does not change the plan. The plan is called as
    ``plan(input, *, out=None)``.

    Parameters
    ----------
    $transposed_weight
    $bias
    $transposed_stride
    $transposed_padding
    $output_padding
    $transposed_groups
    $transposed_dilation
    $output_size
    $data_format
    $activation
    $transposed_algorithm

    Attributes
    ----------
    $transposed_attributes

    Raises
    ------
    $conv_raises

    See Also
    --------
    conv_transpose1d : The same in one call; holds the formula.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> plan = convx.ConvTranspose1d(np.array([[[1.0, 2.0, 1.0]]]), stride=2)
    >>> plan(np.array([[1.0, 10.0]]))
    array([[ 1.,  2., 11., 20., 10.]])
    """

    __slots__ = ()
    _rank = 1


@document(rank=2)
class ConvTranspose2d(_TransposePlan):
    """A :func:`conv_transpose2d` with its weight packed once, for many calls.

    Weight and bias are copied: changing the arrays later does not change the plan. The plan is called as
    ``plan(input, *, out=None)``.

    Parameters
    ----------
    $transposed_weight
    $bias
    $transposed_stride
    $transposed_padding
    $output_padding
    $transposed_groups
    $transposed_dilation
    $output_size
    $data_format
    $activation
    $transposed_algorithm

    Attributes
    ----------
    $transposed_attributes

    Raises
    ------
    $conv_raises

    See Also
    --------
    conv_transpose2d : The same in one call; holds the formula.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> plan = convx.ConvTranspose2d(np.ones((8, 4, 2, 2), dtype=np.float32), stride=2, activation="relu6")
    >>> plan.output_shape((1, 8, 32, 32))
    (1, 4, 64, 64)
    >>> plan(np.ones((8, 5, 5), dtype=np.float32)).max()
    np.float32(6.0)
    """

    __slots__ = ()
    _rank = 2


@document(rank=3)
class ConvTranspose3d(_TransposePlan):
    """A :func:`conv_transpose3d` with its weight packed once, for many calls.

    Weight and bias are copied: changing the arrays later does not change the plan. The plan is called as
    ``plan(input, *, out=None)``.

    Parameters
    ----------
    $transposed_weight
    $bias
    $transposed_stride
    $transposed_padding
    $output_padding
    $transposed_groups
    $transposed_dilation
    $output_size
    $data_format
    $activation
    $transposed_algorithm

    Attributes
    ----------
    $transposed_attributes

    Raises
    ------
    $conv_raises

    See Also
    --------
    conv_transpose3d : The same in one call; holds the formula.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> plan = convx.ConvTranspose3d(np.zeros((8, 3, 2, 4, 4)), stride=2, padding=(0, 1, 1))
    >>> plan.output_shape((1, 8, 4, 5, 6))
    (1, 3, 8, 10, 12)
    """

    __slots__ = ()
    _rank = 3
