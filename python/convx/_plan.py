"""What all plans have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from convx import _core
from convx._core import Plan as CorePlan
from convx._ranks import in_words_of, with_algorithms
from convx._types import Activation, Algorithm, DataFormat, Fact, NumberArray, PaddingName, PaddingPairs
from convx.wisdom import learn_of, wisdom_of

if TYPE_CHECKING:
    from convx._tuning import Tuning

__all__ = ["Plan"]


class Plan:
    """A kind of convolution with its weight packed once. Its subclasses make the core's plan and call it.

    One whose `rank` is given is public: its text is its own line and that of the __init__ it inherits, in the words of
    the rank.
    """

    __slots__ = ("_activation", "_core")
    _name: ClassVar[str]
    _rank: ClassVar[int]
    _parameters: ClassVar[tuple[str, ...]]
    """All but the arrays."""
    _core: CorePlan
    _activation: Activation
    _pack: Callable[..., None]
    """The __init__ of the plan, whatever that of a user's subclass takes."""

    def __init_subclass__(cls, rank: int = 0, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if rank:
            cls._name, cls._rank = cls.__name__, rank
            text = in_words_of(rank, with_algorithms(cls.__init__.__doc__, _core.algorithm_summaries()))
            if text is not None:
                cls.__doc__ = f"{cls.__doc__}{text[text.index(chr(10)) :]}"

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

    def algorithm_for(self, input_shape: tuple[int, ...]) -> Algorithm:
        """Return the name of the algorithm that a call takes, ``'auto'`` resolved, by :meth:`tune` or by its model.

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

    def tune(self, input_shape: tuple[int, ...], *, seconds: float = 0.2) -> Tuning:
        """Measure which algorithm is the fastest for inputs of one shape, and take that one from now on.

        The algorithms that ``'auto'`` may take are called in turn, on input of the plan's dtype. The one that its model
        of costs prefers is overruled by one that is more than 5 % faster. What was found holds for every plan of the
        process that computes the same convolution on the same instruction set, number of threads and dtype;
        :func:`save_wisdom` keeps it for other processes, and copies of the plan take it with them. An algorithm that is
        not allowed in a call, as Winograd's on arrays that are not finite, is not taken there.

        Where another algorithm is found to be the fastest for another batch or number of threads, results may differ in
        their last bits between them.

        Parameters
        ----------
        input_shape : tuple of int
            ``(N, Cin, ...)`` or ``(Cin, ...)``.
        seconds : float, default 0.2
            About how long to measure, for all algorithms together; each is called four times at least, but twice where
            it is hopeless.

        Returns
        -------
        Tuning
            ``algorithm``, the one that is taken; ``model``, the one that was; ``overruled``, whether they differ; and
            ``seconds``, the time of the fastest call by the name of each algorithm.

        Raises
        ------
        TypeError
            If an argument is of the wrong type.
        ValueError
            If no input of that shape can be convolved, or if it holds no image; if the plan was made for an algorithm,
            of integers, or of a transposed convolution.

        Examples
        --------
        >>> import numpy as np
        >>> import convx
        >>> plan = convx.Conv2d(np.ones((16, 16, 3, 3), dtype=np.float32), padding=1)
        >>> found = plan.tune((1, 16, 14, 14), seconds=0.01)
        >>> plan.algorithm_for((1, 16, 14, 14)) == found.algorithm
        True
        >>> convx.forget_wisdom()
        """
        from convx._tuning import tune  # few programs do

        return tune(self, input_shape, seconds)

    @property
    def weight(self) -> NumberArray:
        """What the plan computes with, read-only."""
        return self._core.weight

    @property
    def bias(self) -> NumberArray | None:
        """What the plan adds to each map, read-only; None without a bias."""
        return self._core.bias

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """Shape of the weight."""
        return self._core.weight_shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype to which weight and bias were promoted.

        For integers, that of the sums of inputs as wide as the weight; of a quantised plan, that of the result.
        """
        return self._core.dtype

    @property
    def stride(self) -> tuple[int, ...]:
        """Stride of each axis."""
        return self._core.stride

    @property
    def padding(self) -> PaddingPairs | PaddingName:
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
    def data_format(self) -> DataFormat:
        """Where the channels lie, ``'channels_first'`` or ``'channels_last'``."""
        return self._core.data_format

    @property
    def activation(self) -> Activation:
        """The activation as it was given."""
        return self._activation

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm as it was given, ``'auto'`` included."""
        return self._core.algorithm

    def __repr__(self) -> str:
        parameters = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._parameters)
        return f"{self._name}(weight_shape={self.weight_shape}, {parameters}, dtype={self.dtype})"

    def _arguments(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("weight", "bias", *self._parameters)}

    def __reduce__(self) -> tuple[Any, ...]:
        """Hold the arguments: what is packed is packed anew, for the machine where a copy is used."""
        return _made_again, (type(self), self._arguments(), wisdom_of(self)), getattr(self, "__dict__", None)


def _made_again(cls: type[Plan], arguments: dict[str, Any], wisdom: tuple[Any, list[Fact]] | None = None) -> Plan:
    learn_of(wisdom)
    plan = cls.__new__(cls)
    plan._pack(**arguments)
    return plan
