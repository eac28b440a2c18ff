"""What ONNX says an operator takes, held against the nodes of a model."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from onnx import NodeProto

__all__ = ["check_nodes"]


class _Schema(NamedTuple):
    inputs: tuple[int, int]
    outputs: tuple[int, int]
    needed: tuple[int, ...]
    types: dict[str, int]
    required: tuple[str, ...]


def check_nodes(nodes: Iterable[NodeProto], opset: int) -> None:
    """Refuse nodes with more or fewer inputs or outputs, or other attributes, than their operators have.

    Parameters
    ----------
    nodes : iterable of NodeProto
        Of ONNX's default domain.
    opset : int
        Its version.

    Raises
    ------
    ValueError
        With the node's operator and name.
    """
    for node in nodes:
        schema = _schema(node.op_type, opset)
        problem = schema and _problem(node, schema)
        if problem:
            raise ValueError(f"InferenceSession: node {node.op_type} {node.name!r} {problem}")


@lru_cache(1024)
def _schema(operator: str, opset: int) -> _Schema | None:
    """Return what is known of an operator, None if ONNX had none of that name in that version."""
    from onnx import defs

    try:
        found = defs.get_schema(operator, opset)
    except defs.SchemaError:
        return None
    attributes: dict[str, Any] = dict(found.attributes)
    return _Schema(
        (found.min_input, found.max_input),
        (found.min_output, found.max_output),
        tuple(
            at for at, entry in enumerate(found.inputs) if entry.option == defs.OpSchema.FormalParameterOption.Single
        ),
        {name: int(attribute.type.value) for name, attribute in attributes.items()},
        tuple(name for name, attribute in attributes.items() if attribute.required),
    )


def _problem(node: NodeProto, schema: _Schema) -> str:
    for kind, given, (least, most) in (("inputs", node.input, schema.inputs), ("outputs", node.output, schema.outputs)):
        if not least <= len(given) <= most:
            return f"must have {_between(least, most)} {kind}, got {len(given)}"
    if not all(node.input[at] for at in schema.needed):
        return f"must have its first {len(schema.needed)} inputs, got {list(node.input)}"
    given_types: dict[str, Any] = {entry.name: entry.type for entry in node.attribute}
    missing = [name for name in schema.required if name not in given_types]
    if missing:
        return f"must have the attributes {', '.join(missing)}, got {', '.join(given_types) or 'none'}"
    for name, kind in given_types.items():
        if name not in schema.types:
            return f"must have no other attributes than {', '.join(schema.types) or 'none'}, got {name}"
        if kind not in (0, schema.types[name]):  # models of the first version do not tell
            return f"must have the attribute {name} of type {_type(schema.types[name])}, got {_type(kind)}"
    return ""


def _between(least: int, most: int) -> str:
    if least == most:
        return str(least)
    return f"{least} or more" if most > 10_000 else f"{least} to {most}"


def _type(kind: int) -> str:
    from onnx import AttributeProto

    return str(AttributeProto.AttributeType.Name(kind))
