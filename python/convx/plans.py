"""Plans: a convolution whose weight is packed once and used for many inputs."""

from __future__ import annotations

from typing import ClassVar, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import Activation, ConvArray, Ints, Padding

__all__ = ["Conv1d", "Conv2d", "Conv3d"]


class _Plan:
    """What the three plans have in common."""

    __slots__ = ("_activation", "_core", "_run")
    _rank: ClassVar[int]

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
        integers = _core.holds_integers(f"Conv{rank}d", weight)
        plan: type[_core.ConvPlan | _core.IntegerPlan] = _core.IntegerPlan if integers else _core.ConvPlan
        self._core = plan(
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
        self._run = self._core.__call__  # bound once: every call of the plan saves the look-up, about 60 ns
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

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of the result for an input of shape `input_shape`.

        Parameters
        ----------
        input_shape : tuple of int
            ``(N, Cin, ...)`` or ``(Cin, ...)``.

        Returns
        -------
        tuple of int
            ``(N, Cout, ...)`` or ``(Cout, ...)``.

        Raises
        ------
        ValueError
            If no input of that shape can be convolved.
        """
        return self._core.output_shape(input_shape)

    def workspace_bytes(self, input_shape: tuple[int, ...]) -> int:
        """Return the scratch memory of a call, beyond input, output and packed weight.

        It is allocated when the call begins and freed when it ends, and depends on the algorithm, the instruction set
        and the number of threads.

        Parameters
        ----------
        input_shape : tuple of int
            ``(N, Cin, ...)`` or ``(Cin, ...)``.

        Returns
        -------
        int
            Bytes, for all threads together.

        Raises
        ------
        ValueError
            If no input of that shape can be convolved.
        """
        return self._core.workspace_bytes(input_shape)

    def algorithm_for(self, input_shape: tuple[int, ...]) -> str:
        """Return the name of the algorithm that a call takes, ``'auto'`` resolved.

        Parameters
        ----------
        input_shape : tuple of int
            ``(N, Cin, ...)`` or ``(Cin, ...)``.

        Returns
        -------
        str
            One of the names that `algorithm` accepts.

        Raises
        ------
        ValueError
            If no input of that shape can be convolved.
        """
        return self._core.algorithm_for(input_shape)

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """Shape of the weight, ``(Cout, Cin // groups, ...)``."""
        return self._core.weight_shape

    @property
    def stride(self) -> tuple[int, ...]:
        """Stride of each axis."""
        return self._core.stride

    @property
    def padding(self) -> tuple[tuple[int, int], ...] | str:
        """Padding of each axis as (lo, hi), or the name that was given."""
        return self._core.padding

    @property
    def dilation(self) -> tuple[int, ...]:
        """Dilation of each axis."""
        return self._core.dilation

    @property
    def groups(self) -> int:
        """Number of groups."""
        return self._core.groups

    @property
    def padding_mode(self) -> str:
        """What the padding holds, by torch's name: ``'replicate'`` also where ``'edge'`` was given."""
        return self._core.padding_mode

    @property
    def data_format(self) -> str:
        """Where the channels lie, ``'channels_first'`` or ``'channels_last'``."""
        return self._core.data_format

    @property
    def activation(self) -> Activation:
        """The activation as it was given."""
        return self._activation

    @property
    def algorithm(self) -> str:
        """The algorithm as it was given, ``'auto'`` included."""
        return self._core.algorithm

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
class Conv1d(_Plan):
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
class Conv2d(_Plan):
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
class Conv3d(_Plan):
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
