"""How far a command has come: a line on terminals or, where rich is installed, a bar with the time that is left."""

from __future__ import annotations

import sys
import threading
from time import monotonic
from typing import Any

__all__ = ["Progress", "bar"]

DELAY = 2.0  # seconds: what is done sooner needs none


class Progress:
    """A line on stderr that is rewritten in place; silent where stderr is no terminal, and in the first two seconds.

    Used as a context manager, which wipes the line at the end. Nothing runs beside what is measured: the line changes
    when it is told to, and once by itself, after those two seconds.

    Parameters
    ----------
    total : int, optional
        How many steps there are.
    """

    def __init__(self, total: int | None = None) -> None:
        self._line = _line(total) if sys.stderr.isatty() else None
        self._since = monotonic()
        self._now: tuple[str, int | None] | None = None
        self._lock = threading.Lock()
        self._first = threading.Timer(DELAY, self._draw)
        self._first.daemon = True

    def __enter__(self) -> Progress:
        if self._line is not None:
            self._first.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._first.cancel()
        self.clear()

    def show(self, text: str, done: int | None = None) -> None:
        """Replace the line by `text`, with a bar where `done` of the steps are told to be done."""
        self._now = text, done
        if monotonic() - self._since >= DELAY:
            self._draw()

    def clear(self) -> None:
        """Wipe the line, so that something else can be printed."""
        with self._lock:
            self._now = None
            if self._line is not None:
                self._line.clear()

    def _draw(self) -> None:
        with self._lock:
            if self._line is not None and self._now is not None:
                self._line.draw(*self._now)


def _line(total: int | None) -> _Plain | _Rich:
    try:
        return _Rich(total)
    except ImportError:
        return _Plain(total)


class _Plain:
    """The line without rich."""

    def __init__(self, total: int | None) -> None:
        self._total = total

    def draw(self, text: str, done: int | None) -> None:
        if self._total and done is not None:
            text = f"{bar(done, self._total)} {text}"
        self._print(text[:79])

    def clear(self) -> None:
        self._print("")

    @staticmethod
    def _print(text: str) -> None:
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


class _Rich:
    """The line by rich, which must be installed; never refreshed by a thread, which would disturb what is measured."""

    def __init__(self, total: int | None) -> None:
        from rich import progress
        from rich.console import Console

        columns: list[Any] = [progress.TextColumn("{task.description}", markup=False)]
        if total:
            columns = [progress.BarColumn(30), progress.MofNCompleteColumn(), progress.TimeRemainingColumn(), *columns]
        console = Console(file=sys.stderr, force_terminal=True)
        self._bar = progress.Progress(*columns, console=console, auto_refresh=False, transient=True)
        self._task = self._bar.add_task("", total=total)

    def draw(self, text: str, done: int | None) -> None:
        self._bar.update(self._task, description=text, completed=done)
        if self._bar.live.is_started:
            self._bar.refresh()
        else:
            self._bar.start()

    def clear(self) -> None:
        self._bar.stop()


def bar(done: int, total: int, width: int = 30) -> str:
    """Return a bar such as ``[######....]`` and the numbers behind it."""
    filled = width * done // total
    return f"[{'#' * filled}{'.' * (width - filled)}] {done}/{total}"
