"""Gaussians, their derivatives, and what is made of them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convx.ndimage._arguments import Array, Output, as_array, item_axes, make_output, mode_name, per_axis, some_axes
from convx.ndimage._separable import Line
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
    count = len(places)
    sigmas = per_axis(name, "sigma", sigma, count)
    orders = per_axis(name, "order", order, count)
    modes = per_axis(name, "mode", mode, count)
    radii = per_axis(name, "radius", radius, count)
    steps = [step for step in zip(places, sigmas, orders, modes, radii, strict=True) if step[1] > 1e-15]
    lines = []
    for axis, width, derivative, border, reach in steps:
        kernel = _checked_kernel(name, width, derivative, truncate, reach)
        lines.append(Line(axis, kernel, (kernel.size // 2, kernel.size // 2), mode_name(name, border)))
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
    return generic_laplace(array, _of_order(2, sigmas), output, mode, cval, extra_keywords=kwargs, axes=places)


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
    array = as_array("gaussian_gradient_magnitude", input)
    derivative = _of_order(1, sigma)
    return generic_gradient_magnitude(array, derivative, output, mode, cval, extra_keywords=kwargs, axes=axes)


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
    kernel = _checked_kernel(function, sigma, order, truncate, radius)
    return along_axis(function, input, kernel, axis, output, mode, cval)


def _checked_kernel(function: str, sigma: float, order: int, truncate: float, radius: int | None) -> Array:
    """Return what a Gaussian is correlated with."""
    try:
        reach = operator.index(int(truncate * float(sigma) + 0.5) if radius is None else radius)
    except TypeError:
        reach = -1
    if reach < 0:
        raise ValueError(f"{function}: radius must be an int >= 0, got {radius!r}")
    if order < 0:
        raise ValueError(f"{function}: order must be >= 0, got {order}")
    return _kernel(float(sigma), order, reach)[::-1]


def _kernel(sigma: float, order: int, radius: int) -> Array:
    """Return a Gaussian that sums to 1, or its derivative: a polynomial q times the Gaussian.

    Each derivative turns q into q' - q * x / sigma**2. The additions are in SciPy's order: one bit more or less decides
    what a sum of integers is cut off to.
    """
    variance = sigma * sigma
    x = np.arange(-radius, radius + 1)
    gaussian: Array = np.exp(-0.5 / variance * x**2)
    gaussian = gaussian / gaussian.sum()
    if order == 0:
        return gaussian
    powers = np.arange(order + 1)
    step = np.diag(powers[1:], 1) + np.diag(np.full(order, -1 / variance), -1)
    q = np.zeros(order + 1)
    q[0] = 1
    for _ in range(order):
        q = step @ q
    return (x[:, None] ** powers) @ q * gaussian
