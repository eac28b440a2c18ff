"""The filters of :mod:`scipy.ndimage` that are convolution or pooling: same names, arguments, defaults and results.

``import convx.ndimage as ndi`` in place of ``import scipy.ndimage as ndi``. Names of modes are SciPy's, whose 'reflect'
is NumPy's 'symmetric' and whose 'mirror' is NumPy's 'reflect'. Any number of axes; float32 is summed in float32.
"""
# ruff: noqa: F403 - what is public is said once, by the __all__ of each module

from convx.ndimage import correlation, derivatives, extrema, gaussian, morphology, uniform
from convx.ndimage.correlation import *
from convx.ndimage.derivatives import *
from convx.ndimage.extrema import *
from convx.ndimage.gaussian import *
from convx.ndimage.morphology import *
from convx.ndimage.uniform import *

__all__: list[str] = []
__all__ += correlation.__all__
__all__ += derivatives.__all__
__all__ += extrema.__all__
__all__ += gaussian.__all__
__all__ += morphology.__all__
__all__ += uniform.__all__
