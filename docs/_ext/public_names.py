"""The public functions and classes that the reference has a page for each of."""

from collections.abc import Iterable
from types import ModuleType

import convx

MODULES = (convx, convx.onnx, convx.ndimage)
NAMES = {
    f"{module.__name__}.{name}": getattr(module, name)
    for module in MODULES
    for name in module.__all__
    if callable(getattr(module, name))
}


def full_name(name: str, modules: Iterable[ModuleType] = MODULES) -> str | None:
    """The name with that of the first module that has it; None of a module, a string or a word."""
    return next((full for module in modules if (full := f"{module.__name__}.{name}") in NAMES), None)
