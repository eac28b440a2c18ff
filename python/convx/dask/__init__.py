"""Convolution and pooling of Dask arrays: lazily, block by block, of arrays larger than memory or than one machine.

The functions are those of :mod:`convx` under the same names, with the same arguments but `out`. An input may be in
chunks along any of its axes; what neighbouring windows share is exchanged, exactly as many elements as stride, dilation
and padding ask for. Mistakes are told when a function is called, before anything is computed.

Not here are functions that may read or write anywhere in an image (``deform_conv2d``, ``max_unpool2d``), the gradients,
and columns (``unfold``, ``fold``), which are larger than what they are made of.
"""
# ruff: noqa: F403 - what is public is said once, by the __all__ of each module

try:
    import dask.array  # noqa: F401
except ImportError as error:
    raise ImportError("convx.dask needs dask.array (pip install 'dask[array]')") from error

from convx.dask import adaptive, conv, conv_transpose, global_, maxout_, pooling
from convx.dask.adaptive import *
from convx.dask.conv import *
from convx.dask.conv_transpose import *
from convx.dask.global_ import *
from convx.dask.maxout_ import *
from convx.dask.pooling import *

__all__: list[str] = []
__all__ += adaptive.__all__
__all__ += conv.__all__
__all__ += conv_transpose.__all__
__all__ += global_.__all__
__all__ += pooling.__all__
__all__ += maxout_.__all__
