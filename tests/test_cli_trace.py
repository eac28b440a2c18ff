"""convx trace: what it prints and writes, and that mistakes end in one line."""

import sys
from pathlib import Path
from typing import Any

import convx
import numpy as np
import pytest
from convx.cli import main
from test_cli import Capture, fails_in_a_line


def mistake(capsys: Capture, *argv: str) -> str:
    return fails_in_a_line(capsys, "trace", *argv)


def test_alone_it_prints_one_value(capsys: Capture) -> None:
    assert main(["trace"]) == 0
    printed = capsys.readouterr().out
    network = convx.networks.digits()
    trace = convx.trace(network.layers, network.images[3])
    channel, row, column = (int(n) for n in np.unravel_index(trace.outputs[2].argmax(), trace.outputs[2].shape))
    assert printed.startswith("a handwritten 3, 8x8 pixels:")
    assert "the network reads 3 (" in printed
    assert printed.endswith(f"\n\n{trace.value(2, channel, (row, column))}\n")
    assert max(map(len, printed.splitlines())) <= 120


@pytest.mark.parametrize("digit", range(10))
def test_samples(capsys: Capture, digit: int) -> None:
    assert main(["trace", "--digit", str(digit), "--layer", "3", "--map", str(digit)]) == 0
    printed = capsys.readouterr().out
    assert f"the network reads {digit} (" in printed
    assert f"layer 3, Conv2d: map {digit}, row 0, column 0" in printed


def test_the_value_that_is_asked_for(capsys: Capture) -> None:
    assert main(["trace", "--layer", "0", "--map", "5", "--at", "7", "2"]) == 0
    assert "layer 0, Conv2d: map 5, row 7, column 2" in capsys.readouterr().out
    assert main(["trace", "--layer", "0", "--at", "4", "3"]) == 0
    network = convx.networks.digits()
    largest = network.layers[0](network.images[3])[:, 4, 3].argmax()
    assert f"layer 0, Conv2d: map {largest}, row 4, column 3" in capsys.readouterr().out


def test_files(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openpyxl")
    page, book, opened = tmp_path / "out.html", tmp_path / "out.xlsx", []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert main(["trace", "--digit", "3", "--html", str(page), "--xlsx", str(book), "--open"]) == 0
    printed = capsys.readouterr().out
    assert f"page written to {page}" in printed
    assert f"workbook written to {book}" in printed
    assert "share of map" not in printed
    assert "How a network reads a handwritten 3" in page.read_text("utf-8")
    assert book.stat().st_size > 10_000
    assert opened == [page.as_uri()]


@pytest.mark.parametrize("paper", [0, 255], ids=["white-ink", "dark-ink"])
def test_a_picture_of_ones_own(capsys: Capture, tmp_path: Path, paper: int) -> None:
    image = pytest.importorskip("PIL.Image")
    digit: Any = convx.networks.digits().images[4, 0]
    grey = (255 * (digit if paper == 0 else 1 - digit)).astype(np.uint8).repeat(8, 0).repeat(8, 1)
    image.fromarray(grey).save(tmp_path / "four.png")
    assert main(["trace", str(tmp_path / "four.png")]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("four.png, 8x8 pixels:")
    assert "the network reads 4 (" in printed


def test_mistakes(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "there is no value at --layer 9; the layers have" in mistake(capsys, "--layer", "9")
    assert "there is no value at --layer 2 --map 99; the layers" in mistake(capsys, "--map", "99")
    assert "there is no value at --layer 2 --at (0, 9); the" in mistake(capsys, "--at", "0", "9")
    assert "no such picture file: nowhere.png" in mistake(capsys, "nowhere.png")
    assert "--digit chooses a sample" in mistake(capsys, "some.png", "--digit", "3")
    assert "--open needs --html" in mistake(capsys, "--open")
    nowhere = str(tmp_path / "nowhere" / "out")
    assert f"cannot write {nowhere}: No such file or directory" in mistake(capsys, "--html", nowhere)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert "a workbook needs openpyxl: pip install openpyxl" in mistake(capsys, "--xlsx", nowhere)
    with pytest.raises(SystemExit) as stopped:
        main(["trace", "--digit", "10"])
    assert stopped.value.code == 2
