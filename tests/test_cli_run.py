"""``convx run``: what it prints of a model, and what it refuses."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from convx.cli import main
from test_cli import Capture, fails_in_a_line

onnx = pytest.importorskip("onnx")

TEXT = """<ir_version: 8, opset_import: ["": 18]>
tiny (float[N,3,8,8] x, float[6,3,3,3] w) => (float[N,6] scores, float[N,6,6,6] maps) {
    c = Conv(x, w)
    maps = Relu(c)
    p = GlobalAveragePool(maps)
    scores = Flatten(p)
}"""


@pytest.fixture
def model(tmp_path: Path) -> str:
    made = onnx.parser.parse_model(TEXT)
    weight = np.random.default_rng(0).standard_normal((6, 3, 3, 3), dtype=np.float32)
    made.graph.initializer.append(onnx.numpy_helper.from_array(weight, "w"))
    path = tmp_path / "tiny.onnx"
    onnx.save(made, path)
    return str(path)


def scores(model: str, x: Any) -> Any:
    from onnx.reference import ReferenceEvaluator

    return ReferenceEvaluator(model).run(None, {"x": x})[0][0]


def test_it_prints_outputs_and_the_largest_scores(model: str, capsys: Capture, tmp_path: Path) -> None:
    x = np.random.default_rng(1).standard_normal((1, 3, 8, 8), dtype=np.float32)
    np.save(tmp_path / "x.npy", x)
    assert main(["run", model, "--input", str(tmp_path / "x.npy"), "--top", "2", "--threads", "1"]) == 0
    text = capsys.readouterr().out
    order = np.argsort(-scores(model, x))
    assert "output scores: 1x6, float32" in text
    assert "output maps: 1x6x6x6, float32\nleast 0, " in text
    rows = [line.split()[0] for line in text.splitlines() if line.strip()[:1].isdigit()]
    assert rows == [str(place) for place in order[:2]]


def test_arrays_by_their_names(model: str, capsys: Capture, tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=np.ones((2, 3, 8, 8), np.float32))
    assert main(["run", model, "--input", str(tmp_path / "x.npz")]) == 0
    assert "output scores: 2x6, float32\nleast" in capsys.readouterr().out


def test_the_profile_and_json(model: str, capsys: Capture) -> None:
    assert main(["run", model, "--profile"]) == 0
    assert "Conv + Relu  " in capsys.readouterr().out
    assert main(["run", model, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["outputs"]["scores"]["shape"] == [1, 6]
    assert len(facts["outputs"]["scores"]["top"]) == 5
    assert [step["operator"] for step in facts["profile"]["steps"]] == ["Conv", "GlobalAveragePool", "Flatten"]


def test_a_picture_is_cut_and_scaled(model: str, capsys: Capture, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    colour = np.array([200, 100, 50], np.uint8)
    image.fromarray(np.broadcast_to(colour, (16, 24, 3)).copy()).save(tmp_path / "plain.png")
    assert main(["run", model, "--image", str(tmp_path / "plain.png"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    pixel = (colour / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    x = np.broadcast_to(pixel.astype(np.float32)[:, None, None], (3, 8, 8))[np.newaxis]
    top = facts["outputs"]["scores"]["top"]
    np.testing.assert_allclose([one["value"] for one in top], np.sort(scores(model, x))[::-1][:5], rtol=1e-4, atol=1e-5)


def test_a_profile_is_drawn(model: str, capsys: Capture, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    target = tmp_path / "profile.png"
    assert main(["run", model, "--save", str(target)]) == 0
    assert f"times drawn into {target}" in capsys.readouterr().out
    assert target.read_bytes()[:4] == b"\x89PNG"


def test_mistakes(model: str, capsys: Capture, tmp_path: Path) -> None:
    np.save(tmp_path / "flat.npy", np.zeros(3, np.float32))
    (tmp_path / "no.onnx").write_bytes(b"abc")
    wrong = {
        ("run", str(tmp_path / "none.onnx")): "MODEL: .*none.onnx",
        ("run", str(tmp_path / "no.onnx")): "MODEL: InferenceSession: model must be a model of ONNX",
        ("run", model, "--input", str(tmp_path / "none.npy")): "cannot read .*none.npy as an array",
        (
            "run",
            model,
            "--input",
            str(tmp_path / "flat.npy"),
        ): r"the inputs: run: input 'x' must have shape \(N, 3, 8, 8\)",
        ("run", model, "--image", str(tmp_path / "none.png")): "no such picture file",
    }
    for argv, message in wrong.items():
        assert re.search(message, fails_in_a_line(capsys, *argv))
