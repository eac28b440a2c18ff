"""Gaussians, their derivatives, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convx.ndimage._arguments import Array, Output, as_array, item_axes, make_output, per_axis, some_axes
from convx.ndimage._combined import combined_lines
from convx.ndimage._gaussians import gaussian_kernel, gaussian_lines
from convx.ndimage.correlation import along_axis, along_lines
from convx.ndimage.derivatives import generic_gradient_magnitude, generic_laplace

__all__ = ["gaussian_filter", "gaussian_filter1d", "gaussian_gradient_magnitude", "gaussian_laplace"]


def gaussian_filter1d(
    input: ArrayLike,
    sigma: float,
    axis: int = -1,
    order: int = 0,
    output: Output = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    truncate: float = 4.0,
    *,
    radius: int | None = None,
) -> Array:
    """Filter along one axis with a Gaussian or one of its derivatives, as :func:`scipy.ndimage.gaussian_filter1d`.

    Parameters
    ----------
    input, axis, output, mode, cval
        As in :func:`correlate1d`.
    sigma : float
        Standard deviation, in elements.
    order : int, default 0
        Which derivative to take.
    truncate : float, default 4
        After how many standard deviations to cut the kernel off.
    radius : int, optional
        How far the kernel reaches, in place of ``round(truncate * sigma)``.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Raises
    ------
    ValueError
        If `order` or `radius` is negative.

    Examples
    --------
    >>> import convx.ndimage as ndi
    >>> ndi.gaussian_filter1d([1.0, 2.0, 3.0, 4.0, 5.0], 1).round(3)
    array([1.427, 2.068, 3.   , 3.932, 4.573])
    """
    return _along("gaussian_filter1d", input, sigma, axis, order, output, mode, cval, truncate, radius)


def gaussian_filter(
    input: ArrayLike,
    sigma: float | Sequence[float],
    order: int | Sequence[int] = 0,
    output: Output = None,
    mode: str | Sequence[str] = "reflect",
    cval: complex = 0.0,
    truncate: float = 4.0,
    *,
    radius: int | Sequence[int] | None = None,
    axes: int | Iterable[int] | None = None,
) -> Array:
    """Filter with a Gaussian along one axis after the other, as :func:`scipy.ndimage.gaussian_filter`.

    Parameters
    ----------
    input, output, cval, axes
        As in :func:`correlate`.
    sigma, order, mode, radius : number or str, or a sequence with one for each of `axes`
        As in :func:`gaussian_filter1d`. An axis of sigma 0 is not filtered.
    truncate : float, default 4
        After how many standard deviations to cut the kernels off.

    Returns
    -------
    ndarray
        Of the shape of `input`. What one axis gave is kept in the dtype of the result, as SciPy keeps it: in integers
        cut off after every axis.

    Examples
    --------
    >>> import numpy as np
    >>> import convx.ndimage as ndi
    >>> ndi.gaussian_filter(np.arange(50, step=2).reshape(5, 5), sigma=1)
    array([[ 4,  6,  8,  9, 11],
           [10, 12, 14, 15, 17],
           [20, 22, 24, 25, 27],
           [29, 31, 33, 34, 36],
           [35, 37, 39, 40, 42]])
    """
    name = "gaussian_filter"
    array = as_array(name, input)
    out = make_output(name, output, array, is_complex=array.dtype.kind == "c")
    places = some_axes(name, axes, array.ndim)
    lines = gaussian_lines(name, places, sigma, order, mode, truncate, radius)
    return along_lines(name, array, out, lines, cval)


def gaussian_laplace(
    input: ArrayLike,
    sigma: float | Sequence[float],
    output: Output = None,
    mode: str | Sequence[str] = "reflect",
    cval: complex = 0.0,
    *,
    axes: int | Iterable[int] | None = None,
    **kwargs: Any,
) -> Array:
    """Sum the second derivatives of a Gaussian, as :func:`scipy.ndimage.gaussian_laplace`.

    Parameters
    ----------
    input, sigma, output, mode, cval, axes
        As in :func:`gaussian_filter`.
    **kwargs
        Given to :func:`gaussian_filter`.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Examples
    --------
    >>> import numpy as np
    >>> import convx.ndimage as ndi
    >>> ndi.gaussian_laplace(np.eye(5)[2], sigma=1).round(2)
    array([ 0.2,  0. , -0.4,  0. ,  0.2])
    """
    name = "gaussian_laplace"
    array = as_array(name, input)
    places = some_axes(name, axes, array.ndim)
    sigmas = [0.0] * array.ndim
    for axis, item in zip(item_axes(places, array.ndim), per_axis(name, "sigma", sigma, len(places)), strict=True):
        sigmas[axis] = item
    return _combined(name, array, 2, sigmas, output, mode, cval, places, **kwargs)


def gaussian_gradient_magnitude(
    input: ArrayLike,
    sigma: float | Sequence[float],
    output: Output = None,
    mode: str | Sequence[str] = "reflect",
    cval: complex = 0.0,
    *,
    axes: int | Iterable[int] | None = None,
    **kwargs: Any,
) -> Array:
    """Take the length of the gradient of a Gaussian, as :func:`scipy.ndimage.gaussian_gradient_magnitude`.

    Parameters
    ----------
    input, output, mode, cval
        As in :func:`gaussian_filter`.
    sigma : float, or sequence with one for each axis of `input`
        Standard deviations; every axis is smoothed.
    axes : int or iterable of int, optional
        The axes whose derivatives count; all of them by default.
    **kwargs
        Given to :func:`gaussian_filter`.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Examples
    --------
    >>> import numpy as np
    >>> import convx.ndimage as ndi
    >>> ndi.gaussian_gradient_magnitude(np.array([0.0, 0.0, 0.0, 9.0, 9.0, 9.0]), sigma=1).round(2)
    array([0.12, 1.1 , 3.27, 3.27, 1.1 , 0.12])
    """
    name = "gaussian_gradient_magnitude"
    array = as_array(name, input)
    return _combined(name, array, 1, sigma, output, mode, cval, some_axes(name, axes, array.ndim), **kwargs)


def _combined(
    function: str,
    input: Array,
    order: int,
    sigma: float | Sequence[float],
    output: Output,
    mode: str | Sequence[str],
    cval: complex,
    axes: Sequence[int],
    **keywords: Any,
) -> Array:
    """Combine the derivatives along each axis: first ones as the components of a gradient, second ones by a sum."""
    combine = generic_gradient_magnitude if order == 1 else generic_laplace
    out = make_output(function, output, input, is_complex=input.dtype.kind == "c")
    terms = []
    if "c" not in input.dtype.kind + out.dtype.kind and not np.iscomplexobj(cval):
        for axis, border in zip(axes, per_axis(function, "mode", mode, len(axes)), strict=True):
            orders = [order if place == axis else 0 for place in range(input.ndim)]
            terms.append(gaussian_lines(function, range(input.ndim), sigma, orders, border, **keywords))
    if not any(terms):
        derivative = _of_order(order, sigma)
        return combine(input, derivative, out, mode, cval, extra_keywords=keywords, axes=axes)
    combined_lines(function, input, out, terms, float(cval), length=order == 1)  # type: ignore[arg-type]
    return out


def _of_order(order: int, sigma: float | Sequence[float]) -> Callable[..., Array]:
    """Return what takes a derivative of a Gaussian along one axis, and smooths along the others."""

    def derivative(input: Array, axis: int, output: Output, mode: str, cval: complex, **keywords: Any) -> Array:
        orders = [order if place == axis else 0 for place in range(input.ndim)]
        return gaussian_filter(input, sigma, orders, output, mode, cval, **keywords)

    return derivative


def _along(
    function: str,
    input: ArrayLike,
    sigma: float,
    axis: int,
    order: int,
    output: Output,
    mode: str,
    cval: complex,
    truncate: float,
    radius: int | None,
) -> Array:
    kernel = gaussian_kernel(function, sigma, order, truncate, radius)
    return along_axis(function, input, kernel, axis, output, mode, cval)
