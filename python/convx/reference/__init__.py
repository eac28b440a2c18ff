"""The functions of convx in plain NumPy: the text to learn from, and the oracle of the tests.

A convolution or a pooling is three steps, one line of NumPy each:

1. pad the input (:func:`numpy.pad`);
2. look at it through a sliding window, without copying anything (``sliding_window_view``): each window of ``x`` is one
   output's view of the input;
3. reduce every window to one number: by ``einsum`` with the weights, by maximum, or by mean.

``geometry`` knows where the windows lie, ``arguments`` brings arguments into one form, ``conv`` and ``pooling`` do step
3.
All sums are taken in float64 and rounded once at the end. What the functions of :mod:`convx` refuse is refused here,
too, with the same kind of exception in fewer words.
"""
# ruff: noqa: F403 - what is public is said once, by the __all__ of each module

from convx.reference import columns, conv, conv_transpose, deform, gradients, image, integer, pooling
from convx.reference.columns import *
from convx.reference.conv import *
from convx.reference.conv_transpose import *
from convx.reference.deform import *
from convx.reference.gradients import *
from convx.reference.image import *
from convx.reference.integer import *
from convx.reference.pooling.adaptive import *
from convx.reference.pooling.avg import *
from convx.reference.pooling.backward import *
from convx.reference.pooling.global_ import *
from convx.reference.pooling.lp import *
from convx.reference.pooling.max import *
from convx.reference.pooling.maxout import *
from convx.reference.pooling.unpool import *

__all__: list[str] = []
__all__ += columns.__all__
__all__ += conv.__all__
__all__ += conv_transpose.__all__
__all__ += deform.__all__
__all__ += gradients.__all__
__all__ += image.__all__
__all__ += integer.__all__
__all__ += pooling.adaptive.__all__
__all__ += pooling.avg.__all__
__all__ += pooling.backward.__all__
__all__ += pooling.global_.__all__
__all__ += pooling.lp.__all__
__all__ += pooling.max.__all__
__all__ += pooling.maxout.__all__
__all__ += pooling.unpool.__all__
