"""Plans of transposed convolutions, whose weight is turned around and packed once."""

from __future__ import annotations

from typing import SupportsIndex

from numpy.typing import ArrayLike

from convx import _core
from convx._plan import Plan
from convx._types import Activation, Algorithm, DataFormat, FloatArray, Ints, Padding

__all__ = ["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]


class _TransposePlan(Plan):
    __slots__ = ()
    _parameters = (
        "stride",
        "padding",
        "output_padding",
        "groups",
        "dilation",
        "output_size",
        "data_format",
        "activation",
        "algorithm",
    )

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
        data_format: DataFormat = "channels_first",
        activation: Activation = None,
        algorithm: Algorithm = "auto",
    ) -> None:
        """Pack the weight of a transposed convolution.

        Weight and bias are copied: changing the arrays later does not change the plan. The plan is called as
        ``plan(input, *, out=None)``, from several threads at once if need be. It can be copied and pickled.

        Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

        Parameters
        ----------
        weight : array_like, shape (Cin, Cout // groups, *kernel)
            What each element of an input map is spread with, float16, bfloat16, float32 or float64; not flipped.
        bias : array_like, shape (Cout,), optional
            Added to every element of an output map.
        stride, dilation : int or sequence of int, default 1
            Output elements from what one input element is spread over to the next, and from one tap to the next.
        padding : int, sequence of int, sequence of (lo, hi), or str, default 0
            Output elements cut off before and after each axis, or how many: ``'valid'``, ``'same'``, ``'same_lower'``
            or ``'causal'``.
        output_padding : int or sequence of int, default 0
            Outputs added at the end of each axis.
        groups : int, default 1
            Number of groups of maps that do not see each other.
        output_size : int or sequence of int, optional
            Spatial sizes of the output, in place of `output_padding`.
        data_format : 'channels_first' or 'channels_last', default 'channels_first'
            Whether the axis of maps comes before the spatial axes of input and result, or is the last one.
        activation : None, 'relu', 'relu6', ('leaky_relu', slope) or ('clamp', lo, hi), default None
            Applied once to each output.
        algorithm : str, default 'auto'
            How it is computed; ``'auto'`` chooses anew for each shape of inputs.

        Raises
        ------
        TypeError
            If an array is masked or of another dtype, or if another argument is of the wrong type.
        ValueError
            If shapes do not fit each other, a size is zero, a number is out of range or a name is unknown. The message
            names argument, rule and value.

        See Also
        --------
        conv_transpose2d : The same in one call; holds the formula and all that can be said of the arguments.

        Examples
        --------
        >>> import numpy as np
        >>> import convx
        >>> plan = convx.ConvTranspose1d(np.array([[[1.0, 2.0, 1.0]]]), stride=2)
        >>> plan(np.array([[1.0, 10.0]]))
        array([[ 1.,  2., 11., 20., 10.]])

        >>> plan = convx.ConvTranspose2d(np.ones((8, 4, 2, 2), dtype=np.float32), stride=2, activation="relu6")
        >>> plan.output_shape((1, 8, 32, 32))
        (1, 4, 64, 64)
        >>> plan(np.ones((8, 5, 5), dtype=np.float32)).max()
        np.float32(6.0)

        >>> plan = convx.ConvTranspose3d(np.zeros((8, 3, 2, 4, 4)), stride=2, padding=(0, 1, 1))
        >>> plan.output_shape((1, 8, 4, 5, 6))
        (1, 3, 8, 10, 12)
        """
        self._core = _core.conv_transpose_plan(
            self._name,
            self._rank,
            weight,
            bias=bias,
            stride=stride,
            padding=padding,
            output_padding=output_padding,
            groups=groups,
            dilation=dilation,
            output_size=output_size,
            activation=activation,
            algorithm=algorithm,
            data_format=data_format,
        )
        self._activation = activation

    _pack = __init__

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
        return self._core(input, out)

    @property
    def output_padding(self) -> tuple[int, ...]:
        """Outputs added at the end of each axis."""
        return self._core.output_padding

    @property
    def output_size(self) -> tuple[int, ...] | None:
        """Spatial sizes of the output, where they were given."""
        return self._core.output_size


class ConvTranspose1d(_TransposePlan, rank=1):
    """A :func:`conv_transpose1d` with its weight packed once, for many calls."""

    __slots__ = ()


class ConvTranspose2d(_TransposePlan, rank=2):
    """A :func:`conv_transpose2d` with its weight packed once, for many calls."""

    __slots__ = ()


class ConvTranspose3d(_TransposePlan, rank=3):
    """A :func:`conv_transpose3d` with its weight packed once, for many calls."""

    __slots__ = ()
