"""The filters of :mod:`convx.ndimage`, of Dask arrays: lazily, block by block, of images larger than memory.

The functions are those of :mod:`convx.ndimage` under the same names, with the same arguments, but for `output`, which
is a dtype or nothing. Blocks of the result lie where the chunks of the input do; a chunk that is shorter than a window
reaches is joined with its neighbours first. Mistakes are told when a function is called.

``generic_laplace`` and ``generic_gradient_magnitude`` are not here: how far a function that is given reaches, they
cannot know.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import dask.array as da
import numpy as np
from numpy.typing import NDArray

from convx import ndimage
from convx.dask.checks import as_dask
from convx.dask.limit import asked_threads, threads
from convx.dask.text import EXACT, SUM, told

__all__ = [
    "convolve",
    "convolve1d",
    "correlate",
    "correlate1d",
    "gaussian_filter",
    "gaussian_filter1d",
    "gaussian_gradient_magnitude",
    "gaussian_laplace",
    "grey_dilation",
    "grey_erosion",
    "laplace",
    "maximum_filter",
    "maximum_filter1d",
    "minimum_filter",
    "minimum_filter1d",
    "prewitt",
    "sobel",
    "uniform_filter",
    "uniform_filter1d",
]

_Arguments = Mapping[str, Any]
_Reach = Callable[[_Arguments], "int | Sequence[int]"]
"""How far a filter with these arguments reaches: one number for all of its axes, or one for each."""


def _window(size: Any, origin: Any) -> Any:
    """Return how far a window reaches to either side at most."""
    return np.add(np.floor_divide(size, 2), np.abs(origin)).tolist()


def _weights(given: _Arguments) -> Any:
    return _window(np.shape(given["weights"]), given["origin"])


def _line_of_weights(given: _Arguments) -> Any:
    return _window(np.size(given["weights"]), given["origin"])


def _size(given: _Arguments) -> Any:
    shapes = (given.get(name) for name in ("structure", "footprint"))
    shape = next((np.shape(array) for array in shapes if array is not None), None)
    return _window(given["size"] if shape is None else shape, given["origin"])


def _gaussian(given: _Arguments) -> Any:
    given = {**given, **given.get("kwargs", {})}
    if given.get("radius") is not None:
        return given["radius"]
    return np.floor(np.multiply(given["sigma"], given.get("truncate", 4.0)) + 0.5).astype(int).tolist()


def _one(given: _Arguments) -> Any:
    return 1


def _places(given: _Arguments, ndim: int) -> list[int]:
    """Return the axes that items of arguments are given for."""
    axes = given.get("axes")
    if axes is None:
        return list(range(ndim))
    return [axis % ndim for axis in (axes if isinstance(axes, Iterable) else [axes])]


def _depths(given: _Arguments, reach: _Reach, ndim: int) -> list[int]:
    """Return how far a filter reaches along each axis of its input."""
    one_axis = "axis" in given and reach is not _one  # Sobel's smooths along the others
    places = [given["axis"] % ndim] if one_axis else _places(given, ndim)
    found = np.asarray(reach(given))
    if "kwargs" in given:  # a Gaussian along all axes for each of `axes`, but for sigmas that say otherwise
        places = list(range(ndim)) if found.size in (1, ndim) else places
    depths = [0] * ndim
    for axis, depth in zip(places, np.broadcast_to(found, len(places)), strict=True):
        depths[axis] = int(depth)
    return depths


def _borders(given: _Arguments, ndim: int) -> list[str]:
    """Return for each axis whether it is a ring, or ends and leaves what lies beyond to the filter."""
    modes = [given["mode"]] * ndim if isinstance(given["mode"], str) else given["mode"]
    borders = ["none"] * ndim
    places = range(ndim) if len(modes) == ndim else _places(given, ndim)
    for axis, mode in zip(places, modes, strict=False):
        borders[axis] = "periodic" if mode in ("wrap", "grid-wrap") else "none"
    return borders


def _filtered(name: str, function: Callable[..., Any], reach: _Reach, given: dict[str, Any]) -> da.Array:
    input = as_dask(name, "input", given.pop("input"))
    if isinstance(given["output"], (np.ndarray, da.Array)):
        kind = type(given["output"]).__name__
        raise TypeError(f"{name}: output must be a dtype or None, got {kind} (store the result where it shall go)")
    arguments = {**given, **given.get("kwargs", {})}
    arguments.pop("kwargs", None)
    one = np.ma.zeros if isinstance(input._meta, np.ma.MaskedArray) else np.zeros
    dtype = function(one((1,) * input.ndim, input.dtype), **arguments).dtype
    depths, borders = _depths(given, reach, input.ndim), _borders(given, input.ndim)
    places = _places(given, input.ndim)
    mixed = False
    if "kwargs" in given:  # each mode is taken along all axes
        kinds = {borders[axis] for axis in places}
        mixed, borders = len(kinds) > 1, [*kinds][:1] * input.ndim
    if mixed or places != sorted(places):  # SciPy sorts them for some arguments and not for others
        input, depths = input.rechunk(-1), [0] * input.ndim
    for axis, (depth, size) in enumerate(zip(depths, input.shape, strict=True)):
        if depth >= size:
            input, depths[axis] = input.rechunk({axis: -1}), 0
        elif len(input.chunks[axis]) == 1:
            depths[axis] = 0
    task = partial(_block, function=function, arguments=arguments, most=asked_threads())
    if not any(depths):
        return input.map_blocks(task, dtype=dtype, meta=np.empty((0,) * input.ndim, dtype))
    return da.map_overlap(
        task,
        input,
        depth=dict(enumerate(depths)),
        boundary=dict(enumerate(borders)),
        dtype=dtype,
        meta=input._meta.astype(dtype),
    )


def _block(block: NDArray[Any], *, function: Callable[..., Any], arguments: _Arguments, most: int | None) -> Any:
    with threads(most):
        return function(block, **arguments)


def _twin(function: Callable[..., Any], reach: _Reach, notes: str, example: str) -> Callable[..., da.Array]:
    """Return `function` of Dask arrays."""
    name, signature = function.__name__, inspect.signature(function)

    def twin(*arguments: Any, **keywords: Any) -> da.Array:
        bound = signature.bind(*arguments, **keywords)
        bound.apply_defaults()
        return _filtered(name, function, reach, bound.arguments)

    twin.__name__ = twin.__qualname__ = name
    twin.__signature__ = signature  # type: ignore[attr-defined]
    examples = f"""
>>> import dask.array as da
>>> import convx.dask.ndimage as ndi
>>> image = da.zeros((100, 200), chunks=50)
>>> ndi.{name}(image{example}).compute().shape
(100, 200)
"""
    text = told(function.__doc__, f"ndimage.{name}", notes, examples)
    twin.__doc__ = text and text.replace("array_like or dask.array.Array", "array_like")  # weights, footprints
    return twin


correlate = _twin(ndimage.correlate, _weights, SUM, ", [[1, 2], [3, 4]]")
convolve = _twin(ndimage.convolve, _weights, SUM, ", [[1, 2], [3, 4]]")
correlate1d = _twin(ndimage.correlate1d, _line_of_weights, SUM, ", [1, 2, 1]")
convolve1d = _twin(ndimage.convolve1d, _line_of_weights, SUM, ", [1, 2, 1]")
gaussian_filter = _twin(ndimage.gaussian_filter, _gaussian, SUM, ", 2")
gaussian_filter1d = _twin(ndimage.gaussian_filter1d, _gaussian, SUM, ", 2")
gaussian_gradient_magnitude = _twin(ndimage.gaussian_gradient_magnitude, _gaussian, SUM, ", 2")
gaussian_laplace = _twin(ndimage.gaussian_laplace, _gaussian, SUM, ", 2")
uniform_filter = _twin(ndimage.uniform_filter, _size, SUM, ", 5")
uniform_filter1d = _twin(ndimage.uniform_filter1d, _size, SUM, ", 5")
maximum_filter = _twin(ndimage.maximum_filter, _size, EXACT, ", 5")
maximum_filter1d = _twin(ndimage.maximum_filter1d, _size, EXACT, ", 5")
minimum_filter = _twin(ndimage.minimum_filter, _size, EXACT, ", 5")
minimum_filter1d = _twin(ndimage.minimum_filter1d, _size, EXACT, ", 5")
grey_dilation = _twin(ndimage.grey_dilation, _size, EXACT, ", 5")
grey_erosion = _twin(ndimage.grey_erosion, _size, EXACT, ", 5")
laplace = _twin(ndimage.laplace, _one, SUM, "")
prewitt = _twin(ndimage.prewitt, _one, SUM, "")
sobel = _twin(ndimage.sobel, _one, SUM, "")
