"""What all plans have in common."""

from __future__ import annotations

from typing import ClassVar

from convx._core import Plan as CorePlan
from convx._types import Activation

__all__ = ["Plan"]


class Plan:
    """A kind of convolution with its weight packed once. Its subclasses make the core's plan, call and name it."""

    __slots__ = ("_activation", "_core")
    _rank: ClassVar[int]
    _core: CorePlan
    _activation: Activation

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
        """Shape of the weight."""
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
