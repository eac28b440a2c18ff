"""Correlation and convolution, over all axes or along one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convx.ndimage._arguments import (
    Array,
    Output,
    as_array,
    make_output,
    mode_name,
    one_axis,
    per_axis,
    some_axes,
    turned_origin,
    window_over,
    window_sides,
)
from convx.ndimage._axes import in_turn
from convx.ndimage._lines import Line
from convx.ndimage._separable import filter_lines
from convx.ndimage._sums import weighted_sums

__all__ = ["convolve", "convolve1d", "correlate", "correlate1d"]


def correlate(
    input: ArrayLike,
    weights: ArrayLike,
    output: Output = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    origin: int | Sequence[int] = 0,
    *,
    axes: int | Iterable[int] | None = None,
) -> Array:
    """Correlate an array with a kernel, as :func:`scipy.ndimage.correlate`.

    Parameters
    ----------
    input : array_like
        Any number of axes; integers, bool, float16, float32, float64 or complex.
    weights : array_like
        The kernel, with one axis for each of `axes`. Complex weights are conjugated.
    output : ndarray or dtype, optional
        Where to write, or the dtype of the result; that of `input` by default. Sums are cut off in integers.
    mode : str, default 'reflect'
        What lies beyond the borders: ``'reflect'`` (d c b a | a b c d), ``'mirror'`` (d c b | a b c d), ``'nearest'``
        (a a a | a b c d), ``'wrap'`` (b c d | a b c d) or ``'constant'`` (`cval`).
    cval : scalar, default 0
        What lies there where `mode` is ``'constant'``.
    origin : int or sequence of int, default 0
        How far to shift the kernel to the left of its centre, at index ``size // 2``.
    axes : int or iterable of int, optional
        The axes to filter along; all of them by default.

    Returns
    -------
    ndarray
        Of the shape of `input`: ``sum over r of weights[r] * input[p + r - size // 2 - origin]``.

    Raises
    ------
    TypeError
        If `input` is masked or holds no numbers.
    ValueError
        If `origin` moves the kernel off its place, or `axes` are not axes of `input`.
    RuntimeError
        If `weights` has another number of axes, `mode` is unknown, or `output` does not fit. The kinds of exceptions
        are SciPy's.

    Notes
    -----
    float32 is summed in float32, SciPy sums it in float64; integers give SciPy's integers. A weight of zero is
    multiplied, so that it makes NaN of infinity and NaN.

    Examples
    --------
    >>> import numpy as np
    >>> import convx.ndimage as ndi
    >>> ndi.correlate(np.array([1.0, 2.0, 4.0, 7.0]), np.array([-1.0, 1.0, 0.0]))
    array([0., 1., 2., 3.])
    """
    return _correlate("correlate", input, weights, output, mode, cval, origin, axes, flipped=False)


def convolve(
    input: ArrayLike,
    weights: ArrayLike,
    output: Output = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    origin: int | Sequence[int] = 0,
    *,
    axes: int | Iterable[int] | None = None,
) -> Array:
    """Convolve an array with a kernel, as :func:`scipy.ndimage.convolve`: :func:`correlate` with the kernel turned.

    Parameters
    ----------
    input, weights, output, mode, cval, axes
        As in :func:`correlate`; complex weights are not conjugated.
    origin : int or sequence of int, default 0
        How far to shift the kernel to the right of its centre.

    Returns
    -------
    ndarray
        Of the shape of `input`: ``sum over r of weights[r] * input[p - r + size // 2 + origin]``.

    Examples
    --------
    >>> import numpy as np
    >>> import convx.ndimage as ndi
    >>> ndi.convolve(np.array([0, 0, 1, 0, 0]), np.array([1, 2, 3]))
    array([0, 1, 2, 3, 0])
    """
    return _correlate("convolve", input, weights, output, mode, cval, origin, axes, flipped=True)


def correlate1d(
    input: ArrayLike,
    weights: ArrayLike,
    axis: int = -1,
    output: Output = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    origin: int = 0,
) -> Array:
    """Correlate an array with a kernel along one axis, as :func:`scipy.ndimage.correlate1d`.

    Parameters
    ----------
    input, output, mode, cval, origin
        As in :func:`correlate`.
    weights : array_like, shape (size,)
        The kernel. Complex weights are conjugated.
    axis : int, default -1
        The axis to filter along.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Examples
    --------
    >>> import convx.ndimage as ndi
    >>> ndi.correlate1d([2, 8, 0, 4, 1, 9, 9, 0], weights=[1, 3])
    array([ 8, 26,  8, 12,  7, 28, 36,  9])
    """
    return along_axis("correlate1d", input, weights, axis, output, mode, cval, origin)


def convolve1d(
    input: ArrayLike,
    weights: ArrayLike,
    axis: int = -1,
    output: Output = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    origin: int = 0,
) -> Array:
    """Convolve an array with a kernel along one axis, as :func:`scipy.ndimage.convolve1d`.

    Parameters
    ----------
    input, output, mode, cval, axis
        As in :func:`correlate1d`.
    weights : array_like, shape (size,)
        The kernel; it is turned, and not conjugated.
    origin : int, default 0
        How far to shift the kernel to the right of its centre.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Examples
    --------
    >>> import convx.ndimage as ndi
    >>> ndi.convolve1d([2, 8, 0, 4, 1, 9, 9, 0], weights=[1, 3])
    array([14, 24,  4, 13, 12, 36, 27,  0])
    """
    kernel = np.asarray(weights)[::-1]
    return along_axis("convolve1d", input, kernel.conj(), axis, output, mode, cval, turned_origin(origin, len(kernel)))


def along_axis(
    function: str,
    input: ArrayLike,
    weights: ArrayLike,
    axis: int,
    output: Output,
    mode: str,
    cval: complex,
    origin: int = 0,
    *,
    mean: bool = False,
) -> Array:
    """Correlate along one axis, for any function; `mean` says that weights are those of a mean."""
    array, kernel = _operands(function, input, weights, cval)
    if kernel.ndim != 1 or kernel.size < 1:
        raise RuntimeError(f"{function}: weights must have one axis and at least one item, got shape {kernel.shape}")
    place = one_axis(function, axis, array.ndim)
    sides, border = window_sides(function, kernel.size, origin), mode_name(function, mode)

    def run(part: Array, real: Array, value: float, out: Array) -> None:
        filter_lines(function, part, out, [Line(place, real, sides, border, mean)], value)

    return _real_parts(function, array, kernel.conj(), output, cval, run)


def along_lines(function: str, input: Array, out: Array, lines: Sequence[Line], cval: complex) -> Array:
    """Correlate along one axis after the other, for any function; of what is complex the parts."""
    if "c" not in input.dtype.kind + out.dtype.kind and not np.iscomplexobj(cval):
        filter_lines(function, input, out, lines, float(cval))  # type: ignore[arg-type]
        return out

    def apply(source: Array, part: Array, line: Line) -> None:
        _operands(function, source, line.weights, cval)

        def run(real: Array, weights: Array, value: float, sums: Array) -> None:
            filter_lines(function, real, sums, [line._replace(weights=weights)], value)

        _real_parts(function, source, line.weights, part, cval, run)

    return in_turn(input, out, [(line.axis, line) for line in lines], apply)


def _correlate(
    function: str,
    input: ArrayLike,
    weights: ArrayLike,
    output: Output,
    mode: str,
    cval: complex,
    origin: int | Sequence[int],
    axes: int | Iterable[int] | None,
    *,
    flipped: bool,
) -> Array:
    array, kernel = _operands(function, input, weights, cval)
    places = some_axes(function, axes, array.ndim)
    if kernel.ndim != len(places) or kernel.size < 1:
        rule = f"weights.ndim ({kernel.ndim}) must match len(axes) ({len(places)}), and none of them be empty"
        raise RuntimeError(f"{function}: {rule}; got shape {kernel.shape}")
    if not isinstance(mode, str):
        raise RuntimeError(f"{function}: mode must be one str, as a kernel over all axes sees one, got {mode!r}")
    origins = per_axis(function, "origin", origin, len(places))
    if flipped:
        kernel = np.flip(kernel).conj()
    sides, shape = window_over(function, kernel.shape, origins, places, array.ndim, turned=flipped)
    modes = [mode_name(function, mode)] * array.ndim

    def run(part: Array, real: Array, value: float, out: Array) -> None:
        weighted_sums(part, real, sides, modes, value, out)

    return _real_parts(function, array, kernel.reshape(shape).conj(), output, cval, run)


def _operands(function: str, input: ArrayLike, weights: ArrayLike, cval: complex) -> tuple[Array, Array]:
    array, kernel = as_array(function, input), np.asarray(weights)
    if kernel.dtype.kind not in "biufc":
        raise TypeError(f"{function}: weights must hold numbers, got {kernel.dtype}")
    if array.dtype.kind != "c" and np.iscomplexobj(cval):
        raise ValueError(f"{function}: cval: cannot provide a complex-valued cval when the input is real, got {cval}")
    return array, kernel


def _real_parts(
    function: str,
    input: Array,
    weights: Array,
    output: Output,
    cval: complex,
    run: Callable[[Array, Array, float, Array], None],
) -> Array:
    """Filter the real and the imaginary part where there are two."""
    is_complex = "c" in (input.dtype.kind, weights.dtype.kind)
    out = make_output(function, output, input, is_complex=is_complex)
    if not is_complex:
        run(input, weights.astype(np.float64), float(cval), out)  # type: ignore[arg-type]
        return out
    parts = [(input.real, complex(cval).real), (input.imag, complex(cval).imag)][: 1 + (input.dtype.kind == "c")]
    result: Any = np.zeros_like(out)
    for unit, (part, value) in zip((1, 1j), parts, strict=False):
        for factor, real in ((1, weights.real), (1j, weights.imag)):
            if real.any():
                sums = np.empty(part.shape, out.real.dtype)
                run(part, real.astype(np.float64), value, sums)
                result += unit * factor * sums
    out[...] = result
    return out
