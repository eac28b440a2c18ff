"""One line of progress on the terminal."""

from __future__ import annotations

import sys

__all__ = ["Progress", "bar"]


class Progress:
    """A line on stderr that is rewritten in place; silent where stderr is not a terminal.

    Used as a context manager, which wipes the line at the end.
    """

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.clear()

    def show(self, text: str) -> None:
        """Replace the line by `text`."""
        if self._shown:
            print(f"\r\x1b[K{text[:79]}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Wipe the line, so that something else can be printed."""
        self.show("")


def bar(done: int, total: int, width: int = 30) -> str:
    """Return a bar such as ``[######....]`` and the numbers behind it."""
    filled = width * done // total
    return f"[{'#' * filled}{'.' * (width - filled)}] {done}/{total}"
