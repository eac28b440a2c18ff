"""Models of ONNX, run on convx."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, NamedTuple, NoReturn, SupportsIndex

import numpy as np

from convx._graph.graph import AnyArray, Value
from convx._graph.mapped import kept
from convx._graph.passes import optimised
from convx._graph.read import read
from convx._graph.ready import lacking
from convx._graph.report import Report, reported
from convx._graph.run.program import Program
from convx._graph.run.runner import Runner
from convx._graph.threads import ProcessThreads

__all__ = ["InferenceSession", "NodeArg"]


class NodeArg(NamedTuple):
    """An input or an output of a model, as ONNX Runtime describes them.

    Attributes
    ----------
    name : str
        Its name.
    shape : list of int, str or None
        Sizes; a name or None where any size may be. Empty also where the model does not tell the number of axes.
    type : str
        Such as ``'tensor(float)'``.
    """

    name: str
    shape: list[int | str | None]
    type: str


class InferenceSession:
    """A model of ONNX, ready to run.

    The words are those of ``onnxruntime.InferenceSession``. The ``onnx`` package reads the model; what runs it is
    convx and NumPy. Weights are packed when the session is made. What can be computed ahead is: constants are folded,
    BatchNormalization, factors and addends go into weights, activations, residual sums and padding into the layers
    beside them, the branches of a Concat are written where they belong; :meth:`explain` shows it.

    Several threads may call :meth:`run` at once. The first run with inputs of some sizes also finds out what lies
    where; further ones take the same memory again, which stays with the session for the last eight sizes.

    Parameters
    ----------
    model : str, path-like, bytes or ModelProto
        A file, with external data beside it; what is in such a file; or a model that was loaded. Operators are those
        of ONNX's default domain, of any version; functions that the model holds are inlined.
    num_threads : int, optional
        The number of threads of a run, set for the process while it runs, as :func:`convx.set_num_threads` does; None,
        the default, leaves the number as it is.

    Raises
    ------
    ImportError
        If the ``onnx`` package is not installed.
    OSError
        If the file cannot be read.
    TypeError
        If an argument is of the wrong type.
    ValueError
        If it is no model, or has operators of other domains or that ONNX does not know; if a node's attributes or
        constants break a rule, or `num_threads` is less than 1.

    Warns
    -----
    RuntimeWarning
        For operators that convx lacks, which ONNX's reference implementation runs.

    See Also
    --------
    reference_ops : These operators for ONNX's own evaluator.

    References
    ----------
    ONNX operators, https://onnx.ai/onnx/operators/. Names and meaning of methods: ``onnxruntime.InferenceSession``.

    Examples
    --------
    ::

        session = convx.onnx.InferenceSession("model.onnx")
        (scores,) = session.run(None, {"image": image})
        print(session.explain())
    """

    def __init__(self, model: Any, *, num_threads: SupportsIndex | None = None) -> None:
        self._threads = None if num_threads is None else ProcessThreads(num_threads)
        graph = read(model)
        self._inputs, self._outputs = graph.inputs, graph.outputs
        self._name = graph.name
        before = len(graph.nodes)
        lacking_ = lacking(graph)
        if lacking_:
            warnings.warn(
                f"convx lacks the operators {', '.join(lacking_)}: ONNX's reference implementation runs them, slowly",
                RuntimeWarning,
                stacklevel=2,
            )
        with np.errstate(all="ignore"):
            graph, passes = optimised(graph)
            nodes = list(graph.nodes)
            graph = replace(graph, nodes=(), constants={name: kept(value) for name, value in graph.constants.items()})
            with self._threads or nullcontext():
                self._runner = Runner(Program(graph, nodes))
        self._passes = (("read", before), *passes)

    def get_inputs(self) -> list[NodeArg]:
        """Return the model's inputs.

        Returns
        -------
        list of NodeArg
            ``name``, ``shape`` and ``type`` of each, without those that the model gives constants.
        """
        return [_described(value) for value in self._inputs]

    def get_outputs(self) -> list[NodeArg]:
        """Return the model's outputs.

        Returns
        -------
        list of NodeArg
            ``name``, ``shape`` and ``type`` of each.
        """
        return [_described(value) for value in self._outputs]

    def run(self, output_names: Sequence[str] | None, input_feed: Mapping[str, Any]) -> list[AnyArray]:
        """Run the model.

        Parameters
        ----------
        output_names : sequence of str or None
            Which outputs to return, in this order; None, or a sequence of none, for all, in the model's.
        input_feed : mapping of str to ndarray
            An array for each input, of its type and sizes.

        Returns
        -------
        list of ndarray
            The outputs, each in memory of its own.

        Raises
        ------
        TypeError
            If an argument or an input is of another type.
        ValueError
            If inputs are missing or unknown, an output is unknown, or the sizes of an input do not fit; if a node
            fails on what it is given, which the message then names.
        """
        feeds = self._feeds(input_feed)
        wanted = None if output_names is None else self._wanted(output_names)
        with self._threads or nullcontext():
            outputs = self._runner.run(feeds)
        return [outputs[place] for place in wanted] if wanted else outputs

    def explain(self, input_feed: Mapping[str, Any] | None = None, *, seconds: float = 0.2) -> Report:
        """Tell what was done to the model, and what each step costs.

        Parameters
        ----------
        input_feed : mapping of str to ndarray, optional
            What to run it on; by default zeros of the model's sizes, 1 where they are open.
        seconds : float, default 0.2
            About how long to measure; one run at least.

        Returns
        -------
        Report
            Printed, a table; ``passes``, ``steps`` and ``seconds`` hold what is in it.

        Raises
        ------
        TypeError, ValueError
            As :meth:`run`.
        """
        feed = {value.name: _zeros(value) for value in self._inputs} if input_feed is None else input_feed
        feeds = self._feeds(feed)
        with self._threads or nullcontext():
            return reported(self._name, self._runner, feeds, self._passes, seconds)

    def __copy__(self) -> InferenceSession:
        return self

    def __deepcopy__(self, _: object) -> InferenceSession:
        """Return the session itself: nothing changes it."""
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("InferenceSession cannot be pickled; make one of the model in each process")

    def _wanted(self, names: Sequence[str]) -> list[int]:
        """Return the places of outputs."""
        if isinstance(names, (str, bytes)) or not isinstance(names, Sequence):
            raise TypeError(f"run: output_names must be a sequence of names or None, got {names!r}")
        known = [value.name for value in self._outputs]
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ValueError(f"run: output_names must be among {known}, got {unknown}")
        return [known.index(name) for name in names]

    def _feeds(self, given: Mapping[str, Any]) -> list[Any]:
        """Return the inputs in the model's order, checked."""
        if not isinstance(given, Mapping):
            raise TypeError(f"run: input_feed must be a mapping of names to arrays, got {type(given).__name__}")
        try:
            feeds = [given[value.name] for value in self._inputs]
        except KeyError:
            missing = [value.name for value in self._inputs if value.name not in given]
            raise ValueError(f"run: input_feed must hold the inputs {missing}, got {list(given)}") from None
        if len(given) != len(feeds):
            names = [value.name for value in self._inputs]
            raise ValueError(f"run: input_feed must hold no other names than {names}, got {list(given)}")
        return [_checked(value, feed) for value, feed in zip(self._inputs, feeds, strict=True)]


def _checked(value: Value, feed: Any) -> Any:
    if value.dtype == object:  # strings, or no tensor
        return feed
    if type(feed) is not np.ndarray and isinstance(feed, np.ma.MaskedArray):  # np.ma is slow to import
        rule = "must not be a masked array, whose mask would be lost (pass its .filled(value) or .data)"
        raise TypeError(f"run: input {value.name!r} {rule}, got {type(feed).__name__}")
    array = feed if type(feed) is np.ndarray else np.asarray(feed)
    if array.dtype != value.dtype:
        raise TypeError(
            f"run: input {value.name!r} must be {_type(value)}, an array of {value.dtype}, got {array.dtype}; "
            f"pass it as .astype({value.dtype.name!r})"
        )
    if not array.dtype.isnative:
        array = array.astype(value.dtype)
    if value.shape is not None and not _fits(array.shape, value.shape):
        shown = "(" + ", ".join("any" if size is None else str(size) for size in value.shape) + ")"
        raise ValueError(f"run: input {value.name!r} must have shape {shown}, got {array.shape}")
    return array


def _fits(shape: tuple[int, ...], wanted: tuple[int | str | None, ...]) -> bool:
    if shape == wanted:
        return True
    return len(shape) == len(wanted) and all(
        not isinstance(size, int) or size == got for size, got in zip(wanted, shape, strict=True)
    )


def _described(value: Value) -> NodeArg:
    return NodeArg(value.name, list(value.shape or ()), _type(value))


_TYPES = {"float32": "float", "float64": "double", "object": "string"}


def _type(value: Value) -> str:
    return f"tensor({_TYPES.get(value.dtype.name, value.dtype.name)})"


def _zeros(value: Value) -> AnyArray:
    if value.shape is None:
        raise ValueError(f"explain: input_feed must be given, as the model does not tell the shape of {value.name!r}")
    return np.zeros([size if isinstance(size, int) else 1 for size in value.shape], value.dtype)
