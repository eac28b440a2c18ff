"""Convolution and pooling of NumPy arrays, as fast as the inference engines, with NumPy as the only dependency.

Arrays are ``(N, C, W)``, ``(N, C, H, W)`` or ``(N, C, D, H, W)``, or with ``data_format="channels_last"`` have ``C`` as
their last axis; float16, bfloat16, float32, float64 or, for convolution, integers; without ``N`` the result has none
either. Names, argument order and defaults follow ``torch.nn.functional``; "convolution" is cross-correlation, as
everywhere in deep learning. :mod:`convx.onnx` holds the operators of ONNX, :mod:`convx.reference` the same functions in
plain NumPy, :mod:`convx.networks` the layers of well-known networks.
"""
# ruff: noqa: F403 - what is public is said once, by the __all__ of each module

from typing import TYPE_CHECKING, Any

from convx import (
    _core,
    columns,
    conv,
    conv_transpose,
    deform,
    gradients,
    image,
    input_gradient,
    integer,
    plans,
    pooling,
    quantized_plan,
    threads,
    transpose_plans,
    winograd,
    wisdom,
)
from convx.columns import *
from convx.conv import *
from convx.conv_transpose import *
from convx.deform import *
from convx.gradients import *
from convx.image import *
from convx.input_gradient import *
from convx.integer import *
from convx.plans import *
from convx.pooling.adaptive_avg import *
from convx.pooling.adaptive_max import *
from convx.pooling.avg import *
from convx.pooling.backward import *
from convx.pooling.global_ import *
from convx.pooling.lp import *
from convx.pooling.max import *
from convx.pooling.maxout import *
from convx.pooling.unpool import *
from convx.quantized_plan import *
from convx.threads import *
from convx.transpose_plans import *
from convx.winograd import *
from convx.wisdom import *

if TYPE_CHECKING:
    from convx import dask as dask  # not in __all__, which would ask every program for an optional package
    from convx import ndimage, networks, onnx, reference
    from convx._explain import explain
    from convx._trace import trace

__version__: str = _core.info()["version"]

__all__ = ["__version__", "explain", "ndimage", "networks", "onnx", "reference", "trace"]
__all__ += columns.__all__
__all__ += conv.__all__
__all__ += conv_transpose.__all__
__all__ += deform.__all__
__all__ += gradients.__all__
__all__ += image.__all__
__all__ += input_gradient.__all__
__all__ += integer.__all__
__all__ += plans.__all__
__all__ += pooling.adaptive_avg.__all__
__all__ += pooling.adaptive_max.__all__
__all__ += pooling.avg.__all__
__all__ += pooling.backward.__all__
__all__ += pooling.global_.__all__
__all__ += pooling.lp.__all__
__all__ += pooling.max.__all__
__all__ += pooling.maxout.__all__
__all__ += pooling.unpool.__all__
__all__ += quantized_plan.__all__
__all__ += threads.__all__
__all__ += transpose_plans.__all__
__all__ += winograd.__all__
__all__ += wisdom.__all__

wisdom.load_environment()

if not TYPE_CHECKING:  # where it would make every name an attribute

    def __getattr__(name: str) -> Any:
        """Import a public sub-package, or a tool, when it is asked for: few programs need them, and all would wait."""
        from importlib import import_module

        if name in ("dask", "ndimage", "networks", "onnx", "reference"):
            return import_module(f"convx.{name}")
        if name in ("explain", "trace"):
            return getattr(import_module(f"convx._{name}"), name)
        raise AttributeError(f"module 'convx' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "dask"])
