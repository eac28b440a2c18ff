"""Pictures: that of the demo, computed here, and those that are read from files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convx._cli.errors import UserError
from convx._cli.scene import render

__all__ = ["load_picture", "upright_picture"]

Picture = NDArray[np.float32]


def load_picture(path: str | None, size: int, *, square: bool = False) -> Picture:
    """Return a greyscale picture with values from 0 to 1.

    Parameters
    ----------
    path : str or None
        A picture file that Pillow can read; None for the embedded picture.
    size : int
        The longer side of the result, in pixels.
    square : bool
        Cut the largest square out of the middle of the picture first.

    Raises
    ------
    UserError
        If the file is missing or unreadable, or Pillow is not installed.
    """
    if path is None:
        return render(size)
    grey = _read(path)
    if square:
        side = min(grey.shape)
        top, left = ((length - side) // 2 for length in grey.shape)
        grey = grey[top : top + side, left : left + side]
    return _resize(grey, size)


@contextmanager
def upright_picture(path: str) -> Iterator[Any]:
    """Open a picture file as Pillow's image, turned as it was taken.

    Raises
    ------
    UserError
        If the file is missing or unreadable, also where it is read within, or Pillow is not installed.
    """
    if not Path(path).exists():
        raise UserError(f"no such picture file: {path}")
    try:
        from PIL import Image, ImageOps
    except ImportError:
        raise UserError("to read a picture file, Pillow is needed: pip install Pillow") from None
    try:
        with Image.open(path) as image:
            yield ImageOps.exif_transpose(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UserError(f"cannot read {path} as a picture: {error}") from None


def _read(path: str) -> Picture:
    with upright_picture(path) as upright:
        # Pillow would clip more than 8 bits a pixel to white, so those are scaled here.
        deep = upright.mode.startswith(("I", "F"))
        grey = np.asarray(upright if deep else upright.convert("L"), dtype=np.float32)
    brightest = float(grey.max()) if deep else 255.0
    return grey / np.float32(brightest if brightest > 0 else 1.0)


def _resize(grey: Picture, size: int) -> Picture:
    from PIL import Image

    scale = size / max(grey.shape)
    height, width = (max(1, round(length * scale)) for length in grey.shape)
    resized = Image.fromarray(np.ascontiguousarray(grey)).resize((width, height), Image.Resampling.LANCZOS)
    return np.clip(np.asarray(resized, dtype=np.float32), 0.0, 1.0)
