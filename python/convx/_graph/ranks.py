"""How many axes values have, as far as it follows from a graph alone."""

from __future__ import annotations

import re

from convx._graph.graph import Graph, Node

__all__ = ["ranks"]

_AS_FIRST = re.compile(
    "(Global)?(Average|Max|Lp)Pool|Relu|LeakyRelu|PRelu|Clip|Elu|Selu|Celu|Gelu|Erf|Sigmoid|HardSigmoid|HardSwish|Swish|"
    "Mish|Tanh|Softplus|Softsign|Softmax|LogSoftmax|BatchNormalization|InstanceNormalization|GroupNormalization|"
    "LayerNormalization|LRN|Concat|Identity|Dropout|Cast|Transpose|Pad|Resize|Upsample|DepthToSpace|SpaceToDepth|Slice|"
    "Split|QuantizeLinear|DequantizeLinear|Neg|Abs|Sqrt|Exp|Log|convx.Linear"
)
_BROADCASTS = re.compile("Add|Sub|Mul|Div|Pow|Sum|Max|Min|Mean|Where")


def ranks(graph: Graph) -> dict[str, int]:
    """Return the number of axes of those values of which it is known.

    Parameters
    ----------
    graph : Graph
        A network.

    Returns
    -------
    dict of str to int
        By the value's name.
    """
    found = {name: value.ndim for name, value in graph.constants.items()}
    sizes = {name: value.size for name, value in graph.constants.items()}
    found.update({value.name: len(value.shape) for value in graph.inputs if value.shape is not None})
    for node in graph.nodes:
        rank = sizes.get(node.inputs[1]) if _is_reshape(node) else _rank(node, found)
        if rank is not None:
            found.update(dict.fromkeys(filter(None, node.outputs), rank))
    return found


def _rank(node: Node, known: dict[str, int]) -> int | None:
    if node.operator in ("Conv", "ConvTranspose"):
        return known.get(node.inputs[1], known.get(node.inputs[0]))
    if node.operator in ("convx.Conv", "convx.ConvTranspose"):
        return int(node.attributes["weight"].ndim)
    if node.operator in ("Gemm", "Flatten"):
        return 2
    if _AS_FIRST.fullmatch(node.operator):
        return known.get(node.inputs[0])
    if _BROADCASTS.fullmatch(node.operator):
        every = [known.get(name) for name in node.inputs]
        return None if None in every else max(rank for rank in every if rank is not None)
    return None


def _is_reshape(node: Node) -> bool:
    return node.operator == "Reshape" and len(node.inputs) == 2
