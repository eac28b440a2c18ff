"""Pictures that commands draw with matplotlib, which is optional."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from convx._cli.errors import UserError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["check_target", "save_figure"]


def check_target(path: str) -> None:
    """Raise UserError, before any work is done, if nothing can be drawn into this file."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise UserError("to draw, matplotlib is needed: pip install matplotlib") from None
    if not Path(path).parent.is_dir():
        raise UserError(f"cannot write {path}: no such folder")
    known = Figure().canvas.get_supported_filetypes()
    if Path(path).suffix.lower().removeprefix(".") not in known:
        raise UserError(f"cannot write {path}: its ending must be one of {', '.join(sorted(known))}")


def save_figure(figure: Figure, path: str) -> None:
    """Write a figure, in the format that the file's ending says."""
    try:
        figure.savefig(path)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error}") from None
