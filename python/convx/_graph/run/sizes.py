"""Which outputs have sizes that follow from the sizes of the inputs alone."""

from __future__ import annotations

from collections.abc import Sequence

from convx._graph.graph import Node
from convx._graph.operators.table import TABLE

__all__ = ["has_known_size"]

# Positions of the inputs whose contents decide the sizes of the output.
_DECIDING: dict[str, tuple[int, ...]] = {
    "AffineGrid": (1,),
    "CenterCropPad": (1,),
    "Col2Im": (1, 2),
    "Compress": (1,),
    "ConstantOfShape": (0,),
    "Expand": (1,),
    "MaxUnpool": (2,),
    "NonMaxSuppression": (0, 1, 2, 3, 4),
    "NonZero": (0,),
    "OneHot": (1,),
    "Pad": (1, 3),
    "Range": (0, 1, 2),
    "Reshape": (1,),
    "Resize": (1, 2, 3),
    "Slice": (1, 2, 3, 4),
    "Split": (1,),
    "Squeeze": (1,),
    "Tile": (1, 2),
    "TopK": (1,),
    "Unique": (0,),
    "Unsqueeze": (1,),
    "Upsample": (1,),
}


def has_known_size(node: Node, fixed: Sequence[bool]) -> bool:
    """Whether the sizes of a node's outputs follow from those of its inputs.

    Parameters
    ----------
    node : Node
        Of a graph.
    fixed : sequence of bool
        Of each input whether its contents are the same in each run with inputs of the same sizes.

    Returns
    -------
    bool
        False if they may depend on what an array holds.
    """
    if node.operator not in TABLE:
        return False
    deciding = _DECIDING.get(node.operator, ())
    if node.operator.startswith("Reduce"):
        deciding = (1,)
    return all(fixed[place] for place in deciding if place < len(fixed))
