"""Plans: a convolution whose weight is packed once and used for many inputs."""

from __future__ import annotations

from functools import cache
from inspect import signature
from typing import Any, Self, SupportsIndex

from numpy.typing import ArrayLike

from convx import _core
from convx._plan import Plan
from convx._types import Activation, Algorithm, ConvArray, DataFormat, Ints, Padding, PaddingMode

__all__ = ["Conv1d", "Conv2d", "Conv3d"]

_signature = cache(signature)


class _ConvPlan(Plan):
    __slots__ = ()
    _parameters = (
        "stride",
        "padding",
        "dilation",
        "groups",
        "padding_mode",
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
        dilation: Ints = 1,
        groups: SupportsIndex = 1,
        *,
        padding_mode: PaddingMode = "zeros",
        data_format: DataFormat = "channels_first",
        activation: Activation = None,
        algorithm: Algorithm = "auto",
    ) -> None:
        """Pack the weight of a convolution.

        Weight and bias are copied: changing the arrays later does not change the plan. The plan is called as
        ``plan(input, *, residual=None, out=None)``, from several threads at once if need be. It can be copied and
        pickled.

        Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

        Parameters
        ----------
        weight : array_like, shape (Cout, Cin // groups, *kernel)
            The filters, float16, bfloat16, float32, float64, or integers. They are not flipped.
        bias : array_like, shape (Cout,), optional
            Added to every element of an output map.
        stride, dilation : int or sequence of int, default 1
            Input elements from one window and from one tap to the next.
        padding : int, sequence of int, sequence of (lo, hi), or str, default 0
            Padding before and after each axis, or how it is chosen: ``'valid'``, ``'same'``, ``'same_lower'`` or
            ``'causal'``.
        groups : int, default 1
            Number of groups of maps that do not see each other.
        padding_mode : str, default 'zeros'
            What the padding holds; as :func:`conv2d` takes it.
        data_format : 'channels_first' or 'channels_last', default 'channels_first'
            Whether the axis of maps comes before the spatial axes of input and result, or is the last one.
        activation : None, 'relu', 'relu6', ('leaky_relu', slope) or ('clamp', lo, hi), default None
            Applied once to each output, after the residual of the call.
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
        conv2d : The same in one call; holds the formula and all that can be said of the arguments.

        Examples
        --------
        >>> import numpy as np
        >>> import convx
        >>> plan = convx.Conv1d(np.array([[[-1.0, 1.0]]]), padding="causal")
        >>> plan(np.array([[1.0, 2.0, 4.0, 7.0]]))
        array([[1., 1., 2., 3.]])

        >>> plan = convx.Conv2d(np.ones((16, 8, 5, 5), dtype=np.float32), padding="same", activation="relu")
        >>> plan.output_shape((1, 8, 28, 28))
        (1, 16, 28, 28)
        >>> plan(np.ones((8, 5, 5), dtype=np.float32)).max()
        np.float32(200.0)

        >>> plan = convx.Conv3d(np.zeros((6, 1, 3, 4, 5)), stride=(1, 2, 2))
        >>> plan.output_shape((1, 1, 10, 42, 31))
        (1, 6, 8, 20, 14)
        """
        self._core = _core.conv_plan(
            self._name,
            self._rank,
            weight,
            bias=bias,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
            activation=activation,
            algorithm=algorithm,
            padding_mode=padding_mode,
            data_format=data_format,
            input_shape=None,
        )
        self._activation = activation

    _pack = __init__

    @classmethod
    def _for_shape(cls, input_shape: tuple[int, ...], weight: ArrayLike, bias: ArrayLike | None, **words: Any) -> Self:
        """Return a plan that packs its weight now, for inputs of one shape.

        It holds the weight as packed alone, where that tells what the weight was; it takes other inputs as any plan.
        """
        kind: Any = cls
        given = _signature(kind).bind(weight, bias, **words)
        given.apply_defaults()
        plan = cls.__new__(cls)
        plan._core = _core.conv_plan(cls._name, cls._rank, input_shape=input_shape, **given.arguments)
        plan._activation = given.arguments["activation"]
        return plan

    def __call__(
        self, input: ArrayLike, *, residual: ArrayLike | None = None, out: ConvArray | None = None
    ) -> ConvArray:
        """Convolve `input`, see the class for shapes.

        Parameters
        ----------
        input : array_like, shape (N, Cin, ...) or (Cin, ...)
            Images of ``Cin`` maps, float16, bfloat16, float32 or float64, or integers where the weight holds integers,
            of any strides. Without ``N`` the result has none either. Here and below, a plan of
            ``data_format='channels_last'`` has the maps as the last axis.
        residual : array_like, shape (N, Cout, ...) or (Cout, ...), optional
            Added to each output before the activation, of exactly the result's shape and dtype; any strides. Not where
            the weight holds integers.
        out : ndarray, optional
            Where to write the result, of exactly its shape and dtype; any strides. May overlap `input`, and be
            `residual`.

        Returns
        -------
        ndarray, shape (N, Cout, ...) or (Cout, ...)
            `out` if given, else a new array of the dtype to which NumPy promotes `input` and the plan's dtype; of
            int32 or int64 for integers, see :func:`convx.conv2d`.

        Raises
        ------
        TypeError
            If `input` is of another dtype, if `residual` is not of the result's dtype, or if `out` is not an ndarray
            of it.
        ValueError
            If the shape of `input`, `residual` or `out` does not fit, if `out` is read-only, or if a residual is given
            where the weight holds integers.
        """
        return self._core(input, out) if residual is None else self._core(input, out, residual)

    @property
    def padding_mode(self) -> PaddingMode:
        """What the padding holds, by torch's name: ``'replicate'`` also where ``'edge'`` was given."""
        return self._core.padding_mode


class Conv1d(_ConvPlan, rank=1):
    """A :func:`conv1d` with its weight packed once, for many calls."""

    __slots__ = ()


class Conv2d(_ConvPlan, rank=2):
    """A :func:`conv2d` with its weight packed once, for many calls."""

    __slots__ = ()


class Conv3d(_ConvPlan, rank=3):
    """A :func:`conv3d` with its weight packed once, for many calls."""

    __slots__ = ()
