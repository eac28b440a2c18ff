"""Differences along axes, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convx.ndimage._arguments import Array, Output, as_array, make_output, mode_name, one_axis, per_axis, some_axes
from convx.ndimage._lines import Line
from convx.ndimage._separable import add_line, added_lines
from convx.ndimage.correlation import along_axis, along_lines

__all__ = ["generic_gradient_magnitude", "generic_laplace", "laplace", "prewitt", "sobel"]


def prewitt(
    input: ArrayLike, axis: int = -1, output: Output = None, mode: str | Sequence[str] = "reflect", cval: complex = 0.0
) -> Array:
    """Take the difference along one axis, summed over three neighbours along the others: Prewitt's filter.

    As :func:`scipy.ndimage.prewitt`.

    Parameters
    ----------
    input, output, cval
        As in :func:`correlate`.
    axis : int, default -1
        Along which to take the difference.
    mode : str, or sequence with one for each axis, default 'reflect'
        What lies beyond the borders.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Examples
    --------
    >>> import numpy as np
    >>> import convx.ndimage as ndi
    >>> ndi.prewitt(np.array([[0, 0, 5, 5]] * 3))
    array([[ 0, 15, 15,  0],
           [ 0, 15, 15,  0],
           [ 0, 15, 15,  0]])
    """
    return _smoothed_difference("prewitt", [1, 1, 1], input, axis, output, mode, cval)


def sobel(
    input: ArrayLike, axis: int = -1, output: Output = None, mode: str | Sequence[str] = "reflect", cval: complex = 0.0
) -> Array:
    """Take the difference along one axis, weighted 1 2 1 along the others: Sobel's filter.

    As :func:`scipy.ndimage.sobel`.

    Parameters
    ----------
    input, axis, output, mode, cval
        As in :func:`prewitt`.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Examples
    --------
    >>> import numpy as np
    >>> import convx.ndimage as ndi
    >>> ndi.sobel(np.array([[0, 0, 5, 5]] * 3))
    array([[ 0, 20, 20,  0],
           [ 0, 20, 20,  0],
           [ 0, 20, 20,  0]])
    """
    return _smoothed_difference("sobel", [1, 2, 1], input, axis, output, mode, cval)


def laplace(
    input: ArrayLike,
    output: Output = None,
    mode: str | Sequence[str] = "reflect",
    cval: complex = 0.0,
    *,
    axes: int | Iterable[int] | None = None,
) -> Array:
    """Sum the second differences along the axes, as :func:`scipy.ndimage.laplace`.

    Parameters
    ----------
    input, output, cval, axes
        As in :func:`correlate`.
    mode : str, or sequence with one for each of `axes`, default 'reflect'
        What lies beyond the borders.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Examples
    --------
    >>> import numpy as np
    >>> import convx.ndimage as ndi
    >>> ndi.laplace(np.array([0.0, 0.0, 1.0, 0.0, 0.0]))
    array([ 0.,  1., -2.,  1.,  0.])
    """
    name = "laplace"
    array = as_array(name, input)
    out = make_output(name, output, array, is_complex=array.dtype.kind == "c")
    if np.may_share_memory(array, out):
        array = array.copy()
    places = some_axes(name, axes, array.ndim)
    modes = per_axis(name, "mode", mode, len(places))
    order = sorted(range(len(places)), key=places.__getitem__)
    lines = _lines(name, [places[i] for i in order], [[1, -2, 1]] * len(order), [modes[i] for i in order])
    is_real = "c" not in array.dtype.kind + out.dtype.kind and not np.iscomplexobj(cval)
    if is_real and added_lines(name, array, out, lines[-2:], float(cval)):  # type: ignore[arg-type]
        for line in lines[:-2]:
            if not add_line(name, array, out, line, float(cval)):  # type: ignore[arg-type]
                out += along_axis(name, array, [1, -2, 1], line.axis, out.dtype, line.mode, cval)
        return out

    def second(input: Array, axis: int, output: Output, mode: str, cval: complex) -> Array:
        return along_axis(name, input, [1, -2, 1], axis, output, mode, cval)

    return generic_laplace(array, second, out, modes, cval, axes=places)


def generic_laplace(
    input: ArrayLike,
    derivative2: Callable[..., Array],
    output: Output = None,
    mode: str | Sequence[str] = "reflect",
    cval: complex = 0.0,
    extra_arguments: Sequence[Any] = (),
    extra_keywords: Mapping[str, Any] | None = None,
    *,
    axes: int | Iterable[int] | None = None,
) -> Array:
    """Sum second derivatives that a function takes, as :func:`scipy.ndimage.generic_laplace`.

    Parameters
    ----------
    input, output, mode, cval, axes
        As in :func:`laplace`.
    derivative2 : callable
        ``derivative2(input, axis, output, mode, cval, *extra_arguments, **extra_keywords)``.
    extra_arguments, extra_keywords : sequence, mapping
        What else to give it.

    Returns
    -------
    ndarray
        Of the shape of `input`.
    """
    return _over_axes("generic_laplace", input, derivative2, output, mode, cval, extra_arguments, extra_keywords, axes)


def generic_gradient_magnitude(
    input: ArrayLike,
    derivative: Callable[..., Array],
    output: Output = None,
    mode: str | Sequence[str] = "reflect",
    cval: complex = 0.0,
    extra_arguments: Sequence[Any] = (),
    extra_keywords: Mapping[str, Any] | None = None,
    *,
    axes: int | Iterable[int] | None = None,
) -> Array:
    """Take the root of the sum of squared derivatives, as :func:`scipy.ndimage.generic_gradient_magnitude`.

    Parameters
    ----------
    input, output, mode, cval, axes
        As in :func:`laplace`.
    derivative : callable
        ``derivative(input, axis, output, mode, cval, *extra_arguments, **extra_keywords)``. What it returns is
        changed.
    extra_arguments, extra_keywords : sequence, mapping
        What else to give it.

    Returns
    -------
    ndarray
        Of the shape of `input`.
    """
    name = "generic_gradient_magnitude"
    places = some_axes(name, axes, np.ndim(input))

    def square(*arguments: Any, **keywords: Any) -> Array:
        found = derivative(*arguments, **keywords)
        return np.multiply(found, found, out=found)

    out = _over_axes(name, input, square, output, mode, cval, extra_arguments, extra_keywords, places)
    return np.sqrt(out, out=out, casting="unsafe") if places else out


def _over_axes(
    function: str,
    input: ArrayLike,
    derivative: Callable[..., Array],
    output: Output,
    mode: str | Sequence[str],
    cval: complex,
    arguments: Sequence[Any],
    keywords: Mapping[str, Any] | None,
    axes: int | Iterable[int] | None,
) -> Array:
    """Sum what a function makes of each axis."""
    array = as_array(function, input)
    out = make_output(function, output, array, is_complex=array.dtype.kind == "c")
    places = some_axes(function, axes, array.ndim)
    if not places:
        out[...] = array
        return out
    if np.may_share_memory(array, out):
        array = array.copy()  # every axis reads what the first one would overwrite
    modes = per_axis(function, "mode", mode, len(places))
    more = dict(keywords or {})
    derivative(array, places[0], out, modes[0], cval, *arguments, **more)
    for axis, border in zip(places[1:], modes[1:], strict=True):
        out += derivative(array, axis, out.dtype, border, cval, *arguments, **more)
    return out


def _smoothed_difference(
    function: str,
    smoothing: Sequence[int],
    input: ArrayLike,
    axis: int,
    output: Output,
    mode: str | Sequence[str],
    cval: complex,
) -> Array:
    array = as_array(function, input)
    place = one_axis(function, axis, array.ndim)
    modes = per_axis(function, "mode", mode, array.ndim)
    out = make_output(function, output, array, is_complex=array.dtype.kind == "c")
    order = [place, *(axis for axis in range(array.ndim) if axis != place)]
    kernels = [[-1, 0, 1], *[smoothing] * (array.ndim - 1)]
    return along_lines(function, array, out, _lines(function, order, kernels, [modes[axis] for axis in order]), cval)


def _lines(function: str, axes: Sequence[int], kernels: Sequence[Sequence[int]], modes: Sequence[str]) -> list[Line]:
    """Return kernels of three weights along axes."""
    return [
        Line(axis, np.array(kernel, np.float64), (1, 1), mode_name(function, mode))
        for axis, kernel, mode in zip(axes, kernels, modes, strict=True)
    ]
