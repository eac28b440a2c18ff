"""Gaussians and their derivatives as kernels."""

from __future__ import annotations

import operator
from collections.abc import Sequence

import numpy as np

from convx.ndimage._arguments import Array, mode_name, per_axis
from convx.ndimage._lines import Line

__all__ = ["gaussian_kernel", "gaussian_lines"]


def gaussian_lines(
    function: str,
    axes: Sequence[int],
    sigma: float | Sequence[float],
    order: int | Sequence[int],
    mode: str | Sequence[str],
    truncate: float = 4.0,
    radius: int | Sequence[int] | None = None,
) -> list[Line]:
    """Return the kernels along those axes that are filtered."""
    count, lines = len(axes), []
    sigmas = per_axis(function, "sigma", sigma, count)
    orders = per_axis(function, "order", order, count)
    modes = per_axis(function, "mode", mode, count)
    radii = per_axis(function, "radius", radius, count)
    for axis, width, derivative, border, reach in zip(axes, sigmas, orders, modes, radii, strict=True):
        if width > 1e-15:
            kernel = gaussian_kernel(function, width, derivative, truncate, reach)
            lines.append(Line(axis, kernel, (kernel.size // 2, kernel.size // 2), mode_name(function, border)))
    return lines


def gaussian_kernel(function: str, sigma: float, order: int, truncate: float, radius: int | None) -> Array:
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
