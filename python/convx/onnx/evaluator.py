"""The operators of this package as classes that ONNX's ReferenceEvaluator takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convx.onnx.packing import PACKED, packed

__all__ = ["reference_ops"]


def reference_ops() -> list[type[Any]]:
    """Return the classes that make ONNX's ReferenceEvaluator run these operators on convx.

    Weights of Conv, ConvTranspose and QLinearConv that are constants of the model are packed once, by the first run;
    those of QLinearConv if its scales and zero points are constants too.

    Returns
    -------
    list of type
        Subclasses of ``onnx.reference.op_run.OpRun``, one for each operator of :mod:`convx.onnx`.

    Raises
    ------
    ImportError
        If the ``onnx`` package is not installed.

    Examples
    --------
    ::

        import convx
        from onnx.reference import ReferenceEvaluator

        session = ReferenceEvaluator("model.onnx", new_ops=convx.onnx.reference_ops())
        outputs = session.run(None, {"input": image})
    """
    try:
        from onnx.reference.op_run import OpRun
    except ImportError as error:
        raise ImportError("convx.onnx.reference_ops needs the onnx package: pip install onnx") from error
    from convx import onnx

    return [
        _operator(OpRun, getattr(onnx, name))
        for name in onnx.__all__
        if name not in ("InferenceSession", "reference_ops")
    ]


def _operator(base: type[Any], function: Callable[..., Any]) -> type[Any]:
    """Return a class of the name of `function` that calls it."""
    name = function.__name__

    def run(self: Any, *inputs: Any, **attributes: Any) -> tuple[Any, ...]:
        # Absent attributes have the function's own defaults, which are ONNX's.
        present = {key: value for key, value in attributes.items() if value is not None}
        planned = packed(self, name, inputs, present) if name in PACKED else None
        if planned is not None:
            return (planned(*inputs),)
        wanted = len([output for output in self.onnx_node.output if output])
        if name == "MaxPool":
            present["return_indices"] = wanted > 1
        result = function(*inputs, **present)
        return result[:wanted] if isinstance(result, tuple) else (result,)

    return type(name, (base,), {"op_domain": "", "_run": run, "__doc__": function.__doc__})
