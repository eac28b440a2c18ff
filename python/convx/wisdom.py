"""What was measured by :meth:`Conv2d.tune`: kept by the process for all plans, saved and loaded."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from convx import _core
from convx._types import Fact

if TYPE_CHECKING:
    from convx._plan import Plan

__all__ = ["forget_wisdom", "get_wisdom", "load_wisdom", "save_wisdom"]

FileName = str | bytes | os.PathLike[str] | os.PathLike[bytes]
FORMAT, FORMAT_VERSION = "convx wisdom", 1
MOST_BYTES = 16 << 20
"""Of a file; about 40000 facts."""


def save_wisdom(path: FileName) -> None:
    """Write what plans were tuned for to a file.

    The file is JSON, one line for each fact, of this CPU and this version of convx. It appears whole or not at all, and
    replaces a file that is there; call :func:`load_wisdom` before to add to it.

    Parameters
    ----------
    path : str, bytes or os.PathLike
        The file.

    Raises
    ------
    TypeError
        If `path` is no path.
    OSError
        If the file cannot be written, or if `path` names something else than a file.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> import convx
    >>> plan = convx.Conv2d(np.ones((8, 8, 3, 3), dtype=np.float32))
    >>> found = plan.tune((1, 8, 16, 16), seconds=0.01)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     convx.save_wisdom(os.path.join(folder, "wisdom.json"))
    ...     convx.forget_wisdom()
    ...     convx.load_wisdom(os.path.join(folder, "wisdom.json"))
    1
    >>> plan.algorithm_for((1, 8, 16, 16)) == found.algorithm
    True
    >>> convx.forget_wisdom()
    """
    import json

    name = os.path.realpath(_name_of("save_wisdom", path))
    if os.path.exists(name) and not os.path.isfile(name):
        raise OSError(f"save_wisdom: path must name a file, got {name!r}, which is something else")
    head = json.dumps({"format": FORMAT, "version": FORMAT_VERSION, **_machine()}, indent=1)
    facts = ",\n  ".join(sorted(map(json.dumps, get_wisdom())))
    _write(name, f'{head[:-2]},\n "facts": [\n  {facts}\n ]\n}}\n')


def load_wisdom(path: FileName) -> int:
    """Read what :func:`save_wisdom` wrote, and add it to what is known.

    Where both tell of the same convolution, the file is right. Of a file that is refused nothing is taken. The
    environment variable ``CONVX_WISDOM`` names a file that is loaded when convx is imported; if it cannot be, that is
    an ImportError.

    Parameters
    ----------
    path : str, bytes or os.PathLike
        The file.

    Returns
    -------
    int
        How many facts it holds.

    Raises
    ------
    TypeError
        If `path` is no path.
    OSError
        If the file cannot be read.
    ValueError
        If it is no file of wisdom or a damaged one, or if it was written on another CPU or by another version of convx.

    Examples
    --------
    >>> import convx
    >>> convx.load_wisdom("no such file")
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory: 'no such file'
    """
    name = _name_of("load_wisdom", path)
    try:
        facts = _facts_in(_content_of(name))
        _learn(facts, keep=False)
    except ValueError as error:
        raise ValueError(f"load_wisdom: path must name wisdom of this machine, got {name!r}: {error}") from None
    _learn(facts, keep=True)
    return len(facts)


def get_wisdom() -> list[Fact]:
    """Return what is known from measurements.

    Returns
    -------
    list of dict
        For each instruction set, number of threads, level of :func:`set_winograd`, dtype and whole shape of a
        convolution (``'isa'``, ``'threads'``, ``'winograd'``, ``'dtype'``, ``'input_shape'``, ``'weight_shape'``,
        ``'stride'``, ``'padding'``, ``'dilation'``, ``'groups'``, ``'padding_mode'``, ``'data_format'``) the
        ``'algorithm'`` that plans take, in no order.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.Conv1d(np.ones((4, 4, 3))).tune((1, 4, 100), seconds=0.01).algorithm in ("direct", "im2col", "narrow")
    True
    >>> [(fact["dtype"], fact["input_shape"], fact["weight_shape"]) for fact in convx.get_wisdom()]
    [('float64', (1, 4, 100), (4, 4, 3))]
    >>> convx.forget_wisdom()
    """
    return _core.wisdom()


def forget_wisdom() -> None:
    """Forget what was measured or loaded: the model decides again.

    Examples
    --------
    >>> import convx
    >>> convx.forget_wisdom()
    >>> convx.get_wisdom()
    []
    """
    _core.forget()


def load_environment() -> None:
    """Load the file that ``CONVX_WISDOM`` names."""
    path = os.environ.get("CONVX_WISDOM")
    if not path:
        return
    try:
        load_wisdom(path)
    except (OSError, ValueError) as error:
        raise ImportError(f"CONVX_WISDOM: {error}") from None


def wisdom_of(plan: Plan) -> tuple[Any, list[Fact]] | None:
    """Return what is known of a plan's convolutions, and where: what its copies take with them."""
    facts = plan._core.wisdom() if plan._core.algorithm == "auto" else None
    return (_machine(), facts) if facts else None


def learn_of(wisdom: tuple[Any, list[Fact]] | None) -> None:
    """Learn what a copy of a plan brought, if it is true here."""
    if wisdom and wisdom[0] == _machine():
        _learn([fact for fact in wisdom[1] if fact["isa"] in _core.isas()], keep=True)


def _machine() -> dict[str, Any]:
    info = _core.info()
    return {"convx": info["version"], "cpu": info["cpu"], "caches": list(info["caches"])}


def _name_of(function: str, path: FileName) -> str:
    try:
        return os.fsdecode(path)
    except TypeError:
        raise TypeError(f"{function}: path must be a str, bytes or os.PathLike, got {path!r}") from None


def _write(name: str, text: str) -> None:
    beside = f"{name}.{os.urandom(6).hex()}.tmp"
    try:
        file = open(beside, "x", encoding="utf-8")  # noqa: SIM115 - closed before it is renamed
    except OSError as error:
        error.filename = name
        raise
    try:
        with file:
            file.write(text)
        os.replace(beside, name)
    except BaseException:
        os.unlink(beside)
        raise


def _content_of(name: str) -> Any:
    import json

    with open(name, "rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES >> 20} MiB")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not JSON ({error})") from None


def _facts_in(content: Any) -> list[Fact]:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"it has no format {FORMAT!r}")
    here = {"version": FORMAT_VERSION, **_machine()}
    for name, value in here.items():
        if content.get(name) != value:
            raise ValueError(f"its {name} is {content.get(name)!r}, here it is {value!r}; tune anew")
    facts = content.get("facts")
    if not isinstance(facts, list) or not all(isinstance(fact, dict) for fact in facts):
        raise ValueError("its facts are no list of objects")
    return facts


def _learn(facts: list[Fact], *, keep: bool) -> None:
    for number, fact in enumerate(facts, 1):
        if wrong := fact.keys() ^ Fact.__required_keys__:
            raise ValueError(f"fact {number} has too few or too many parts: {', '.join(sorted(wrong))}")
        try:
            _core.learn(f"fact {number}", **fact, keep=keep)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(str(error)) from None
