"""The demo: its numbers, its picture, and the networks that it runs."""

import re
from pathlib import Path

import convx
import numpy as np
import pytest
from convx import _core
from convx._cli.picture import load_picture
from convx._cli.savings import savings
from convx._cli.two_layers import K1, K2, first_layer, second_layers
from convx.cli import main
from convx.networks import ALEXNET, GOOGLENET, MOBILENET_V2

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def short_timing(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("step", "demo_net", "savings", "quadratic"):
        monkeypatch.setattr(f"convx._cli.{module}.SECONDS", 0.0)


def rows(out: str, *names: str) -> dict[str, list[str]]:
    """Cells of the lines of the first table that begin with these names."""
    found: dict[str, list[str]] = {}
    for line in out.splitlines():
        cells = re.split(r" {2,}", line)
        if cells[0] in names:
            found.setdefault(cells[0], cells[1:])
    return found


def test_demo_counts(capsys: Capture) -> None:
    assert main(["demo", "--size", "64"]) == 0
    out = capsys.readouterr().out
    table = rows(out, "conv 3x3", "max 2x2", "Type 1", "Type 2.1", "Type 2.2")
    # 64 -> 3x3 -> 62 -> pooling -> 31 -> 5x5 -> 27
    assert {name: cells[:3] for name, cells in table.items()} == {
        "conv 3x3": ["8x62x62", "72", "276,768"],
        "max 2x2": ["8x31x31", "-", "-"],
        "Type 1": ["128x27x27", "400", "2,332,800"],
        "Type 2.1": ["16x27x27", "400", "2,332,800"],
        "Type 2.2": ["16x27x27", "3,200", "2,332,800"],
    }
    assert all(float(cells[3]) <= float(cells[4]) for cells in table.values())
    assert f"instruction set {_core.get_isa()}" in out
    assert max(map(len, out.splitlines())) <= 100


def test_demo_of_other_filters(capsys: Capture) -> None:
    assert main(["demo", "--size", "64", "--filters", "11", "3", "--kernel", "7"]) == 0
    out = capsys.readouterr().out
    table = rows(out, "conv 3x3", "Type 1", "Type 2.1", "Type 2.2")
    assert {name: cells[:3] for name, cells in table.items()} == {
        "conv 3x3": ["11x62x62", f"{9 * 11}", f"{62**2 * 9 * 11:,}"],
        "Type 1": ["33x25x25", f"{49 * 3}", f"{25**2 * 49 * 33:,}"],
        "Type 2.1": ["3x25x25", f"{49 * 3}", f"{25**2 * 49 * 33:,}"],
        "Type 2.2": ["3x25x25", f"{49 * 33:,}", f"{25**2 * 49 * 33:,}"],
    }
    assert "11 filters 3x3, ReLU, 2x2 max pooling, 3 filters 7x7" in out
    assert "11 x 3 = 33 maps" in out
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize(("filters", "kernel"), [((1, 1), 1), ((2, 1), 2), ((8, 5), 9)])
def test_demo_of_few_filters(capsys: Capture, filters: tuple[int, int], kernel: int) -> None:
    k1, k2 = map(str, filters)
    assert main(["demo", "--size", "40", "--filters", k1, k2, "--kernel", str(kernel)]) == 0
    assert f"{k2} maps" in capsys.readouterr().out


def test_cost_is_quadratic(capsys: Capture) -> None:
    assert main(["demo", "--size", "64", "--filters", "4", "6"]) == 0
    out = capsys.readouterr().out
    table = rows(out[out.index("Why the cost is quadratic") :], "4, 6", "8, 12", "16, 24")
    one = 27 * 27 * 25 * 4 * 6
    assert [cells[1:3] for cells in table.values()] == [[f"{one * factor:,}", f"{factor}"] for factor in (1, 4, 16)]
    assert all(float(cells[3]) > 0 for cells in table.values())


def test_demo_times_every_algorithm(capsys: Capture) -> None:
    assert main(["demo", "--size", "16"]) == 0
    table = rows(capsys.readouterr().out, "NumPy", *_core.algorithms())
    assert list(table) == ["NumPy", *_core.algorithms()]
    assert all(float(cell.replace(",", "")) > 0 for cell in table["NumPy"] + table["auto"])


def test_demo_threads(capsys: Capture) -> None:
    before = convx.get_num_threads()
    assert main(["demo", "--size", "16", "--threads", "3"]) == 0
    assert "threads: 3" in capsys.readouterr().out
    assert convx.get_num_threads() == before


def test_first_layer_filters_do_what_they_are_called() -> None:
    weight, bias = first_layer()
    assert weight.shape == (K1, 1, 3, 3)
    right = np.tile(np.linspace(0, 1, 9, dtype=np.float32), (9, 1))  # brighter to the right
    maps = dict(zip("xy/\\Lebn", convx.conv2d(right[None], weight, bias)[:, 3, 3], strict=True))
    assert maps["x"] == pytest.approx(1.0)  # 8 * the step of 1/8
    assert maps["y"] == pytest.approx(0, abs=1e-6)
    assert maps["/"] > 0 > maps["\\"]
    assert maps["L"] == pytest.approx(0, abs=1e-6)
    assert maps["b"] == pytest.approx(0.5)
    assert maps["n"] == pytest.approx(0.5)


def test_types_are_what_they_are_called() -> None:
    random = np.random.default_rng(1)
    maps = random.standard_normal((1, K1, 9, 10), np.float32)
    type1, type21, type22 = second_layers()
    results = [
        convx.conv2d(maps, layer.weight, layer.bias, groups=layer.groups)[0] for layer in (type1, type21, type22)
    ]
    filters = type1.weight[:K2]
    for index in range(K1):  # Type 1: map after map, each with the same filters
        alone = convx.conv2d(maps[:, index : index + 1], filters, type1.bias[:K2])[0]
        np.testing.assert_allclose(results[0][index * K2 : (index + 1) * K2], alone, atol=1e-5)
    # Type 2.1: the filters over the sum of the maps
    summed = convx.conv2d(maps.sum(axis=1, keepdims=True), filters, type21.bias)[0]
    np.testing.assert_allclose(results[1], summed, atol=1e-4)
    # Type 2.2: a matrix of its own for each map
    exact = convx.reference.conv2d(maps, type22.weight, type22.bias)[0]
    np.testing.assert_allclose(results[2], exact, atol=1e-4)
    assert [layer.weights for layer in (type1, type21, type22)] == [25 * K2, 25 * K2, 25 * K1 * K2]
    assert len(np.unique(type22.weight.reshape(K1 * K2, 25), axis=0)) == K1 * K2


@pytest.mark.parametrize("size", [16, 100])
def test_embedded_picture(size: int) -> None:
    picture = load_picture(None, size)
    assert picture.shape == (size, size)
    assert picture.dtype == np.float32
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert picture.std() > 0.2
    np.testing.assert_array_equal(picture, load_picture(None, size))


def test_picture_from_file(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    colours = np.zeros((40, 80, 3), np.uint8)
    colours[:, 40:] = 255
    path = tmp_path / "half.png"
    image.fromarray(colours).save(path)
    picture = load_picture(str(path), 20)
    assert picture.shape == (10, 20)
    assert picture.dtype == np.float32
    np.testing.assert_allclose(picture[:, :7], 0, atol=0.05)
    np.testing.assert_allclose(picture[:, 13:], 1, atol=0.05)
    square = load_picture(str(path), 20, square=True)
    assert square.shape == (20, 20)


def test_picture_with_16_bits_is_not_clipped(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (64, 1))
    path = tmp_path / "deep.png"
    image.fromarray(ramp).save(path)
    picture = load_picture(str(path), 64)
    np.testing.assert_allclose(picture, ramp / 65535, atol=1e-3)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_unreadable_picture(capsys: Capture, tmp_path: Path, content: bytes) -> None:
    pytest.importorskip("PIL")
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    assert main(["demo", str(path)]) == 2
    assert f"cannot read {path} as a picture" in capsys.readouterr().err


def test_folder_is_no_picture(capsys: Capture, tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    assert main(["demo", str(tmp_path)]) == 2
    assert "as a picture" in capsys.readouterr().err


def test_narrow_picture(capsys: Capture, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    path = tmp_path / "narrow.png"
    image.fromarray(np.zeros((30, 300), np.uint8)).save(path)
    assert main(["demo", str(path)]) == 2
    assert "too narrow" in capsys.readouterr().err


def test_black_picture(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    path = tmp_path / "black.png"
    image.fromarray(np.zeros((16, 16), np.uint8)).save(path)
    assert main(["demo", str(path), "--size", "16"]) == 0


def test_save_draws_the_maps(capsys: Capture, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "maps.png"
    assert main(["demo", "--size", "32", "--save", str(path)]) == 0
    assert f"feature maps drawn into {path}" in capsys.readouterr().out
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(content[start : start + 4], "big") for start in (16, 20))
    assert width >= 1000
    assert height >= 1000


@pytest.mark.parametrize("filters", [(1, 1), (3, 9), (8, 32)])
def test_save_draws_other_filters(tmp_path: Path, filters: tuple[int, int]) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "maps.png"
    argv = ["demo", "--size", "32", "--save", str(path), "--filters", *map(str, filters)]
    assert main(argv) == 0
    assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_save_of_too_many_filters(capsys: Capture, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert main(["demo", "--filters", "9", "4", "--save", str(tmp_path / "maps.png")]) == 2
    assert "at most 8 filters of the first layer, got 9" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["missing/maps.png", "maps.xyz", "maps"])
def test_save_that_cannot_be_written(capsys: Capture, tmp_path: Path, name: str) -> None:
    pytest.importorskip("matplotlib")
    assert main(["demo", "--size", "16", "--save", str(tmp_path / name)]) == 2
    captured = capsys.readouterr()
    assert "cannot write" in captured.err
    assert captured.out == ""  # said before the work, not after


def test_alexnet(capsys: Capture) -> None:
    assert main(["demo", "--net", "alexnet"]) == 0
    out = capsys.readouterr().out
    table = rows(out, *(layer.name for layer in ALEXNET.layers), "total")
    assert list(table) == ["conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5", "total"]
    parameters = [table[f"conv{number}"][3] for number in range(1, 6)]
    assert parameters == ["34,944", "307,456", "885,120", "663,936", "442,624"]
    assert table["conv2"][:3] == ["conv 5x5 p2 g2", "96x27x27", "256x27x27"]
    assert table["total"][:2] == ["2,334,080", "665,784,864"]
    assert max(map(len, out.splitlines())) <= 100


def test_googlenet(capsys: Capture) -> None:
    assert main(["demo", "--net", "googlenet", "--batch", "2"]) == 0
    out = capsys.readouterr().out
    table = rows(out, *(layer.name for layer in GOOGLENET.layers), "total")
    assert list(table) == [*(layer.name for layer in GOOGLENET.layers), "total"]
    assert "57 convolutions" in out
    assert "14 pooling layers" in out
    assert table["total"][0] == "5,973,552"
    assert max(map(len, out.splitlines())) <= 100


def test_mobilenet(capsys: Capture) -> None:
    assert main(["demo", "--net", "mobilenet_v2"]) == 0
    out = capsys.readouterr().out
    table = rows(out, "stem", "block2/project", "last", "total", "block17")
    assert table["stem"][:3] == ["conv 3x3 s2 p1", "3x224x224", "32x112x112"]
    assert table["last"][2] == "1280x7x7"
    assert table["total"][1] == "299,494,272"
    assert "the sums that skip blocks" in out
    # 3x3 filters over 960 maps, then 960 to 320; or 320 filters of 3x3 over 960 maps. On 7x7 pixels.
    assert table["block17"][:2] == [f"{49 * (9 * 960 + 960 * 320):,}", f"{49 * 9 * 960 * 320:,}"]
    assert max(map(len, out.splitlines())) <= 100


def test_what_googlenet_saves(capsys: Capture) -> None:
    """A 5x5 over 16 maps and the 1x1 before it, or one over all 192."""
    assert main(["demo", "--net", "googlenet"]) == 0
    out = capsys.readouterr().out
    saved = out[out.index("What 1x1 convolutions save in GoogLeNet") :]
    table = rows(saved, "3a/5x5", "total")
    assert table["3a/5x5"][:3] == [f"{28**2 * (192 * 16 + 25 * 16 * 32):,}", f"{28**2 * 25 * 192 * 32:,}", "9.7"]
    assert saved.count("/3x3 ") == saved.count("/5x5 ") == 9
    assert float(table["total"][2]) > 4
    assert all(float(cell) > 0 for cell in table["3a/5x5"][3:])


def test_what_a_saving_replaces() -> None:
    """The one convolution takes what the layers take, and gives what they give."""
    for layers in (GOOGLENET.layers, MOBILENET_V2):
        found = savings(layers)
        assert len(found) in (17, 18)
        for saving in found:
            assert saving.instead.input_shape == saving.layers[0].input_shape
            assert saving.instead.output_shape == saving.layers[-1].output_shape
            assert saving.instead.groups == 1
    assert not savings(ALEXNET.layers)


def test_network_on_a_picture(capsys: Capture, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    path = tmp_path / "wide.png"
    image.fromarray(np.random.default_rng(0).integers(0, 256, (50, 90), np.uint8)).save(path)
    assert main(["demo", str(path), "--net", "alexnet", "--threads", "1"]) == 0
    assert str(path) in capsys.readouterr().out
