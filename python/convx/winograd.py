"""Whether ``algorithm="auto"`` may trade accuracy for speed."""

from __future__ import annotations

from convx import _core

__all__ = ["get_winograd", "set_winograd"]


def set_winograd(enabled: bool) -> None:
    """Allow or forbid Winograd's algorithm to ``algorithm="auto"``.

    It computes 3x3 and 5x5 convolutions of stride 1 with up to four times fewer multiplications, by F(4x4, 3x3) with
    the points 0, +-3/4, +-3/2 and infinity, F(2x2, 3x3) with 0, +-1 and infinity, and F(2x2, 5x5). Its error stays
    below ``16 * eps * K * max|input| * max|weight|``, K being the number of products summed, where that of the other
    algorithms stays below ``4 * eps * ...``; on random data it is about twice theirs. ``"auto"`` takes it for calls of
    4 million operations and more on finite float32 arrays, because a NaN or infinity reaches the whole tile of outputs
    around it. ``algorithm="winograd"`` works whatever is set here. The environment variable ``CONVX_WINOGRAD=0``
    forbids it from the start.

    Parameters
    ----------
    enabled : bool
        Whether ``"auto"`` may choose it. Default of the process: True.

    Raises
    ------
    TypeError
        If `enabled` is not a bool.

    References
    ----------
    Lavin & Gray 2015, Fast Algorithms for Convolutional Neural Networks.

    Examples
    --------
    >>> import convx
    >>> convx.set_winograd(False)
    >>> convx.get_winograd()
    False
    >>> convx.set_winograd(True)
    """
    _core.set_winograd(enabled)


def get_winograd() -> bool:
    """Return whether ``algorithm="auto"`` may take Winograd's algorithm.

    Returns
    -------
    bool
        True unless :func:`set_winograd` or ``CONVX_WINOGRAD=0`` forbade it.

    Examples
    --------
    >>> import convx
    >>> convx.get_winograd() in (True, False)
    True
    """
    return _core.get_winograd()
