"""``convx tune``: what it prints and writes, and that mistakes give one line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import convx
import pytest
from convx._cli import tune
from convx._tuning import Tuning
from convx.cli import main
from convx.networks import CONVOLUTIONS
from test_cli import Capture, fails

LAYERS = ("--layers", "mobilenet-depthwise", "googlenet-3a-5x5")
QUICK = ("--seconds", "0.001", "--threads", "1")


@pytest.fixture(autouse=True)
def nothing_is_known() -> Iterator[None]:
    convx.forget_wisdom()
    yield
    convx.forget_wisdom()


def facts_in(path: Path) -> list[Any]:
    return json.loads(path.read_text())["facts"]


def test_layers(capsys: Capture, tmp_path: Path) -> None:
    before, path = convx.get_num_threads(), tmp_path / "wisdom.json"
    assert main(["tune", *LAYERS, *QUICK, "--output", str(path)]) == 0
    captured = capsys.readouterr()
    assert captured.err == "", "no bar where there is no terminal"
    assert "threads: 1" in captured.out
    rows = [line.split() for line in captured.out.splitlines() if line.startswith(("googlenet-", "mobilenet-"))]
    assert [row[0] for row in rows] == list(LAYERS[1:])
    assert max(map(len, captured.out.splitlines()[:-1])) <= 100
    assert f"CONVX_WISDOM={path}" in captured.out
    facts = facts_in(path)
    assert {tuple(fact["weight_shape"]) for fact in facts} == {(144, 1, 3, 3), (32, 16, 5, 5)}
    assert {fact["threads"] for fact in facts} == {1}
    assert convx.get_num_threads() == before


def test_a_file_is_added_to(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "wisdom.json"
    for layer, count in zip(LAYERS[1:], (1, 2), strict=True):
        assert main(["tune", "--layers", layer, *QUICK, "--output", str(path)]) == 0
        assert len(facts_in(path)) == count
        convx.forget_wisdom()


def test_networks(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every layer once, weighted by how often it is there."""
    monkeypatch.setattr(tune, "_tuned", lambda *_: Tuning("im2col", "direct", {"direct": 2e-3, "im2col": 1e-3}))
    assert main(["tune", "--net", "alexnet", "vgg16"]) == 0
    out = capsys.readouterr().out
    both = [*CONVOLUTIONS["alexnet"], *CONVOLUTIONS["vgg16"]]
    rows = [line.split() for line in out.splitlines() if line.startswith("conv")]
    assert [row[0] for row in rows] == [layer.name for layer in both]
    assert all(row[-5:] == ["direct", "2.00", "im2col", "1.00", "2.00"] for row in rows)
    count = sum(layer.count for layer in both)
    assert f"{count} layers: {2 * count:.1f} ms by the model, {count:.1f} ms tuned (2.000 times as fast)" in out
    assert "nothing is kept: no --output was given" in out


def test_ctrl_c_keeps_what_was_measured(capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path, tuned = tmp_path / "wisdom.json", tune._tuned

    def interrupted(layer: Any, *rest: Any) -> Tuning:
        if layer.name == LAYERS[2]:
            raise KeyboardInterrupt
        return tuned(layer, *rest)

    monkeypatch.setattr(tune, "_tuned", interrupted)
    assert main(["tune", *LAYERS, *QUICK, "--output", str(path)]) == 130
    assert len(facts_in(path)) == 1


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "one of the arguments --net --layers is required"),
        (["--net", "alexnet", "--layers", "vgg-1.1"], "not allowed with argument"),
        (["--net", "lenet"], "unknown network 'lenet'; choose from alexnet, "),
        (["--layers", "vgg-9"], "unknown layer 'vgg-9'; choose from alexnet-1, "),
        (["--layers", "vgg-1.1", "--batch", "0"], "must be an integer >= 1, got '0'"),
        (["--layers", "vgg-1.1", "--seconds", "0"], "must be a number > 0, got '0'"),
        (["--layers", "vgg-1.1", "--threads", "1000000000"], "--threads: set_num_threads: n must be"),
        (["--layers", "vgg-1.1", "--output", "no/such/folder/wisdom.json"], "--output: [Errno 2] No such file"),
        (["--layers", "vgg-1.1", "--output", "."], "--output: [Errno 21] Is a directory"),
    ],
)
def test_bad_arguments(capsys: Capture, argv: list[str], message: str) -> None:
    """In one line, before anything is measured or printed."""
    error = fails(capsys, "tune", *argv)
    assert message in error
    assert error.splitlines()[-1].startswith("convx tune: error: ")


@pytest.mark.parametrize(
    ("batch", "message"), [("1000000000", "not enough memory: "), ("9" * 18, "--batch: Conv2d: input must be smaller")]
)
def test_huge_batch(capsys: Capture, batch: str, message: str) -> None:
    assert main(["tune", *LAYERS, "--batch", batch]) == 2
    assert f"convx tune: error: {message}" in capsys.readouterr().err


def test_a_file_that_is_no_wisdom_is_not_overwritten(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam")
    assert "--output: load_wisdom: path must name wisdom" in fails(capsys, "tune", *LAYERS, "--output", str(path))
    assert path.read_text() == "Dear Sir or Madam"
