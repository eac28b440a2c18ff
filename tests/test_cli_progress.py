"""The line of progress: on terminals alone, after two seconds, by rich or without it."""

import re
import sys
import time
from typing import Any

import pytest
from convx._cli import progress
from convx._cli.progress import Progress, bar
from convx.cli import main
from test_cli import Capture

TUNE = ["tune", "--layers", "mobilenet-depthwise", "googlenet-3a-5x5", "--seconds", "0.001", "--threads", "1"]
COMMANDS = [
    (
        ["bench", "--layers", "mobilenet-depthwise", "--algorithms", "direct", "--seconds", "0.001"],
        "0/1",
        "depthwise: direct",
    ),
    (["demo", "--net", "alexnet"], "7/8", "pool5"),
    (TUNE, "1/2", "googlenet-3a-5x5"),
]


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, delay: float = 0.0) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(progress, "DELAY", delay)


@pytest.fixture
def without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)


def plain(text: str) -> str:
    """What a terminal shows, without colours and moves."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)


def test_bar() -> None:
    assert [bar(done, 3, 4) for done in range(4)] == ["[....] 0/3", "[#...] 1/3", "[##..] 2/3", "[####] 3/3"]


@pytest.mark.parametrize(("argv", "done", "what"), COMMANDS, ids=["bench", "demo", "tune"])
@pytest.mark.usefixtures("without_rich")
def test_without_rich(capsys: Capture, monkeypatch: pytest.MonkeyPatch, argv: list[str], done: str, what: str) -> None:
    on_a_terminal(monkeypatch)
    assert main(argv) == 0
    shown = capsys.readouterr().err
    assert re.search(rf"\r\x1b\[K\[[#.]{{30}}\] {done} [^\r]*{what}", shown)
    assert shown.endswith("\r\x1b[K"), "wiped"


@pytest.mark.parametrize(("argv", "done", "what"), COMMANDS, ids=["bench", "demo", "tune"])
def test_with_rich(capsys: Capture, monkeypatch: pytest.MonkeyPatch, argv: list[str], done: str, what: str) -> None:
    pytest.importorskip("rich")
    on_a_terminal(monkeypatch)
    assert main(argv) == 0
    shown = capsys.readouterr().err
    assert re.search(rf"{done}[^\r\n]*{what}", plain(shown))
    assert shown.rindex("\x1b[2K") > shown.rindex(what), "wiped"


@pytest.mark.parametrize("name", ["_Plain", "_Rich"])
def test_steps_without_a_number(capsys: Capture, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    if name == "_Rich":
        pytest.importorskip("rich")
    on_a_terminal(monkeypatch)
    monkeypatch.setattr(progress, "_line", lambda total: getattr(progress, name)(total))
    with Progress() as line:
        line.show("[bold] is no markup")
    assert "[bold] is no markup" in plain(capsys.readouterr().err)


@pytest.mark.parametrize("argv", [argv for argv, *_ in COMMANDS], ids=["bench", "demo", "tune"])
def test_silent_where_there_is_no_terminal(capsys: Capture, monkeypatch: pytest.MonkeyPatch, argv: list[str]) -> None:
    monkeypatch.setattr(progress, "DELAY", 0.0)
    assert main(argv) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("without_rich")
def test_what_is_short_shows_none_and_what_lasts_does(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line appears by itself, in the middle of a long step too."""
    on_a_terminal(monkeypatch, 0.2)
    with Progress() as line:
        line.show("first")
    assert "first" not in capsys.readouterr().err
    seen: list[Any] = []
    with Progress() as line:
        line.show("long")
        for _ in range(200):
            time.sleep(0.02)
            seen.append(capsys.readouterr().err)
            if "long" in seen[-1]:
                break
        assert "long" in seen[-1]
        assert "long" not in seen[0]
