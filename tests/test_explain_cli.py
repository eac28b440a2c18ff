"""``convx explain``: what it prints, and that mistakes give one line."""

import json
from pathlib import Path

import convx
import pytest
from convx.cli import main
from test_cli import Capture, fails_in_a_line

CONV = ["--conv", "64x3x7x7", "--input", "1x3x224x224"]


def printed(capsys: Capture, *argv: str) -> str:
    assert main(["explain", *argv]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "mobilenet_v2", "resnet50", "vgg16"])
def test_networks(name: str, capsys: Capture) -> None:
    out = printed(capsys, "--net", name)
    assert max(map(len, out.splitlines())) <= 88
    assert out.lower().replace("-", "").startswith(name.replace("_", ""))


def test_layer_by_name(capsys: Capture) -> None:
    assert printed(capsys, "--layer", "vgg-3.2").startswith("vgg-3.2: standard convolution (Type 2.2)")


def test_convolution(capsys: Capture) -> None:
    out = printed(capsys, *CONV, "--stride", "2", "--padding", "3", "--threads", "1", "--algorithm", "im2col")
    assert "floor((224 + 3 + 3 - 1*(7 - 1) - 1)/2) + 1 = 112" in out
    assert "im2col: as the layer asks for it" in out
    assert "1, instruction set" in out
    assert max(map(len, out.splitlines())) <= 80
    before = convx.get_num_threads()
    told = json.loads(
        printed(
            capsys,
            "--conv",
            "4,1,3",
            "--input",
            "4x9",
            "--groups",
            "4",
            "--padding",
            "causal",
            "--dilation",
            "2",
            "--json",
        )
    )
    assert (told["kernel_size"], told["padding"], told["groups"], told["dilation"]) == ([3], [[4, 0]], 4, [2])
    assert told["output_shape"] == [1, 4, 9]
    assert convx.get_num_threads() == before
    sizes = json.loads(
        printed(capsys, "--conv", "2x1x3x3", "--input", "1x1x9x9", "--stride", "2x1", "--padding", "0x1", "--json")
    )
    assert (sizes["stride"], sizes["padding"]) == ([2, 1], [[0, 0], [1, 1]])


def test_model(capsys: Capture, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    from explain_model import model

    path = tmp_path / "model.onnx"
    onnx.save(model(), path)
    assert printed(capsys, str(path)).startswith("branches: input (1, 3, 33, 41)")
    assert printed(capsys, str(path), "--input", "2x3x64x64").startswith("branches: input (2, 3, 64, 64)")
    assert json.loads(printed(capsys, str(path), "--json"))["passed_over"]["Relu"] == 1


MISTAKES = [
    ([], "give one of MODEL, --net, --layer or --conv"),
    (["--net", "alexnet", "--layer", "vgg-3.2"], "give one of"),
    (["--net", "lenet"], "unknown network 'lenet'; choose from alexnet"),
    (["--layer", "lenet"], "unknown layer 'lenet'; choose from alexnet-1"),
    (["--net", "alexnet", "--input", "1x3x8x8"], "--input needs MODEL or --conv"),
    (["--net", "alexnet", "--stride", "2"], "--stride needs --conv"),
    (["--conv", "64x3x7x7"], "--conv needs --input"),
    (["--conv", "64x3", "--input", "1x3x8"], "--conv: must be the shape of a weight"),
    (["--conv", "64x3x7xx7", "--input", "1x3x8x8"], "--conv: must be numbers with an x between them"),
    ([*CONV, "--stride", "two"], "--stride: must be numbers with an x between them, such as 2 or 2x1, got 'two'"),
    ([*CONV, "--padding", "reflect"], "--conv: conv2d: padding"),
    ([*CONV, "--groups", "2"], "--conv: conv2d: "),
    ([*CONV, "--algorithm", "fast"], "algorithm must be one of 'auto'"),
    ([*CONV, "--stride", "0"], "stride must be >= 1"),
    (["--conv", "64x3x7x7", "--input", "1x4x8x8"], "in shape (1, 4, 8, 8)"),
    (["--net", "alexnet", "--threads", "99999"], "--threads: "),
]


@pytest.mark.parametrize(("argv", "message"), MISTAKES, ids=map(str, range(len(MISTAKES))))
def test_mistakes(argv: list[str], message: str, capsys: Capture) -> None:
    assert message in fails_in_a_line(capsys, "explain", *argv)


def test_files_that_are_no_models(capsys: Capture, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    (tmp_path / "text.onnx").write_text("no model")
    for name in ("text.onnx", "missing.onnx"):
        err = fails_in_a_line(capsys, "explain", str(tmp_path / name))
        assert err.startswith("convx explain: error: MODEL: ")
