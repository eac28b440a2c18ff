"""How much accuracy ``algorithm="auto"`` may trade for speed."""

from __future__ import annotations

from typing import cast

from convx import _core
from convx._types import WinogradLevel

__all__ = ["get_winograd", "set_winograd"]


def set_winograd(level: bool | WinogradLevel) -> None:
    """Set which of Winograd's schemes ``algorithm="auto"`` may take.

    Winograd's algorithm computes convolutions of two to seven taps along H, W or both with up to 6.25 times fewer
    multiplications: `n` inputs of a tile become `n` points, which give ``m = n + 1 - taps`` outputs along an axis. Taps
    along D of a 3-d convolution are summed as input channels are, and so are the phases that a stride splits taps and
    input into: a 7x7 kernel of stride 2 is one of 4x4 taps over four times as many channels. A dilation splits the
    output, into that of several images.

    ================================== ====== ===================== ========================
    scheme                             points multiplications saved error, to a direct sum's
    ================================== ====== ===================== ========================
    F(2x2, 3x3), F(3x3, 2x2)           4      2.25                  0.6, 0.8
    F(4x4, 3x3)                        6      4.0                   1.9
    F(3x3, 4x4), F(2x2, 5x5)           6      4.0, 2.8              1.4, 1.2
    F(4x4, 3x3) of stride 2            9      1.8                   1.0
    F(5x5, 2x2)                        6      2.8                   3.1
    F(5x5, 3x3)                        7      4.6                   3.7
    F(6x6, 3x3)                        8      5.1                   7.5
    F(5x5, 4x4), F(4x4, 5x5)           8      6.3                   5.3, 4.2
    F(3x3, 6x6), F(2x2, 7x7)           8      5.1, 3.1              3.8, 3.9
    ================================== ====== ===================== ========================

    The error is the root mean square of that of a sum over 32 or 128 channels of random data in float32, added one by
    one. The largest stays below ``16 * eps * K * max|input| * max|weight|`` for the schemes of the first four rows and
    below ``128 * eps * ...`` for the others, `K` being the number of products summed, where that of the other
    algorithms stays below ``4 * eps * ...``; on random data of up to 2048 channels it stays below 3e-5 of the
    largest output. Kernels that are not square, and those along one axis, err less.

    ``"auto"`` takes Winograd where it is estimated to be faster - seven or eight points for three taps where they gain
    1 % or more along an axis - for calls of a million operations and more (four million where the weight is packed for
    the call alone, as functions do) on finite float32 arrays, because a NaN or infinity reaches the whole tile of
    outputs around it. ``algorithm="winograd"`` takes the fastest scheme whatever is set here. The environment variable
    ``CONVX_WINOGRAD``, one of the names or ``0`` or ``1``, is the setting at the start.

    The same rules hold for ``'fft'``, products of Fourier transforms, which ``"auto"`` takes for large kernels unless
    the level is ``'off'``. Its error stays below ``16 * eps * K * max|input| * max|weight|``; from about 9x9 taps on it
    is less than that of a direct sum, and it stays below 2e-6 of the largest output.

    Parameters
    ----------
    level : bool or {'off', 'accurate', 'all'}
        ``'off'`` or False: none. ``'accurate'``: those of the first four rows, whose error is at most about twice that
        of a direct sum. ``'all'`` or True, the default of the process: the others too.

    Raises
    ------
    TypeError
        If `level` is neither a bool nor a str.
    ValueError
        If it is another str.

    References
    ----------
    Lavin & Gray 2015, Fast Algorithms for Convolutional Neural Networks.

    Examples
    --------
    >>> import convx
    >>> convx.set_winograd("accurate")
    >>> convx.get_winograd()
    'accurate'
    >>> convx.set_winograd(True)
    """
    _core.set_winograd(level)


def get_winograd() -> WinogradLevel:
    """Return which of Winograd's schemes ``algorithm="auto"`` may take.

    Returns
    -------
    {'off', 'accurate', 'all'}
        ``'all'`` unless :func:`set_winograd` or ``CONVX_WINOGRAD`` said otherwise.

    Examples
    --------
    >>> import convx
    >>> convx.get_winograd() in ("off", "accurate", "all")
    True
    """
    return cast(WinogradLevel, _core.get_winograd())
