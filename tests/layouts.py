"""The same values in every memory layout that NumPy can describe, with NaN in the gaps."""

from collections.abc import Callable

import numpy as np
from checks import Array

Layout = Callable[[Array], Array]


def contiguous(a: Array) -> Array:
    return np.array(a, order="C", copy=True)


def strided(a: Array) -> Array:
    """Every second element along every axis of a larger array."""
    whole = np.full([2 * n + 1 for n in a.shape], np.nan, a.dtype)
    view = whole[tuple(slice(1, None, 2) for _ in a.shape)]
    view[...] = a
    return view


def cropped(a: Array) -> Array:
    """Unit stride along the last axis, but rows further apart than their length."""
    whole = np.full([n + 3 for n in a.shape], np.nan, a.dtype)
    view = whole[tuple(slice(2, n + 2) for n in a.shape)]
    view[...] = a
    return view


def reversed_all(a: Array) -> Array:
    every = (slice(None, None, -1),) * a.ndim
    return contiguous(a[every])[every]


def reversed_last(a: Array) -> Array:
    return contiguous(a[..., ::-1])[..., ::-1]


def reversed_strided(a: Array) -> Array:
    """Every third element, from the end."""
    whole = np.full((*a.shape[:-1], 3 * a.shape[-1]), np.nan, a.dtype)
    view = whole[..., ::-3]
    view[...] = a
    return view


def channels_last(a: Array) -> Array:
    return np.moveaxis(contiguous(np.moveaxis(a, -a.ndim + 1, -1)), -1, -a.ndim + 1) if a.ndim > 1 else contiguous(a)


def transposed(a: Array) -> Array:
    """The last two axes swapped in memory."""
    return np.swapaxes(contiguous(np.swapaxes(a, -1, -2)), -1, -2) if a.ndim > 1 else contiguous(a)


def fortran(a: Array) -> Array:
    return np.array(a, order="F", copy=True)


def broadcast_first(a: Array) -> Array:
    return np.broadcast_to(contiguous(a[:1]), a.shape)


def broadcast_last(a: Array) -> Array:
    return np.broadcast_to(contiguous(a[..., :1]), a.shape)


def broadcast_scalar(a: Array) -> Array:
    return np.broadcast_to(contiguous(a.ravel()[:1])[0], a.shape)


def misaligned(offset: int) -> Layout:
    """Contiguous, but offset bytes away from an aligned address."""

    def move(a: Array) -> Array:
        raw = np.full(a.nbytes + 64, 0xFF, np.uint8)
        start = -raw.ctypes.data % 32 + offset
        view = raw[start : start + a.nbytes].view(a.dtype).reshape(a.shape)
        view[...] = a
        assert view.ctypes.data % a.itemsize == offset % a.itemsize
        return view

    return move


def record_field(a: Array) -> Array:
    """A field of a packed structure: strides that are no multiple of the item size."""
    records = np.zeros(a.shape, np.dtype([("tag", "u1"), ("value", a.dtype), ("tail", "S2")]))
    records["tag"], records["tail"] = 0xFF, b"\xff\xff"
    records["value"] = a
    view: Array = records["value"]
    assert view.strides[-1] % a.itemsize
    return view


def read_only(a: Array) -> Array:
    frozen = contiguous(a)
    frozen.flags.writeable = False
    return frozen


def big_endian(a: Array) -> Array:
    return a.astype(a.dtype.newbyteorder(">"))


LAYOUTS: dict[str, Layout] = {
    "strided": strided,
    "cropped": cropped,
    "reversed": reversed_all,
    "reversed_last": reversed_last,
    "reversed_strided": reversed_strided,
    "channels_last": channels_last,
    "transposed": transposed,
    "fortran": fortran,
    "broadcast_first": broadcast_first,
    "broadcast_last": broadcast_last,
    "broadcast_scalar": broadcast_scalar,
    "misaligned_1": misaligned(1),
    "misaligned_2": misaligned(2),
    "misaligned_3": misaligned(3),
    "record_field": record_field,
    "read_only": read_only,
    "big_endian": big_endian,
}

# Those that a result can be written to.
OUT_LAYOUTS = {
    name: layout
    for name, layout in LAYOUTS.items()
    if not name.startswith("broadcast") and name not in ("read_only", "big_endian")
}
