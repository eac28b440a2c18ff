"""Plans: a convolution whose weight is packed once and used for many inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._plan import Plan
from convx._types import Activation, ConvArray, Ints, Padding

__all__ = ["Conv1d", "Conv2d", "Conv3d"]


class _ConvPlan(Plan):
    """What the three plans have in common."""

    __slots__ = ("_run",)
    _run: Callable[[ArrayLike, ConvArray | None], ConvArray]

    def __init__(
        self,
        weight: ArrayLike,
        bias: ArrayLike | None = None,
        stride: Ints = 1,
        padding: Padding = 0,
        dilation: Ints = 1,
        groups: SupportsIndex = 1,
        *,
        padding_mode: str = "zeros",
        data_format: str = "channels_first",
        activation: Activation = None,
        algorithm: str = "auto",
    ) -> None:
        rank = self._rank
        self._core = _core.conv_plan(
            f"Conv{rank}d",
            rank,
            weight,
            bias,
            stride,
            padding,
            dilation,
            groups,
            activation,
            algorithm,
            padding_mode,
            data_format,
        )
        self._run = self._core
        self._activation = activation

    def __call__(self, input: ArrayLike, *, out: ConvArray | None = None) -> ConvArray:
        """Convolve `input`, see the class for shapes.

        Parameters
        ----------
        input : array_like, shape (N, Cin, ...) or (Cin, ...)
            Images of ``Cin`` maps, float16, bfloat16, float32 or float64, or integers where the weight holds integers,
            of any strides. Without ``N`` the result has none either. Here and below, a plan of
            ``data_format='channels_last'`` has the maps as the last axis.
        out : ndarray, optional
            Where to write the result, of exactly its shape and dtype; any strides. May overlap `input`.

        Returns
        -------
        ndarray, shape (N, Cout, ...) or (Cout, ...)
            `out` if given, else a new array of the dtype to which NumPy promotes `input` and the plan's dtype; of
            int32 or int64 for integers, see :func:`convx.conv2d`.

        Raises
        ------
        TypeError
            If `input` is of another dtype, or if `out` is not an ndarray of the result's dtype.
        ValueError
            If the shape of `input` or `out` does not fit, or if `out` is read-only.
        """
        return self._run(input, out)

    @property
    def padding_mode(self) -> str:
        """What the padding holds, by torch's name: ``'replicate'`` also where ``'edge'`` was given."""
        return self._core.padding_mode

    @property
    def dtype(self) -> np.dtype[np.float16 | np.float32 | np.float64 | np.int32 | np.int64]:
        """The dtype to which weight and bias were promoted."""
        return self._core.dtype

    def __repr__(self) -> str:
        return (
            f"Conv{self._rank}d(weight_shape={self.weight_shape}, stride={self.stride}, padding={self.padding!r}, "
            f"dilation={self.dilation}, groups={self.groups}, padding_mode={self.padding_mode!r}, "
            f"data_format={self.data_format!r}, activation={self.activation!r}, algorithm={self.algorithm!r}, "
            f"dtype={self.dtype})"
        )


@document(rank=1)
class Conv1d(_ConvPlan):
    """A :func:`conv1d` with its weight packed once, for many calls.

    Weight and bias are copied: changing the arrays later does not change the plan. The plan is called as
    ``plan(input, *, out=None)``.

    Parameters
    ----------
    $weight
    $bias
    $stride
    $conv_padding
    $dilation
    $groups
    $padding_mode
    $data_format
    $activation
    $algorithm

    Attributes
    ----------
    $plan_attributes

    Raises
    ------
    $conv_raises

    See Also
    --------
    conv1d : The same in one call; holds the formula.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> plan = convx.Conv1d(np.array([[[-1.0, 1.0]]]), padding="causal")
    >>> plan(np.array([[1.0, 2.0, 4.0, 7.0]]))
    array([[1., 1., 2., 3.]])
    """

    __slots__ = ()
    _rank = 1


@document(rank=2)
class Conv2d(_ConvPlan):
    """A :func:`conv2d` with its weight packed once, for many calls.

    Weight and bias are copied: changing the arrays later does not change the plan. The plan is called as
    ``plan(input, *, out=None)``.

    Parameters
    ----------
    $weight
    $bias
    $stride
    $conv_padding
    $dilation
    $groups
    $padding_mode
    $data_format
    $activation
    $algorithm

    Attributes
    ----------
    $plan_attributes

    Raises
    ------
    $conv_raises

    See Also
    --------
    conv2d : The same in one call; holds the formula.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> weight = np.ones((16, 8, 5, 5), dtype=np.float32)
    >>> plan = convx.Conv2d(weight, padding="same", activation="relu")
    >>> plan.output_shape((1, 8, 28, 28))
    (1, 16, 28, 28)
    >>> plan(np.ones((8, 5, 5), dtype=np.float32)).max()
    np.float32(200.0)
    """

    __slots__ = ()
    _rank = 2


@document(rank=3)
class Conv3d(_ConvPlan):
    """A :func:`conv3d` with its weight packed once, for many calls.

    Weight and bias are copied: changing the arrays later does not change the plan. The plan is called as
    ``plan(input, *, out=None)``.

    Parameters
    ----------
    $weight
    $bias
    $stride
    $conv_padding
    $dilation
    $groups
    $padding_mode
    $data_format
    $activation
    $algorithm

    Attributes
    ----------
    $plan_attributes

    Raises
    ------
    $conv_raises

    See Also
    --------
    conv3d : The same in one call; holds the formula.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> plan = convx.Conv3d(np.zeros((6, 1, 3, 4, 5)), stride=(1, 2, 2))
    >>> plan.output_shape((1, 1, 10, 42, 31))
    (1, 6, 8, 20, 14)
    """

    __slots__ = ()
    _rank = 3
