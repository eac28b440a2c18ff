"""The function itself: it finds out what it was given."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, overload

from numpy.typing import DTypeLike

from convx._explain.explanation import Explanation, explained
from convx._explain.graph import chain
from convx._explain.network import NetworkExplanation, explained_network
from convx._layers import read_layer, read_network
from convx._plan import Plan

if TYPE_CHECKING:
    from convx.networks import Conv, Network, Pool

__all__ = ["explain"]


class Message(Protocol):
    """A ``ModelProto`` of onnx, which may not be installed."""

    def SerializeToString(self) -> bytes: ...  # noqa: N802


@overload
def explain(
    what: list[Any] | tuple[Any, ...] | Network | str | bytes | os.PathLike[str] | Message,
    input_shape: Sequence[int] | None = None,
    *,
    dtype: DTypeLike | None = None,
) -> NetworkExplanation: ...
@overload
def explain(
    what: Conv | Pool | Callable[..., Any],
    input_shape: Sequence[int] | None = None,
    *,
    dtype: DTypeLike | None = None,
    **arguments: Any,
) -> Explanation: ...
def explain(
    what: Any, input_shape: Sequence[int] | None = None, *, dtype: DTypeLike | None = None, **arguments: Any
) -> Explanation | NetworkExplanation:
    """Explain what a layer or a network computes, what it costs, and how it is computed on this machine.

    Nothing is computed with the layer: the numbers follow from shapes. The machine's peak and memory bandwidth are
    measured once in a process, in about a tenth of a second, when a text, a table or a dict of an explanation is first
    asked for.

    Parameters
    ----------
    what : layer, list of layers, network or model
        One of

        - a plan, such as ``convx.Conv2d(weight, padding=1)``;
        - a function of convx that takes maps and returns maps, its other arguments in `arguments` or in a
          :func:`functools.partial`: ``convx.max_pool2d``;
        - a list of such layers, each fed by the one before it;
        - a network or layer of :mod:`convx.networks`, such as ``convx.networks.ALEXNET``;
        - an ONNX model: its path, its bytes or a ``ModelProto``. The onnx package must be installed.
    input_shape : sequence of int, optional
        Shape of the input, ``(N, C, ...)``, or without N for one image. What :mod:`convx.networks` holds has its own,
        as most models have.
    dtype : dtype, optional
        Of the input: that of the weight by default, or float32.
    **arguments : optional
        All that a function takes beside its input. A `weight` may be given by its shape, a tuple of ints, where its
        values do not matter: ``explain(convx.conv2d, (1, 3, 8, 8), weight=(16, 3, 3, 3))``; a bias then by True.

    Returns
    -------
    Explanation or NetworkExplanation
        Of one layer, or of several. Printed it is a text, in a notebook a table; ``to_dict()`` is for programs. A
        network's ``layers`` are explanations too.

    Raises
    ------
    TypeError
        If `what` is none of these, or an argument is of the wrong type.
    ValueError
        If the arguments do not fit each other or the input; of a network, the message says which layer.
    ImportError
        If `what` is an ONNX model and onnx is not installed.
    OSError
        If a model's file cannot be read.

    See Also
    --------
    Conv2d.tune : Measures which algorithm is the fastest.

    Notes
    -----
    Multiply-accumulates (MACs) count every tap of every output, as is usual; beside them stand those that do not
    multiply the padding's zeros. Each is two operations (FLOP). The roofline's time is the larger of operations (those
    of the padding left out) over the FMA peak and bytes (input, weight and output, once each) over the memory's
    bandwidth. Winograd's and Fourier's algorithms multiply less and may take less time; so may arrays that lie in cache
    already.

    The receptive field is what one output depends on, along each axis: its size in elements of the input, the step from
    one output's to the next one's, and where the first begins.

    Types are those of the question of how a filter meets several maps: Type 1 applies every filter to every map
    separately, Type 2.1 shares one matrix among all maps and sums, Type 2.2, the usual one, has a matrix for each map
    and sums.

    References
    ----------
    A. Araujo, W. Norris and J. Sim, "Computing receptive fields of convolutional neural networks", Distill, 2019.
    S. Williams, A. Waterman and D. Patterson, "Roofline: an insightful visual performance model for multicore
    architectures", Communications of the ACM 52(4), 2009.

    Examples
    --------
    >>> import convx
    >>> layer = convx.explain(convx.conv2d, (1, 3, 224, 224), weight=(64, 3, 7, 7), stride=2, padding=3)
    >>> layer
    <Explanation of conv2d: (1, 3, 224, 224) -> (1, 64, 112, 112), 118,013,952 MACs>
    >>> layer.family.type, layer.counts.parameters, layer.field.size
    ('Type 2.2', 9408, (7, 7))
    >>> network = convx.explain(convx.networks.VGG16)
    >>> network.parameters, network.layers[-1].field.size
    (14714688, (212, 212))
    """
    several = isinstance(what, (list, tuple)) or _is_model(what) or _is_of_networks(what)
    if arguments and (several or isinstance(what, Plan)):
        raise TypeError(f"explain: arguments must be those of one function, got {', '.join(arguments)}")
    if _is_model(what):
        return _model(what, input_shape)
    if _is_of_networks(what) or (isinstance(what, (list, tuple)) and any(map(_is_of_networks, what))):
        return _known(what, input_shape)
    if input_shape is None:
        raise TypeError("explain: input_shape must be given, such as (1, 3, 224, 224)")
    if isinstance(what, (list, tuple)):
        layers = read_network(what, input_shape, dtype)
        return explained_network("network", chain(layers), layers[0].input_shape, layers[0].in_sizes, {})
    layer = partial(what, **arguments) if arguments and callable(what) else what
    return explained(read_layer(layer, input_shape, dtype))


def _is_model(what: object) -> bool:
    return isinstance(what, (str, bytes, os.PathLike)) or type(what).__name__ == "ModelProto"


def _is_of_networks(what: object) -> bool:
    return type(what).__module__.startswith("convx.networks.")


def _model(model: Any, input_shape: Sequence[int] | None) -> NetworkExplanation:
    from convx._explain.model import read_model  # which imports convx.onnx

    read = read_model(model, input_shape)
    return explained_network(read.title, read.steps, read.input_shape, read.input_shape[2:], read.passed_over)


def _known(what: Any, input_shape: Sequence[int] | None) -> Explanation | NetworkExplanation:
    from convx._explain import known

    if input_shape is not None:
        raise TypeError("explain: input_shape must not be given: what convx.networks holds has its own")
    if isinstance(what, known.LAYER):
        return explained(known.layer_of(what), what.name)
    title, steps, shape = known.network_of(what)
    return explained_network(title, steps, shape, shape[2:], {})
